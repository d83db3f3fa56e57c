// Measures the latency of each kind of input. It is only logged next to its budget, because it
// depends on the machine's load; a test fails if an input has no effect.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CHROMIUM, launch, needs, open, serve, settled } from './browser-common.mjs';

const BUDGET_MS = 16;
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

/** Measures from the input event to the layout of its result. */
const measure = ({ type, selector }) => {
  window.times = [];
  addEventListener(type, (event) => {
    // Runs after the microtask that updates the views.
    setTimeout(() => {
      document.querySelector(selector)?.getBoundingClientRect();
      window.times.push(performance.now() - event.timeStamp);
    });
  }, { capture: true });
};
const INPUTS = {
  'sending a request': ['playground', 'keydown', async (page) => { await page.locator('imds-exchange .primary').focus(); }, (page) => page.keyboard.press('Control+Enter')],
  'typing a path': ['playground', 'keydown', (page) => page.locator('imds-exchange input').first().focus(), (page, at) => page.keyboard.press('abcdefghij'[at % 10])],
  'moving through bytes': ['playground', 'keydown', async (page) => {
    await page.locator('imds-exchange .primary').click();
    await page.locator('.imds-wire-bytes').last().focus();
  }, (page) => page.keyboard.press('ArrowRight')],
  'advancing the clock': ['playground', 'click', async () => {}, (page) => page.locator('imds-playground imds-clock button').first().click()],
  'running curl in the shell': ['lesson/1', 'keydown', (page) => page.locator('#shell-input').focus(), async (page) => {
    await page.keyboard.insertText('curl http://169.254.169.254/latest/meta-data/');
    await page.keyboard.press('Enter');
  }],
  'comparing options': ['compare', 'input', async () => {}, (page, at) => page.locator('imds-compare select').first().selectOption(at % 2 ? 'optional' : 'required')],
  'drawing a network path': ['path', 'click', (page) => page.locator('imds-path').getByRole('button', { name: 'Load balancer and WAF' }).click(), (page) => page.locator('imds-path .primary').click()],
  'running an attack': ['lab', 'click', async () => {}, (page) => page.locator('imds-lab .primary').click()],
};

for (const [name, [route, type, prepare, input]] of Object.entries(INPUTS)) {
  test(`${name}: each of 100 inputs has an effect`, needs(CHROMIUM, 'Chromium'), async () => {
    const { page, context, faults } = await open(browser, server.base, { route });
    await prepare(page);
    // Warm up, so that compilation is not measured.
    for (let at = 0; at < 10; at += 1) await input(page, at);
    await settled(page);
    await page.evaluate(measure, { type, selector: 'main' });
    for (let at = 0; at < 100; at += 1) {
      await input(page, at);
      await settled(page);
    }
    const times = (await page.evaluate(() => window.times)).sort((a, b) => a - b);
    assert.ok(times.length >= 100, `${times.length} inputs`);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
    console.log(`# ${name}: ${at(0.5).toFixed(1)} ms, ${at(0.95).toFixed(1)} ms at the 95th percentile of ${times.length}${at(0.95) < BUDGET_MS ? '' : `, over the budget of ${BUDGET_MS} ms`}`);
    assert.deepEqual(faults, []);
    await context.close();
  });
}
