// The first screen in Chromium.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CHROMIUM, launch, needs, open, serve } from './browser-common.mjs';

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

/** The texts of the diagram's arrows, in order. */
const diagram = (page) => page.locator('.sequence text:not(.name)').allTextContents();
const FIRST = ['GET /latest/meta-data/', '200 · 313 bytes'];

test('Run plays the commands of both hosts until the 401', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base, { route: 'start' });
  await page.waitForSelector('.sequence .exchange');
  assert.deepEqual(await diagram(page), FIRST);
  await page.getByRole('button', { name: 'Run' }).click();
  await page.waitForSelector('.sequence text.bad', { timeout: 60_000 });
  assert.deepEqual(await diagram(page), [
    ...FIRST, 'PUT /latest/api/token', '200 · token, 56 bytes', 'GET /latest/meta-data/ + token', '200 · 313 bytes', 'HttpTokens: optional → required', 'GET /latest/meta-data/', '401 · 343 bytes',
  ]);
  const terminal = await page.locator('.start-terminal').textContent();
  for (const part of ['[root@ip-10-0-0-74 ~]# aws ec2 modify-instance-metadata-options', '[root@ip-10-0-0-68 ~]# curl', '401 - Unauthorized']) assert.ok(terminal.includes(part), part);
  assert.match(await page.locator('.start-decision').textContent(), /^401 Unauthorized decided by token\.missing\d+ rules passed before it\. With HttpTokens optional → 200\. With a token → 200\./);
  assert.match(await page.locator('[aria-live]').textContent(), /GET \/latest\/meta-data\/: 401 Unauthorized/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the position can be set by keyboard, and the replay can be paused', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base, { route: 'start' });
  await page.waitForSelector('.sequence .exchange');
  await page.getByRole('slider').focus();
  await page.keyboard.press('Home');
  assert.deepEqual(await diagram(page), []);
  for (let count = 0; count < 3; count += 1) await page.keyboard.press('ArrowRight');
  assert.deepEqual(await diagram(page), FIRST);
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  const before = await page.getByRole('slider').inputValue();
  await page.waitForTimeout(2000);
  assert.equal(await page.getByRole('slider').inputValue(), before);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the first screen says what the page is, without the engine, in both languages', needs(CHROMIUM, 'Chromium'), async () => {
  for (const [locale, words] of [['en-US', /EC2 instance.*instance metadata service \(IMDS\).*Nothing leaves your browser/], ['de-DE', /EC2-Instanz.*Instance Metadata Service \(IMDS\).*Keine Anfrage verlässt die Seite/]]) {
    const context = await browser.newContext({ locale, serviceWorkers: 'block' });
    const page = await context.newPage();
    await page.route('**/imds.wasm', (route) => route.abort());
    await page.goto(server.base);
    await page.waitForSelector('.sequence .exchange');
    assert.match(await page.locator('.start-intro').textContent(), words);
    await context.close();
  }
});

test('names of views in fragments lead to the views', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base, { route: 'start' });
  for (const [fragment, view] of [['try', 'playground'], ['learn/3', 'lesson'], ['attack', 'lab'], ['reference', 'about'], ['playground', 'playground'], ['lesson/1', 'lesson'], ['nonsense', 'start'], ['', 'start']]) {
    await page.evaluate((to) => (location.hash = to), `#/${fragment}`);
    await page.waitForSelector(`main > imds-${view}`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test('odd numbers of lessons lead to a lesson', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base, { route: 'start' });
  for (const [fragment, lesson] of [['lesson/5.7', 1], ['learn/99', 10], ['learn/-3', 1], ['learn', 1], ['learn/x', 1], ['lesson/0x4', 4]]) {
    await page.evaluate((to) => (location.hash = to), `#/${fragment}`);
    await page.waitForFunction((to) => location.hash === to && document.querySelector('imds-lesson .imds-lesson-nav a[aria-current]')?.textContent, `#/learn/${lesson}`);
    assert.match(await page.locator('imds-lesson article').textContent(), new RegExp(`^Lesson ${lesson} of 10`));
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test('a notice does not stay over later views', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context } = await open(browser, server.base, { route: '#/x/AAAA' });
  await page.waitForFunction(() => document.querySelector('.page-notice')?.textContent.includes('damaged'));
  await page.evaluate(() => (location.hash = '#/start'));
  await page.waitForSelector('main > imds-start');
  assert.equal(await page.locator('.page-notice').textContent(), '');
  await context.close();
});
