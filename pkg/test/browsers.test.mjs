// Tests the package in browsers: over HTTP, where it fetches the module, and as a local file with
// imds/inline.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as imds from 'imds';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { bundle } from './bundled.mjs';
import { digest } from './common.mjs';

const expected = await digest(imds);
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>…</title>`;
const firstExisting = (files) => files.find((file) => existsSync(file));
const CHROMIUM = firstExisting(['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']);
const FIREFOX = firstExisting(['/usr/bin/firefox-esr', '/usr/bin/firefox']);
let server;
let urls;

before(async () => {
  writeFileSync('page.html', `${PAGE}<script type="module">
import * as imds from './node_modules/imds/js/web.js';
import { digest } from './common.mjs';
const early = (() => { try { new imds.Imds(); } catch (error) { return error.code; } })();
document.title = early === 'not-loaded' ? await digest(imds) : 'loaded too early';
</script>`);
  const contents = "import * as imds from 'imds/inline'; import { digest } from './common.mjs'; digest(imds).then((sum) => { document.title = sum; }, (error) => { document.title = String(error); });";
  writeFileSync('inline.html', `${PAGE}<script>${await bundle(contents, 'binary', { format: 'iife' })}</script>`);
  server = createServer(({ url }, response) => {
    const file = join(process.cwd(), new URL(url, 'http://x').pathname);
    const type = existsSync(file) && TYPES[extname(file)];
    response.writeHead(type ? 200 : 404, { 'content-type': type || 'text/plain' });
    response.end(type && readFileSync(file));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  urls = { 'over HTTP': `http://127.0.0.1:${server.address().port}/page.html`, 'from a file': pathToFileURL('inline.html').href };
});

after(() => server.close());

const ci = ['1', 'true'].includes(process.env.CI);
const browsers = {
  Chromium: {
    file: CHROMIUM,
    launch: () => chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'] }),
  },
  Firefox: { file: FIREFOX, launch: () => puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true }) },
};

for (const [name, { file, launch }] of Object.entries(browsers)) {
  test(name, { skip: !ci && !file && `${name} is not installed`, timeout: 180_000 }, async () => {
    const browser = await launch();
    try {
      for (const [how, url] of Object.entries(urls)) {
        const page = await browser.newPage();
        await page.goto(url);
        await page.waitForFunction(() => document.title !== '…');
        assert.equal(await page.title(), expected, how);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });
}
