// Share links keep the session; hostile input is shown as text or rejected.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';

import { CHROMIUM, go, launch, needs, open, serve, settled } from './browser-common.mjs';

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
const VIEWS = ['start', 'playground', 'lesson/1', 'compare', 'path', 'lab', 'live', 'about'];

/** Runs in the page: random sessions and states survive a round trip through a link. */
async function roundTrips({ rounds, seed, byAddress }) {
  const [{ app }, { createSession, SEED, START }, { toFragment, fromFragment }, { createStore, initial, MODES }, { GET, PUT }, { simulate, CHOICES }] = await Promise.all([import('./js/view.js'), import('./js/session.js'), import('./js/share.js'), import('./js/store.js'), import('./js/requests.js'), import('./js/path/simulate.js')]);
  let dice = seed;
  const roll = (most) => (dice = (dice * 1103515245 + 12345) & 0x7fffffff) % most;
  const pick = (list) => list[roll(list.length)];
  const bytes = (most) => Array.from({ length: roll(most) }, () => String.fromCharCode(roll(256))).join('');
  const stages = () => Array.from({ length: roll(4) }, () => ({ kind: pick(CHOICES) }));
  const request = () => pick([GET, PUT, GET.replace('/latest/', () => `/${bytes(20)}`), bytes(80), PUT.replace('21600', `${roll(30000)}`), GET.replace('\r\n\r\n', () => `\r\nX-aws-ec2-metadata-token: ${bytes(60)}\r\n\r\n`)]);
  const launches = 'Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1';
  const step = (session) => [
    () => session.send(request(), { ...(roll(2) ? { stages: stages() } : {}), ...(roll(4) ? {} : { throttled: true }), ...(roll(3) ? {} : { hops: 1 + roll(4) }) }),
    () => session.advance(1 + roll(30_000_000)),
    () => session.imds.modify({ http_tokens: pick(['optional', 'required']), http_put_response_hop_limit: 1 + roll(64) }),
    () => session.imds.ec2(launches),
    () => session.imds.ec2(`Action=${encodeURIComponent(bytes(10))}&Version=2016-11-15`),
    () => session.imds.replace({ ...session.record(), tags: { Name: pick(['a', '<img>', 'ü☃']) } }),
  ][roll(6)]();
  const serialize = (session, state) => JSON.stringify([session.seed, session.start, session.now(), session.log, state, session.exchanges.map(({ exchange, turns }) => [exchange && [exchange.rule, exchange.noResponse, exchange.hopLimit, [...(exchange.response ?? [])]], turns]), session.imds.snapshot()]);
  const side = () => ({ http_tokens: pick(['optional', 'required']), http_endpoint: pick(['enabled', 'disabled']), http_put_response_hop_limit: 1 + roll(64), hops: roll(65), profile: pick(['', 'nitro', 'xen']) });
  const random = (session) => {
    const all = { route: pick([['playground'], ['lesson', `${1 + roll(10)}`], ['lab'], ['path']]), instance: pick([null, 'i-0c11a7e9b2d04f3a6']), request: request(), mode: pick(MODES), stages: stages(), throttled: !roll(2), selected: pick([null, 1 + roll(9)]), hex: !roll(2), compare: [side(), side()] };
    for (const key of Object.keys(all)) if (!roll(3)) delete all[key];
    return all;
  };
  const worst = { length: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const session = byAddress ? app.session : createSession({ fleet: app.session.fleet, seed: pick([SEED, 'ff', `${roll(9999)}`.padStart(6, '0')]), start: START + pick([0, roll(1e9)]), simulate });
    const store = byAddress ? app.store : createStore(initial);
    if (byAddress) {
      app.store.dispatch({ type: 'reset' });
      session.reset();
    }
    for (let count = roll(7); count; count -= 1) step(session);
    store.set(random(session));
    const fragment = await toFragment(session, store.state);
    worst.length = Math.max(worst.length, fragment.length);
    const before = serialize(session, store.state);
    if (byAddress) {
      const { route } = store.state;
      session.reset();
      app.store.dispatch({ type: 'reset' });
      location.hash = fragment;
      while (location.hash.startsWith('#/x/')) await new Promise((done) => setTimeout(done, 5));
      await new Promise((done) => setTimeout(done, 20));
      if (location.hash !== `#/${route.join('/')}`) throw new Error(`${location.hash} for ${route}`);
      if (serialize(session, app.store.state) !== before) throw new Error(`round ${round} by address: ${fragment}\n${before}\n${serialize(session, app.store.state)}`);
    } else {
      const { seed: itsSeed, start, log, state } = await fromFragment(fragment);
      const other = createSession({ fleet: app.session.fleet, simulate });
      other.play(log, { seed: itsSeed, start });
      if (serialize(other, state) !== before) throw new Error(`round ${round}: ${fragment}\n${before}\n${serialize(other, state)}`);
      if ((await toFragment(other, state)) !== fragment) throw new Error(`round ${round}: another link for the same state`);
      other.imds.free();
      session.imds.free();
    }
  }
  return worst.length;
}

test('1,000 random sessions survive a round trip through a link, and 50 through the address bar', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base);
  for (let part = 0; part < 10; part += 1) await page.evaluate(roundTrips, { rounds: 100, seed: 17 + part * 1001, byAddress: false });
  await page.evaluate(roundTrips, { rounds: 50, seed: 7, byAddress: true });
  assert.deepEqual(faults, []);
  await context.close();
});

const MARK = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>\'"><svg onload=window.harmed=1>';
/** No part of MARK became an element or ran. */
const assertUnharmed = async (page, name) => {
  assert.equal(await page.evaluate(() => window.harmed), undefined, name);
  assert.equal(await page.locator('img, script:not([src]), main svg[onload]').count(), 0, name);
  assert.ok(await page.isVisible('main > *'), name);
};

test('hostile fragments only show a notice', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base);
  const packed = (it) => `#/x/${deflateRawSync(typeof it === 'string' ? it : JSON.stringify(it)).toString('base64url')}`;
  const state = (chosen, log = []) => packed([1, 0, 0, log, chosen]);
  const hostile = ['#', '#/', '#//', '#/x', '#/x/', '#/x/AAAA', `#/x/${'A'.repeat(200_000)}`, `#/x/${MARK}`, '#/x/%00%ff', `#/${MARK}`, '#/__proto__', '#/constructor', '#/toString/1', '#/lesson/99999', '#/lesson/-1', '#/lesson/1e9', '#/lesson/__proto__', `#/lesson/${MARK}`, '#/playground/../../etc',
    packed('{'), packed('null'), packed(' '.repeat(1 << 22)), packed([9, 0, 0, [], {}]), packed([1, MARK, 0, [], {}]), state({ route: [MARK] }), state({ route: ['__proto__'] }), state({ stages: [{ kind: MARK }, 7, null] }), state({ stages: Array(60).fill({ kind: 'bridge' }) }), state({ request: MARK, mode: 'hex' }), state({ instance: MARK }), state({ selected: 1e9 }),
    state({}, [['>', MARK, { stages: [{ kind: '__proto__' }] }]]), state({}, [['>', MARK, { instance: MARK }]]), state({}, [[MARK, 1]]), state({}, [['>', 7, null]]), state({}, [['+', MARK]]), state({}, [['+', 1e300]]), state({}, Array(1999).fill(['+', 2e11])), packed([1, 0, 9e15 - 1e9, [], {}]), state({}, [['ec2', MARK]]), state({}, [['replace', { instance_type: MARK }, {}]]), state({}, [['modify', { http_tokens: MARK }, {}]]), state({}, [['launch', null, { count: 1e9 }]]), state({}, [['ec2', null]])];
  for (const fragment of hostile) {
    await page.evaluate((to) => (location.hash = to), fragment);
    await page.waitForFunction(() => !location.hash.startsWith('#/x/'), undefined, { timeout: 10_000 });
    await settled(page);
    await assertUnharmed(page, fragment.slice(0, 120));
    for (const view of ['playground', 'path', 'compare']) await go(page, view);
    await assertUnharmed(page, `${fragment.slice(0, 120)} in the views`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test('hostile bytes, fields, tags, tree values and commands are shown as text, in every view', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context, faults } = await open(browser, server.base);
  await page.evaluate(async (mark) => {
    const { app } = await import('./js/view.js');
    const { session } = app;
    session.imds.replace({ ...session.record(), newest_version: '2024-04-11', tags: { Name: 'cli_instance', X: mark }, user_data: mark, role: { name: 'img' } });
    session.imds.modify({ instance_metadata_tags: 'enabled' });
    session.advance(2000);
    for (const path of ['/latest/user-data', '/latest/meta-data/tags/instance/X', `/latest/${mark}`]) session.send(`GET ${path} HTTP/1.1\r\nHost: ${mark}\r\nX-${mark}: ${mark}\r\nX-Forwarded-For: ${mark}\r\n\r\n`, { stages: [{ kind: 'waf' }] });
    for (const path of ['/latest/user-data', '/latest/meta-data/tags/instance/X']) session.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-A: ${mark}\r\n\r\n`);
    app.store.set({ request: `GET /${mark} HTTP/1.1\r\nHost: ${mark}\r\n${mark}\r\n\r\n${mark}`, selected: 4 });
  }, MARK);
  for (const view of VIEWS) {
    await go(page, view);
    await assertUnharmed(page, view);
  }
  await go(page, 'playground');
  assert.ok((await page.locator('imds-bytes').first().textContent()).includes('<img src=x onerror='), 'the mark is shown as text');
  for (const name of ['tags/', 'instance/']) await page.locator('.imds-instance-tree summary', { hasText: name }).first().click();
  await page.getByRole('button', { name: 'Share' }).click();
  await page.waitForSelector('dialog[open]');
  await assertUnharmed(page, 'share');
  await page.keyboard.press('Escape');
  await go(page, 'lesson/1');
  // Without quotes, which would make the shell wait for another line.
  const word = MARK.replace(/['"]/g, '');
  for (const command of [`echo '${word}'`, `curl 'http://169.254.169.254/${word}' -H '${word}: x'`, word, `'${word}'`, `aws ec2 describe-instances --query '${word}'`, `X='${word}'; echo "$X"`]) {
    await page.fill('#shell-input', command);
    await page.press('#shell-input', 'Enter');
    await page.waitForFunction(() => !document.querySelector('#shell-input').value);
    await settled(page);
    await assertUnharmed(page, command);
  }
  await go(page, 'lab');
  await page.locator('imds-lab input[value="any"]').click();
  await page.fill('imds-lab textarea', `${MARK}: ${MARK}\n(: x\n\\: ${MARK}`);
  await page.locator('imds-lab').getByRole('button', { name: 'Send this request' }).click();
  await settled(page);
  await assertUnharmed(page, 'lab');
  assert.deepEqual(faults, []);
  await context.close();
});

test('after a trap the engine restarts, the session is replayed, and a notice is shown', needs(CHROMIUM, 'Chromium'), async () => {
  const { page, context } = await open(browser, server.base);
  await page.evaluate(async () => {
    const { app } = await import('./js/view.js');
    app.session.send('GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\n\r\n');
    // No input causes a trap, so this simulates the package's state after one.
    Object.defineProperty(app.session.imds, 'trapped', { value: true, configurable: true });
    setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); });
  });
  await page.waitForSelector('.page-notice p');
  assert.match(await page.locator('.page-notice p').textContent(), /crashed and was restarted/);
  await go(page, 'playground');
  await page.locator('imds-playground').getByRole('button', { name: 'Send', exact: true }).click();
  await settled(page);
  assert.match(await page.locator('.imds-exchanges-list').textContent(), /200/);
  await context.close();
});
