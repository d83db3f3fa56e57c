// The terminal in Chromium: keys, focus, folding, growing, tabs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CHROMIUM, golden, launch, needs, open, serve, settled, transcript } from './browser-common.mjs';

let server;
let browser;
before(async () => {
  server = await serve();
  if (CHROMIUM) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.close();
});

const input = (page) => page.inputValue('#shell-input');
const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);
async function run(page, command) {
  const before = await page.locator('.imds-shell-command').count();
  await page.fill('#shell-input', command);
  await page.press('#shell-input', 'Enter');
  await page.waitForFunction((count) => document.querySelectorAll('.imds-shell-command').length > count, before);
}
async function openTerminal(options) {
  const opened = await open(browser, server.base, { route: 'terminal', ...options });
  await opened.page.waitForSelector('#shell-input');
  return opened;
}

test('Tab completes, and leaves the input if there is nothing to complete or after Escape', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await openTerminal();
  await page.focus('#shell-input');
  await page.keyboard.press('Tab');
  assert.notEqual(await focused(page), 'shell-input', 'an empty input');
  await page.focus('#shell-input');
  await page.keyboard.type('cur');
  await page.keyboard.press('Tab');
  assert.equal(await input(page), 'curl ');
  await page.keyboard.type('http://169.254.169.254/latest/meta-data/inst');
  await page.keyboard.press('Tab');
  assert.equal(await input(page), 'curl http://169.254.169.254/latest/meta-data/instance-');
  assert.match(await page.textContent('imds-shell > [role=status]'), /instance-action +instance-id/);
  assert.equal(await focused(page), 'shell-input');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.notEqual(await focused(page), 'shell-input', 'after Escape');
  await page.focus('#shell-input');
  await page.keyboard.press('Shift+Tab');
  assert.notEqual(await focused(page), 'shell-input', 'Shift + Tab');
  await page.fill('#shell-input', 'xyzzy');
  await page.keyboard.press('Tab');
  assert.notEqual(await focused(page), 'shell-input', 'nothing to complete');
  assert.deepEqual(faults, []);
  await context.close();
});

test('Ctrl + R searches, Ctrl + U, C and L clear', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await openTerminal();
  for (const command of ['echo first', 'echo second', 'uname']) await run(page, command);
  await page.focus('#shell-input');
  await page.keyboard.press('Control+r');
  await page.keyboard.type('echo');
  assert.equal(await input(page), 'echo second');
  await page.keyboard.press('Control+r');
  assert.equal(await input(page), 'echo first');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('.imds-shell-command').length === 4);
  assert.equal((await transcript(page)).at(-1), '[root@ip-10-0-0-74 ~]# echo first\nfirst\n');
  await page.keyboard.type('draft');
  await page.keyboard.press('Control+r');
  await page.keyboard.type('uname');
  await page.keyboard.press('Escape');
  assert.equal(await input(page), 'draft');
  await page.keyboard.press('Control+u');
  assert.equal(await input(page), '');
  await page.keyboard.type('x');
  await page.keyboard.press('Control+c');
  assert.equal(await input(page), '');
  await page.keyboard.press('Control+l');
  assert.equal(await page.locator('.imds-shell-command').count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test('an endless loop can be stopped, and the page answers meanwhile', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await openTerminal();
  await page.fill('#shell-input', 'while true; do x=$(seq 1 3000 | sort -r | wc -l); done');
  await page.press('#shell-input', 'Enter');
  await page.waitForSelector('.imds-shell-form button:not(.primary):not([hidden])');
  await page.click('.imds-shell-form button:not(.primary)');
  await page.waitForFunction(() => /\^C/.test(document.querySelector('.imds-shell-log').textContent));
  await run(page, 'echo after');
  assert.equal((await transcript(page)).at(-1), '[root@ip-10-0-0-74 ~]# echo after\nafter\n');
  assert.deepEqual(faults, []);
  await context.close();
});

test('long output folds, and the input grows with wrapped lines', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await openTerminal({ viewport: { width: 390, height: 800 } });
  await run(page, 'aws ec2 describe-instances');
  const hidden = page.locator('.imds-shell-out[hidden]');
  assert.equal(await hidden.count(), 1);
  const all = (await transcript(page)).at(-1);
  assert.ok(all.split('\n').length > 60);
  await page.click('.imds-shell-fold');
  assert.equal(await hidden.count(), 0);
  assert.equal(await page.getAttribute('.imds-shell-fold', 'aria-expanded'), 'true');
  const height = () => page.evaluate(() => document.querySelector('#shell-input').offsetHeight);
  const one = await height();
  await page.fill('#shell-input', `echo ${'word '.repeat(40)}`);
  const many = await height();
  assert.ok(many > 2 * one, `${many} after ${one}`);
  assert.equal(await page.evaluate(() => document.querySelector('#shell-input').scrollHeight > document.querySelector('#shell-input').clientHeight + 4), false);
  await page.fill('#shell-input', '');
  assert.equal(await height(), one);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no sideways scroll');
  assert.deepEqual(faults, []);
  await context.close();
});

test('commands pasted for test_instance show in its tab', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await openTerminal();
  await page.focus('#shell-input');
  await page.keyboard.insertText(golden('article-commands.txt').trimEnd());
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#shell-tab-test').getAttribute('aria-selected') === 'true' && /401/.test(document.querySelector('.imds-shell-log').textContent));
  for (const block of await transcript(page)) assert.match(block, /^\[root@ip-10-0-0-68 /);
  await page.click('#shell-tab-cli');
  for (const block of await transcript(page)) assert.match(block, /^\[root@ip-10-0-0-74 /);
  // The place of the other host's commands is a link to its tab.
  await page.locator('.imds-shell-log li > button').first().click();
  await settled(page);
  assert.equal(await page.getAttribute('#shell-tab-test', 'aria-selected'), 'true');
  assert.deepEqual(faults, []);
  await context.close();
});

test('another view can open the terminal with a command', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base, { route: 'playground' });
  await page.evaluate(async () => (await import('./js/shell/open.js')).openTerminal('TOKEN=`true` && \\\ncurl -v http://169.254.169.254/'));
  await page.waitForSelector('imds-terminal #shell-input');
  assert.equal(await input(page), 'TOKEN=`true` && \\\ncurl -v http://169.254.169.254/');
  assert.equal(await focused(page), 'shell-input');
  assert.deepEqual(faults, []);
  await context.close();
});
