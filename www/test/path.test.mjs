// The simulation of the network path: programs change requests like the real ones, and the steps
// match the engine's decision.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FLEET, golden } from './shell-common.mjs';
import { latin1, toBytes } from '../js/engine.js';
import { CHOICES, MAX_STAGES, stagesOf, simulate } from '../js/path/simulate.js';
import { partiesOf, stepsOf, simulationOf } from '../js/path/steps.js';
import { GET, PUT } from '../js/requests.js';
import { createSession } from '../js/session.js';
import en from '../strings/en/lab.js';
import de from '../strings/de/lab.js';

const fresh = () => createSession({ fleet: FLEET, simulate });
const over = (...kinds) => ({ stages: kinds.map((kind) => ({ kind })) });
/** Every path of at most `length` stages. */
const paths = (length) => (length === 0 ? [[]] : paths(length - 1).flatMap((path) => [path, ...CHOICES.map((kind) => [...path, kind])])).filter((path, at, all) => all.findIndex((it) => it.join() === path.join()) === at);

test('nginx, squid and Apache forward the same bytes as the real ones', () => {
  const recorded = JSON.parse(golden('proxies.json'));
  assert.equal(recorded.length, 39);
  const session = fresh();
  for (const { kind, sent, arrived } of recorded) {
    const { arrived: ours } = simulationOf(session.send(sent, over(kind)));
    assert.equal(ours && latin1(ours), arrived, `${kind}: ${sent}`);
  }
});

test('a response is lost exactly when the engine reports that its hop limit is too low', () => {
  for (const limit of [1, 2, 3, 64]) {
    const session = fresh();
    session.imds.modify({ http_put_response_hop_limit: limit });
    session.advance(1000);
    for (const path of paths(3)) {
      for (const request of [PUT, GET]) {
        const entry = session.send(request, over(...path));
        const { exchange, lost, outcome, legs } = simulationOf(entry);
        if (!exchange) continue;
        assert.equal(exchange.noResponse === 'hop-limit', lost !== null, path.join());
        assert.equal(exchange.noResponse === 'hop-limit', outcome === 'timeout' || outcome === 'gateway-timeout', path.join());
        if (lost !== null) assert.deepEqual([legs[lost].back === 'response', legs[lost + 1].ttl, outcome], [false, 1, path.slice(0, lost).some((kind) => !['bridge', 'router'].includes(kind)) ? 'gateway-timeout' : 'timeout'], path.join());
        if (request === GET) assert.equal(outcome, 'response', path.join());
      }
    }
  }
});

test('a proxy that adds X-Forwarded-For gets no token, and the forwarder accepts only GET', () => {
  const session = fresh();
  for (const path of paths(2)) {
    const { exchange, simulation: made } = session.send(PUT, over('router', ...path));
    const adds = path.some((kind) => ['nginx', 'squid', 'alb', 'waf'].includes(kind));
    if (path.includes('forwarder')) assert.deepEqual([exchange, made.outcome, made.rejection.status], [null, 'rejection', 405]);
    else assert.equal(exchange.rule, adds ? 'forwarded.put' : 'serve.token', path.join());
  }
});

test('each step has a sentence in both languages, with values for all placeholders', () => {
  const session = fresh();
  for (const path of paths(3)) {
    for (const request of [PUT, GET, 'GET / HTTP/1.1\r\nno colon\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n']) {
      const made = simulationOf(session.send(request, over(...path)));
      const steps = stepsOf(made);
      const parties = partiesOf(made);
      assert.ok(parties.every((party) => `party.${party}` in en));
      assert.deepEqual([steps[0].party, steps.at(-1).party, steps.at(-1).back], [0, 0, true]);
      steps.forEach(({ key, values, party, back }, at) => {
        for (const strings of [en, de]) {
          const placeholders = strings[`step.${key}`]?.match(/\{\d\}/g) ?? [];
          assert.ok(`step.${key}` in strings && placeholders.every((it) => values[it[1]] !== undefined && values[it[1]] !== null), `${path.join()}: ${key} ${values}`);
        }
        // A packet moves to a neighbour; only after a lost response the next step is the client's
        // timeout.
        if (at && !/^drops|^silent/.test(steps[at - 1].key)) assert.ok(Math.abs(party - steps[at - 1].party) <= 1, `${path.join()} ${steps.map((it) => it.key)}`);
        if (at && back === false) assert.equal(steps[at - 1].back, false);
      });
    }
  }
});

test('a request smuggled behind a body is never forwarded', () => {
  const put = PUT.replace(/\r\n$/, '');
  for (const kind of CHOICES.filter((it) => !['bridge', 'router'].includes(it))) {
    for (const more of ['\r\n', 'Content-Length: 3\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-T: 1\r\n\r\n']) {
      const { arrived } = fresh().send(GET.replace(/\r\n$/, more) + PUT, over(kind));
      assert.doesNotMatch(latin1(arrived), /PUT|chunked|X-T/, `${kind} ${more}`);
      assert.equal(latin1(arrived).endsWith(more === '\r\n' ? '\r\n\r\n' : '\r\n\r\nabc'), true, `${kind} ${more}`);
    }
    for (const [more, status] of [['Content-Length: 4\r\n\r\nabc', 408], ['Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 408], ['Transfer-Encoding: chunked\r\n\r\nz\r\n', 400], ['Transfer-Encoding: gzip\r\n\r\n', 400], ['Content-Length: 1\r\nContent-Length: 1\r\n\r\na', 400]]) {
      const { exchange, rejection, outcome } = simulationOf(fresh().send(put + more, over(kind)));
      assert.deepEqual([exchange, rejection, outcome], [null, { at: 0, status }, 'rejection'], `${kind} ${more}`);
    }
  }
});

test('a proxy forwards to the Host header, a load balancer to its target', () => {
  const send = (host, ...path) => simulationOf(fresh().send(`GET /latest/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`, over(...path)));
  for (const kind of ['nginx', 'squid', 'waf', 'forwarder']) {
    for (const host of ['169.254.169.254', '169.254.169.254:80', '[fd00:ec2::254]']) assert.equal(send(host, kind).exchange.rule, 'serve.v1', kind);
    for (const host of ['shop.example', '169.254.169.254:8080', '10.0.0.1']) assert.deepEqual([send(host, kind).arrived, send(host, kind).rejection.status], [null, 502], kind);
    assert.equal(send('shop.example', 'alb', kind).rejection.at, 1);
  }
  for (const kind of ['alb', 'bridge']) assert.equal(send('shop.example', kind).exchange.rule, 'serve.v1');
});

test('an exchange without stages has a path with its number of hops', () => {
  const session = fresh();
  assert.deepEqual(partiesOf(simulationOf(session.send(PUT))), ['process', 'service']);
  assert.deepEqual(partiesOf(simulationOf(session.send(PUT, { hops: 3 }))), ['container', 'bridge', 'router', 'service']);
  assert.equal(simulationOf(session.send(PUT, { hops: 2 })).outcome, 'timeout');
  assert.equal(simulationOf(session.send(PUT, { instance: '10.9.9.9' })).outcome, 'timeout');
});

test('the explanation of a lost response considers its network path', () => {
  const session = fresh();
  const { turns } = session.send(PUT, over('bridge'));
  assert.ok(turns.some(({ change, reaches }) => change === 'option.http-put-response-hop-limit' && reaches), JSON.stringify(turns));
});

test('invalid stages are ignored', () => {
  for (const hostile of [7, null, 'waf', {}, [1, null, {}, { kind: 7 }, { kind: '__proto__' }, { kind: 'toString' }, { kind: '<img onerror=x>' }]]) assert.deepEqual(stagesOf(hostile), []);
  assert.deepEqual(stagesOf([{ kind: 'waf', more: 1 }]), [{ kind: 'waf' }]);
  assert.equal(stagesOf(Array(100).fill({ kind: 'router' })).length, MAX_STAGES);
  const session = fresh();
  session.send(GET, { stages: [{ kind: 'nothing' }] });
  assert.equal(session.exchanges[0].exchange.rule, 'serve.v1');
});

test('random requests never crash a program on the path or inject a line into its request', () => {
  const session = fresh();
  let seed = 5;
  let through = 0;
  const roll = (most) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % most;
  };
  const pieces = ['GET ', 'PUT ', 'GET /a HTTP/1.1\r\nHost: 169.254.169.254\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 3\r\n', '3\r\nabc\r\n0\r\n\r\n', 'GET http://169.254.169.254', '/latest/api/token', '/thumbnail?url=http%3A%2F%2F169.254.169.254%2F', '&method=PUT', '&field=X-A%3A%201', '&field=X%0D%0AY%3A1', ' HTTP/1.1', '\r\n', '\r\n\r\n', 'Host: x', ': ', '\0', '\xff', '\n', 'Connection: host', 'X-Forwarded-For: a'];
  for (let round = 0; round < 3000; round += 1) {
    // Half of the requests have a valid start, so that the random rest is forwarded.
    const rest = Array.from({ length: roll(12) }, () => pieces[roll(pieces.length)]).join('');
    const bytes = roll(2) ? rest : `GET /thumbnail?url=http%3A%2F%2F169.254.169.254%2F&field=X-A%3A1 HTTP/1.1\r\nHost: 169.254.169.254\r\n${rest}\r\n\r\n`;
    const kinds = [...CHOICES, 'fetch-get', 'fetch-method', 'fetch-any'];
    const made = simulate(session.imds, toBytes(bytes), { now: session.now(), ...over(kinds[roll(kinds.length)], kinds[roll(kinds.length)]) });
    if (!made.arrived || made.stages.every(({ kind }) => ['bridge', 'router'].includes(kind))) continue;
    assert.match(latin1(made.arrived), /^[A-Z]+ \/[!-~]* HTTP\/1\.[01]\r\n(?:[^\r\n:\0]+:[^\r\n\0]*\r\n)+\r\n/);
    through += 1;
  }
  assert.ok(through > 200, `only ${through} got through`);
});
