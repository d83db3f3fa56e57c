// The page on a static host, offline, as a single file from disk, on the binary's console, and in
// Firefox.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';

import { binary, CHROMIUM, FIREFOX, go, golden, hasBinary, here, launch, needs, open, POLICY, serve, serveBuilt, settled, transcript, watch } from './browser-common.mjs';
import { isCurrent } from '../files.mjs';
import { single } from '../single.mjs';
import './shell-common.mjs';
import { tables } from '../js/engine.js';
import { LESSONS } from '../js/lessons/lessons.js';

const FIRST = LESSONS[0];
const printed = golden('lessons.txt').match(/\n# metadata\n([^]*?)\n# v1\n/)[1];
const SINGLE_FILE = here('../../target/imds.html');
let browser;
let server;
before(async () => {
  server = await serve();
  mkdirSync(here('../../target'), { recursive: true });
  writeFileSync(SINGLE_FILE, await single());
  if (CHROMIUM) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.close();
});

/** Types the first lesson and compares its output with Node's. */
async function firstLesson(page) {
  for (const { command } of FIRST.steps) {
    const before = await page.locator('.imds-shell-command').count();
    await page.fill('#shell-input', command);
    await page.press('#shell-input', 'Enter');
    await page.waitForFunction((count) => document.querySelectorAll('.imds-shell-command').length > count, before);
  }
  assert.equal((await transcript(page)).join(''), printed);
  assert.equal(await page.locator('.imds-lesson-steps > li:not(.done)').count(), 0);
  await page.waitForSelector('.imds-lesson-challenge');
}

for (const [kind, host] of [['page of modules', serve], ['built page', serveBuilt]]) test(`after one visit the ${kind} works offline`, needs(CHROMIUM, 'Chromium'), async () => {
  assert.ok(isCurrent, 'the list of files in www/sw.js is outdated; run: node www/files.mjs');
  const own = await host();
  const { page, context, faults } = await open(browser, own.base);
  await page.evaluate(async () => {
    const { active, installing, waiting } = await navigator.serviceWorker.ready;
    const worker = active ?? waiting ?? installing;
    if (worker.state !== 'activated') await new Promise((done) => worker.addEventListener('statechange', () => worker.state === 'activated' && done(null)));
  });
  // Stop the server, too.
  await own.close();
  await context.setOffline(true);
  await page.reload();
  await page.waitForSelector('imds-playground');
  await go(page, 'lesson/1');
  await firstLesson(page);
  for (const view of ['compare', 'path', 'lab', 'about']) await go(page, view);
  // The library for `--query` is loaded at first use, so it must be cached, too.
  await go(page, 'lesson/5');
  await page.fill('#shell-input', 'aws ec2 describe-instances --query "Reservations[*].Instances[*].[InstanceId]"');
  await page.press('#shell-input', 'Enter');
  await page.waitForFunction(() => document.querySelector('.imds-shell-log').textContent.includes('"i-0c11a7e9b2d04f3a6"'));
  const other = faults.filter((it) => !it.includes(own.base) && !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(it));
  assert.deepEqual(other, []);
  await context.close();
});

test('the content security policy blocks requests to 169.254.169.254', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const result = await page.evaluate(() => fetch('http://169.254.169.254/latest/meta-data/').then(() => 'response', (error) => error.name));
  assert.equal(result, 'TypeError');
  assert.ok(faults.some((it) => /Content Security Policy/.test(it)), faults.join('\n'));
  await context.close();
});

test('the single file opens from disk without any request', needs(CHROMIUM, 'Chromium'), async () => {
  const address = `${pathToFileURL(SINGLE_FILE)}`;
  const context = await browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  const faults = watch(page, address);
  await page.goto(`${address}#/lesson/1`);
  await page.waitForSelector('imds-lesson');
  await firstLesson(page);
  for (const view of ['start', 'playground', 'compare', 'path', 'lab', 'about', 'live', 'playground']) await go(page, view);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.waitForSelector('dialog[open]');
  assert.ok((await page.locator('dialog textarea').first().inputValue()).startsWith(`${address}#/x/`));
  assert.deepEqual(faults, []);
  await context.close();
});

test('the binary serves the page compressed and with its policy, and Live shows requests of curl', hasBinary, async () => {
  const served = await binary();
  try {
    const { page, context, faults } = await open(browser, served.base, { route: 'live' });
    const response = await context.request.get(served.base, { headers: { accept: 'text/html', 'accept-encoding': 'br' } });
    // The built page has one inline script, which its policy allows by its hash.
    const policy = response.headers()['content-security-policy'];
    assert.ok(policy.replace(/ 'sha256-[\w+/]{43}='/, '').startsWith(POLICY), policy);
    assert.equal(response.headers()['content-encoding'], 'br');
    await page.waitForFunction(() => /Connected/.test(document.querySelector('imds-live [role="status"]').textContent));
    const curl = (...args) => execFileSync('curl', ['-s', '--max-time', '5', ...args], { encoding: 'utf8' });
    const token = curl('-X', 'PUT', `${served.metadata}/latest/api/token`, '-H', 'X-aws-ec2-metadata-token-ttl-seconds: 60');
    assert.equal(token.length, 56);
    curl(`${served.metadata}/latest/meta-data/instance-id`, '-H', `X-aws-ec2-metadata-token: ${token}`);
    curl(`${served.metadata}/latest/meta-data/`, '-H', 'X-aws-ec2-metadata-token: none');
    curl('-X', 'PUT', `${served.metadata}/latest/api/token`, '-H', 'X-aws-ec2-metadata-token-ttl-seconds: 60', '-H', 'X-Forwarded-For: 203.0.113.9');
    curl('--path-as-is', `${served.metadata}/latest/<img src=x onerror=alert(1)>`.replaceAll(' ', '%20'));
    await page.waitForFunction(() => document.querySelectorAll('.imds-live-list > li').length >= 5);
    const rows = (await page.locator('.imds-live-list > li').allTextContents()).reverse();
    for (const [at, words] of [/PUT \/latest\/api\/token 200 serve\.token/, /GET \/latest\/meta-data\/instance-id 200 serve\.v2/, /GET \/latest\/meta-data\/ 401 token\.length/, /PUT \/latest\/api\/token 403 forwarded\.put/, /404 tree\.unknown/].entries()) assert.match(rows[at].replace(/\s+/g, ' '), words);
    // The page shows the trace, but not the token.
    await page.locator('.imds-live-list > li summary').nth(2).click();
    const { question } = tables().rules.find(({ id }) => id === 'token.length');
    assert.match(question, /56 characters/);
    assert.ok((await page.locator('.imds-live-list > li').nth(2).textContent()).includes(question));
    assert.ok(!(await page.locator('body').textContent()).includes(token));
    assert.equal(await page.locator('imds-live img').count(), 0);
    await page.screenshot({ path: here('../../target/page-screenshots/live-binary.png'), fullPage: true });
    await go(page, 'lesson/1');
    await firstLesson(page);
    assert.deepEqual(faults, []);
    await context.close();
  } finally {
    served.close();
  }
});

for (const [how, address] of [['from a static host', () => server.base], ['from disk', () => `${pathToFileURL(SINGLE_FILE)}`]]) {
  test(`a lesson, the playground and the lab work in Firefox ${how}`, needs(FIREFOX, 'Firefox'), async () => {
    const firefox = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true, extraPrefsFirefox: { 'intl.accept_languages': 'en-US' } });
    try {
      const page = await firefox.newPage();
      const faults = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      await page.goto(`${address()}#/lesson/1`);
      const see = async (selector, is) => {
        for (const until = Date.now() + 20_000; ; await new Promise((done) => setTimeout(done, 50))) {
          const text = await page.$eval(selector, (it) => it.textContent).catch(() => '');
          if (is.test(text)) return text;
          assert.ok(Date.now() < until, `${selector} contains ${text}`);
        }
      };
      await see('imds-lesson h1', /./);
      for (const { command } of FIRST.steps) {
        await page.type('#shell-input', command);
        await page.keyboard.press('Enter');
      }
      await see('.imds-shell-log', /services\//);
      await see('.imds-lesson-end', /Lesson done/);
      await page.evaluate(() => (location.hash = '#/playground'));
      await see('imds-playground h2', /./);
      await page.evaluate(() => [...document.querySelectorAll('imds-playground button')].find((it) => it.textContent === 'Send').click());
      await see('imds-why', /serve\.v1/);
      await page.evaluate(() => (location.hash = '#/lab'));
      await see('imds-lab h1', /./);
      await page.evaluate(() => document.querySelector('imds-lab button.primary').click());
      await see('.imds-lab-verdict', /Leaked: the fake credentials ASIAFAKE/);
      assert.deepEqual(faults, []);
    } finally {
      await firefox.close();
    }
  });
}
