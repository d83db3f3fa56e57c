// Tests the behaviour that index.d.ts documents.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as imdsPackage from 'imds';
import * as core from 'imds/core';
import * as coreSlim from 'imds/core/slim';
import * as nodePackage from 'imds/node';
import * as slim from 'imds/slim';
import { importBundled } from './bundled.mjs';

const [inline, coreInline] = await Promise.all(['imds/inline', 'imds/core/inline'].map((entry) => importBundled(entry)));
const { Imds, ImdsError, runTranscript, spans, tables, toFetchHandler } = imdsPackage;
const require = createRequire(import.meta.url);
const NOW = Date.parse('2026-01-01T00:00:00Z');
const PUT = 'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n';
const get = (path, ...headers) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
const text = (bytes) => new TextDecoder().decode(bytes);
const imdsError = (code, path) => (error) => error instanceof ImdsError && error.code === code && error.path === path;
const fixed = (init) => new Imds({ seed: '2a', clock: () => NOW, ...init });

test('the type files declare exactly the exports', () => {
  const declared = (file) => {
    const types = readFileSync(new URL(file, import.meta.resolve('imds/package.json')), 'utf8');
    return [...types.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name).sort();
  };
  const index = declared('index.d.ts');
  assert.deepEqual(Object.keys(imdsPackage).sort(), index);
  assert.deepEqual(Object.keys(inline).sort(), index);
  assert.deepEqual(Object.keys(slim).sort(), [...index, ...declared('slim.d.ts')].sort());
  assert.deepEqual(Object.keys(nodePackage).sort(), declared('node.d.ts'));
  const coreNames = [...declared('core.d.ts'), 'ImdsError'].sort();
  assert.deepEqual(Object.keys(core).sort(), coreNames);
  assert.deepEqual(Object.keys(coreInline).sort(), coreNames);
  assert.deepEqual(Object.keys(coreSlim).sort(), [...coreNames, ...declared('core-slim.d.ts')].sort());
  const shared = readFileSync(new URL('shared.d.ts', import.meta.resolve('imds/package.json')), 'utf8');
  const classes = (file, { Imds, ImdsConnection }) => [[file, 'Imds', Imds], [file, 'ImdsConnection', ImdsConnection]];
  for (const [file, name, type] of [...classes('index.d.ts', imdsPackage), ...classes('core.d.ts', core)]) {
    const types = readFileSync(new URL(file, import.meta.resolve('imds/package.json')), 'utf8');
    const base = new RegExp(`^export interface ${name} extends (\\w+)`, 'm').exec(types)?.[1];
    const inherited = base ? new RegExp(`^export interface ${base}<?\\w*>? {\n(.*?)^}`, 'ms').exec(shared)[1] : '';
    const body = inherited + new RegExp(`^export class ${name} {\n(.*?)^}`, 'ms').exec(types)[1];
    const members = [...body.matchAll(/^ {2}(?:readonly )?(?!private|static|constructor)(\w+)[(:]/gm)].map(([, member]) => member);
    const own = Object.getOwnPropertyNames(type.prototype).filter((member) => member !== 'constructor');
    assert.deepEqual(own.sort(), members.sort(), `${file}: ${name}`);
  }
});

test('the module imports only functions of its glue', () => {
  const module = new WebAssembly.Module(readFileSync(require.resolve('imds/imds.wasm')));
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    assert.equal(kind, 'function');
    assert.equal(from, './imds_bg.js');
    assert.match(name, /^(__wbg_)?__wbindgen_/);
  }
});

test('require and import return the same classes', () => {
  assert.equal(require('imds').Imds, Imds);
  assert.equal(require('imds/node').createServer, nodePackage.createServer);
});

test('equal seeds, clocks and requests give equal responses, with imds/inline too', () => {
  const [first, second, inlined] = [fixed(), fixed(), new inline.Imds({ seed: '2a', clock: () => NOW })];
  const issued = text(first.handle(PUT).response);
  assert.equal(text(second.handle(PUT).response), issued);
  assert.equal(text(inlined.handle(PUT).response), issued);
  assert.notEqual(text(first.handle(PUT).response), issued, 'the next token differs');
  assert.notEqual(text(new Imds({ clock: () => NOW }).handle(PUT).response), issued, 'the default seed is random');
});

test('imds/inline takes the forms in which bundlers inline a file, and rejects a URL', async () => {
  for (const form of ['base64', 'dataurl']) {
    const { Imds } = await importBundled('imds/inline', form);
    assert.equal(new Imds({ seed: '2a', clock: () => NOW }).handle(PUT).status, 200, form);
  }
  await assert.rejects(importBundled('imds/inline', 'file'), ({ code, message }) => code === 'not-loaded' && /data: URL/.test(message));
});

test('a response does not reach a client beyond its hop limit', () => {
  const imds = fixed();
  assert.equal(imds.handle(PUT, { hops: 1 }).hopLimit, 1);
  const lost = imds.handle(PUT, { hops: 2 });
  assert.deepEqual([lost.response, lost.noResponse, lost.status, lost.rule], [null, 'hop-limit', 200, 'serve.token']);
  const connection = imds.connection({ hops: 2 });
  assert.equal(connection.receive(PUT)[0].noResponse, 'hop-limit');
  assert.equal(connection.pollTransmit(), null);
  assert.notEqual(imds.handle(get('/'), { hops: 9 }).response, null, 'the hop limit does not apply to a GET');
});

test('a terminated instance does not respond, and a disabled endpoint responds with 403', () => {
  const imds = fixed({ modifyMillis: 0 });
  imds.modify({ http_endpoint: 'disabled' });
  assert.equal(imds.handle(get('/')).status, 403);
  const [{ id }] = imds.instances();
  const terminated = imds.ec2({ Action: 'TerminateInstances', Version: '2016-11-15', 'InstanceId.1': id });
  assert.deepEqual([terminated.status, terminated.action, terminated.error], [200, 'TerminateInstances', null]);
  assert.deepEqual([imds.handle(get('/')).response, imds.handle(get('/')).noResponse], [null, 'no-instance']);
  const connection = imds.connection();
  assert.equal(connection.receive(get('/'))[0].noResponse, 'no-instance');
  assert.equal(connection.state, 'closed');
});

test('handle reports an incomplete request, and a connection waits for its rest', () => {
  const imds = fixed();
  const half = imds.handle(PUT.slice(0, 20));
  assert.deepEqual([half.response, half.noResponse, half.status, half.trace], [null, 'incomplete', null, []]);
  const connection = imds.connection();
  assert.deepEqual(connection.receive(PUT.slice(0, 20)), []);
  assert.deepEqual(connection.deadline, { at: NOW + 10_000, kind: 'head' });
  assert.equal(connection.receive(PUT.slice(20)).length, 1);
  connection.advanceTransmit(connection.pollTransmit().bytes.length);
  assert.deepEqual([connection.state, connection.closeReason], ['closed', 'answered']);
});

test('a body larger than the connection buffer is discarded before the response', () => {
  const body = 'b'.repeat(65_536);
  const exchange = fixed().handle(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  assert.equal(exchange.status, 403);
});

test('a response keeps its bytes during later calls and after a buffer is transferred', () => {
  const imds = fixed();
  const requests = Array.from({ length: 200 }, (_, index) => get(index % 3 ? '/latest/meta-data/' : '/latest/meta-data/instance-id'));
  const exchanges = requests.map((request) => imds.handle(request));
  exchanges.forEach(({ response }, index) => assert.deepEqual(response, imds.handle(requests[index]).response));
  const { response } = imds.handle(requests[0]);
  structuredClone(response, { transfer: [response.buffer] });
  assert.equal(imds.handle(requests[0]).status, 200);
  assert.deepEqual(imds.handle(requests[0]).response, exchanges[0].response);
});

test('spans cover each byte of both messages once, in order', () => {
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
  assert.throws(() => spans(request, 'both'), imdsError('input', undefined));
  assert.deepEqual(spans('', 'request'), []);
});

test('the types list exactly the parts that spans return', () => {
  const types = readFileSync(new URL('index.d.ts', import.meta.resolve('imds/package.json')), 'utf8');
  const [, union] = /readonly part:((?:\s*\| '[\w-]+')+);/.exec(types);
  const declared = [...union.matchAll(/'([\w-]+)'/g)].map(([, part]) => part);
  const messages = [['GET /?x HTTP/1.1\r\nHost: a\r\n ?\r\n\r\nbody', 'request'], ['HTTP/1.1 200 OK\r\n\r\n', 'response']];
  const seen = new Set(messages.flatMap(([message, side]) => spans(message, side).map(({ part }) => part)));
  assert.deepEqual(declared.sort(), [...seen].sort());
});

test('the trace ends with the rule that decides', () => {
  const exchange = fixed().handle(get('/latest/meta-data/', 'X-aws-ec2-metadata-token: short'));
  assert.equal(exchange.rule, 'token.length');
  assert.deepEqual(exchange.trace.at(-1), { rule: 'token.length', verdict: 'decides' });
  assert.deepEqual(exchange.trace.map(({ rule }) => rule), tables().rules.slice(0, exchange.trace.length).map(({ id }) => id));
  assert.ok(exchange.trace.some(({ verdict }) => verdict === 'passes'));
});

test('explain lists the changes that would turn the decision', () => {
  const imds = fixed({ instance: { instance_type: 't3.micro', metadata_options: { http_tokens: 'required' } } });
  const turns = imds.explain(get('/latest/meta-data/'));
  assert.deepEqual(turns.map(({ change }) => change), ['option.http-tokens', 'field.token.good']);
  assert.throws(() => imds.explain('GET'), imdsError('incomplete'));
});

test('fetch returns a Response, and rejects without one', async () => {
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

test('changed options are pending before they are applied, and events report both', () => {
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

test('requests reach an instance by its id and by its address', () => {
  const imds = fixed();
  const [other] = imds.launch({ instance_type: 'm5.large' });
  const [, { local_ipv4s: [address] }] = imds.instances();
  const idAt = (context) => text(imds.handle(get('/latest/meta-data/instance-id'), context).response).split('\r\n\r\n')[1];
  assert.equal(idAt({ instance: other }), other);
  assert.equal(idAt({ peer: address }), other);
  assert.equal(idAt({ peer: `::ffff:${address}` }), other);
  assert.notEqual(idAt(), other);
  assert.equal(imds.handle(get('/'), { peer: '10.99.99.99' }).noResponse, 'no-instance');
  assert.equal(imds.handle(get('/'), { instance: other, peer: 'fd00::1' }).noResponse, 'no-instance', 'IPv6 is disabled');
});

test('tokens stay valid after a snapshot is restored', async () => {
  const imds = fixed();
  const token = text(imds.handle(PUT).response).slice(-56);
  const later = await Imds.restore(imds.snapshot(), { clock: () => NOW + 1000 });
  assert.equal(later.handle(get('/', `X-aws-ec2-metadata-token: ${token}`)).rule, 'serve.v2');
  assert.equal(later.snapshot(), imds.snapshot());
});

test('invalid arguments throw an ImdsError and change nothing', () => {
  const imds = fixed();
  const before = imds.snapshot();
  assert.throws(() => new Imds({ instance: { instance_type: 't3.micro', network_interfaces: [{ mac: 'x' }] } }), imdsError('record', 'network_interfaces[0].mac'));
  assert.throws(() => new Imds({ instance: '{' }), imdsError('record', '.'));
  assert.throws(() => new Imds({ instance: {}, fleet: {} }), imdsError('input'));
  assert.throws(() => new Imds({ seed: 'x' }), imdsError('seed'));
  assert.throws(() => new Imds({ clock: () => NaN }), imdsError('input'));
  assert.throws(() => imds.handle(7), imdsError('input'));
  assert.throws(() => imds.handle(PUT, { hops: -1 }), imdsError('input'));
  assert.throws(() => imds.handle(PUT, { now: -1 }), imdsError('input'));
  assert.throws(() => imds.launch({ instance_type: 't3.micro' }, { count: 0 }), imdsError('input'));
  assert.throws(() => imds.modify({ http_tokens: 'perhaps' }), imdsError('record', 'http_tokens'));
  assert.throws(() => imds.modify({ http_put_response_hop_limit: 65 }), imdsError('record', 'http_put_response_hop_limit'));
  assert.throws(() => imds.options({ instance: 'i-none' }), imdsError('no-such-instance'));
  assert.throws(() => new Imds(null), imdsError('input'));
  assert.throws(() => new Imds({ clock: 5 }), imdsError('input'));
  assert.throws(() => runTranscript(5), imdsError('input'));
  assert.throws(() => runTranscript({}), imdsError('input'));
  assert.throws(() => runTranscript('a', { chunking: 5 }), imdsError('input'));
  const circular = {};
  circular.self = circular;
  assert.throws(() => imds.launch(circular), (error) => imdsError('input')(error) && !error.message.includes('\n'));
  const transferred = new Uint8Array(8);
  structuredClone(transferred, { transfer: [transferred.buffer] });
  assert.throws(() => imds.handle(transferred), imdsError('input'));
  const connection = imds.connection();
  connection.receive(PUT);
  for (const bytes of [-1, 1.5, NaN, 2 ** 32, 'x', undefined]) assert.throws(() => connection.advanceTransmit(bytes), imdsError('input'));
  assert.notEqual(connection.pollTransmit(), null);
  let clockFails = false;
  const failing = new Imds({ seed: '2a', clock: () => { if (clockFails) throw new Error('clock failed'); return NOW; } });
  clockFails = true;
  assert.throws(() => failing.options(), /clock failed/);
  clockFails = false;
  assert.equal(imds.trapped, false);
  assert.equal(imds.snapshot(), before);
});

test('unknown options are rejected by name, before anything changes', async () => {
  const imds = fixed();
  const connection = imds.connection();
  const record = { instance_type: 't3.micro' };
  const calls = {
    Imds: (options) => new Imds(options),
    handle: (options) => imds.handle(PUT, options),
    explain: (options) => imds.explain(PUT, options),
    connection: (options) => imds.connection(options),
    ec2: (options) => imds.ec2('Action=TerminateInstances', options),
    launch: (options) => imds.launch(record, options),
    modify: (options) => imds.modify({}, options),
    replace: (options) => imds.replace(record, options),
    options: (options) => imds.options(options),
    instances: (options) => imds.instances(options),
    events: (options) => imds.events(options),
    receive: (options) => connection.receive(PUT, options),
    receiveEof: (options) => connection.receiveEof(options),
    advanceTransmit: (options) => connection.advanceTransmit(0, options),
    handleTimeout: (options) => connection.handleTimeout(options),
    runTranscript: (options) => runTranscript('# A claim.', options),
    createServer: (options) => nodePackage.createServer(imds, options),
    requestListener: (options) => nodePackage.requestListener(imds, options),
  };
  const before = imds.snapshot();
  for (const [name, call] of Object.entries(calls)) {
    assert.throws(() => call({ nwo: NOW }), (error) => imdsError('input')(error) && error.message.includes('`nwo`'), name);
    for (const other of [null, 5, 'now']) assert.throws(() => call(other), imdsError('input'), name);
  }
  await assert.rejects(Imds.create({ recrod: record }), imdsError('input'));
  await assert.rejects(imds.fetch('/', { imds: { nwo: NOW } }), imdsError('input'));
  assert.throws(() => nodePackage.requestListener(imds, { keepAlive: true }), imdsError('input'));
  for (const [name, call] of [
    ['throttled', (it) => imds.handle(PUT, it)],
    ['throttled', (it) => connection.receive(PUT, it)],
    ['keepAlive', (it) => imds.connection(it)],
    ['publicAddress', (it) => imds.launch(record, it)],
    ['peers', (it) => nodePackage.createServer(imds, it)],
    ['keepAlive', (it) => nodePackage.createServer(imds, it)],
  ]) {
    assert.throws(() => call({ [name]: 'no' }), imdsError('input'), name);
  }
  assert.equal(imds.snapshot(), before);
});

test('a freed object throws on use, and can be freed again', async () => {
  const imds = fixed();
  const connection = imds.connection();
  connection.free();
  connection.free();
  connection[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
  const uses = [(it) => it.receive(PUT), (it) => it.receiveEof(), (it) => it.pollTransmit(), (it) => it.advanceTransmit(1), (it) => it.handleTimeout(), (it) => it.shutDown(), (it) => it.deadline, (it) => it.state, (it) => it.closeReason, (it) => it.wantsRead];
  for (const use of uses) assert.throws(() => use(connection), imdsError('freed'), `${use}`);
  assert.equal(imds.handle(PUT).status, 200);
  imds.free();
  imds.free();
  assert.throws(() => imds.handle(PUT), imdsError('freed'));
  await assert.rejects(Imds.restore(undefined), imdsError('input'));
});

test('tables have the rows of the core and are frozen', () => {
  const { rules, categories, versions, statuses, limits } = tables();
  assert.ok(rules.length > 20 && categories.length > 70 && limits.length > 10);
  assert.equal(versions.at(-1), '2026-04-15');
  assert.deepEqual(statuses[0], { code: 200, reason: 'OK' });
  const inputs = rules.find(({ id }) => id === 'token.missing').inputs;
  assert.ok(inputs.includes('http_tokens'), `${inputs}`);
  assert.throws(() => rules.push({}), TypeError);
  assert.throws(() => inputs.push('x'), TypeError);
});

test('after a trap every object throws, and a snapshot restores in a new module', async () => {
  const imds = fixed();
  const bystander = fixed();
  const issued = text(imds.handle(PUT).response);
  const snapshot = imds.snapshot();
  const glue = await import(new URL('dist/glue.js', import.meta.resolve('imds/package.json')));
  // No request makes the core trap, so the test overwrites its memory.
  new Uint8Array(glue.initSync().memory.buffer).fill(0xff);
  assert.throws(() => imds.snapshot(), imdsError('trap'));
  assert.ok(imds.trapped && bystander.trapped);
  assert.throws(() => imds.handle(PUT), imdsError('trap'));
  assert.throws(() => bystander.instances(), imdsError('trap'));
  imds.free();
  const next = await Imds.restore(snapshot, { clock: () => NOW, nonce: 0n });
  assert.equal(text(next.handle(PUT).response), issued);
  assert.equal(text(fixed().handle(PUT).response), issued);
});
