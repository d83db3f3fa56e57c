// The page's logic without a browser: share links, request formats, transcripts, spans, and
// complete strings.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { loadSync } from '../../pkg/js/module.js';
import { fromHex, fromRaw, toCurl, toHex, toRaw, withHeader, withLine } from '../js/compose.js';
import { latin1, runTranscript, spansOf, tables, toBytes } from '../js/engine.js';
import { inputValues, PLACES } from '../js/rule-inputs.js';
import { FILES } from '../files.mjs';
import { fromFragment, LinkError, toFragment } from '../js/share.js';
import { fromCurl } from '../js/shell/request.js';
import { GET, PUT } from '../js/requests.js';
import { initial, reduce } from '../js/store.js';
import { transcriptOf } from '../js/transcript.js';
import { createSession, START } from '../js/session.js';
import { visible } from '../js/text.js';
import de from '../strings/de.js';
import en from '../strings/en.js';

loadSync(readFileSync(new URL('../../pkg/dist/imds.wasm', import.meta.url)));
const fleet = readFileSync(new URL('../../examples/article-fleet.json', import.meta.url), 'utf8');

/** A deterministic generator of numbers below `limit`. */
function random(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
const HARD = ['<img src=x onerror=alert(1)>', '"</script>', '\0', '\xff', '\r\n', '%00', "'", '\\', '{token}', '☃'.normalize()];
const bytes = (roll, length) => Array.from({ length }, () => String.fromCharCode(roll(256))).join('');

/** Performs a random step. */
function act(session, roll) {
  const requests = [GET, PUT, withHeader(GET, 'X-aws-ec2-metadata-token', session.tokens[0]?.token ?? 'x'), withHeader(PUT, 'X-Forwarded-For', '1.2.3.4'), bytes(roll, roll(80)), withLine(GET, { path: `/${HARD[roll(9)]}` })];
  const hops = [undefined, 1, 2][roll(3)];
  switch (roll(6)) {
    case 0: return session.advance(1 + roll(10_000_000));
    case 1: return session.imds.modify({ http_tokens: ['optional', 'required'][roll(2)] });
    case 2: return session.imds.ec2(`Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1&x=${encodeURIComponent(HARD[roll(10)])}`);
    case 3: return session.imds.replace({ ...session.record(), tags: { Name: HARD[roll(2)] } });
    default: return session.send(requests[roll(6)], { hops, ...(roll(9) ? {} : { throttled: true }) });
  }
}
const stateOf = (session) => JSON.stringify([session.now(), session.log, session.exchanges.map(({ exchange }) => [exchange.rule, latin1(exchange.response ?? [])]), session.imds.snapshot()]);

test('1,000 random sessions survive a round trip through a link', async () => {
  const roll = random(7);
  for (let round = 0; round < 1000; round += 1) {
    const session = createSession({ fleet, seed: ['2a', '00ff'][roll(2)], start: START + roll(2) * 86_400_000 });
    for (let steps = roll(12); steps > 0; steps -= 1) act(session, roll);
    const state = reduce(initial, { type: 'set', to: {
      route: [['playground'], ['lesson', '3']][roll(2)], request: bytes(roll, roll(300)), mode: ['path', 'curl', 'raw', 'hex'][roll(4)], hex: roll(2) === 1,
      instance: [null, 'i-034109c70aaa4b055'][roll(2)], throttled: roll(2) === 1, selected: [null, 1 + roll(9)][roll(2)],
    } });
    const restored = await fromFragment(await toFragment(session, state));
    assert.deepEqual(restored.state, state);
    const other = createSession({ fleet });
    other.play(restored.log, restored);
    assert.equal(stateOf(other), stateOf(session));
  }
});

const link = async (value) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bytes = new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer());
  return `#/x/${Buffer.from(bytes).toString('base64url')}`;
};

test('an invalid link is rejected with a message', async () => {
  const valid = await link([1, 0, 0, [], {}]);
  await fromFragment(valid);
  const hostile = ['', '#/x/', '#/x/!', '#/x/AAAA', valid.slice(0, -3), `${valid}A`, '#/x/<img>', await link('{'), await link('null'), await link({}), await link([2, 0, 0, [], {}]), await link([1, 'zz', 0, [], {}]),
    await link([1, 0, 1e99, [], {}]), await link([1, 0, 0, 'x', {}]), await link([1, 0, 0, [1], {}]), await link([1, 0, 0, [], null]), await link([1, 0, -START - 1, [], {}]), await link('\xff'.repeat(3)), await link(' '.repeat(1 << 21)), await link([1, 0, 0, Array(5000).fill(['+', 1]), {}])];
  for (const fragment of hostile) {
    await assert.rejects(fromFragment(fragment), (error) => error instanceof LinkError && error.message in en, fragment.slice(0, 80));
  }
});

test('invalid parts of a link’s state are ignored', async () => {
  const invalid = { route: ['../x'], request: '☃', mode: 'x', hex: 1, throttled: 'yes', selected: -1, instance: {}, stages: 7, compare: [{}, {}], more: 1, __proto__: { x: 1 } };
  const { state } = await fromFragment(await link([1, 0, 0, [], invalid]));
  assert.deepEqual(state, initial);
});

test('raw and hex formats keep every byte of a request', () => {
  const roll = random(11);
  for (let round = 0; round < 500; round += 1) {
    const request = bytes(roll, roll(200));
    assert.equal(fromRaw(toRaw(request)), request);
    assert.equal(fromHex(toHex(request)), request);
  }
  assert.equal(fromRaw('\\q'), null);
  assert.equal(fromRaw('\\x1'), null);
  assert.equal(fromHex('4'), null);
});

test('the curl command of a request sends the same bytes', () => {
  const token = 'AQAEAFtnSUoAAAAAAAAAAGCS23abAQAAGLntvXY0-WXVeA0pyiNlUQ==';
  for (const request of [GET, PUT, withHeader(GET, 'X-aws-ec2-metadata-token', token), withHeader(PUT, 'X-Forwarded-For', '10.0.0.1'), withLine(GET, { path: '/latest/../x' }), withLine(GET, { path: '/a?b=[1]' }), withLine(GET, { method: 'DELETE' }),
    withLine(GET, { method: 'HEAD' }), withHeader(GET, 'X-A', `"$HOME\`'\\`), withHeader(GET, 'X-Empty', '').replace('X-Empty: ', 'X-Empty:'), GET.replace('User-Agent: curl/7.61.1\r\n', ''), GET.replace('curl/7.61.1', 'a b'), GET.replace('Accept: */*\r\n', ''), GET.replace('1.1', '1.0')]) {
    const command = toCurl(request);
    assert.ok(command, request);
    assert.equal(fromCurl(command), request, command);
  }
  for (const request of ['', 'GET\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', GET.replace('Host', 'X'), `${GET}body`, withLine(GET, { path: '/ x' }), withHeader(GET, 'X-Empty', ''), GET.replace('Host:', 'host:')]) assert.equal(toCurl(request), null);
});

test('the core replays the session’s transcript to the same bytes', () => {
  const session = createSession({ fleet });
  const steps = [() => session.send(PUT), () => session.send(withHeader(GET, 'X-aws-ec2-metadata-token', session.tokens[0].token)), () => session.imds.modify({ http_tokens: 'required' }), () => session.send(GET), () => session.advance(1000), () => session.send(GET),
    () => session.imds.ec2('Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1'), () => session.send(GET, { instance: 'i-034109c70aaa4b055' }), () => session.send('\xff{\\\r\n\r\n'), () => session.send(GET, { throttled: true })];
  steps.forEach((step) => step());
  const { text, replaced } = transcriptOf(session);
  assert.equal(replaced, false);
  const played = runTranscript(text);
  assert.deepEqual(played.differences, []);
  assert.deepEqual(played.rules, session.exchanges.map(({ exchange }) => exchange.rule));
  for (const chunking of ['bytes', 'trailing']) assert.deepEqual(runTranscript(text, { chunking }).differences, []);
});

test('each byte of an exchange is in one span, and each span has strings', () => {
  const session = createSession({ fleet });
  const roll = random(3);
  for (let round = 0; round < 300; round += 1) {
    const request = [GET, PUT, bytes(roll, roll(60)), `${GET}body`, '\r\n\r\nGET / HTTP/1.1\r\nno colon\r\n folded\r\n\r\n'][roll(5)];
    const { arrived, exchange } = session.send(request);
    for (const side of ['request', 'response']) {
      let end = 0;
      for (const span of spansOf(arrived, exchange).filter((it) => it.side === side)) {
        assert.equal(span.from, end);
        assert.ok(span.to > span.from && `part.${span.part}` in en && `wire.${span.part.replace(/^field.*/, 'header')}` in en, span.part);
        end = span.to;
      }
      assert.equal(end, (side === 'request' ? toBytes(request) : (exchange.response ?? [])).length, JSON.stringify(request));
    }
  }
});

test('each rule has inputs, and a question and a name in German', () => {
  for (const { id, inputs } of tables().rules) assert.ok(inputs.length && `asks.${id}` in de && `name.${id}` in de, id);
});

test('the page has a place for exactly the inputs of the rules, each with a name', () => {
  const inputs = new Set(tables().rules.flatMap((rule) => rule.inputs));
  assert.deepEqual([...PLACES.keys()].sort(), [...inputs].sort());
  for (const [name, { label }] of PLACES) assert.ok(label ? label in en : /^[A-Z]/.test(name), name);
});

test('the inputs of a rule show the values of the exchange', () => {
  const session = createSession({ fleet });
  const instance = session.hosts.cli.id;
  const request = `PUT /latest/api/token HTTP/1.1\r\nHost: a\r\nhost: b\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\nX-Forwarded-For: 1.2.3.4\r\nx-aws-ec2-metadata-token: t\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\nabc`;
  const values = (entry) => Object.fromEntries(inputValues([...PLACES.keys()], entry).map(({ name, value }) => [name, value]));
  assert.deepEqual(values(session.send(request, { instance, throttled: true })), {
    line: 'PUT /latest/api/token HTTP/1.1', 'target-bytes': '17 / 8192', 'head-bytes': `${request.length - 3} / 16384`, fields: '8 / 100', version: 'HTTP/1.1', method: 'PUT', path: '/latest/api/token',
    throttled: '1', clock: new Date(START).toISOString(), instance,
    Host: 'a, b', 'Content-Length': '3', 'Transfer-Encoding': 'chunked', Expect: '100-continue', 'X-Forwarded-For': '1.2.3.4', 'X-Aws-Ec2-Metadata-Token': 't', 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': '60',
    http_endpoint: 'enabled', http_tokens: 'optional', http_put_response_hop_limit: '1', instance_metadata_tags: 'disabled',
  });
  const absent = Object.entries(values(session.send('GET /\r\n\r\n'))).filter(([, value]) => value === null).map(([name]) => name);
  assert.deepEqual(absent, ['version', 'throttled', 'instance', 'Host', 'Content-Length', 'Transfer-Encoding', 'Expect', 'X-Forwarded-For', 'X-Aws-Ec2-Metadata-Token', 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds']);
});

test('both languages have the same strings, with the same placeholders', () => {
  const core = /^(asks|name|turn|certainty|input)\./;
  const same = ['http_tokens', 'http_endpoint', 'http_put_response_hop_limit', 'http_protocol_ipv6', 'instance_metadata_tags'];
  for (const key of Object.keys(en)) assert.ok(key in de || same.includes(key) || core.test(key), `de lacks ${key}`);
  for (const key of Object.keys(de)) assert.ok(key in en || core.test(key), `en lacks ${key}`);
  const placeholders = (text) => [...new Set(text.match(/\{\d\}/g))].sort().join();
  for (const key of Object.keys(en)) if (key in de) assert.equal(placeholders(de[key]), placeholders(en[key]), key);
});

test('every string of the page is used', () => {
  const sources = FILES.filter((file) => file.startsWith('js/')).map((file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).join('');
  const computed = /^(part|wire|request|response|silence|input|verdict|mode|invalid|theme|nav|sub|link)\./;
  for (const key of Object.keys(en)) assert.ok(computed.test(key) || sources.includes(`'${key}'`), `${key} is unused`);
});

test('messages escape the characters that cannot be seen', () => {
  for (const [text, shown] of [
    ['a b\nä日\u{1f600}', 'a b\nä日\u{1f600}'],
    ['a\u202eb\u2066\u061c\u200e', 'a\\u{202e}b\\u{2066}\\u{61c}\\u{200e}'],
    ['\0\x1b[31m\r\x85\u2028\ufeff\u200b', '\\u{0}\\u{1b}[31m\\u{d}\\u{85}\\u{2028}\\u{feff}\\u{200b}'],
  ]) assert.equal(visible(text), shown);
});
