// Builds the page as one file that opens from disk: `node www/single.mjs [out]`. It contains the
// styles, the fleet and, deflated, the script, the wasm module and third-party licences. Its
// content security policy allows only the inline script that unpacks them, and no connections.
// Requires esbuild from the page's tests: npm ci --prefix www/test.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

const at = (file) => fileURLToPath(new URL(file, import.meta.url));
const read = (file) => readFileSync(at(file), 'utf8');

function esbuild() {
  try {
    return createRequire(new URL('test/', import.meta.url))('esbuild');
  } catch {
    console.error('esbuild is not installed; run: npm ci --prefix www/test');
    process.exit(2);
  }
}

const UNPACK = `(id) => new Response(new Blob([Uint8Array.from(atob(document.getElementById(id).textContent), (it) => it.charCodeAt(0))]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer()`;
/** The inline script, which unpacks and imports the other. */
const START = `const unpack = ${UNPACK};
import(URL.createObjectURL(new Blob([await unpack('code')], { type: 'text/javascript' })));`;
/** Replaces the package's loader for pages, because the module is in the file. */
const LOADER = `
import { loadBy, loadFrom } from './module.js';
const unpack = ${UNPACK};
loadBy(async () => loadFrom(await unpack('wasm')));
export * from './imds.js';`;

export async function single() {
  const built = await esbuild().build({
    entryPoints: [at('js/app.js')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    // Nothing is fetched, so the module's URL is irrelevant.
    define: { 'import.meta.url': 'location.href' },
    plugins: [{ name: 'loader', setup: ({ onLoad }) => {
      onLoad({ filter: /pkg[\\/]js[\\/]web\.js$/ }, () => ({ contents: LOADER, resolveDir: at('../pkg/js'), loader: 'js' }));
      // The file has one module: the whole one also does what the first screen needs.
      onLoad({ filter: /pkg[\\/]js[\\/]core-web\.js$/ }, () => ({ contents: `export { Imds } from './web.js';`, resolveDir: at('../pkg/js'), loader: 'js' }));
    } }],
  });
  const html = read('index.html');
  const sheets = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)">\n/g)];
  const { code: css } = await esbuild().transform(sheets.map(([, file]) => read(file)).join('\n'), { loader: 'css', minify: true });
  const packed = (bytes) => deflateRawSync(bytes, { level: 9, memLevel: 9 }).toString('base64');
  const code = packed(built.outputFiles[0].contents);
  const wasm = packed(readFileSync(at('../pkg/dist/imds.wasm')));
  const licences = packed(`${read('vendor/jmespath.LICENSE')}\n${read('../pkg/dist/THIRD-PARTY.txt')}`);
  const fleet = JSON.stringify(JSON.parse(read('../examples/article-fleet.json'))).replaceAll('<', '\\u003c');
  const icon = `data:image/svg+xml;base64,${Buffer.from(read('icon.svg')).toString('base64')}`;
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${hash(START)} blob: 'wasm-unsafe-eval'; style-src ${hash(css)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const inserted = (text, from, to) => {
    if (!text.match(from)) throw new Error(`index.html does not contain ${from}`);
    return text.replace(from, () => to);
  };
  let page = sheets.reduce((text, [sheet], place) => inserted(text, sheet, place ? '' : `<style>${css}</style>\n`), html);
  page = inserted(page, /default-src 'none';[^"]*/, policy);
  page = inserted(page, /href="icon\.svg"/, `href="${icon}"`);
  page = inserted(page, /<link rel="manifest"[^>]*>\n/, '');
  page = inserted(page, /<script type="module" src="js\/app\.js"><\/script>\n/, '');
  return inserted(page, '</body>', `<script type="application/json" id="fleet">${fleet}</script>\n<script type="text/plain" id="wasm">${wasm}</script>\n<script type="text/plain" id="licences">${licences}</script>\n<script type="text/plain" id="code">${code}</script>\n<script type="module">${START}</script>\n</body>`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = process.argv[2] ?? at('../target/imds.html');
  const page = await single();
  writeFileSync(out, page);
  console.log(`${out}: ${Buffer.byteLength(page)} bytes`);
}
