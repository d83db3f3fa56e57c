// The page's files: what tsc says of them, and that the service worker keeps each.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { FILES, isWritten } from '../files.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

test('tsc finds nothing', () => {
  const { status, stdout, error } = spawnSync(process.execPath, [here('node_modules/typescript/bin/tsc'), '-p', here('../tsconfig.json')], { encoding: 'utf8' });
  assert.equal(error, undefined);
  assert.equal(status, 0, stdout);
});

test('the service worker keeps every file of the page', () => assert.ok(isWritten, 'www/sw.js has another list of files: node www/files.mjs'));

test('the package is imported in one place, and nothing is made from markup or from text that is run', () => {
  for (const file of FILES.filter((it) => it.startsWith('js/'))) {
    const text = readFileSync(here(`../${file}`), 'utf8');
    assert.equal(/^import (?!.*typedef).*\/pkg\//m.test(text), file === 'js/engine.js', file);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style'|style="/, file);
    assert.doesNotMatch(text, /169\.254\.169\.254[^'`]*['`]?\)?\.then|fetch\(['`]http/, file);
  }
});
