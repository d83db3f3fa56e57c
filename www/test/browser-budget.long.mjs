// The size of the page in bytes, compressed with brotli as it is loaded.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';

import { CHROMIUM, here, launch, needs, serve, settled } from './browser-common.mjs';
import { FILES } from '../files.mjs';
import { single } from '../single.mjs';

const KB = 1024;
/**
 * The budget and the recorded size of each part: brotli bytes, and plain bytes for the single file.
 * @type {Record<string, { budget: number, recorded: number }>}
 */
const SIZES = {
  'first load': { budget: 140 * KB, recorded: 282_190 },
  'own JavaScript': { budget: 30 * KB, recorded: 114_619 },
  'single file': { budget: 300 * KB, recorded: 515_794 },
};
let browser;
let server;
before(async () => {
  server = await serve();
  if (CHROMIUM) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.close();
});
const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
const sum = (sizes) => sizes.reduce((all, [, size]) => all + size, 0);
const largest = (sizes) => sizes.sort((a, b) => b[1] - a[1]).slice(0, 12).map(([name, size]) => `${name} ${size}`).join(', ');
/**
 * Logs the size and whether it exceeds the budget; fails if it differs too much from the recorded
 * size.
 */
const assertSize = (part, sizes) => {
  const size = sum(sizes);
  const { budget, recorded } = SIZES[part];
  console.log(`# ${part}: ${size} bytes${size > budget ? `, over the budget of ${budget}` : ''}`);
  assert.ok(size <= recorded * 1.02, `${part}: ${size} bytes are more than 2 % over the recorded ${recorded}; the largest files are ${largest(sizes)}`);
  assert.ok(size >= recorded * 0.95, `${part}: ${size} bytes are more than 5 % under the recorded ${recorded}; update SIZES`);
};

test('the first load has not grown', needs(CHROMIUM, 'Chromium'), async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const sizes = [];
  const pending = [];
  page.on('response', (response) => pending.push(response.body().then((body) => sizes.push([new URL(response.url()).pathname, brotli(body)]))));
  await page.goto(server.base);
  await page.waitForSelector('imds-playground imds-why h2');
  await settled(page);
  await Promise.all(pending);
  await context.close();
  assert.ok(sizes.some(([name]) => name === '/pkg/dist/imds.wasm'));
  assertSize('first load', sizes);
});

test('the page’s own JavaScript has not grown', () => {
  assertSize('own JavaScript', FILES.filter((file) => /^(js|strings)\//.test(file)).map((file) => [file, brotli(readFileSync(here(`../${file}`)))]));
});

test('the single file has not grown', async () => assertSize('single file', [['single file', Buffer.byteLength(await single())]]));
