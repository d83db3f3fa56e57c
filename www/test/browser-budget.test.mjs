// What the page costs: bytes by brotli as they are loaded.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';

import { CHROMIUM, here, launch, needs, serve, settled } from './browser-common.mjs';
import { FILES } from '../files.mjs';
import { single } from '../single.mjs';

const KB = 1024;
/** What each is to keep within, and what it had when this was last written: bytes by brotli, of the one file as it is. @type {Record<string, { budget: number, recorded: number }>} */
const SIZES = {
  'first load': { budget: 140 * KB, recorded: 233_632 },
  'own JavaScript': { budget: 30 * KB, recorded: 114_619 },
  'one file': { budget: 300 * KB, recorded: 440_918 },
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
const told = (sizes) => sizes.sort((a, b) => b[1] - a[1]).slice(0, 12).map(([name, size]) => `${name} ${size}`).join(', ');
/** Past the budget is told each time, so that it is not forgotten; what fails is to grow past what was there. */
const within = (what, sizes) => {
  const size = sum(sizes);
  const { budget, recorded } = SIZES[what];
  console.log(`# ${what}: ${size} bytes${size > budget ? `, past the budget of ${budget}` : ''}`);
  assert.ok(size <= recorded * 1.02, `${what}: ${size} bytes are more than 2 % past the ${recorded} before; the largest are ${told(sizes)}`);
  assert.ok(size >= recorded * 0.95, `${what}: ${size} bytes are so much less than ${recorded} that this is to be written down`);
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
  within('first load', sizes);
});

test('the page’s own JavaScript has not grown', () => {
  within('own JavaScript', FILES.filter((file) => /^(js|strings)\//.test(file)).map((file) => [file, brotli(readFileSync(here(`../${file}`)))]));
});

test('the one file has not grown', async () => within('one file', [['all of it', Buffer.byteLength(await single())]]));
