// Pages of other origins send calls of the EC2 API to the console, in every way that a browser has,
// and change nothing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { binary, hasBinary, launch } from './browser-common.mjs';

/** Calls that change the fleet, as forms. `ID` is the instance. */
const CHANGES = [
  'Action=RunInstances&ImageId=ami-0abcdef1234567890&MinCount=1&MaxCount=1',
  'Action=CreateTags&ResourceId.1=ID&Tag.1.Key=trial&Tag.1.Value=a',
  'Action=ModifyInstanceMetadataOptions&InstanceId=ID&HttpTokens=required',
  'Action=TerminateInstances&InstanceId.1=ID',
];
/** Calls that only read. Other pages may not send the first one either. */
const READS = ['DescribeInstances', 'DescribeTags', 'DescribeVolumes', 'GetInstanceMetadataDefaults'];

/**
 * The ways in which a page sends a form to a URL. Each runs in the page. Names of parameters that
 * begin with `X-Amz-` are ignored by the API, so `X-Amz-Trial` marks the request.
 */
const WAYS = {
  'form GET': (url, form) => send({ url, form, method: 'get' }),
  'form POST': (url, form) => send({ url, form, method: 'post' }),
  'form POST multipart': (url, form) => send({ url, form, method: 'post', enctype: 'multipart/form-data' }),
  'form POST text': (url, form) => send({ url, form, method: 'post', enctype: 'text/plain' }),
  'form POST query': (url, form) => send({ url: `${url}?${form}`, form: '', method: 'post' }),
  'form POST without referrer': (url, form) => send({ url, form, method: 'post', rel: 'noreferrer' }),
  'form POST of a sandboxed frame': (url, form) => framed(url, form, { sandbox: 'allow-scripts allow-forms' }),
  'form POST of a data: frame': (url, form) => framed(url, form, {}, true),
  'form POST in a window': (url, form) => send({ url, form, method: 'post', target: '_blank' }),
  image: (url, form) => add('img', { src: `${url}?${form}` }),
  'image without referrer': (url, form) => add('img', { referrerPolicy: 'no-referrer', src: `${url}?${form}` }),
  iframe: (url, form) => add('iframe', { src: `${url}?${form}` }),
  object: (url, form) => add('object', { data: `${url}?${form}` }),
  embed: (url, form) => add('embed', { src: `${url}?${form}` }),
  video: (url, form) => add('video', { src: `${url}?${form}` }),
  script: (url, form) => add('script', { src: `${url}?${form}` }),
  module: (url, form) => add('script', { type: 'module', src: `${url}?${form}` }),
  stylesheet: (url, form) => add('link', { rel: 'stylesheet', href: `${url}?${form}` }),
  prefetch: (url, form) => add('link', { rel: 'prefetch', href: `${url}?${form}` }),
  font: (url, form) => new FontFace('trial', `url("${url}?${form}")`).load().catch(() => {}),
  'fetch GET': (url, form) => fetch(`${url}?${form}`, { mode: 'no-cors' }).catch(() => {}),
  'fetch GET cors': (url, form) => fetch(`${url}?${form}`).catch(() => {}),
  'fetch POST': (url, form) => fetch(url, { method: 'POST', mode: 'no-cors', body: new URLSearchParams(form) }).catch(() => {}),
  'fetch POST cors': (url, form) => fetch(url, { method: 'POST', body: new URLSearchParams(form) }).catch(() => {}),
  'fetch POST text': (url, form) => fetch(url, { method: 'POST', mode: 'no-cors', body: form }).catch(() => {}),
  'fetch POST keepalive': (url, form) => fetch(url, { method: 'POST', mode: 'no-cors', keepalive: true, body: new URLSearchParams(form) }).catch(() => {}),
  'fetch POST credentials': (url, form) => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams(form) }).catch(() => {}),
  // The browser asks first, with OPTIONS.
  'fetch POST signed': (url, form) => fetch(`${url}?${form}`, { method: 'POST', headers: { 'x-amz-date': '20260101T000000Z' } }).catch(() => {}),
  'fetch POST typed': (url, form) => fetch(`${url}?${form}`, { method: 'POST', headers: { 'content-type': 'application/x-amz-json-1.0' } }).catch(() => {}),
  'fetch PUT': (url, form) => fetch(`${url}?${form}`, { method: 'PUT' }).catch(() => {}),
  XMLHttpRequest: (url, form) => xhr('POST', url, form),
  beacon: (url, form) => navigator.sendBeacon(url, new URLSearchParams(form)),
  'beacon text': (url, form) => navigator.sendBeacon(url, form),
  ping: (url, form) => click({ href: '#ping', ping: `${url}?${form}` }),
  EventSource: (url, form) => void new EventSource(`${url}?${form}`),
  WebSocket: (url, form) => void new WebSocket(`${url.replace('http', 'ws')}?${form}`),
  worker: (url, form) => void new Worker(URL.createObjectURL(new Blob([`importScripts(${JSON.stringify(`${url}?${form}`)})`]))),
  link: (url, form) => click({ href: `${url}?${form}`, target: '_blank' }),
  'link without referrer': (url, form) => click({ href: `${url}?${form}`, target: '_blank', rel: 'noreferrer' }),
  window: (url, form) => void open(`${url}?${form}`),
  'window with a password': (url, form) => void open(`${url.replace('://', '://a:b@')}?${form}`),
};

/** The ways that open a window, which takes long. */
const WINDOWS = /^link|^window|in a window$/;

/** The routes of the console besides `/`. */
const ROUTES = ['healthz', 'metrics', 'events', 'index.html', 'nothing'];

/** What the functions of `WAYS` use in the page. */
function helpers() {
  globalThis.add = (name, properties) => {
    const element = Object.assign(document.createElement(name), properties);
    document.body.append(element);
    return element;
  };
  globalThis.click = (properties) => {
    const link = add('a', { textContent: 'a' });
    for (const [name, value] of Object.entries(properties)) link.setAttribute(name, value);
    link.click();
  };
  globalThis.send = ({ url, form, target, ...properties }) => {
    const frame = `frame-${Math.random()}`;
    if (!target) add('iframe', { name: frame });
    const element = add('form', { action: url, target: target ?? frame, ...properties });
    for (const [name, value] of new URLSearchParams(form)) element.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    element.submit();
  };
  globalThis.framed = (url, form, { sandbox }, isData = false) => {
    const inputs = [...new URLSearchParams(form)].map(([name, value]) => `<input type=hidden name="${name}" value="${value}">`).join('');
    const page = `<form method=post action="${url}">${inputs}</form><script>document.forms[0].submit()</script>`;
    const frame = document.createElement('iframe');
    if (sandbox) frame.setAttribute('sandbox', sandbox);
    if (isData) frame.src = `data:text/html,${encodeURIComponent(page)}`;
    else frame.srcdoc = page;
    document.body.append(frame);
  };
  globalThis.xhr = (method, url, form) => {
    const sent = new XMLHttpRequest();
    sent.open(method, url);
    sent.setRequestHeader('content-type', 'application/x-www-form-urlencoded');
    sent.send(form);
  };
}

/**
 * Forwards requests to the console without some headers, and counts those that a page has marked.
 * `/page` is a page of the attacker, so its origin can be the console's address with another name.
 */
async function relay(without = /^$/) {
  const marked = [];
  const arrived = (incoming, body) => {
    const mark = /X-Amz-Trial(?:=|"\r\n\r\n)([\w%./-]+)/.exec(`${incoming.url}\n${body}`)?.[1];
    const entry = { mark: mark && decodeURIComponent(mark), method: incoming.method, status: 0 };
    if (mark) marked.push(entry);
    return entry;
  };
  let console_;
  const forward = (incoming, body, respond) => {
    const entry = arrived(incoming, body);
    const { hostname, port } = new URL(console_);
    const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !without.test(name)));
    const outgoing = request({ hostname, port, method: incoming.method, path: incoming.url, headers });
    const answered = (response) => {
      entry.status = response.statusCode;
      respond(response);
    };
    outgoing.on('response', answered);
    outgoing.on('upgrade', answered);
    outgoing.on('error', (error) => respond(error));
    outgoing.end(body);
  };
  const server = createServer(async (incoming, outgoing) => {
    if (incoming.url === '/page') return void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>attacker</title>');
    const body = Buffer.concat(await incoming.toArray());
    forward(incoming, body, (response) => {
      if (response instanceof Error) return void outgoing.destroy();
      outgoing.writeHead(response.statusCode, response.rawHeaders);
      response.pipe(outgoing);
    });
  });
  server.on('upgrade', (incoming, socket) => forward(incoming, '', () => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, marked, to: (url) => (console_ = url), close: () => new Promise((done) => server.close(done).closeAllConnections()) };
}

/** Calls the API as a program, which has neither Origin nor a browser's User-Agent. */
async function call(console_, form) {
  const response = await fetch(console_, { method: 'POST', body: new URLSearchParams(`${form}&Version=2016-11-15`) });
  const text = await response.text();
  return { status: response.status, text: text.replace(/<requestId>.*?<\/requestId>/, '') };
}

const fleet = async (console_) => (await Promise.all(READS.map((action) => call(console_, `Action=${action}`)))).map(({ text }) => text);

const ATTACKER = 'attacker.test';
const REBOUND = 'rebound.test';

/** Lets pages of other origins send all calls in all ways, and returns the requests that arrived. */
async function trial(context, without, pages) {
  const between = await relay(without);
  const served = await binary('--console-host', `127.0.0.1:${between.port}`);
  between.to(served.base);
  const other = await relay();
  other.to(served.base);
  const rules = `MAP ${ATTACKER} 127.0.0.1, MAP ${REBOUND} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;
  const browser = await launch([`--host-resolver-rules=${rules}`]);
  try {
    const before = await fleet(served.base);
    const [, id] = /<instanceId>(i-\w+)</.exec(before[0]);
    const forms = [...CHANGES, `Action=${READS[0]}`].map((form) => `${form.replace('ID', id)}&Version=2016-11-15`);
    const sent = new Set();
    const missing = () => {
      const arrived = new Set(between.marked.filter(({ status }) => status).map(({ mark }) => mark));
      return [...sent].filter((mark) => !arrived.has(mark));
    };
    for (const [from, target] of pages(other.port, between.port)) {
      const tab = await browser.newContext();
      await tab.addInitScript(helpers);
      const page = await tab.newPage();
      await page.goto(from);
      const attempts = Object.keys(WAYS).map((way) => [way, '', WINDOWS.test(way) ? forms.slice(-2) : forms]);
      for (const route of ROUTES) for (const way of ['form POST', 'fetch POST']) attempts.push([way, route, forms.slice(-2)]);
      for (const [way, route, some] of attempts) {
        const marked = some.map((form) => {
          const mark = `${new URL(from).hostname}/${route}_${way.replaceAll(' ', '_')}_${/Action=(\w+)/.exec(form)[1]}`;
          sent.add(mark);
          return `${form}&X-Amz-Trial=${encodeURIComponent(mark)}`;
        });
        await page.evaluate(([source, url, forms]) => forms.forEach((form) => (0, eval)(source)(url, form)), [`(${WAYS[way]})`, target + route, marked]);
      }
      for (const until = Date.now() + 20_000; Date.now() < until && missing().length > 0; ) await sleep(100);
      await tab.close();
    }
    assert.deepEqual(missing(), []);
    assert.deepEqual(await fleet(served.base), before);
    context.diagnostic(`${between.marked.length} requests arrived`);
    // The same forms change the fleet if a program sends them.
    for (const form of CHANGES) assert.equal((await call(served.base, form.replace('ID', id))).status, 200, form);
    assert.notDeepEqual(await fleet(served.base), before);
    return between.marked;
  } finally {
    await browser.close();
    served.close();
    await Promise.all([between.close(), other.close()]);
  }
}

test('pages of other origins change nothing, however they send a call', hasBinary, async (context) => {
  const marked = await trial(context, undefined, (other, port) => [
    // Another port of the same host, another site, and DNS rebinding.
    [`http://127.0.0.1:${other}/page`, `http://127.0.0.1:${port}/`],
    [`http://${ATTACKER}:${other}/page`, `http://127.0.0.1:${port}/`],
    [`http://${REBOUND}:${port}/page`, `http://${REBOUND}:${port}/`],
  ]);
  assert.deepEqual(marked.filter(({ mark, status }) => status !== (mark.startsWith(REBOUND) ? 421 : 403)), []);
});

test('a browser that does not say which page sends a call changes nothing either', hasBinary, async (context) => {
  const marked = await trial(context, /^(origin|referer|accept-language|sec-fetch-.*)$/, (other, port) => [
    [`http://${ATTACKER}:${other}/page`, `http://127.0.0.1:${port}/`],
  ]);
  // Without Origin, a preflight is only a method that the console does not have.
  assert.deepEqual(marked.filter(({ method, status }) => status !== (method === 'OPTIONS' ? 405 : 403)), []);
});
