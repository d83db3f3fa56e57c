// The page's own logic, without a browser: links, spellings of a request, differences, and that words and tables are whole.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { loadSync } from '../../pkg/js/module.js';
import { fromHex, fromRaw, toCurl, toHex, toRaw, withField, withLine } from '../js/compose.js';
import { latin1, play, spansOf, tables, toBytes } from '../js/engine.js';
import { isLookedUp } from '../js/looks.js';
import { fromFragment, LinkError, toFragment } from '../js/share.js';
import { fromCurl } from '../js/shell/request.js';
import { GET, initial, PUT, reduce } from '../js/store.js';
import { transcriptOf } from '../js/transcript.js';
import { createWorld, START } from '../js/world.js';
import de from '../strings/de.js';
import en from '../strings/en.js';

loadSync(readFileSync(new URL('../../pkg/dist/imds.wasm', import.meta.url)));
const fleet = readFileSync(new URL('../../examples/article-fleet.json', import.meta.url), 'utf8');

/** A repeatable stream of numbers below `most`. */
function dice(seed) {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}
const HARD = ['<img src=x onerror=alert(1)>', '"</script>', '\0', '\xff', '\r\n', '%00', "'", '\\', '{token}', '☃'.normalize()];
const bytes = (roll, length) => Array.from({ length }, () => String.fromCharCode(roll(256))).join('');

/** Does something, as a reader may. */
function act(world, roll) {
  const requests = [GET, PUT, withField(GET, 'X-aws-ec2-metadata-token', world.tokens[0]?.token ?? 'x'), withField(PUT, 'X-Forwarded-For', '1.2.3.4'), bytes(roll, roll(80)), withLine(GET, { path: `/${HARD[roll(9)]}` })];
  const hops = [undefined, 1, 2][roll(3)];
  switch (roll(6)) {
    case 0: return world.advance(1 + roll(10_000_000));
    case 1: return world.imds.modify({ http_tokens: ['optional', 'required'][roll(2)] });
    case 2: return world.imds.ec2(`Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1&x=${encodeURIComponent(HARD[roll(10)])}`);
    case 3: return world.imds.replace({ ...world.record(), tags: { Name: HARD[roll(2)] } });
    default: return world.send(requests[roll(6)], { hops, ...(roll(9) ? {} : { throttled: true }) });
  }
}
const told = (world) => JSON.stringify([world.now(), world.log, world.exchanges.map(({ exchange }) => [exchange.rule, latin1(exchange.response ?? [])]), world.imds.snapshot()]);

test('1,000 random states go into a link and come back', async () => {
  const roll = dice(7);
  for (let round = 0; round < 1000; round += 1) {
    const world = createWorld({ fleet, seed: ['2a', '00ff'][roll(2)], start: START + roll(2) * 86_400_000 });
    for (let steps = roll(12); steps > 0; steps -= 1) act(world, roll);
    const state = reduce(initial, { type: 'set', to: {
      route: [['playground'], ['lesson', '3']][roll(2)], request: bytes(roll, roll(300)), mode: ['path', 'curl', 'raw', 'hex'][roll(4)], hex: roll(2) === 1,
      instance: [null, 'i-034109c70aaa4b055'][roll(2)], throttled: roll(2) === 1, selected: [null, 1 + roll(9)][roll(2)],
    } });
    const taken = await fromFragment(await toFragment(world, state));
    assert.deepEqual(taken.state, state);
    const other = createWorld({ fleet });
    other.play(taken.log, taken);
    assert.equal(told(other), told(world));
  }
});

const link = async (value) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bytes = new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer());
  return `#/x/${Buffer.from(bytes).toString('base64url')}`;
};

test('a link that is none is refused with a word for it', async () => {
  const good = await link([1, 0, 0, [], {}]);
  await fromFragment(good);
  const hostile = ['', '#/x/', '#/x/!', '#/x/AAAA', good.slice(0, -3), `${good}A`, '#/x/<img>', await link('{'), await link('null'), await link({}), await link([2, 0, 0, [], {}]), await link([1, 'zz', 0, [], {}]),
    await link([1, 0, 1e99, [], {}]), await link([1, 0, 0, 'x', {}]), await link([1, 0, 0, [1], {}]), await link([1, 0, 0, [], null]), await link([1, 0, -START - 1, [], {}]), await link('\xff'.repeat(3)), await link(' '.repeat(1 << 21)), await link([1, 0, 0, Array(5000).fill(['+', 1]), {}])];
  for (const fragment of hostile) {
    await assert.rejects(fromFragment(fragment), (error) => error instanceof LinkError && error.message in en, fragment.slice(0, 80));
  }
});

test('a link cannot bring a state that the page does not have', async () => {
  const wrong = { route: ['../x'], request: '☃', mode: 'x', hex: 1, throttled: 'yes', selected: -1, instance: {}, stages: 7, compare: [{}, {}], more: 1, __proto__: { x: 1 } };
  const { state } = await fromFragment(await link([1, 0, 0, [], wrong]));
  assert.deepEqual(state, initial);
});

test('the spellings of a request say the same bytes', () => {
  const roll = dice(11);
  for (let round = 0; round < 500; round += 1) {
    const request = bytes(roll, roll(200));
    assert.equal(fromRaw(toRaw(request)), request);
    assert.equal(fromHex(toHex(request)), request);
  }
  assert.equal(fromRaw('\\q'), null);
  assert.equal(fromRaw('\\x1'), null);
  assert.equal(fromHex('4'), null);
});

test('the command that is shown makes curl send those bytes', () => {
  const token = 'AQAEAFtnSUoAAAAAAAAAAGCS23abAQAAGLntvXY0-WXVeA0pyiNlUQ==';
  for (const request of [GET, PUT, withField(GET, 'X-aws-ec2-metadata-token', token), withField(PUT, 'X-Forwarded-For', '10.0.0.1'), withLine(GET, { path: '/latest/../x' }), withLine(GET, { path: '/a?b=[1]' }), withLine(GET, { method: 'DELETE' }),
    withLine(GET, { method: 'HEAD' }), withField(GET, 'X-A', `"$HOME\`'\\`), withField(GET, 'X-Empty', '').replace('X-Empty: ', 'X-Empty:'), GET.replace('User-Agent: curl/7.61.1\r\n', ''), GET.replace('curl/7.61.1', 'a b'), GET.replace('Accept: */*\r\n', ''), GET.replace('1.1', '1.0')]) {
    const command = toCurl(request);
    assert.ok(command, request);
    assert.equal(fromCurl(command), request, command);
  }
  for (const request of ['', 'GET\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', GET.replace('Host', 'X'), `${GET}body`, withLine(GET, { path: '/ x' }), withField(GET, 'X-Empty', ''), GET.replace('Host:', 'host:')]) assert.equal(toCurl(request), null);
});

test('what was done is a transcript that the core plays again to the same bytes', () => {
  const world = createWorld({ fleet });
  const steps = [() => world.send(PUT), () => world.send(withField(GET, 'X-aws-ec2-metadata-token', world.tokens[0].token)), () => world.imds.modify({ http_tokens: 'required' }), () => world.send(GET), () => world.advance(1000), () => world.send(GET),
    () => world.imds.ec2('Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1'), () => world.send(GET, { instance: 'i-034109c70aaa4b055' }), () => world.send('\xff{\\\r\n\r\n'), () => world.send(GET, { throttled: true })];
  steps.forEach((step) => step());
  const { text, replaced } = transcriptOf(world);
  assert.equal(replaced, false);
  const played = play(text);
  assert.deepEqual(played.differences, []);
  assert.deepEqual(played.rules, world.exchanges.map(({ exchange }) => exchange.rule));
  for (const chunking of ['bytes', 'trailing']) assert.deepEqual(play(text, { chunking }).differences, []);
});

test('each byte of an exchange is in one part, and each part has a word', () => {
  const world = createWorld({ fleet });
  const roll = dice(3);
  for (let round = 0; round < 300; round += 1) {
    const request = [GET, PUT, bytes(roll, roll(60)), `${GET}body`, '\r\n\r\nGET / HTTP/1.1\r\nno colon\r\n folded\r\n\r\n'][roll(5)];
    const { arrived, exchange } = world.send(request);
    for (const side of ['request', 'response']) {
      let end = 0;
      for (const span of spansOf(arrived, exchange).filter((it) => it.side === side)) {
        assert.equal(span.from, end);
        assert.ok(span.to > span.from && `part.${span.part}` in en && `wire.${span.part.replace(/^field.*/, 'field')}` in en, span.part);
        end = span.to;
      }
      assert.equal(end, (side === 'request' ? toBytes(request) : (exchange.response ?? [])).length, JSON.stringify(request));
    }
  }
});

test('each rule is shown with what it looked at, and asked in German too', () => {
  for (const { id } of tables().rules) assert.ok(isLookedUp(id) && `asks.${id}` in de, id);
});

test('both languages have the same words, with the same gaps', () => {
  const core = /^(asks|name|turn|certainty|look)\./;
  const same = ['http_tokens', 'http_endpoint', 'http_put_response_hop_limit', 'http_protocol_ipv6', 'instance_metadata_tags', 'live.micros'];
  for (const key of Object.keys(en)) assert.ok(key in de || same.includes(key) || core.test(key), `de lacks ${key}`);
  for (const key of Object.keys(de)) assert.ok(key in en || core.test(key), `en lacks ${key}`);
  const gaps = (text) => [...new Set(text.match(/\{\d\}/g))].sort().join();
  for (const key of Object.keys(en)) if (key in de) assert.equal(gaps(de[key]), gaps(en[key]), key);
});
