// The screens zoomed, by keyboard, with reduced motion, in forced colours, in print and in a frame.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { CHROMIUM, launch, needs, open, serve } from './browser-common.mjs';
import { horizontalOverflow, press, SCREENS, SHOTS, visit } from './browser-screens.mjs';

let browser;
let server;
before(async () => {
  server = await serve();
  mkdirSync(SHOTS, { recursive: true });
  if (CHROMIUM) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.close();
});

test('nothing scrolls horizontally at 200 % and 400 % zoom, and in German', needs(CHROMIUM, 'Chromium'), async () => {
  // 1280 px are 640 CSS pixels at 200 % zoom, and 320 at 400 % (WCAG 1.4.10).
  for (const [width, locale] of [[640, 'en-US'], [320, 'en-US'], [360, 'de-DE']]) {
    const { page, context, faults } = await open(browser, server.base, { locale, viewport: { width, height: 400 }, deviceScaleFactor: width === 640 ? 2 : 1 });
    const failures = [];
    for (const [name, screen] of Object.entries(SCREENS)) {
      // The actions find their buttons by English names.
      await visit(page, locale === 'de-DE' ? [screen[0], async () => {}] : screen);
      const overflow = await horizontalOverflow(page);
      if (overflow) failures.push(`${name}: ${overflow}`);
      if (locale === 'de-DE') await page.screenshot({ path: `${SHOTS}${name}-${width}-german.png`, fullPage: true });
    }
    assert.deepEqual(failures, [], `${width} px ${locale}`);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test('the keyboard reaches every control and leaves it again, with a visible focus', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base);
  for (const [name, screen] of Object.entries(SCREENS)) {
    if (name === 'share') continue;
    await visit(page, screen);
    // Bytes that scroll under the pointer change their explanation.
    await page.mouse.move(0, 0);
    const count = await page.evaluate(() => {
      document.activeElement?.blur();
      getSelection()?.removeAllRanges();
      const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
      // A group of radio buttons is one tab stop.
      const stops = all.filter((it) => !it.disabled && it.tabIndex >= 0 && it.checkVisibility({ visibilityProperty: true }) && !(it.type === 'radio' && !it.checked));
      stops.forEach((it, at) => (it.dataset.stop = `${at}`));
      document.body.tabIndex = -1;
      document.body.focus();
      return stops.length;
    });
    const visited = new Set();
    const unmarked = [];
    // A focused list of bytes shows an explanation with controls of its own.
    for (let presses = 0; presses < count + 10; presses += 1) {
      await page.keyboard.press('Tab');
      const [stop, ring, tag] = await page.evaluate(() => {
        const it = document.activeElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(it);
        return [it.dataset.stop, outlineStyle !== 'none' && parseFloat(outlineWidth) > 0, it.outerHTML.slice(0, 80)];
      });
      if (stop === undefined) continue;
      visited.add(stop);
      if (!ring) unmarked.push(tag);
    }
    assert.equal(visited.size, count, `${name}: the keyboard reaches ${visited.size} of ${count} controls`);
    assert.deepEqual(unmarked, [], `${name}: controls without a visible focus`);
    await page.evaluate(() => document.querySelectorAll('[data-stop]').forEach((it) => delete it.dataset.stop));
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test('the packet moves, except with reduced motion', needs(CHROMIUM, 'Chromium'), async () => {
  for (const reducedMotion of ['reduce', 'no-preference']) {
    const { page, context } = await open(browser, server.base, { reducedMotion, route: 'path' });
    await press(page, 'path', 'PUT a token');
    await page.waitForTimeout(1100);
    const moving = await page.evaluate(() => document.getAnimations().length);
    assert.equal(moving > 0, reducedMotion !== 'reduce', reducedMotion);
    const last = await page.locator('.imds-picture-steps li').count();
    const current = await page.locator('.imds-picture-steps [aria-current]').evaluate((it) => [...it.closest('ol').children].indexOf(it.closest('li')) + 1);
    assert.equal(current === last, reducedMotion === 'reduce');
    // The steps are the text alternative of the drawing.
    assert.equal(await page.locator('imds-picture svg').getAttribute('aria-hidden'), 'true');
    await context.close();
  }
});

test('the arrow keys move through the steps of the picture', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context } = await open(browser, server.base, { route: 'path' });
  await press(page, 'path', 'Container');
  await press(page, 'path', 'PUT a token');
  await page.locator('.imds-picture-steps button').first().focus();
  const texts = [await page.evaluate(() => document.activeElement.textContent)];
  for (let at = 1; at < 5; at += 1) {
    await page.keyboard.press('ArrowDown');
    texts.push(await page.evaluate(() => document.activeElement.textContent));
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-current')), 'step');
  }
  assert.deepEqual(texts, ['Container sends PUT /latest/api/token, 140 bytes.', 'Container bridge forwards the packets unchanged.', 'Metadata service responds with 200, by rule serve.token. The packets have a TTL of 1, the hop limit.', 'Container bridge decrements the TTL of 1 to 0 and drops the packets.', 'Container times out. No error gives the reason.']);
  await page.keyboard.press('Home');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), texts[0]);
  await context.close();
});

test('forced colours and print show the content', needs(CHROMIUM, 'Chromium'), async () => {
  for (const [name, media] of [['forced', { forcedColors: 'active' }], ['print', { media: 'print' }]]) {
    const { page, context, faults } = await open(browser, server.base);
    await page.emulateMedia({ reducedMotion: 'reduce', ...media });
    for (const view of ['playground', 'path-lost', 'lab-leaked', 'lesson-1', 'compare']) {
      await page.emulateMedia({ media: 'screen' });
      await visit(page, SCREENS[view]);
      await page.emulateMedia({ reducedMotion: 'reduce', ...media });
      await page.screenshot({ path: `${SHOTS}${view}-${name}.png`, fullPage: true });
      assert.ok((await page.locator('main').innerText()).length > 200, view);
    }
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test('a page embedded with ?embed has no navigation, and links to the full page', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, `${server.base}?embed`, { route: 'lesson/3', viewport: { width: 700, height: 640 } });
  assert.equal(await page.locator('.page-top nav').count(), 0);
  assert.equal(await page.locator('.page-brand').getAttribute('target'), '_blank');
  assert.equal(await page.locator('imds-lesson h1').textContent(), 'IMDSv2: a session comes first');
  await page.screenshot({ path: `${SHOTS}embed.png` });
  const others = faults.filter((it) => !it.startsWith('requested: ') || !it.slice('requested: '.length).startsWith(server.base));
  assert.deepEqual(others, []);
  await context.close();
});

test('the selected theme and language survive a reload', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base, { route: 'lab' });
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await page.getByLabel('Farbschema').or(page.locator('.page-tools select')).first().selectOption('dark');
  await page.reload();
  await page.waitForSelector('imds-lab h1');
  assert.equal(await page.locator('imds-lab h1').textContent(), 'SSRF-Labor');
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]), ['de', 'dark']);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the clock is in the language of the page, from the first visit on', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base, { route: 'lab', locale: 'de-DE' });
  const clock = page.locator('body > imds-clock');
  assert.deepEqual(await clock.locator('h2').allTextContents(), ['Uhr', 'Was passieren wird']);
  assert.equal(await clock.locator('[aria-pressed]').textContent(), 'Starten');
  await page.getByRole('button', { name: 'English' }).click();
  await page.waitForFunction(() => document.querySelector('body > imds-clock h2').textContent === 'Clock');
  assert.equal(await clock.locator('[aria-pressed]').textContent(), 'Run');
  assert.equal(await clock.getAttribute('aria-label'), 'Clock');
  assert.deepEqual(faults, []);
  await context.close();
});

test('the navigation is in the same place in every view', needs(CHROMIUM, 'Chromium'), async () => {
  for (const [width, locale] of [[390, 'en-US'], [390, 'de-DE'], [768, 'en-US'], [768, 'de-DE'], [1280, 'de-DE']]) {
    const { page, context } = await open(browser, server.base, { route: 'start', locale, viewport: { width, height: 844 } });
    const places = new Set();
    for (const route of ['start', 'lesson', 'playground', 'lab', 'live']) {
      await page.evaluate((to) => (location.hash = `#/${to}`), route);
      await page.waitForSelector(`main > imds-${route}`);
      places.add(JSON.stringify(await page.locator('.page-top nav').evaluate((it) => { const { x, y, height } = it.getBoundingClientRect(); return [x, y, height].map(Math.round); })));
    }
    assert.equal(places.size, 1, `${width} ${locale}: ${[...places]}`);
    await context.close();
  }
});

test('an invalid request is not sent, and errors are shown next to their controls', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base);
  const sent = () => page.locator('.imds-exchanges-row').count();
  const message = page.locator('imds-exchange form > .bad');
  for (const [mode, text] of [['hex', 'zz 4'], ['curl', 'wget http://169.254.169.254/']]) {
    await page.locator(`#tab-${mode}`).click();
    const area = page.locator(`#panel-${mode} textarea`);
    const before = await area.inputValue();
    await area.fill(text);
    await message.filter({ hasText: /./ }).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.locator('imds-exchange .primary').click();
    assert.deepEqual([await sent(), await area.inputValue()], [0, text], mode);
    assert.notEqual(await message.textContent(), '');
    await page.locator('#tab-path').click();
    assert.equal(await message.textContent(), '');
    await page.locator(`#tab-${mode}`).click();
    assert.equal(await area.inputValue(), before, 'the last valid request is shown');
    await page.locator('#tab-path').click();
  }
  await page.locator('imds-exchange .primary').click();
  await page.locator('.imds-exchanges-row').waitFor();
  assert.equal(await sent(), 1);

  await page.locator('imds-instance summary', { hasText: 'Record, tags' }).click();
  const record = page.locator('imds-instance details details', { hasText: 'Apply' });
  await record.locator('summary').click();
  await record.locator('textarea').fill('{"instance_type":"t3.micro","foo":1}');
  await record.getByRole('button', { name: 'Apply' }).click();
  const error = record.getByRole('alert');
  assert.match(await error.textContent(), /^foo: unknown key/);
  await error.scrollIntoViewIfNeeded();
  const distance = await record.evaluate((details) => details.querySelector('[role=alert]').getBoundingClientRect().top - details.querySelector('button').getBoundingClientRect().bottom);
  assert.ok(distance >= 0 && distance < 40, `${distance} px from the button`);
  assert.deepEqual(faults, []);
  await context.close();
});
