// Shared by the browser tests: a static web server, pages that collect errors and foreign requests,
// and helpers for navigation.

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

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
