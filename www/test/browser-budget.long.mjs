// The cost of a visit to the built page: requests, round trips, bytes compressed with brotli, and
// the time on a slow line.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { brotli, CHROMIUM, launch, needs, serveBuilt } from './browser-common.mjs';
import { build } from '../build.mjs';
import { single } from '../single.mjs';

const KB = 1024;
/** The budget of the first view until it is usable. */
const REQUESTS = 12;
const ROUND_TRIPS = 2;
/** 400 kbit/s, 400 ms round trip and a processor that is six times slower. */
const SLOW = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const SLOWER_PROCESSOR = 6;
const SLOW_MS = 6500;
/** The time without a new request after which a round trip counts as complete. */
const QUIET_MS = 1500;
/**
 * The recorded size of each part, and the budget of those that a visitor waits for: brotli bytes,
 * and plain bytes for the single file.
 * @type {Record<string, { budget?: number, recorded: number }>}
 */
const SIZES = {
  'first view': { budget: 140 * KB, recorded: 128_240 },
  'JavaScript of the first view': { budget: 30 * KB, recorded: 14_760 },
  'all JavaScript': { recorded: 176_014 },
  'single file': { recorded: 636_108 },
};
let browser;
let server;
before(async () => {
  server = await serveBuilt();
  if (CHROMIUM) browser = await launch();
});
beforeEach(() => server.requests.splice(0));
after(async () => {
  await browser?.close();
  await server.close();
});
const sum = (sizes) => sizes.reduce((all, [, size]) => all + size, 0);
const largest = (sizes) => sizes.sort((a, b) => b[1] - a[1]).slice(0, 12).map(([name, size]) => `${name} ${size}`).join(', ');
/** Logs the size; fails if it exceeds the budget, or differs too much from the recorded size. */
const assertSize = (part, sizes) => {
  const size = sum(sizes);
  const { budget = Infinity, recorded } = SIZES[part];
  console.log(`# ${part}: ${size} bytes`);
  assert.ok(size <= budget, `${part}: ${size} bytes exceed the budget of ${budget}; the largest files are ${largest(sizes)}`);
  assert.ok(size <= recorded * 1.02, `${part}: ${size} bytes are more than 2 % over the recorded ${recorded}; the largest files are ${largest(sizes)}`);
  assert.ok(size >= recorded * 0.95, `${part}: ${size} bytes are more than 5 % under the recorded ${recorded}; update SIZES`);
};
/** Returns whether the first screen has its diagram and Run can be pressed. */
const isUsable = () => !!document.querySelector('.sequence .exchange') && document.querySelector('imds-start button.primary')?.disabled === false;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Opens the first screen in a new context. */
async function visit(options = {}) {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 }, serviceWorkers: 'block', ...options });
  return { context, page: await context.newPage() };
}

for (const locale of ['en-US', 'de-DE']) {
  test(`${locale}: the first view is usable after ${ROUND_TRIPS} round trips and ${REQUESTS} requests, and has not grown`, needs(CHROMIUM, 'Chromium'), async () => {
    const { context, page } = await visit({ locale });
    const { gate, requests } = server;
    gate.closed = true;
    const rounds = [];
    const loaded = page.goto(server.base);
    let shown = 0;
    try {
      for (let usable = false; !usable; ) {
        assert.ok(rounds.length < 6, `not usable after ${rounds.length} round trips: ${JSON.stringify(rounds)}`);
        // All requests that need no further response are there.
        for (let before = -1; before !== requests.length || requests.length === shown; await pause(QUIET_MS)) before = requests.length;
        rounds.push(requests.slice(shown).map(({ path }) => path));
        shown = requests.length;
        gate.waiting.splice(0).forEach((open) => open());
        usable = await page.waitForFunction(isUsable, null, { timeout: 2 * QUIET_MS }).then(() => true, () => false);
      }
    } finally {
      gate.closed = false;
      gate.waiting.splice(0).forEach((open) => open());
    }
    await loaded;
    const needed = requests.slice(0, shown);
    await page.waitForLoadState('networkidle');
    await context.close();
    console.log(`# ${locale}: usable after ${rounds.length} round trips and ${needed.length} requests; ${requests.length} requests with all that loads later`);
    assert.ok(rounds.length <= ROUND_TRIPS, `${rounds.length} round trips: ${JSON.stringify(rounds)}`);
    assert.ok(needed.length <= REQUESTS, `${needed.length} requests: ${JSON.stringify(rounds)}`);
    assert.deepEqual(requests.filter(({ status }) => status !== 200), []);
    assert.ok(needed.some(({ path }) => path === 'pkg/dist/imds-core.wasm') && !needed.some(({ path }) => path === 'pkg/dist/imds.wasm'));
    if (locale !== 'en-US') return;
    assertSize('first view', needed.map(({ path, size }) => [path, size]));
    assertSize('JavaScript of the first view', needed.filter(({ path }) => path.endsWith('.js')).map(({ path, size }) => [path, size]));
  });
}

test('a second visit requests no file whose address has a hash', needs(CHROMIUM, 'Chromium'), async () => {
  const { context, page } = await visit({ serviceWorkers: 'allow' });
  await page.goto(server.base);
  await page.waitForFunction(isUsable);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await page.waitForLoadState('networkidle');
  const hashed = () => server.requests.filter(({ isHashed }) => isHashed).map(({ path }) => path);
  const first = hashed();
  assert.deepEqual(first, [...new Set(first)], 'a file was requested twice');
  await page.close();
  server.requests.splice(0);
  const again = await context.newPage();
  await again.goto(`${server.base}#/start`);
  await again.waitForFunction(isUsable);
  await again.waitForLoadState('networkidle');
  await context.close();
  assert.ok(server.requests.some(({ path }) => path === 'index.html'));
  assert.deepEqual(hashed(), []);
  console.log(`# second visit: ${server.requests.map(({ path, status }) => `${path} ${status}`).join(', ')}`);
});

test(`on a slow line the first view is usable in ${SLOW_MS} ms`, needs(CHROMIUM, 'Chromium'), async () => {
  const { context, page } = await visit();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', SLOW);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER_PROCESSOR });
  await page.goto(server.base, { waitUntil: 'commit' });
  await page.waitForFunction(isUsable, null, { polling: 20, timeout: 60_000 });
  const ms = Math.round(await page.evaluate(() => performance.now()));
  await context.close();
  console.log(`# slow line: usable in ${ms} ms${ms > SLOW_MS ? `, over the budget of ${SLOW_MS}` : ''}`);
  assert.ok(ms <= 2 * SLOW_MS, `${ms} ms are more than twice ${SLOW_MS}`);
});

test('the page’s JavaScript has not grown', async () => {
  const scripts = [...(await build())].filter(([name]) => name.endsWith('.js'));
  assertSize('all JavaScript', scripts.map(([name, text]) => [name, brotli(Buffer.from(text)).length]));
});

test('the single file has not grown', async () => assertSize('single file', [['single file', Buffer.byteLength(await single())]]));
