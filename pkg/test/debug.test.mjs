// imds-debug, installed as `imds`: an error of a trap has the panic's message and function names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Imds } from 'imds';

const glue = await import(new URL('dist/glue.js', import.meta.resolve('imds/package.json')));

test('a panic is a trap with its message, its place and the names of the functions', () => {
  let thrown;
  assert.throws(() => glue.panic('the message'), (error) => (thrown = error) instanceof WebAssembly.RuntimeError);
  assert.match(thrown.message, /^panicked at pkg\/src\/panic\.rs:\d+:\d+:\nthe message$/);
  assert.match(thrown.stack, /imds_wasm::panic/);
});

test('a trap that is no panic has the names of the functions', () => {
  const service = glue.Service.from_record(undefined, '2a', 0, 0, 0);
  service.__wbg_ptr = 0xfffffff0;
  assert.throws(() => service.snapshot(), (error) => error instanceof WebAssembly.RuntimeError && /imds_wasm::/.test(error.stack));
});

test('after a trap the ImdsError has the names of the functions in its cause', () => {
  const imds = new Imds();
  // No request makes the core trap, so the test overwrites its memory.
  new Uint8Array(glue.initSync().memory.buffer).fill(0xff);
  assert.throws(() => imds.snapshot(), ({ code, cause }) => code === 'trap' && /service_snapshot/.test(cause.stack));
});
