// How long an input of each kind waits for what it brings: told beside the budget and not held, for a busy machine is no fault of the
// page. What fails is an input that is not answered.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CHROMIUM, launch, needs, open, serve, settled } from './browser-common.mjs';

/** In milliseconds. */
const WAIT = 16;
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

/** From when the browser had the input to when all that it brings stands, laid out. */
const measure = ({ type, selector }) => {
  window.times = [];
  addEventListener(type, (event) => {
    // Views are updated in a microtask behind the change; this one is behind them.
    setTimeout(() => {
      document.querySelector(selector)?.getBoundingClientRect();
      window.times.push(performance.now() - event.timeStamp);
    });
  }, { capture: true });
};
const INPUTS = {
  'a request is sent': ['playground', 'keydown', async (page) => { await page.locator('imds-exchange .primary').focus(); }, (page) => page.keyboard.press('Control+Enter')],
  'a path is typed': ['playground', 'keydown', (page) => page.locator('imds-exchange input').first().focus(), (page, at) => page.keyboard.press('abcdefghij'[at % 10])],
  'bytes are walked': ['playground', 'keydown', async (page) => {
    await page.locator('imds-exchange .primary').click();
    await page.locator('.imds-wire-bytes').last().focus();
  }, (page) => page.keyboard.press('ArrowRight')],
  'the clock goes on': ['playground', 'click', async () => {}, (page) => page.locator('imds-clock button').first().click()],
  'the shell runs curl': ['lesson/1', 'keydown', (page) => page.locator('#shell-input').focus(), async (page) => {
    await page.keyboard.insertText('curl http://169.254.169.254/latest/meta-data/');
    await page.keyboard.press('Enter');
  }],
  'options are compared': ['compare', 'input', async () => {}, (page, at) => page.locator('imds-compare select').first().selectOption(at % 2 ? 'optional' : 'required')],
  'a way is drawn': ['path', 'click', (page) => page.locator('imds-path').getByRole('button', { name: 'Load balancer and WAF' }).click(), (page) => page.locator('imds-path .primary').click()],
  'an attack is run': ['lab', 'click', async () => {}, (page) => page.locator('imds-lab .primary').click()],
};

for (const [what, [route, type, prepare, input]] of Object.entries(INPUTS)) {
  test(`${what}: each of 100 inputs is answered`, needs(CHROMIUM, 'Chromium'), async () => {
    const { page, context, faults } = await open(browser, server.base, { route });
    await prepare(page);
    // What runs for the first time is compiled first.
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
    console.log(`# ${what}: ${at(0.5).toFixed(1)} ms, ${at(0.95).toFixed(1)} ms at the 95th percentile of ${times.length}${at(0.95) < WAIT ? '' : `, past the budget of ${WAIT} ms`}`);
    assert.deepEqual(faults, []);
    await context.close();
  });
}
