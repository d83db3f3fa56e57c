// The lab's attackers and the table of outcomes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FLEET } from './shell-common.mjs';
import { latin1 } from '../js/engine.js';
import { attack, ATTACKERS, CONFIGURATIONS, CREDENTIALS, OUTSIDE, outcomes, requestOf } from '../js/lab/attack.js';
import { simulationOf } from '../js/path/steps.js';
import { simulate } from '../js/path/simulate.js';
import { createSession } from '../js/session.js';
import { LESSONS } from '../js/lessons/lessons.js';
import { createProgress } from '../js/lessons/progress.js';
import en from '../strings/en/lab.js';
import de from '../strings/de/lab.js';

const fresh = () => createSession({ fleet: FLEET, simulate });
const run = (session, attacker) =>
  attack(attacker, (request) => {
    const entry = session.send(request, { instance: session.hosts.cli.id, ...(attacker.stages.length ? { stages: attacker.stages } : {}) });
    return { entry, simulation: simulationOf(entry) };
  });

test('IMDSv2 stops the attacks that AWS documents', () => {
  const session = fresh();
  const all = outcomes(session, session.hosts.cli.id);
  const leaks = Object.fromEntries(all.map(({ configuration: { http_tokens, http_put_response_hop_limit }, outcomes: them }) => [`${http_tokens} ${http_put_response_hop_limit}`, ATTACKERS.filter(({ id }) => them[id].leaked).map(({ id }) => id).join()]));
  assert.deepEqual(leaks, { 'optional 1': 'get,method,any,proxy,container,host', 'optional 2': 'get,method,any,proxy,container,host', 'required 1': 'any,host', 'required 2': 'any,container,host' });
  const strict = all.find(({ configuration }) => configuration.http_tokens === 'required' && configuration.http_put_response_hop_limit === 1).outcomes;
  const token = (id) => strict[id].tries.find(({ goal }) => goal === 'token').simulation;
  assert.deepEqual(['get', 'method', 'proxy'].map((id) => token(id).exchange.rule), ['token.method', 'ttl.missing', 'forwarded.put']);
  assert.deepEqual([token('container').exchange.rule, token('container').outcome], ['serve.token', 'timeout']);
  assert.equal(ATTACKERS.length, 6);
  assert.equal(OUTSIDE, 4);
});

test('the table uses the current session and leaves its log unchanged', () => {
  const session = fresh();
  session.imds.replace({ ...session.record(session.hosts.cli.id), role: undefined }, { instance: session.hosts.cli.id });
  const { length } = session.log;
  const all = outcomes(session, session.hosts.cli.id);
  assert.equal(session.log.length, length);
  assert.equal(session.exchanges.length, 0);
  for (const { outcomes: them } of all) for (const { leaked } of Object.values(them)) assert.equal(leaked, null);
  assert.equal(CONFIGURATIONS.length, 4);
});

test('an attack in the session has the outcome of the table, and leaked credentials are marked fake', () => {
  for (const configuration of CONFIGURATIONS) {
    const session = fresh();
    session.imds.modify(configuration, { instance: session.hosts.cli.id });
    session.advance(1000);
    const table = outcomes(session, session.hosts.cli.id).find((it) => it.configuration === configuration).outcomes;
    for (const attacker of ATTACKERS) {
      const made = run(session, attacker);
      assert.equal(!!made.leaked, !!table[attacker.id].leaked, attacker.id);
      assert.deepEqual(made.tries.map((it) => it.simulation.exchange?.rule), table[attacker.id].tries.map((it) => it.simulation.exchange?.rule));
      if (made.leaked) assert.ok(/FAKE/.test(JSON.parse(made.keys).AccessKeyId) && /^fake/.test(JSON.parse(made.keys).SecretAccessKey));
    }
    assert.ok(session.exchanges.every(({ how }) => how.instance === session.hosts.cli.id));
  }
});

test('the lab attacks cli_instance whatever its Name tag is', () => {
  const session = fresh();
  const { id } = session.hosts.cli;
  const before = outcomes(session, id);
  for (const tag of ['renamed', 'test_instance', '', 'x'.repeat(255)]) {
    session.imds.replace({ ...session.record(id), tags: { Name: tag } }, { instance: id });
    assert.equal(session.hosts.cli?.id, id, tag);
    assert.deepEqual(outcomes(session, id).map(({ outcomes: them }) => Object.values(them).map(({ leaked }) => !!leaked)), before.map(({ outcomes: them }) => Object.values(them).map(({ leaked }) => !!leaked)));
    assert.ok(run(session, ATTACKERS[0]).leaked, tag);
  }
  session.imds.replace({ ...session.record(id), tags: {} }, { instance: id });
  assert.equal(session.hosts.cli?.id, id);
});

test('the thumbnail service accepts only a valid URL, method and headers from a visitor', () => {
  const session = fresh();
  const target = { method: 'PUT', path: '/latest/api/token', headers: ['X-aws-ec2-metadata-token-ttl-seconds: 60', 'X-More: 1'] };
  const arrived = (id) => {
    const attacker = ATTACKERS.find((it) => it.id === id);
    return latin1(session.send(requestOf(attacker, target), { stages: attacker.stages }).arrived);
  };
  const own = 'Host: 169.254.169.254\r\nUser-Agent: thumbnailer/1.0\r\nAccept: */*\r\n';
  assert.equal(arrived('get'), `GET /latest/api/token HTTP/1.1\r\n${own}\r\n`);
  assert.equal(arrived('method'), `PUT /latest/api/token HTTP/1.1\r\n${own}\r\n`);
  assert.equal(arrived('any'), `PUT /latest/api/token HTTP/1.1\r\n${own}X-aws-ec2-metadata-token-ttl-seconds: 60\r\nX-More: 1\r\n\r\n`);
  assert.match(arrived('proxy'), /\r\nX-Forwarded-For: 203\.0\.113\.9\r\n/);
  for (const url of ['', 'https://169.254.169.254/', 'http://10.0.0.1/', 'http://169.254.169.254/\r\nX: y', 'file:///etc/passwd']) {
    const { exchange, simulation: made } = session.send(`GET /thumbnail?url=${encodeURIComponent(url)} HTTP/1.1\r\nHost: thumbs.example\r\n\r\n`, { stages: [{ kind: 'fetch-any' }] });
    assert.deepEqual([exchange, made.outcome], [null, 'rejection'], url);
  }
  for (const line of ['X-A: 1\r\nX-B: 2', 'X-A\r\nX-B: 2', 'X-A: \0', ' X-A: 1', ': 1']) {
    const { exchange, simulation: made } = session.send(requestOf(ATTACKERS.find(({ id }) => id === 'any'), { ...target, headers: [line] }), { stages: [{ kind: 'fetch-any' }] });
    assert.deepEqual([exchange, made.rejection], [null, { at: 0, status: 400 }], JSON.stringify(line));
  }
});

test('the lab reaches all goals of the last lesson', () => {
  const session = fresh();
  const lesson = LESSONS.at(-1);
  const progress = createProgress({ session });
  run(session, ATTACKERS.find(({ id }) => id === 'get'));
  progress.update(lesson);
  assert.deepEqual(progress.reached(lesson), ['leaked']);
  session.imds.modify({ http_tokens: 'required' }, { instance: session.hosts.cli.id });
  session.advance(1000);
  for (const attacker of ATTACKERS) run(session, attacker);
  progress.update(lesson);
  assert.equal(progress.state(lesson), 'done', progress.reached(lesson).join());
});

test('both languages have the same lab strings, with the same placeholders, for every attacker', () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  const placeholders = (text) => [...new Set(text.match(/\{\d\}/g))].sort().join();
  for (const key of Object.keys(en)) assert.equal(placeholders(de[key]), placeholders(en[key]), key);
  for (const { id } of ATTACKERS) for (const suffix of ['', '.summary', '.about', '.remaining']) assert.ok(`attacker.${id}${suffix}` in en);
  assert.ok(CREDENTIALS.endsWith('/'));
});
