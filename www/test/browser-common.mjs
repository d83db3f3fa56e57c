// Shared by the browser tests: a static web server, pages that collect errors and foreign requests,
// and helpers for navigation.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { chromium } from 'playwright-core';

import { build } from '../build.mjs';

const found = (files) => files.find((file) => existsSync(file));
export const CHROMIUM = found(['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']);
export const FIREFOX = found(['/usr/bin/firefox-esr', '/usr/bin/firefox']);
const ci = ['1', 'true'].includes(process.env.CI);
/** Skips a test without its browser; in CI it then fails. */
export const needs = (file, name, timeout = 300_000) => ({ skip: !ci && !file && `${name} is not installed`, timeout });
export const here = (file) => fileURLToPath(new URL(file, import.meta.url));
export const golden = (name) => readFileSync(here(`golden/${name}`), 'utf8');

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json', '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json' };
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";

/** Serves www/ at `/`, and /pkg/ and /examples/ from the repository. */
export async function serve() {
  const server = createServer(({ url }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://x').pathname);
    const file = here(/^\/(pkg|examples)\//.test(path) ? `../..${path}` : `..${path.replace(/\/$/, '/index.html')}`);
    const type = !path.includes('..') && existsSync(file) && TYPES[extname(file)];
    response.writeHead(type ? 200 : 404, { 'content-type': type || 'text/plain', 'content-security-policy': POLICY, 'cache-control': 'no-cache' });
    response.end(type ? readFileSync(file) : 'not found\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { base: `http://127.0.0.1:${server.address().port}/`, close: () => new Promise((done) => server.close(done).closeAllConnections()) };
}

export const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });

/**
 * Serves the page for visitors, built from the current sources, with the server's cache headers and
 * compressed with brotli. `requests` lists what arrived; `size` is the number of compressed bytes.
 * While `gate.closed`, responses wait in `gate.waiting`.
 */
export async function serveBuilt() {
  const page = await build();
  const requests = [];
  const gate = { closed: false, waiting: [] };
  const compressed = new Map();
  const answer = (path) => {
    if (!compressed.has(path)) {
      const plain = /^(pkg\/dist|examples)\/[\w.-]+$/.test(path) && existsSync(here(`../../${path}`)) ? readFileSync(here(`../../${path}`)) : page.get(path);
      compressed.set(path, plain === undefined ? null : brotli(Buffer.from(plain)));
    }
    return compressed.get(path);
  };
  // Compress before the measurements.
  for (const path of [...page.keys(), 'pkg/dist/imds-core.wasm', 'pkg/dist/imds.wasm']) answer(path);
  const server = createServer(async ({ url, headers }, response) => {
    const { pathname, search } = new URL(url, 'http://x');
    const path = pathname.slice(1) || 'index.html';
    const body = answer(path);
    const isHashed = /^\?v=/.test(search) || /-\w{8}\.(js|css)$/.test(path);
    const tag = body && `W/"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
    const status = !body ? 404 : headers['if-none-match'] === tag ? 304 : 200;
    requests.push({ path, status, isHashed, size: status === 200 ? body.length : 0 });
    if (gate.closed) await new Promise((open) => gate.waiting.push(open));
    if (!body) return response.writeHead(404).end('not found\n');
    response.writeHead(status, { 'content-type': TYPES[extname(path)], 'cache-control': isHashed ? 'max-age=31536000, immutable' : 'no-cache', etag: tag, ...(status === 200 && { 'content-encoding': 'br', 'content-length': body.length }) });
    response.end(status === 200 ? body : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { base: `http://127.0.0.1:${server.address().port}/`, requests, gate, close: () => new Promise((done) => server.close(done).closeAllConnections()) };
}

/**
 * Disables name resolution, so that even outside of a network namespace only the loopback device is
 * reachable.
 */
export const launch = (args = []) => chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', ...args] });

/**
 * A page in a new context. `faults` collects errors, warnings and requests to other origins.
 * @param {import('playwright-core').Browser} browser @param {string} base
 */
export async function open(browser, base, { route = 'playground', ...options } = {}) {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const faults = watch(page, base);
  await page.goto(`${base}${route.startsWith('#') ? route : `#/${route}`}`);
  await page.waitForSelector('main > *:not(h1, p)');
  return { page, context, faults };
}

export function watch(page, base) {
  const faults = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`thrown: ${error.stack}`));
  page.on('dialog', (dialog) => dialog.accept());
  // Chromium reports an abort after a HEAD request, and when an event stream is closed.
  const ends = (request) => request.method() === 'HEAD' || (request.resourceType() === 'eventsource' && request.failure()?.errorText === 'net::ERR_ABORTED');
  page.on('requestfailed', (request) => ends(request) || faults.push(`failed: ${request.method()} ${request.url()} ${request.resourceType()} ${request.failure()?.errorText}`));
  page.on('request', (request) => request.url().startsWith(base) || /^(data|blob):/.test(request.url()) || faults.push(`requested: ${request.url()}`));
  return faults;
}

/** Opens a view and waits until it is rendered. */
export async function go(page, route) {
  await page.evaluate((to) => (location.hash = to), `#/${route}`);
  await page.waitForSelector(`main > imds-${route.split('/')[0]}`);
  await settled(page);
}
/** Waits for the updates of views after a change. */
export const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));

/** The shell's transcript as text, without notes. */
export const transcript = (page) =>
  page.evaluate(() => [...document.querySelectorAll('.imds-shell-log li:has(.imds-shell-command)')].map((block) => {
    const output = [...block.querySelectorAll('.imds-shell-out, .imds-shell-err')].map((it) => it.textContent).join('');
    return `${block.querySelector('.imds-shell-command').textContent}\n${output}`.replace(/\n?$/, '\n');
  }));

/** Starts the binary on free ports. */
export async function binary(...args) {
  const child = spawn(process.env.IMDS_BIN, ['--listen', '127.0.0.1:0', '--console', '127.0.0.1:0', ...args], { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const [metadata, console_] = await new Promise((done, fail) => {
    child.on('exit', () => fail(new Error(output)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (more) => {
        output += more;
        const found = [/listening on (http:\/\/[\d.:]+)/, /console on (http:\/\/[\d.:]+)/].map((it) => it.exec(output)?.[1]);
        if (found.every(Boolean)) done(found);
      });
    }
  });
  return { metadata, base: `${console_}/`, close: () => child.kill() };
}

/** The conditions of a test with Chromium and the binary. */
export const hasBinary = process.env.IMDS_BIN && existsSync(process.env.IMDS_BIN) ? needs(CHROMIUM, 'Chromium') : { skip: 'IMDS_BIN is not a binary' };
