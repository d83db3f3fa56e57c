// imds/core: the calls of every transcript have their native results, and the interface works. CALLS
// is the file that imds-pkg-build writes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Imds } from 'imds/core';
import * as slim from 'imds/core/slim';
import { importBundled } from './bundled.mjs';

const NOW = 1_767_225_600_000;
const PUT = 'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n';
const GET = 'GET /latest/meta-data/instance-type HTTP/1.1\r\nHost: x\r\n\r\n';
const module = new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve('imds/imds-core.wasm')));
const text = (bytes) => Buffer.from(bytes).toString('latin1');
const create = (init) => new Imds({ seed: '2a', clock: () => NOW, ...init });

/** Calls of the ABI on an instance of the module. */
class Host {
  constructor() {
    this.exports = new WebAssembly.Instance(module).exports;
    this.imds = this.exports.imds_new();
  }

  /** Writes bytes in hexadecimal to the input, and returns their address and length. */
  input(...parts) {
    const bytes = parts.map((hex) => Buffer.from(hex === '-' ? '' : hex, 'hex'));
    const all = Buffer.concat(bytes);
    let at = this.exports.imds_input(this.imds, all.length);
    new Uint8Array(this.exports.memory.buffer).set(all, at);
    return bytes.flatMap(({ length }) => [(at += length) - length, length]);
  }

  words(at, count) {
    return new Uint32Array(this.exports.memory.buffer, at, count);
  }

  bytes(at, length) {
    return Buffer.from(this.exports.memory.buffer, at, length);
  }

  text(at) {
    return this.bytes(...this.words(at, 2)).toString();
  }

  /** Makes one call and returns its result as the file has it. */
  call([name, ...args]) {
    const { exports, imds } = this;
    const now = Number(args[0]);
    const ok = (result) => assert.ok(result >= 0, `${name}: ${this.text(exports.imds_last_error(imds))}`);
    switch (name) {
      case 'launch': return ok(exports.imds_launch(imds, now, BigInt(args[1]), ...this.input(args[2], args[3])));
      case 'modify': return ok(exports.imds_modify_options(imds, now, Number(args[1]), ...this.input(args[2])));
      case 'open': return void (this.connection = exports.imds_open(imds, now, Number(args[1]), -1));
      case 'close': return ok(exports.imds_close(imds, this.connection));
      case 'eof': return ok(exports.imds_receive_eof(imds, this.connection));
      case 'advance': return ok(exports.imds_advance_transmit(imds, this.connection, now, Number(args[1])));
      case 'handle-timeout': return ok(exports.imds_handle_timeout(imds, this.connection, now));
      case 'receive': return `${exports.imds_receive(imds, this.connection, now, ...this.input(args[1]))}`;
      case 'answer': {
        const at = exports.imds_answer(imds, this.connection, now, now, Number(args[1]));
        if (at === 0) return 'none';
        const [, , from, length, , status, rule, hopLimit] = this.words(at, 8);
        const response = this.bytes(from, length).toString('hex');
        return `${status} ${this.text(exports.imds_rule_id(imds, rule))} ${hopLimit} ${response}`;
      }
      case 'transmit': {
        const at = exports.imds_poll_transmit(imds, this.connection);
        const [, length, hopLimit] = this.words(at, 3);
        return `${length} ${hopLimit}`;
      }
      case 'timeout': {
        const at = exports.imds_poll_timeout(imds, this.connection);
        if (at === 0) return 'none';
        const time = new Float64Array(exports.memory.buffer, at, 1)[0];
        return `${time} ${this.text(exports.imds_timer_name(imds, this.words(at + 8, 1)[0]))}`;
      }
      case 'state': {
        const reason = exports.imds_close_reason(imds, this.connection);
        const name = reason === 0 ? 'none' : this.text(exports.imds_close_reason_name(imds, reason));
        return `${exports.imds_state(imds, this.connection)} ${name}`;
      }
      default: return assert.fail(`unknown call ${name}`);
    }
  }
}

/** How many words of a line are arguments; the others are the result. */
const ARGUMENTS = { receive: 2, answer: 2, transmit: 0, timeout: 0, state: 0 };

test('the calls of every transcript without a fleet have their native results', () => {
  let host;
  let transcript;
  let answers = 0;
  for (const line of readFileSync(process.env.CALLS, 'utf8').trimEnd().split('\n')) {
    const [name, ...rest] = line.split(' ');
    if (name === 'transcript') {
      [transcript] = rest;
      host = new Host();
      continue;
    }
    const result = host.call([name, ...rest]);
    if (!(name in ARGUMENTS)) continue;
    assert.equal(result, rest.slice(ARGUMENTS[name]).join(' '), `${transcript}: ${line.slice(0, 200)}`);
    if (name === 'answer') answers += 1;
  }
  assert.ok(answers > 1000, `${answers} answers`);
});

test('the module imports nothing and exports what the header declares', () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === 'function').map(({ name }) => name);
  assert.deepEqual(functions.filter((name) => !name.startsWith('imds_')), []);
  assert.ok(WebAssembly.Module.exports(module).some(({ name, kind }) => name === 'memory' && kind === 'memory'));
});

test('handles that are null, freed or invented are errors and corrupt nothing', () => {
  const host = new Host();
  const { exports } = host;
  const freed = exports.imds_new();
  exports.imds_free(freed);
  for (const handle of [0, freed, freed + 1, -1, 12345]) {
    assert.equal(exports.imds_last_error(handle), 0);
    assert.equal(exports.imds_last_error_code(handle), -1);
    assert.equal(exports.imds_set_nonce(handle, 1n), -1);
    assert.equal(exports.imds_open(handle, NOW, 0, -1), 0);
    assert.equal(exports.imds_input(handle, 10), 0);
    assert.equal(exports.imds_receive(handle, 1, NOW, 0, 0), -1);
    exports.imds_free(handle);
  }
  host.call(['launch', `${NOW}`, '0', '2a', Buffer.from('{"instance_type":"t3.micro"}').toString('hex')]);
  const beyond = exports.memory.buffer.byteLength;
  for (const [at, length] of [[0, 1], [beyond, 1], [beyond - 1, 2], [16, -1], [-1, 2]]) {
    assert.equal(exports.imds_handle(host.imds, NOW, 0, -1, at, length), 0);
    assert.match(host.text(exports.imds_last_error(host.imds)), /^bytes: the address is null, or the length too large$/);
  }
});

test('a token opens a session until it expires or is voided', () => {
  const imds = create({ instance: { instance_type: 'm5.large', metadata_options: { http_tokens: 'required' } } });
  const put = imds.handle(PUT);
  assert.deepEqual([put.status, put.hopLimit, put.protocol, put.rule, put.closeReason], [200, 1, 'v2', 'serve.token', 'answered']);
  const token = text(put.response).slice(-56);
  const get = GET.replace('\r\n\r\n', `\r\nX-aws-ec2-metadata-token: ${token}\r\n\r\n`);
  assert.match(text(imds.handle(get, { now: NOW + 59_999 }).response), /\r\n\r\nm5\.large$/);
  assert.equal(imds.handle(get, { now: NOW + 60_000 }).rule, 'token.expired');
  imds.voidTokens();
  assert.equal(imds.handle(get).rule, 'token.forged');
  assert.equal(imds.handle(GET).status, 401);
});

test('a change of the options is pending for modifyMillis', () => {
  const imds = create({ modifyMillis: 500 });
  assert.equal(imds.modify({ http_tokens: 'required' }).state, 'pending');
  assert.equal(imds.handle(GET, { now: NOW + 499 }).status, 200);
  assert.equal(imds.handle(GET, { now: NOW + 500 }).status, 401);
  assert.deepEqual(imds.options({ now: NOW + 500 }), {
    state: 'applied',
    http_tokens: 'required',
    http_put_response_hop_limit: 1,
    http_endpoint: 'enabled',
    http_protocol_ipv6: 'disabled',
    instance_metadata_tags: 'disabled',
  });
  assert.equal(imds.modify('{"http_tokens":"optional"}', { effective: NOW }).state, 'applied');
});

test('a client that no response reaches gets none', () => {
  const imds = create();
  const none = (exchange) => [exchange.response, exchange.noResponse];
  assert.deepEqual(none(imds.handle(PUT, { hops: 2 })), [null, 'hop-limit']);
  assert.deepEqual(none(imds.handle(GET, { peer: 'fd00::1' })), [null, 'no-instance']);
  assert.deepEqual(none(imds.handle('GET / HTTP/1.1\r\n')), [null, 'incomplete']);
  assert.equal(imds.handle(GET, { throttled: true }).status, 503);
});

test('explain finds the changes that turn a decision', () => {
  const imds = create({ instance: '{"instance_type":"t3.micro","metadata_options":{"http_tokens":"required"}}' });
  const [turn] = imds.explain(GET);
  assert.deepEqual({ ...turn, text: '' }, { change: 'option.http-tokens', text: '', rule: 'serve.v1', status: 200, reaches: true });
  assert.match(turn.text, /HttpTokens/);
});

test('a connection answers pipelined requests, more than it has room for', () => {
  const imds = create();
  const connection = imds.connection({ keepAlive: true });
  const exchanges = connection.receive(GET.repeat(2000));
  let sent = 0;
  for (let transmit; (transmit = connection.pollTransmit()); ) {
    sent += transmit.bytes.length;
    exchanges.push(...connection.advanceTransmit(transmit.bytes.length));
  }
  assert.equal(exchanges.length, 2000);
  assert.equal(sent, exchanges.reduce((sum, { response }) => sum + response.length, 0));
  assert.deepEqual([connection.state, connection.wantsRead, connection.deadline], ['open', true, { at: NOW + 60_000, kind: 'idle' }]);
  connection.handleTimeout({ now: NOW + 60_000 });
  assert.deepEqual([connection.state, connection.closeReason], ['closed', 'idle']);
  connection.free();
  connection.free();
  assert.throws(() => connection.state, { code: 'freed' });
});

test('errors name the argument and its remedy', () => {
  const imds = create();
  const throws = (body, code, message) => assert.throws(body, (error) => error.code === code && message.test(error.message) || assert.fail(`${error.code}: ${error.message}`));
  throws(() => create({ instnce: 1 }), 'input', /unknown key `instnce`/);
  throws(() => create({ seed: 'x' }), 'seed', /hexadecimal/);
  throws(() => create({ nonce: 1 }), 'input', /nonce: expected a bigint/);
  throws(() => create({ instance: '' }), 'input', /instance/);
  throws(() => create({ instance: '{}' }), 'record', /instance_type/);
  throws(() => create({ instance: { instance_type: 't3.micro', role: 1 } }), 'record', /^role: /);
  throws(() => imds.modify({ http_tokens: 'maybe' }), 'record', /http_tokens/);
  throws(() => imds.handle(5), 'input', /request: expected/);
  throws(() => imds.handle(GET, { hops: 256 }), 'input', /hops/);
  throws(() => imds.handle(GET, { instance: 'i-1' }), 'input', /unknown key `instance`/);
  throws(() => imds.explain('GET'), 'incomplete', /empty line/);
  imds.free();
  throws(() => imds.handle(GET), 'freed', /create another/);
});

test('each loader gives the same bytes', async () => {
  const expected = text(create().handle(PUT).response);
  const inline = await importBundled('imds/core/inline');
  assert.equal(text(new inline.Imds({ seed: '2a', clock: () => NOW }).handle(PUT).response), expected);
  await slim.init(module);
  assert.equal(text((await slim.Imds.create({ seed: '2a', clock: () => NOW })).handle(PUT).response), expected);
});
