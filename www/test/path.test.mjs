// The way of a request: what lies on it changes the bytes as the real things do, and the picture says what the engine decides.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FLEET, golden } from './shell-common.mjs';
import { latin1, toBytes } from '../js/engine.js';
import { CHOICES, MOST, stagesOf, travel } from '../js/path/travel.js';
import { partiesOf, stepsOf, travelOf } from '../js/path/steps.js';
import { GET, PUT } from '../js/store.js';
import { createWorld } from '../js/world.js';
import en from '../strings/en/lab.js';
import de from '../strings/de/lab.js';

const fresh = () => createWorld({ fleet: FLEET, travel });
const over = (...kinds) => ({ stages: kinds.map((kind) => ({ kind })) });
/** Every way of so many stages, of those that may be chosen. */
const ways = (length) => (length === 0 ? [[]] : ways(length - 1).flatMap((way) => [way, ...CHOICES.map((kind) => [...way, kind])])).filter((way, at, all) => all.findIndex((it) => it.join() === way.join()) === at);

test('nginx, squid and Apache pass on what the real ones pass on', () => {
  const recorded = JSON.parse(golden('proxies.json'));
  assert.equal(recorded.length, 39);
  const world = fresh();
  for (const { kind, sent, arrived } of recorded) {
    const { arrived: ours } = travelOf(world.send(sent, over(kind)));
    assert.equal(ours && latin1(ours), arrived, `${kind}: ${sent}`);
  }
});

test('an answer dies where its hop limit ends, and exactly where the engine says that it does not arrive', () => {
  for (const limit of [1, 2, 3, 64]) {
    const world = fresh();
    world.imds.modify({ http_put_response_hop_limit: limit });
    world.advance(1000);
    for (const way of ways(3)) {
      for (const request of [PUT, GET]) {
        const entry = world.send(request, over(...way));
        const { exchange, lost, seen, legs } = travelOf(entry);
        if (!exchange) continue;
        assert.equal(exchange.silence === 'hop-limit', lost !== null, way.join());
        assert.equal(exchange.silence === 'hop-limit', seen === 'timeout' || seen === 'gateway', way.join());
        if (lost !== null) assert.deepEqual([legs[lost].back === 'answer', legs[lost + 1].ttl, seen], [false, 1, way.slice(0, lost).some((kind) => !['bridge', 'router'].includes(kind)) ? 'gateway' : 'timeout'], way.join());
        if (request === GET) assert.equal(seen, 'answer', way.join());
      }
    }
  }
});

test('whoever adds X-Forwarded-For gets no token, and the forwarder takes only GET', () => {
  const world = fresh();
  for (const way of ways(2)) {
    const { exchange, travel: made } = world.send(PUT, over('router', ...way));
    const adds = way.some((kind) => ['nginx', 'squid', 'alb', 'waf'].includes(kind));
    if (way.includes('forwarder')) assert.deepEqual([exchange, made.seen, made.refusal.status], [null, 'refusal', 405]);
    else assert.equal(exchange.rule, adds ? 'forwarded.put' : 'serve.token', way.join());
  }
});

test('each party has a step, each step a sentence with all its gaps filled, in both languages', () => {
  const world = fresh();
  for (const way of ways(3)) {
    for (const request of [PUT, GET, 'GET / HTTP/1.1\r\nno colon\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n']) {
      const made = travelOf(world.send(request, over(...way)));
      const steps = stepsOf(made);
      const parties = partiesOf(made);
      assert.ok(parties.every((party) => `party.${party}` in en));
      assert.deepEqual([steps[0].party, steps.at(-1).party, steps.at(-1).back], [0, 0, true]);
      steps.forEach(({ key, values, party, back }, at) => {
        for (const words of [en, de]) {
          const gaps = words[`step.${key}`]?.match(/\{\d\}/g) ?? [];
          assert.ok(`step.${key}` in words && gaps.every((gap) => values[gap[1]] !== undefined && values[gap[1]] !== null), `${way.join()}: ${key} ${values}`);
        }
        // A packet does not jump, but where no answer goes on and the asker waits.
        if (at && !/^drops|^silent/.test(steps[at - 1].key)) assert.ok(Math.abs(party - steps[at - 1].party) <= 1, `${way.join()} ${steps.map((it) => it.key)}`);
        if (at && back === false) assert.equal(steps[at - 1].back, false);
      });
    }
  }
});

test('a second request behind the first, in whatever body, never goes on with it', () => {
  const put = PUT.replace(/\r\n$/, '');
  for (const kind of CHOICES.filter((it) => !['bridge', 'router'].includes(it))) {
    for (const more of ['\r\n', 'Content-Length: 3\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-T: 1\r\n\r\n']) {
      const { arrived } = fresh().send(GET.replace(/\r\n$/, more) + PUT, over(kind));
      assert.doesNotMatch(latin1(arrived), /PUT|chunked|X-T/, `${kind} ${more}`);
      assert.equal(latin1(arrived).endsWith(more === '\r\n' ? '\r\n\r\n' : '\r\n\r\nabc'), true, `${kind} ${more}`);
    }
    for (const [more, status] of [['Content-Length: 4\r\n\r\nabc', 408], ['Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 408], ['Transfer-Encoding: chunked\r\n\r\nz\r\n', 400], ['Transfer-Encoding: gzip\r\n\r\n', 400], ['Content-Length: 1\r\nContent-Length: 1\r\n\r\na', 400]]) {
      const { exchange, refusal, seen } = travelOf(fresh().send(put + more, over(kind)));
      assert.deepEqual([exchange, refusal, seen], [null, { at: 0, status }, 'refusal'], `${kind} ${more}`);
    }
  }
});

test('a program goes where Host says, a load balancer to its target', () => {
  const asked = (host, ...way) => travelOf(fresh().send(`GET /latest/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`, over(...way)));
  for (const kind of ['nginx', 'squid', 'waf', 'forwarder']) {
    for (const host of ['169.254.169.254', '169.254.169.254:80', '[fd00:ec2::254]']) assert.equal(asked(host, kind).exchange.rule, 'serve.v1', kind);
    for (const host of ['shop.example', '169.254.169.254:8080', '10.0.0.1']) assert.deepEqual([asked(host, kind).arrived, asked(host, kind).refusal.status], [null, 502], kind);
    assert.equal(asked('shop.example', 'alb', kind).refusal.at, 1);
  }
  for (const kind of ['alb', 'bridge']) assert.equal(asked('shop.example', kind).exchange.rule, 'serve.v1');
});

test('an exchange without stages has a way too: as many hops as it was asked over', () => {
  const world = fresh();
  assert.deepEqual(partiesOf(travelOf(world.send(PUT))), ['process', 'service']);
  assert.deepEqual(partiesOf(travelOf(world.send(PUT, { hops: 3 }))), ['container', 'bridge', 'router', 'service']);
  assert.equal(travelOf(world.send(PUT, { hops: 2 })).seen, 'timeout');
  assert.equal(travelOf(world.send(PUT, { instance: '10.9.9.9' })).seen, 'timeout');
});

test('what would have turned a lost answer is told over the way it went', () => {
  const world = fresh();
  const { turns } = world.send(PUT, over('bridge'));
  assert.ok(turns.some(({ change, reaches }) => change === 'option.http-put-response-hop-limit' && reaches), JSON.stringify(turns));
});

test('stages from anywhere are taken only as far as there are such', () => {
  for (const hostile of [7, null, 'waf', {}, [1, null, {}, { kind: 7 }, { kind: '__proto__' }, { kind: 'toString' }, { kind: '<img onerror=x>' }]]) assert.deepEqual(stagesOf(hostile), []);
  assert.deepEqual(stagesOf([{ kind: 'waf', more: 1 }]), [{ kind: 'waf' }]);
  assert.equal(stagesOf(Array(100).fill({ kind: 'router' })).length, MOST);
  const world = fresh();
  world.send(GET, { stages: [{ kind: 'nothing' }] });
  assert.equal(world.exchanges[0].exchange.rule, 'serve.v1');
});

test('no bytes make a program on the way crash, or slip a line into what it passes on', () => {
  const world = fresh();
  let seed = 5;
  let through = 0;
  const roll = (most) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % most;
  };
  const pieces = ['GET ', 'PUT ', 'GET /a HTTP/1.1\r\nHost: 169.254.169.254\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 3\r\n', '3\r\nabc\r\n0\r\n\r\n', 'GET http://169.254.169.254', '/latest/api/token', '/thumbnail?url=http%3A%2F%2F169.254.169.254%2F', '&method=PUT', '&field=X-A%3A%201', '&field=X%0D%0AY%3A1', ' HTTP/1.1', '\r\n', '\r\n\r\n', 'Host: x', ': ', '\0', '\xff', '\n', 'Connection: host', 'X-Forwarded-For: a'];
  for (let round = 0; round < 3000; round += 1) {
    // Half of them with a head that gets through, around which the rest may do harm.
    const rest = Array.from({ length: roll(12) }, () => pieces[roll(pieces.length)]).join('');
    const bytes = roll(2) ? rest : `GET /thumbnail?url=http%3A%2F%2F169.254.169.254%2F&field=X-A%3A1 HTTP/1.1\r\nHost: 169.254.169.254\r\n${rest}\r\n\r\n`;
    const kinds = [...CHOICES, 'fetch-get', 'fetch-method', 'fetch-any'];
    const made = travel(world.imds, toBytes(bytes), { now: world.now(), ...over(kinds[roll(kinds.length)], kinds[roll(kinds.length)]) });
    if (!made.arrived || made.stages.every(({ kind }) => ['bridge', 'router'].includes(kind))) continue;
    assert.match(latin1(made.arrived), /^[A-Z]+ \/[!-~]* HTTP\/1\.[01]\r\n(?:[^\r\n:\0]+:[^\r\n\0]*\r\n)+\r\n/);
    through += 1;
  }
  assert.ok(through > 200, `only ${through} got through`);
});
