// What index.d.ts promises.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as imdsPackage from 'imds';
import * as inline from 'imds/inline';
import * as nodePackage from 'imds/node';
import * as slim from 'imds/slim';

const { Imds, ImdsError, play, spans, tables, toFetchHandler } = imdsPackage;
const require = createRequire(import.meta.url);
const NOW = Date.parse('2026-01-01T00:00:00Z');
const PUT = 'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n';
const get = (path, ...fields) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
const text = (bytes) => new TextDecoder().decode(bytes);
const refusal = (code, path) => (error) => error instanceof ImdsError && error.code === code && error.path === path;
const fixed = (init) => new Imds({ seed: '2a', clock: () => NOW, ...init });

test('what the types declare is what the files export', () => {
  const declared = (file) => {
    const types = readFileSync(new URL(file, import.meta.resolve('imds/package.json')), 'utf8');
    return [...types.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name).sort();
  };
  const index = declared('index.d.ts');
  assert.deepEqual(Object.keys(imdsPackage).sort(), index);
  assert.deepEqual(Object.keys(inline).sort(), index);
  assert.deepEqual(Object.keys(slim).sort(), [...index, ...declared('slim.d.ts')].sort());
  assert.deepEqual(Object.keys(nodePackage).sort(), declared('node.d.ts'));
  const types = readFileSync(new URL('index.d.ts', import.meta.resolve('imds/package.json')), 'utf8');
  for (const [name, type] of [['Imds', Imds], ['ImdsConnection', imdsPackage.ImdsConnection]]) {
    const body = new RegExp(`^export class ${name} {\n(.*?)^}`, 'ms').exec(types)[1];
    const members = [...body.matchAll(/^ {2}(?:readonly )?(?!private|static|constructor)(\w+)[(:]/gm)].map(([, member]) => member);
    const own = Object.getOwnPropertyNames(type.prototype).filter((member) => member !== 'constructor');
    assert.deepEqual(own.sort(), members.sort(), name);
  }
});

test('the module imports what its glue gives, and nothing else', () => {
  const module = new WebAssembly.Module(readFileSync(require.resolve('imds/imds.wasm')));
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    assert.equal(kind, 'function');
    assert.equal(from, './imds_bg.js');
    assert.match(name, /^(__wbg_)?__wbindgen_/);
  }
});

test('require gives the same classes as import', () => {
  assert.equal(require('imds').Imds, Imds);
  assert.equal(require('imds/node').createServer, nodePackage.createServer);
});

test('the same seed, clock and bytes give the same bytes, inline too', () => {
  const [one, other, third] = [fixed(), fixed(), new inline.Imds({ seed: '2a', clock: () => NOW })];
  const issued = text(one.handle(PUT).response);
  assert.equal(text(other.handle(PUT).response), issued);
  assert.equal(text(third.handle(PUT).response), issued);
  assert.notEqual(text(one.handle(PUT).response), issued, 'the next token is another one');
  assert.notEqual(text(new Imds({ clock: () => NOW }).handle(PUT).response), issued, 'without a seed it is drawn');
});

test('an answer says how far it travels, and does not arrive farther away', () => {
  const imds = fixed();
  assert.equal(imds.handle(PUT, { hops: 1 }).hopLimit, 1);
  const lost = imds.handle(PUT, { hops: 2 });
  assert.deepEqual([lost.response, lost.silence, lost.status, lost.rule], [null, 'hop-limit', 200, 'serve.token']);
  const connection = imds.connection({ hops: 2 });
  assert.equal(connection.receive(PUT)[0].silence, 'hop-limit');
  assert.equal(connection.transmit(), null);
  assert.notEqual(imds.handle(get('/'), { hops: 9 }).response, null, 'a GET is answered anywhere');
});

test('an instance that is gone is silent, and one whose endpoint is disabled answers 403', () => {
  const imds = fixed({ modifyMillis: 0 });
  imds.modify({ http_endpoint: 'disabled' });
  assert.equal(imds.handle(get('/')).status, 403);
  const [{ id }] = imds.instances();
  const reply = imds.ec2({ Action: 'TerminateInstances', Version: '2016-11-15', 'InstanceId.1': id });
  assert.deepEqual([reply.status, reply.action, reply.error], [200, 'TerminateInstances', null]);
  assert.deepEqual([imds.handle(get('/')).response, imds.handle(get('/')).silence], [null, 'nobody']);
  const connection = imds.connection();
  assert.equal(connection.receive(get('/'))[0].silence, 'nobody');
  assert.equal(connection.state, 'closed');
});

test('half a request is no answer in handle and none yet on a connection', () => {
  const imds = fixed();
  const half = imds.handle(PUT.slice(0, 20));
  assert.deepEqual([half.response, half.silence, half.status, half.trace], [null, 'incomplete', null, []]);
  const connection = imds.connection();
  assert.deepEqual(connection.receive(PUT.slice(0, 20)), []);
  assert.deepEqual(connection.deadline, { at: NOW + 10_000, kind: 'head' });
  assert.equal(connection.receive(PUT.slice(20)).length, 1);
  connection.transmitted(connection.transmit().bytes.length);
  assert.deepEqual([connection.state, connection.closeReason], ['closed', 'answered']);
});

test('a body longer than what a connection holds is dropped before the answer', () => {
  const body = 'b'.repeat(65_536);
  const exchange = fixed().handle(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  assert.equal(exchange.status, 405);
});

test('an answer keeps its bytes while others come and when a buffer is transferred', () => {
  const imds = fixed();
  const asked = Array.from({ length: 200 }, (_, index) => get(index % 3 ? '/latest/meta-data/' : '/latest/meta-data/instance-id'));
  const answers = asked.map((request) => imds.handle(request));
  answers.forEach(({ response }, index) => assert.deepEqual(response, imds.handle(asked[index]).response));
  const { response } = imds.handle(asked[0]);
  structuredClone(response, { transfer: [response.buffer] });
  assert.equal(imds.handle(asked[0]).status, 200);
  assert.deepEqual(imds.handle(asked[0]).response, answers[0].response);
});

test('spans name every byte of both messages once, in their order', () => {
  const imds = fixed();
  const request = 'GET /latest/meta-data/?x HTTP/1.1\r\nHost: a\r\n\r\n';
  const exchange = imds.handle(request);
  const { response } = exchange;
  for (const [side, length] of [['request', request.length], ['response', response.length]]) {
    const own = exchange.spans.filter((span) => span.side === side);
    assert.deepEqual(own, spans(side === 'request' ? request : response, side));
    assert.deepEqual([own[0].from, own.at(-1).to], [0, length]);
    own.slice(1).forEach(({ from, to }, index) => assert.ok(from === own[index].to && to > from));
  }
  const parts = exchange.spans.filter(({ side }) => side === 'request').map(({ part, from, to }) => [part, request.slice(from, to)]);
  assert.deepEqual(parts.slice(0, 9), [
    ['method', 'GET'], ['separator', ' '], ['path', '/latest/meta-data/'], ['query', '?x'], ['separator', ' '], ['version', 'HTTP/1.1'],
    ['line-end', '\r\n'], ['field-name', 'Host'], ['separator', ': '],
  ]);
  const streamed = imds.connection();
  assert.deepEqual(streamed.receive(request)[0].spans, exchange.spans.filter(({ side }) => side === 'response'));
  assert.throws(() => spans(request, 'both'), refusal('input', undefined));
  assert.deepEqual(spans('', 'request'), []);
});

test('the types name the parts that there are', () => {
  const types = readFileSync(new URL('index.d.ts', import.meta.resolve('imds/package.json')), 'utf8');
  const [, union] = /readonly part:((?:\s*\| '[\w-]+')+);/.exec(types);
  const declared = [...union.matchAll(/'([\w-]+)'/g)].map(([, part]) => part);
  const messages = [['GET /?x HTTP/1.1\r\nHost: a\r\n ?\r\n\r\nbody', 'request'], ['HTTP/1.1 200 OK\r\n\r\n', 'response']];
  const seen = new Set(messages.flatMap(([message, side]) => spans(message, side).map(({ part }) => part)));
  assert.deepEqual(declared.sort(), [...seen].sort());
});

test('the trace names the rules up to the one that decides', () => {
  const exchange = fixed().handle(get('/latest/meta-data/', 'X-aws-ec2-metadata-token: short'));
  assert.equal(exchange.rule, 'token.length');
  assert.deepEqual(exchange.trace.at(-1), { rule: 'token.length', verdict: 'decides' });
  assert.deepEqual(exchange.trace.map(({ rule }) => rule), tables().rules.slice(0, exchange.trace.length).map(({ id }) => id));
  assert.ok(exchange.trace.some(({ verdict }) => verdict === 'passes'));
});

test('explain says what would have turned the decision', () => {
  const imds = fixed({ instance: { instance_type: 't3.micro', metadata_options: { http_tokens: 'required' } } });
  const turns = imds.explain(get('/latest/meta-data/'));
  assert.deepEqual(turns.map(({ change }) => change), ['option.http-tokens', 'field.token.good']);
  assert.throws(() => imds.explain('GET'), refusal('incomplete'));
});

test('fetch answers as the platform would be answered, and rejects where nothing comes', async () => {
  const imds = fixed({ instance: { instance_type: 't2.nano' } });
  const { fetch } = imds;
  const response = await fetch(new Request('http://169.254.169.254/latest/meta-data/instance-type'));
  assert.deepEqual([response.status, response.statusText, await response.text()], [200, 'OK', 't2.nano']);
  assert.equal(response.headers.get('server'), 'EC2ws');
  const put = await fetch('/latest/api/token', { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '5' } });
  assert.equal((await put.text()).length, 56);
  await assert.rejects(fetch('/latest/api/token', { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '5' }, imds: { hops: 3 } }), TypeError);
  await assert.rejects(fetch('/', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  const handled = await toFetchHandler(imds)(new Request('http://x/nothing'));
  assert.equal(handled.status, 404);
});

test('options are pending before they are applied, and events tell of it', () => {
  let now = NOW;
  const imds = new Imds({ clock: () => now });
  assert.equal(imds.modify({ http_tokens: 'required' }).state, 'pending');
  assert.equal(imds.handle(get('/')).status, 200);
  assert.equal(imds.deadline, NOW + 1000);
  now += 1000;
  assert.equal(imds.handle(get('/')).status, 401);
  assert.deepEqual(imds.events().map(({ event }) => event), ['launched', 'modified', 'applied']);
  assert.equal(imds.options().state, 'applied');
});

test('a fleet is asked by id and by address', () => {
  const imds = fixed();
  const [other] = imds.launch({ instance_type: 'm5.large' });
  const [, { local_ipv4s: [address] }] = imds.instances();
  const asked = (context) => text(imds.handle(get('/latest/meta-data/instance-id'), context).response).split('\r\n\r\n')[1];
  assert.equal(asked({ instance: other }), other);
  assert.equal(asked({ peer: address }), other);
  assert.equal(asked({ peer: `::ffff:${address}` }), other);
  assert.notEqual(asked(), other);
  assert.equal(imds.handle(get('/'), { peer: '10.99.99.99' }).silence, 'nobody');
  assert.equal(imds.handle(get('/'), { instance: other, peer: 'fd00::1' }).silence, 'nobody', 'IPv6 is disabled');
});

test('a snapshot goes on with the same tokens', async () => {
  const imds = fixed();
  const token = text(imds.handle(PUT).response).slice(-56);
  const later = await Imds.restore(imds.snapshot(), { clock: () => NOW + 1000 });
  assert.equal(later.handle(get('/', `X-aws-ec2-metadata-token: ${token}`)).rule, 'serve.v2');
  assert.equal(later.snapshot(), imds.snapshot());
});

test('bad input is a typed error and changes nothing', () => {
  const imds = fixed();
  const before = imds.snapshot();
  assert.throws(() => new Imds({ instance: { instance_type: 't3.micro', network_interfaces: [{ mac: 'x' }] } }), refusal('record', 'network_interfaces[0].mac'));
  assert.throws(() => new Imds({ instance: '{' }), refusal('record', '.'));
  assert.throws(() => new Imds({ instance: {}, fleet: {} }), refusal('input'));
  assert.throws(() => new Imds({ seed: 'x' }), refusal('seed'));
  assert.throws(() => new Imds({ clock: () => NaN }), refusal('input'));
  assert.throws(() => imds.handle(7), refusal('input'));
  assert.throws(() => imds.handle(PUT, { hops: -1 }), refusal('input'));
  assert.throws(() => imds.handle(PUT, { now: -1 }), refusal('input'));
  assert.throws(() => imds.launch({ instance_type: 't3.micro' }, { count: 0 }), refusal('input'));
  assert.throws(() => imds.modify({ http_tokens: 'perhaps' }), refusal('record', 'http_tokens'));
  assert.throws(() => imds.modify({ http_put_response_hop_limit: 65 }), refusal('record', 'http_put_response_hop_limit'));
  assert.throws(() => imds.options({ instance: 'i-none' }), refusal('no-such-instance'));
  assert.throws(() => new Imds(null), refusal('input'));
  assert.throws(() => new Imds({ clock: 5 }), refusal('input'));
  assert.throws(() => play(5), refusal('input'));
  assert.throws(() => play({}), refusal('input'));
  assert.throws(() => play('a', { chunking: 5 }), refusal('input'));
  const circular = {};
  circular.self = circular;
  assert.throws(() => imds.launch(circular), (error) => refusal('input')(error) && !error.message.includes('\n'));
  const transferred = new Uint8Array(8);
  structuredClone(transferred, { transfer: [transferred.buffer] });
  assert.throws(() => imds.handle(transferred), refusal('input'));
  const connection = imds.connection();
  connection.receive(PUT);
  for (const bytes of [-1, 1.5, NaN, 2 ** 32, 'x', undefined]) assert.throws(() => connection.transmitted(bytes), refusal('input'));
  assert.notEqual(connection.transmit(), null);
  let broken = false;
  const failing = new Imds({ seed: '2a', clock: () => { if (broken) throw new Error('no time'); return NOW; } });
  broken = true;
  assert.throws(() => failing.options(), /no time/);
  broken = false;
  assert.equal(imds.trapped, false);
  assert.equal(imds.snapshot(), before);
});

test('what was freed says so, and may be freed again', async () => {
  const imds = fixed();
  const connection = imds.connection();
  connection.free();
  connection.free();
  connection[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
  const uses = [(it) => it.receive(PUT), (it) => it.end(), (it) => it.transmit(), (it) => it.transmitted(1), (it) => it.handleDeadline(), (it) => it.shutDown(), (it) => it.deadline, (it) => it.state, (it) => it.closeReason, (it) => it.wantsInput];
  for (const use of uses) assert.throws(() => use(connection), refusal('freed'), `${use}`);
  assert.equal(imds.handle(PUT).status, 200);
  imds.free();
  imds.free();
  assert.throws(() => imds.handle(PUT), refusal('freed'));
  await assert.rejects(Imds.restore(undefined), refusal('input'));
});

test('the tables are the core’s, and nobody changes them', () => {
  const { rules, categories, versions, statuses, limits } = tables();
  assert.ok(rules.length > 20 && categories.length > 70 && limits.length > 10);
  assert.equal(versions.at(-1), '2024-04-11');
  assert.deepEqual(statuses[0], { code: 200, reason: 'OK' });
  assert.throws(() => rules.push({}), TypeError);
});

test('after a trap every object says so, and a snapshot goes on in a new module', async () => {
  const imds = fixed();
  const bystander = fixed();
  const issued = text(imds.handle(PUT).response);
  const snapshot = imds.snapshot();
  const glue = await import(new URL('dist/glue.js', import.meta.resolve('imds/package.json')));
  // Nothing that is asked makes the core trap, so its memory is ruined from outside.
  new Uint8Array(glue.initSync().memory.buffer).fill(0xff);
  assert.throws(() => imds.snapshot(), refusal('trap'));
  assert.ok(imds.trapped && bystander.trapped);
  assert.throws(() => imds.handle(PUT), refusal('trap'));
  assert.throws(() => bystander.instances(), refusal('trap'));
  imds.free();
  const next = await Imds.restore(snapshot, { clock: () => NOW, nonce: 0n });
  assert.equal(text(next.handle(PUT).response), issued);
  assert.equal(text(fixed().handle(PUT).response), issued);
});
