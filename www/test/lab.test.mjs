// The lab: what each attacker gets is what the engine gives, and the page says what that is.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FLEET } from './shell-common.mjs';
import { latin1 } from '../js/engine.js';
import { attack, ATTACKERS, CONFIGURATIONS, CREDENTIALS, OUTSIDE, outcomes, requestOf } from '../js/lab/attack.js';
import { travelOf } from '../js/path/steps.js';
import { travel } from '../js/path/travel.js';
import { createWorld } from '../js/world.js';
import { LESSONS } from '../js/lessons/lessons.js';
import { createProgress } from '../js/lessons/progress.js';
import en from '../strings/en/lab.js';
import de from '../strings/de/lab.js';

const fresh = () => createWorld({ fleet: FLEET, travel });
const run = (world, attacker) =>
  attack(attacker, (request) => {
    const entry = world.send(request, { instance: world.hosts.cli.id, ...(attacker.stages.length ? { stages: attacker.stages } : {}) });
    return { entry, travel: travelOf(entry) };
  });

test('what leaks and what holds is as AWS says of version 2', () => {
  const world = fresh();
  const all = outcomes(world, world.hosts.cli.id);
  const leaks = Object.fromEntries(all.map(({ configuration: { http_tokens, http_put_response_hop_limit }, outcomes: them }) => [`${http_tokens} ${http_put_response_hop_limit}`, ATTACKERS.filter(({ id }) => them[id].leaked).map(({ id }) => id).join()]));
  assert.deepEqual(leaks, { 'optional 1': 'get,method,any,proxy,container,host', 'optional 2': 'get,method,any,proxy,container,host', 'required 1': 'any,host', 'required 2': 'any,container,host' });
  const strict = all.find(({ configuration }) => configuration.http_tokens === 'required' && configuration.http_put_response_hop_limit === 1).outcomes;
  const token = (id) => strict[id].tries.find(({ what }) => what === 'token').travel;
  assert.deepEqual(['get', 'method', 'proxy'].map((id) => token(id).exchange.rule), ['token.method', 'ttl.missing', 'forwarded.put']);
  assert.deepEqual([token('container').exchange.rule, token('container').seen], ['serve.token', 'timeout']);
  assert.equal(ATTACKERS.length, 6);
  assert.equal(OUTSIDE, 4);
});

test('the table leaves no trace in the world, and is of the world as it is', () => {
  const world = fresh();
  world.imds.replace({ ...world.record(world.hosts.cli.id), role: undefined }, { instance: world.hosts.cli.id });
  const { length } = world.log;
  const all = outcomes(world, world.hosts.cli.id);
  assert.equal(world.log.length, length);
  assert.equal(world.exchanges.length, 0);
  for (const { outcomes: them } of all) for (const { leaked } of Object.values(them)) assert.equal(leaked, null);
  assert.equal(CONFIGURATIONS.length, 4);
});

test('an attack over the world gets what the table says, and its document says that it is fake', () => {
  for (const configuration of CONFIGURATIONS) {
    const world = fresh();
    world.imds.modify(configuration, { instance: world.hosts.cli.id });
    world.advance(1000);
    const table = outcomes(world, world.hosts.cli.id).find((it) => it.configuration === configuration).outcomes;
    for (const attacker of ATTACKERS) {
      const made = run(world, attacker);
      assert.equal(!!made.leaked, !!table[attacker.id].leaked, attacker.id);
      assert.deepEqual(made.tries.map((it) => it.travel.exchange?.rule), table[attacker.id].tries.map((it) => it.travel.exchange?.rule));
      if (made.leaked) assert.ok(/FAKE/.test(JSON.parse(made.keys).AccessKeyId) && /^fake/.test(JSON.parse(made.keys).SecretAccessKey));
    }
    assert.ok(world.exchanges.every(({ how }) => how.instance === world.hosts.cli.id));
  }
});

test('the thumbnail service takes from a visitor only what its carelessness lets it', () => {
  const world = fresh();
  const wish = { method: 'PUT', path: '/latest/api/token', fields: ['X-aws-ec2-metadata-token-ttl-seconds: 60', 'X-More: 1'] };
  const arrived = (id) => {
    const attacker = ATTACKERS.find((it) => it.id === id);
    return latin1(world.send(requestOf(attacker, wish), { stages: attacker.stages }).arrived);
  };
  const own = 'Host: 169.254.169.254\r\nUser-Agent: thumbnailer/1.0\r\nAccept: */*\r\n';
  assert.equal(arrived('get'), `GET /latest/api/token HTTP/1.1\r\n${own}\r\n`);
  assert.equal(arrived('method'), `PUT /latest/api/token HTTP/1.1\r\n${own}\r\n`);
  assert.equal(arrived('any'), `PUT /latest/api/token HTTP/1.1\r\n${own}X-aws-ec2-metadata-token-ttl-seconds: 60\r\nX-More: 1\r\n\r\n`);
  assert.match(arrived('proxy'), /\r\nX-Forwarded-For: 203\.0\.113\.9\r\n/);
  for (const url of ['', 'https://169.254.169.254/', 'http://10.0.0.1/', 'http://169.254.169.254/\r\nX: y', 'file:///etc/passwd']) {
    const { exchange, travel: made } = world.send(`GET /thumbnail?url=${encodeURIComponent(url)} HTTP/1.1\r\nHost: thumbs.example\r\n\r\n`, { stages: [{ kind: 'fetch-any' }] });
    assert.deepEqual([exchange, made.seen], [null, 'refusal'], url);
  }
  for (const line of ['X-A: 1\r\nX-B: 2', 'X-A\r\nX-B: 2', 'X-A: \0', ' X-A: 1', ': 1']) {
    const { exchange, travel: made } = world.send(requestOf(ATTACKERS.find(({ id }) => id === 'any'), { ...wish, fields: [line] }), { stages: [{ kind: 'fetch-any' }] });
    assert.deepEqual([exchange, made.refusal], [null, { at: 0, status: 400 }], JSON.stringify(line));
  }
});

test('the lab alone reaches the goals of the last lesson', () => {
  const world = fresh();
  const lesson = LESSONS.at(-1);
  const progress = createProgress({ world });
  run(world, ATTACKERS.find(({ id }) => id === 'get'));
  progress.look(lesson);
  assert.deepEqual(progress.reached(lesson), ['leaked']);
  world.imds.modify({ http_tokens: 'required' }, { instance: world.hosts.cli.id });
  world.advance(1000);
  for (const attacker of ATTACKERS) run(world, attacker);
  progress.look(lesson);
  assert.equal(progress.state(lesson), 'done', progress.reached(lesson).join());
});

test('both languages have the same words, with the same gaps, and a word for each attacker', () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  const gaps = (text) => [...new Set(text.match(/\{\d\}/g))].sort().join();
  for (const key of Object.keys(en)) assert.equal(gaps(de[key]), gaps(en[key]), key);
  for (const { id } of ATTACKERS) for (const more of ['', '.is', '.way', '.rest']) assert.ok(`attacker.${id}${more}` in en);
  assert.ok(CREDENTIALS.endsWith('/'));
});
