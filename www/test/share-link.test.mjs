// A share link made by an earlier version of the page still loads and replays to the same bytes:
// the format of share links is frozen.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FLEET, golden } from './shell-common.mjs';
import { latin1 } from '../js/engine.js';
import { simulate } from '../js/path/simulate.js';
import { fromFragment, toFragment } from '../js/share.js';
import { createSession } from '../js/session.js';

const recorded = JSON.parse(golden('share-link.json'));
const exchangesOf = (session) =>
  session.exchanges.map(({ at, how, arrived, exchange }) => ({
    at, how, arrived: latin1(arrived), rule: exchange?.rule ?? null, response: exchange?.response ? latin1(exchange.response) : null,
  }));

test('a link of an earlier version loads with its seed, clock, log and view', async () => {
  const { seed, start, log, state } = await fromFragment(recorded.fragment);
  assert.deepEqual({ seed, start, log, state }, { seed: recorded.seed, start: recorded.start, log: recorded.log, state: recorded.state });
});

test('a link of an earlier version replays to the same bytes', async () => {
  const { seed, start, log } = await fromFragment(recorded.fragment);
  const session = createSession({ fleet: FLEET, simulate });
  session.play(log, { seed, start });
  assert.equal(session.now(), recorded.now);
  const replayed = exchangesOf(session);
  assert.equal(replayed.length, recorded.exchanges.length);
  for (const [place, exchange] of recorded.exchanges.entries()) assert.deepEqual(JSON.parse(JSON.stringify(replayed[place])), exchange, `exchange ${place + 1}`);
});

test('a replayed session is written into the same link', async () => {
  const { seed, start, log, state } = await fromFragment(recorded.fragment);
  const session = createSession({ fleet: FLEET, simulate });
  session.play(log, { seed, start });
  const again = await fromFragment(await toFragment(session, state));
  assert.deepEqual(again, { seed, start, log: recorded.log, state });
});

test('the recorded session covers each kind of step and each outcome of the network path', () => {
  assert.deepEqual([...new Set(recorded.log.map(([kind]) => kind))].sort(), ['+', '>', 'ec2', 'launch', 'modify', 'replace']);
  const rules = new Set(recorded.exchanges.map(({ rule }) => rule));
  for (const rule of ['serve.token', 'serve.v1', 'serve.v2', 'token.missing', 'forwarded.put', 'throttle', null]) assert.ok(rules.has(rule), `${rule}`);
  assert.ok(recorded.exchanges.some(({ rule, response }) => rule === 'serve.token' && response === null), 'a lost response');
});
