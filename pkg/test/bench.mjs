// Measures the time of a call. BENCH is the native benchmark, built for release.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Imds } from 'imds';
import { Imds as Core } from 'imds/core';

const RUNS = 21;
const CALLS = 20_000;
const NOW = 1_767_225_600_000;
const require = createRequire(import.meta.url);
const median = (values) => values.sort((one, other) => one - other)[values.length >> 1];
const timed = (body) => {
  const start = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - start);
};
const perCall = (body) => median(Array.from({ length: RUNS }, () => timed(body) / CALLS));

const native = spawnSync(process.env.BENCH, ['one-shot'], { encoding: 'utf8' }).stdout.trim().split('\n');
const imds = new Imds({ seed: new Uint8Array(32).fill(7), clock: () => NOW });
const core = new Core({ seed: new Uint8Array(32).fill(7), clock: () => NOW });
// The internal class, to run the loop inside the module.
const glue = await import(new URL('dist/glue.js', import.meta.resolve('imds/package.json')));
const memory = glue.initSync().memory;

console.log('| one request | from JavaScript ns | inside the module ns | native ns | module over native | imds/core from JavaScript ns | over native |');
console.log('|---|--:|--:|--:|--:|--:|--:|');
for (const line of native) {
  const [nanoseconds, name, hex] = line.split('\t');
  const request = Uint8Array.from(Buffer.from(hex, 'hex'));
  const context = { now: NOW };
  const outside = perCall(() => {
    for (let call = 0; call < CALLS; call += 1) imds.handle(request, context);
  });
  const ofCore = perCall(() => {
    for (let call = 0; call < CALLS; call += 1) core.handle(request, context);
  });
  const service = glue.Service.from_record(undefined, '07'.repeat(32), 1000, 0, NOW);
  new Uint8Array(memory.buffer).set(request, service.reserve_input(request.length));
  const inside = perCall(() => service.repeat(request.length, NOW, CALLS));
  console.log(`| ${name} | ${outside.toFixed(0)} | ${inside.toFixed(0)} | ${nanoseconds} | ${(inside / nanoseconds).toFixed(2)} | ${ofCore.toFixed(0)} | ${(ofCore / nanoseconds).toFixed(2)} |`);
}

const bytes = readFileSync(require.resolve('imds/imds.wasm'));
const compiled = median(Array.from({ length: RUNS }, () => timed(() => new WebAssembly.Module(bytes))));
const started = (code) => median(Array.from({ length: 7 }, () => timed(() => spawnSync(process.execPath, ['--input-type=module', '-e', code]))));
const start = started("import { Imds } from 'imds';
import { Imds as Core } from 'imds/core'; new Imds().handle('GET / HTTP/1.0\\r\\n\\r\\n')") - started('');
console.log(`\nThe module compiles in ${(compiled / 1e6).toFixed(1)} ms; the first answer comes ${(start / 1e6).toFixed(0)} ms after Node itself has started.`);
