// What stands on the way, and what the lab finds: by the core's own answers.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { loadSync } from '../../pkg/js/module.js';
import { latin1, toBytes } from '../js/engine.js';
import { ATTACKERS, attack, DEFENCES } from '../js/lab/attack.js';
import { ASKER, STAGES, travel } from '../js/path/travel.js';
import { createWorld } from '../js/world.js';
import de from '../strings/de/lab.js';
import en from '../strings/en/lab.js';

loadSync(readFileSync(new URL('../../pkg/dist/imds.wasm', import.meta.url)));
const fleet = readFileSync(new URL('../../examples/article-fleet.json', import.meta.url), 'utf8');
const PUT = 'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n';
const GET = 'GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\n\r\n';
const over = (request, ...kinds) => travel(createWorld({ fleet, travel }).imds, toBytes(request), { stages: kinds.map((kind) => ({ kind })) });

// The request, who stands on the way, the rule that decided (null: the service never saw it), whether the asker reads the answer,
// and the answer's TTL behind each.
const WAYS = [
  [PUT, [], 'serve.token', true, []],
  [PUT, ['bridge'], 'serve.token', false, [0]],
  [PUT, ['router', 'bridge'], 'serve.token', false, [null, 0]],
  [GET, ['router', 'bridge'], 'serve.v1', true, [62, 63]],
  [PUT, ['proxy'], 'forwarded.put', true, [64]],
  [PUT, ['bridge', 'proxy'], 'forwarded.put', true, [63, 64]],
  [PUT, ['proxy', 'bridge'], 'forwarded.put', null, null],
  [PUT, ['relay'], 'serve.token', true, [64]],
  [PUT, ['router', 'relay'], 'serve.token', true, [63, 64]],
  [PUT, ['waf'], null, false, [null]],
  [GET, ['waf'], 'serve.v1', true, [64]],
  [PUT, ['getter'], null, false, [null]],
  [GET, ['getter'], 'serve.v1', true, [64]],
  [PUT, ['caller'], 'ttl.missing', null, null],
];

test('each who stands on the way does what it is said to do', () => {
  for (const [request, kinds, rule, reads, ttls] of WAYS) {
    const name = `${request.slice(0, 3)} over ${kinds}`;
    const { exchange, way } = over(request, ...kinds);
    if (rule === null) assert.equal(exchange, null, name);
    else assert.equal(exchange.rule, rule, name);
    if (reads !== null) assert.equal(!!exchange?.response, reads, name);
    if (ttls) assert.deepEqual(way.map(({ ttl }) => ttl), ttls, name);
  }
  assert.throws(() => over(GET, 'teleporter'), /teleporter/);
});

test('a proxy adds who asked behind those who are there', () => {
  assert.match(latin1(over(GET, 'proxy').arrived), new RegExp(`\r\nX-Forwarded-For: ${ASKER}\r\n\r\n$`));
  const known = GET.replace('\r\n\r\n', '\r\nx-forwarded-for: 10.0.0.1\r\n\r\n');
  assert.match(latin1(over(known, 'proxy').arrived), new RegExp(`\r\nx-forwarded-for: 10.0.0.1, ${ASKER}\r\n\r\n$`));
  assert.match(latin1(over(GET, 'proxy', 'proxy').arrived), new RegExp(`: ${ASKER}, ${ASKER}\r\n`));
});

test('in the lab, version 1 leaks to everybody, and version 2 to whoever writes the whole request on the host', () => {
  const found = (contained) => ATTACKERS.map((attacker) => DEFENCES.map((options) => {
    const imds = createWorld({ fleet, travel }).clone();
    imds.modify(options);
    const { leaked, by } = attack(attacker, (request, stages) => travel(imds, toBytes(request), { stages }), contained);
    if (leaked) assert.equal(JSON.parse(leaked).Code, 'Success');
    return by;
  }));
  assert.deepEqual(found(false), [['v1', null, null], ['v1', null, null], ['v1', null, null], ['v2', 'v2', 'v2']]);
  assert.deepEqual(found(true), [['v1', null, null], ['v1', null, null], ['v1', null, null], ['v1', 'v2', null]]);
});

test('an attack is kept in the world, and played again from its log', () => {
  const world = createWorld({ fleet, travel });
  const { id } = world.hosts.cli;
  const { by } = attack(ATTACKERS[0], (request, stages) => world.send(request, { instance: id, stages: [...stages] }), false);
  assert.equal(by, 'v1');
  const other = createWorld({ fleet, travel });
  other.play(JSON.parse(JSON.stringify(world.log)));
  assert.deepEqual(other.exchanges.map(({ arrived }) => latin1(arrived)), world.exchanges.map(({ arrived }) => latin1(arrived)));
  assert.match(latin1(world.exchanges[0].arrived), /thumbnails/);
});

test('both languages say all of it', () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const kind of STAGES) for (const what of ['kind', 'about']) assert.ok(en[`${what}.${kind}`], `${what}.${kind}`);
  for (const { id } of ATTACKERS) assert.ok(en[`attacker.${id}`] && en[`attacker.${id}.about`], id);
});
