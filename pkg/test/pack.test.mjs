// Tests the published package. PACKED is a file with the output of `npm pack --json`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const [packed] = JSON.parse(readFileSync(process.env.PACKED, 'utf8'));
const files = packed.files.map(({ path }) => path).sort();

test('the package has exactly the files of its exports', () => {
  const core = ['connection', 'deno', 'exchange', 'inline', 'module', 'node', 'service', 'slim', 'web', 'workerd'].map((name) => `core-${name}`);
  const scripts = ['bytes', 'connection', 'context', 'copy', 'core', ...core, 'deno', 'errors', 'exchange', 'fetch', 'imds', 'inline', 'module', 'node', 'server', 'slim', 'spans', 'tables', 'web', 'workerd'];
  assert.deepEqual(files, [
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'core-slim.d.ts',
    'core.d.ts',
    'dist/THIRD-PARTY.txt',
    'dist/glue.js',
    'dist/imds-core.wasm',
    'dist/imds.wasm',
    'index.d.ts',
    ...scripts.map((name) => `js/${name}.js`).sort(),
    'node.d.ts',
    'package.json',
    'record.d.ts',
    'shared.d.ts',
    'slim.d.ts',
  ]);
});

test('the package has no dependencies and no scripts', () => {
  const manifest = JSON.parse(readFileSync(new URL(import.meta.resolve('imds/package.json')), 'utf8'));
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'scripts']) assert.equal(manifest[kind], undefined);
});

test('THIRD-PARTY.txt lists the crates of the module with their licences', () => {
  const listed = readFileSync(new URL('dist/THIRD-PARTY.txt', import.meta.resolve('imds/package.json')), 'utf8');
  for (const crate of ['blake3', 'html-escape', 'httparse', 'rpds', 'serde_json', 'wasm-bindgen']) assert.match(listed, new RegExp(`^${crate}[ ,].*: .*`, 'm'));
  assert.match(listed, /Permission is hereby granted/);
});

test('the unpacked package is within its size limit', () => {
  assert.ok(packed.unpackedSize <= MAX_UNPACKED_BYTES, `${packed.unpackedSize} bytes`);
});

// The goal of 900 KB is less than the two modules, 962 KB. Workers compile only files, so neither can be compressed.
const MAX_UNPACKED_BYTES = 1125 * 1024;
