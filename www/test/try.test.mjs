// The logic of Try: applied changes, links with what is shown, upcoming changes, and the parts of a
// request that a rule looks at.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { FLEET } from './shell-common.mjs';
import { withHeader, withLine } from '../js/compose.js';
import { latin1, spansOf, tables, toBytes } from '../js/engine.js';
import { lookedAt, rulesThatLookAt } from '../js/looked-at.js';
import { simulate } from '../js/path/simulate.js';
import { createSession } from '../js/session.js';
import { needsShell } from '../js/single-command.js';
import { fromFragment, toFragment, viewFragment } from '../js/share.js';
import { GET, PUT } from '../js/requests.js';
import { initial, reduce } from '../js/store.js';
import { TOKEN, TTL, turnAction } from '../js/turns.js';
import { FILES } from '../files.mjs';
import de from '../strings/de/try.js';
import en from '../strings/en/try.js';
import { upcoming } from '../js/upcoming.js';

const create = () => createSession({ fleet: FLEET, simulate });
const LAUNCH = 'Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1';

test('each change that the page offers gives the status that it announces', () => {
  const requests = [
    GET, PUT, withLine(GET, { path: '/latest/api/token' }), withLine(GET, { method: 'DELETE' }), withLine(GET, { path: '/latest/meta-data/tags/instance/Name' }), withLine(PUT, { path: '/latest/meta-data/' }),
    withHeader(GET, TOKEN, 'bad'), withHeader(PUT, 'X-Forwarded-For', '1.2.3.4'), withHeader(PUT, TTL, '0'), withHeader(PUT, TTL, null), withHeader(GET, 'Expect', '100-continue'),
    GET.replace('Accept', 'Host: b\r\nAccept'), withHeader(PUT, 'Content-Length', '70000'), withHeader(withHeader(PUT, 'Content-Length', '3'), 'Transfer-Encoding', 'chunked'),
  ];
  const states = [{}, { http_tokens: 'required' }, { http_endpoint: 'disabled' }, { instance_metadata_tags: 'enabled' }];
  const hows = [{}, { throttled: true }, { stages: [{ kind: 'bridge' }] }, { stages: [{ kind: 'router' }, { kind: 'router' }] }];
  const applied = new Set();
  for (const request of requests) {
    for (const change of states) {
      for (const how of hows) {
        const make = () => {
          const session = create();
          session.imds.replace({ ...session.record(), newest_version: '2024-04-11' });
          if (Object.keys(change).length) session.imds.modify(change);
          session.advance(1000);
          return session;
        };
        const { id } = make().imds.instances()[0];
        const entry = make().preview(request, { instance: id, ...how });
        for (const turn of entry.turns) {
          const session = make();
          const action = turnAction(session, { turn, entry, request, instance: id });
          if (!action) continue;
          applied.add(turn.change);
          const next = { request, stages: how.stages, throttled: how.throttled, ...action() };
          const { exchange } = session.preview(next.request, { instance: id, throttled: next.throttled, ...(next.stages?.length ? { stages: next.stages } : {}) });
          assert.deepEqual([exchange?.status, exchange?.rule, !!exchange?.response], [turn.status, turn.rule, turn.reaches], `${turn.change} for ${request} with ${JSON.stringify([change, how])}`);
        }
      }
    }
  }
  const all = ['option.http-endpoint', 'option.http-tokens', 'option.instance-metadata-tags', 'option.http-put-response-hop-limit', 'rate', 'hops', 'method.put', 'method.get', 'path.token', 'field.token.good', 'field.token.absent', 'field.ttl.good', 'field.forwarded.absent', 'field.expect.absent', 'field.host.one', 'body.none'];
  assert.deepEqual(all.filter((it) => !applied.has(it)), []);
});

test('a link with what is shown gives the shown bytes, whatever was sent before', async () => {
  const session = create();
  session.send(PUT);
  session.imds.ec2(LAUNCH);
  session.send(GET);
  session.imds.modify({ http_tokens: 'required' });
  session.send(PUT);
  session.advance(2000);
  session.send(withHeader(GET, TOKEN, session.tokens[0].token));
  session.send(PUT);
  session.send('GET');
  session.advance(2000);
  for (const entry of [...session.exchanges, session.preview(PUT), session.preview(GET)]) {
    const request = latin1(entry.request);
    const { seed, start, nonce, log, state } = await fromFragment(await viewFragment(session, reduce(initial, { type: 'set', to: { request } }), entry));
    const other = create();
    other.play(log, { seed, start, nonce });
    const shown = entry.preview ? other.preview(state.request) : other.exchanges.at(-1);
    assert.equal(latin1(shown.exchange?.response ?? []), latin1(entry.exchange?.response ?? []), `#${entry.n}`);
    assert.deepEqual([shown.at, shown.turns], [entry.at, entry.turns]);
    assert.equal(other.exchanges.length, entry.preview ? 0 : 1);
  }
});

test('the size of a link does not depend on the number of exchanges, and no link is offered that the page rejects', async () => {
  const session = create();
  const lengths = [];
  for (const count of [1, 100, 3000]) {
    while (session.exchanges.length < count) {
      session.send(GET);
      session.advance(1000);
    }
    lengths.push((await viewFragment(session, initial, session.exchanges.at(-1))).length);
  }
  assert.ok(Math.max(...lengths) - Math.min(...lengths) < 40, `${lengths}`);
  assert.equal(await toFragment(session, initial), null, 'the whole session is too long');
  for (let count = 0; count < 2001; count += 1) session.imds.modify({ http_tokens: ['optional', 'required'][count % 2] });
  assert.equal(await viewFragment(session, initial, session.preview(GET)), null, 'too many changes');
  const large = create();
  for (let count = 0; count < 12; count += 1) large.send('x'.repeat(100_000));
  assert.equal(await toFragment(large, initial), null, 'too large');
});

test('each upcoming change happens at its time, and not 1 ms before', () => {
  const session = create();
  session.send(PUT);
  session.imds.modify({ http_tokens: 'required' });
  const list = upcoming(session);
  assert.deepEqual(list.map(({ kind }) => kind), ['applied', 'rotation', 'token']);
  const role = session.record().role.name;
  const checks = {
    applied: () => session.imds.options().state === 'applied',
    rotation: () => session.read(`/latest/meta-data/iam/security-credentials/${role}`, session.hosts.cli.id) !== before,
    token: () => session.peek('/latest/meta-data/', { token: session.tokens[0].token }).rule === 'token.expired',
  };
  let before;
  for (const { kind, at } of list) {
    before = session.read(`/latest/meta-data/iam/security-credentials/${role}`, session.hosts.cli.id);
    session.advance(at - 1 - session.now());
    assert.equal(checks[kind](), false, `${kind} before`);
    session.advance(1);
    assert.equal(checks[kind](), true, kind);
  }
});

const rule = (id) => tables().rules.find((it) => it.id === id);
const textOf = (bytes, spans, places) => [...places].sort((a, b) => a - b).map((place) => latin1(bytes.subarray(spans[place].from, spans[place].to))).join(' ');

test('the parts that a rule looks at are found', () => {
  const look = (id, request) => {
    const bytes = toBytes(request);
    const spans = spansOf(bytes, null);
    const { places, absent, outside } = lookedAt(rule(id).inputs, bytes, spans);
    return [textOf(bytes, spans, places).replace(/\s+/g, ' '), absent, outside];
  };
  assert.deepEqual(look('token.missing', GET), ['/latest/meta-data/', ['X-Aws-Ec2-Metadata-Token'], ['http_tokens']]);
  assert.deepEqual(look('token.spelling', withHeader(GET, TOKEN, 'bad')), ['/latest/meta-data/ X-aws-ec2-metadata-token : bad', [], []]);
  assert.deepEqual(look('ttl.range', PUT), ['PUT X-aws-ec2-metadata-token-ttl-seconds : 21600', [], ['instance']]);
  assert.equal(look('head.line', GET)[0].startsWith('GET '), true);
  assert.match(look('head.version', GET)[0], /^HTTP\/1\.1$/);
});

test('each rule looks at something, in the request or outside', () => {
  const bytes = toBytes(PUT);
  const spans = spansOf(bytes, null);
  for (const { id, inputs } of tables().rules) {
    const { places, absent, outside } = lookedAt(inputs, bytes, spans);
    assert.ok(places.size + absent.length + outside.length > 0, id);
  }
  const method = spans.findIndex(({ part }) => part === 'method');
  assert.ok(rulesThatLookAt(tables().rules, bytes, spans, method).some(({ id }) => id === 'ttl.range'));
});

test('only a single plain curl command is taken as one request', () => {
  const url = 'http://169.254.169.254/latest/meta-data/';
  for (const text of [`curl ${url}`, `$ curl -v "${url}"`, `curl -H 'X-A: $B; c | d' ${url}`, `curl -X PUT ${url} -H "X-aws-ec2-metadata-token-ttl-seconds: 60"`, 'wget x', 'ls; pwd', '']) assert.equal(needsShell(text), false, text);
  for (const text of [
    `TOKEN=\`curl -X PUT ${url}\` && curl -H "X-aws-ec2-metadata-token: $TOKEN" -v ${url}`, `TOKEN=$(curl -X PUT ${url})`, `curl -H "X-aws-ec2-metadata-token: $TOKEN" ${url}`, `curl ${url}; curl ${url}`, `curl ${url}\ncurl ${url}`,
    `curl ${url} | jq .`, `[root@ip-10-0-0-68 ~]# curl ${url}\nami-id`, `curl ${url}?a=1&b=2`, `X=1 curl ${url}`, `for i in 1 2; do curl ${url}; done`, `curl ${url} > file`,
  ]) assert.equal(needsShell(text), true, text);
});

test('the strings of Try exist in both languages, with the same placeholders, and are used', () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  const placeholders = (text) => [...new Set(text.match(/\{\d\}/g))].sort().join();
  const sources = FILES.filter((file) => file.startsWith('js/')).map((file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).join('');
  const computed = /^(chip|next|step)\./;
  for (const key of Object.keys(en)) {
    assert.equal(placeholders(en[key]), placeholders(de[key]), key);
    assert.ok(computed.test(key) || sources.includes(`'${key}'`), `${key} is unused`);
  }
});
