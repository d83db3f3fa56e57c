// What is published: PACKED is what `npm pack --json` says of it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const [packed] = JSON.parse(readFileSync(process.env.PACKED, 'utf8'));
const files = packed.files.map(({ path }) => path).sort();

test('the package holds what its exports name and nothing else', () => {
  const scripts = ['connection', 'context', 'copy', 'errors', 'exchange', 'fetch', 'imds', 'inline', 'module', 'node', 'server', 'slim', 'spans', 'tables', 'web', 'workerd'];
  assert.deepEqual(files, [
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'dist/THIRD-PARTY.txt',
    'dist/glue.js',
    'dist/imds.wasm',
    'dist/inline.js',
    'index.d.ts',
    ...scripts.map((name) => `js/${name}.js`),
    'node.d.ts',
    'package.json',
    'slim.d.ts',
  ]);
});

test('it depends on nothing', () => {
  const manifest = JSON.parse(readFileSync(new URL(import.meta.resolve('imds/package.json')), 'utf8'));
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'scripts']) assert.equal(manifest[kind], undefined);
});

test('the crates of the module are named with their licences', () => {
  const named = readFileSync(new URL('dist/THIRD-PARTY.txt', import.meta.resolve('imds/package.json')), 'utf8');
  for (const crate of ['blake3', 'html-escape', 'httparse', 'rpds', 'serde_json', 'wasm-bindgen']) assert.match(named, new RegExp(`^${crate} .*: .*`, 'm'));
  assert.match(named, /Permission is hereby granted/);
});

test('unpacked it stays within its bound', () => {
  assert.ok(packed.unpackedSize <= UNPACKED, `${packed.unpackedSize} bytes`);
});

// With the module twice, as bytes and as text. It is meant to be 450 KB, once the module is within its budget.
const UNPACKED = 1600 * 1024;
