// The lessons and the article in a browser: typed, by keyboard only, and pasted. The output equals
// that of the same commands in Node with the same clock and seed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';

import { CHROMIUM, go, golden, launch, needs, open, serve, settled, transcript } from './browser-common.mjs';
import { LESSONS } from '../js/lessons/lessons.js';
import { START } from '../js/session.js';

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

/** The output of each lesson's commands by lesson id, without `##` lines, which are notes. */
const printed = Object.fromEntries(golden('lessons.txt').split(/\n# (?=\w+\n)/).slice(1).map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1).replace(/^## .*\n/gm, '')]));
const openGoals = (page) => page.locator('.imds-lesson-steps > li:not(.done)').allTextContents();
const commandsOf = ({ steps }) => steps.filter((step) => 'command' in step);
/** The body of the article's 401: 343 bytes. */
const BODY_401 = golden('article.txt').match(/<\?xml[^]*?<\/html>\n/)[0];

async function ran(page, enter) {
  const before = await page.locator('.imds-shell-command').count();
  await enter();
  await page.waitForFunction((count) => document.querySelectorAll('.imds-shell-command').length > count && !document.querySelector('#shell-input').value, before);
  return (await transcript(page)).slice(before).join('');
}

test('typing the commands finishes every lesson, with the same output as in Node', needs(CHROMIUM, 'Chromium'), async () => {
  assert.equal(Object.keys(printed).join(), LESSONS.map(({ id }) => id).join());
  assert.equal(BODY_401.length, 343);
  const { page, context, faults } = await open(browser, server.base, { route: 'lesson/1' });
  for (const [place, lesson] of LESSONS.entries()) {
    await go(page, `lesson/${place + 1}`);
    assert.ok((await openGoals(page)).length, `${lesson.id} is done at its start`);
    let text = '';
    for (const { host, command } of commandsOf(lesson)) {
      await page.click(`#shell-tab-${host}`);
      await page.fill('#shell-input', command);
      text += await ran(page, () => page.press('#shell-input', 'Enter'));
    }
    assert.deepEqual(await openGoals(page), [], lesson.id);
    assert.equal(text, printed[lesson.id], lesson.id);
    if (lesson.id === 'refused') {
      assert.ok(text.includes(BODY_401));
      await page.click('.imds-lesson-side summary');
      await settled(page);
    }
  }
  assert.equal(await page.locator('.imds-lesson-nav .imds-lesson-done').count(), LESSONS.length);
  // Progress survives a reload.
  await page.reload();
  await page.waitForSelector('.imds-lesson-nav li');
  assert.equal(await page.locator('.imds-lesson-nav .imds-lesson-done').count(), LESSONS.length);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a step taken in another view is ticked off, even if the session has moved on', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base, { route: 'lesson/6' });
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.waitForSelector('.imds-lesson-needs', { state: 'detached' });
  await page.evaluate(() => (location.hash = '#/terminal'));
  await page.waitForSelector('imds-terminal #shell-input');
  // The change is pending only until the second has passed.
  for (const { host, command } of commandsOf(LESSONS[5])) {
    await page.click(`#shell-tab-${host}`);
    await page.fill('#shell-input', command);
    await ran(page, () => page.press('#shell-input', 'Enter'));
  }
  await go(page, 'lesson/6');
  assert.deepEqual(await openGoals(page), []);
  assert.equal(await page.locator('.imds-lesson-nav [aria-current].imds-lesson-done').count(), 1);
  assert.deepEqual(faults, []);
  await context.close();
});

/** Presses Tab until an element with the selector has the focus. */
async function tabTo(page, selector, key = 'Tab') {
  for (let presses = 0; presses < 150; presses += 1) {
    if (await page.evaluate((it) => document.activeElement?.matches(it), selector)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`150 × ${key} did not reach ${selector}: ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`);
}

test('every lesson and the lab can be finished by keyboard only', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base);
  // Keyboard only from here on.
  await tabTo(page, '.page-top nav a[href="#/learn"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('imds-lesson');
  for (const [place, lesson] of LESSONS.entries()) {
    await page.waitForFunction((number) => location.hash === `#/learn/${number}`, place + 1);
    await settled(page);
    let text = '';
    for (const step of lesson.steps) {
      if ('open' in step) {
        await tabTo(page, `main a[href="${step.open}"]`, 'Shift+Tab');
        await page.keyboard.press('Enter');
        await page.waitForSelector('imds-lab');
        await tabTo(page, 'imds-lab input[type="radio"]');
        for (const leaks of [true, true, true, true]) {
          await tabTo(page, 'imds-lab button.primary');
          await page.keyboard.press('Enter');
          await page.waitForSelector('.imds-lab-verdict');
          assert.equal(await page.locator('.imds-lab-verdict.bad').count(), leaks ? 1 : 0);
          await tabTo(page, 'imds-lab input[type="radio"]', 'Shift+Tab');
          await page.keyboard.press('ArrowDown');
        }
        await tabTo(page, '.page-top nav a[href="#/learn"]', 'Shift+Tab');
        await page.keyboard.press('Enter');
        await page.waitForSelector('imds-lesson');
        await tabTo(page, `.imds-lesson-nav a[href="#/learn/${place + 1}"]`);
        await page.keyboard.press('Enter');
        await page.waitForFunction((number) => location.hash === `#/learn/${number}`, place + 1);
        await settled(page);
        continue;
      }
      if (!(await page.evaluate((host) => document.querySelector(`#shell-tab-${host}`).getAttribute('aria-selected') === 'true', step.host))) {
        await tabTo(page, '#shell-tab-cli, #shell-tab-test', 'Shift+Tab');
        await page.keyboard.press('ArrowRight');
      }
      await tabTo(page, '#shell-input');
      await page.keyboard.type(step.command);
      text += await ran(page, () => page.keyboard.press('Enter'));
    }
    assert.deepEqual(await openGoals(page), [], lesson.id);
    if (lesson.id !== 'lab') assert.equal(text, printed[lesson.id], lesson.id);
    if (!LESSONS[place + 1]) break;
    await tabTo(page, `.imds-lesson-end a[href="#/learn/${place + 2}"]`);
    await page.keyboard.press('Enter');
  }
  // The arrow keys recall the history.
  await tabTo(page, '#shell-input', 'Shift+Tab');
  const { steps } = LESSONS.at(-1);
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.inputValue('#shell-input'), steps.at(-1).command);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.inputValue('#shell-input'), '');
  assert.deepEqual(faults, []);
  await context.close();
});

test('pasting the whole article gives the same output as in Node, with the exact body of the 401', needs(CHROMIUM, 'Chromium'), async () => {
  // A link sets the clock of the golden file.
  const link = deflateRawSync(JSON.stringify([1, 0, Date.parse('2020-09-26T14:45:29Z') - START, [], { route: ['lesson', '4'] }])).toString('base64url');
  const { page, context, faults } = await open(browser, server.base, { route: `#/x/${link}` });
  await page.focus('#shell-input');
  await page.keyboard.insertText(golden('article-commands.txt').trimEnd());
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.imds-shell-log').textContent.includes('</html>') && !document.querySelector('#shell-input').value);
  // Each host's commands are in its own tab.
  const expected = golden('article.txt').split(/^(?=\[root@)/m);
  for (const [host, address] of [['cli', '10-0-0-74'], ['test', '10-0-0-68']]) {
    await page.click(`#shell-tab-${host}`);
    assert.equal((await transcript(page)).join(''), expected.filter((it) => it.startsWith(`[root@ip-${address} `)).join(''), host);
  }
  const blocks = await page.locator('.imds-shell-log .imds-shell-output').allTextContents();
  assert.deepEqual(blocks.filter((it) => it.startsWith('<?xml')), [BODY_401]);
  // The same body in the wire view, after replacing the names of invisible bytes.
  const number = await page.locator('.imds-shell-exchanges a', { hasText: '401' }).textContent();
  await page.click('.imds-shell-exchanges a:has-text("401")');
  await page.waitForSelector('imds-playground imds-bytes');
  await settled(page);
  const body = await page.evaluate(() => {
    const copy = document.querySelector('.imds-exchange-response [data-part="body"]').cloneNode(true);
    for (const name of copy.querySelectorAll('.imds-wire-name')) name.replaceWith(name.textContent === 'HT' ? '\t' : '');
    return copy.textContent;
  });
  assert.equal(body, BODY_401, number);
  assert.deepEqual(faults, []);
  await context.close();
});
