// The page's files: types, the list in the service worker, and forbidden APIs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { FILES, isCurrent } from '../files.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

test('tsc reports no errors', () => {
  const { status, stdout, error } = spawnSync(process.execPath, [here('node_modules/typescript/bin/tsc'), '-p', here('../tsconfig.json')], { encoding: 'utf8' });
  assert.equal(error, undefined);
  assert.equal(status, 0, stdout);
});

test('the service worker lists every file of the page', () => assert.ok(isCurrent, 'the list of files in www/sw.js is outdated; run: node www/files.mjs'));

test('two modules import the package, and no module parses markup or evaluates text', () => {
  for (const file of FILES.filter((it) => it.startsWith('js/'))) {
    const text = readFileSync(here(`../${file}`), 'utf8');
    assert.equal(/^(import|export) (?!.*typedef).*\/pkg\//m.test(text), ['js/engine.js', 'js/core.js'].includes(file), file);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style'|style="/, file);
    assert.doesNotMatch(text, /169\.254\.169\.254[^'`]*['`]?\)?\.then|fetch\(['`]http/, file);
  }
});
