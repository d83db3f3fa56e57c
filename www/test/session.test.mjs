// A session: replaying its log in a new session gives the same bytes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { loadSync } from '../../pkg/js/module.js';
import { latin1 } from '../js/engine.js';
import { simulate } from '../js/path/simulate.js';
import { createSession } from '../js/session.js';

loadSync(readFileSync(new URL('../../pkg/dist/imds.wasm', import.meta.url)));
const fleet = readFileSync(new URL('../../examples/article-fleet.json', import.meta.url), 'utf8');
const put = 'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n';
const get = (token) => `GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: ${token}\r\n\r\n`;
const bytesOf = (session) => JSON.stringify(session.exchanges.map(({ at, exchange }) => [at, exchange.rule, latin1(exchange.response ?? [])]));

test('replaying a log gives the same bytes', () => {
  const session = createSession({ fleet });
  let changes = 0;
  session.subscribe(() => (changes += 1));
  session.send(put);
  session.imds.modify({ http_tokens: 'required' });
  session.advance(400);
  session.advance(600);
  session.send(get(session.tokens[0].token));
  session.imds.ec2('Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1');
  session.imds.handle(put);
  assert.equal(changes, 7);
  assert.deepEqual(session.log.map(([kind]) => kind), ['>', 'modify', '+', '>', 'ec2', '>']);
  const other = createSession({ fleet });
  other.play(JSON.parse(JSON.stringify(session.log)));
  assert.equal(bytesOf(other), bytesOf(session));
  assert.equal(other.imds.snapshot(), session.imds.snapshot());
});

test('a token is recorded if it reached the client, and expires as the response says', () => {
  const session = createSession({ fleet });
  session.send(put, { hops: 2 });
  assert.deepEqual(session.tokens, []);
  session.send(put, { hops: 1 });
  const [{ token, expires }] = session.tokens;
  assert.equal(expires, session.now() + 60_000);
  session.advance(59_999);
  assert.equal(session.peek('/latest/meta-data/', { token }).status, 200);
  session.advance(1);
  assert.equal(session.peek('/latest/meta-data/', { token }).rule, 'token.expired');
  assert.equal(session.exchanges.length, 2);
});

test('a log with an invalid step leaves the session unchanged', () => {
  const session = createSession({ fleet });
  session.send(put);
  const before = bytesOf(session);
  for (const log of [[['?']], [['>', put, { hops: 999 }]], [['modify', {}, { instance: 'i-0' }]], [['+', 5], ['replace', '{']]]) {
    assert.throws(() => session.play(log));
    assert.equal(bytesOf(session), before);
  }
});

/** Random steps: exchanges, clock, options, EC2 calls and records. */
function act(session, roll) {
  const token = session.tokens[roll(Math.max(1, session.tokens.length))]?.token ?? 'x';
  return [
    () => session.send(put, roll(2) ? { hops: 1 + roll(3) } : {}),
    () => session.send(get(token)),
    () => session.send(get(token), { stages: [{ kind: 'bridge' }] }),
    () => session.advance(1 + roll(5_000_000)),
    () => session.imds.modify({ http_tokens: ['optional', 'required'][roll(2)] }),
    () => session.imds.ec2('Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1'),
    () => session.imds.replace({ ...session.record(), tags: { Name: `${roll(9)}` } }),
  ][roll(7)]();
}
const random = (state) => (limit) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};
/** The instances and their records. A snapshot also depends on records that no instance has. */
const fleetOf = ({ imds, record }) => imds.instances().map((it) => [it, record(it.id)]);
const wholeOf = (session) => JSON.stringify([
  session.now(), session.log, `${session.nonce}`, session.tokens, fleetOf(session),
  session.exchanges.map(({ n, at, step, nonce, exchange, turns, options }) => [n, at, step, `${nonce}`, exchange?.rule, latin1(exchange?.response ?? []), turns, options]),
]);

/** Fails with the first difference only. */
const assertSame = (actual, expected, name) => {
  const at = [...actual].findIndex((character, place) => character !== expected[place]);
  if (actual !== expected) assert.fail(`${name}: ${actual.slice(at - 200, at + 100)} is not ${expected.slice(at - 200, at + 100)}`);
};

test('undo and redo give the same bytes as the steps did', () => {
  for (let seed = 0; seed < 12; seed += 1) {
    const roll = random(seed);
    const session = createSession({ fleet, simulate });
    const states = [wholeOf(session)];
    for (let step = 0; step < 150; step += 1) {
      const { length } = session.log;
      act(session, roll);
      if (session.log.length === length) states.pop();
      states.push(roll(10) ? null : wholeOf(session));
    }
    const { length } = session.log;
    const end = wholeOf(session);
    assert.equal(states.length, length + 1);
    for (let back = 0; back < length; back += 1) {
      session.undo();
      const expected = states[session.log.length];
      if (expected !== null && roll(3) === 0) assertSame(wholeOf(session), expected, `seed ${seed}, ${session.log.length} steps`);
    }
    assert.equal(session.undo(), null);
    while (session.redo());
    assertSame(wholeOf(session), end, `seed ${seed}, redone`);
  }
});

test('a new step after undo removes the undone steps', () => {
  const session = createSession({ fleet });
  session.send(put);
  session.advance(1000);
  session.undo();
  assert.equal(session.redoable, true);
  session.send(get('x'));
  assert.equal(session.redoable, false);
  assert.equal(session.redo(), null);
  assert.deepEqual(session.log.map(([kind]) => kind), ['>', '>']);
});

test('a preview has the bytes that sending gives, and changes nothing', () => {
  const roll = random(5);
  const session = createSession({ fleet, simulate });
  for (let round = 0; round < 200; round += 1) {
    act(session, roll);
    const [request, how] = [[put, {}], [get(session.tokens[0]?.token ?? 'x'), {}], [put, { stages: [{ kind: 'bridge' }] }], ['GET /', {}]][roll(4)];
    const before = wholeOf(session);
    const preview = session.preview(request, how);
    assert.equal(wholeOf(session), before);
    const sent = session.send(request, how);
    for (const key of ['n', 'at', 'step', 'arrived', 'how', 'turns', 'options']) assert.deepEqual(preview[key], sent[key], key);
    assert.equal(latin1(preview.exchange?.response ?? []), latin1(sent.exchange?.response ?? []));
    assert.deepEqual(preview.exchange?.trace, sent.exchange?.trace);
  }
});

test('10,000 exchanges replay in bounded time, and undo does not replay them', () => {
  const session = createSession({ fleet });
  for (let n = 0; n < 10_000; n += 1) session.send(n % 10 ? get('x') : put);
  const from = performance.now();
  for (let n = 0; n < 20; n += 1) session.undo();
  const each = (performance.now() - from) / 20;
  console.log(`# undo at 10,000 exchanges: ${each.toFixed(1)} ms`);
  assert.ok(each < 100, `${each} ms`);
  assert.equal(session.exchanges.length, 9980);
});
