// The files that the page is made of: `node www/files.mjs` writes their list into sw.js, with `--check` it says whether it is there.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const here = new URL('./', import.meta.url);
const under = (folder) =>
  readdirSync(new URL(folder, here), { withFileTypes: true })
    .flatMap((it) => (it.isDirectory() ? under(`${folder}${it.name}/`) : [`${folder}${it.name}`]))
    .filter((file) => /\.(js|css|svg|html|webmanifest)$/.test(file))
    .sort();

/** What a page needs of the package: what its loader for pages imports, and the module. */
function needed(file, all = new Set()) {
  if (all.has(file)) return all;
  all.add(file);
  for (const [, to] of readFileSync(new URL(file, here), 'utf8').matchAll(/^(?:import|export)[^;]*? from '(\.[^']+)';$/gms)) {
    const url = new URL(to, new URL(file, 'file:///a/b/'));
    needed(`../${url.pathname.replace('/a/', '')}`, all);
  }
  return all;
}

export const FILES = [
  './', 'icon.svg', 'manifest.webmanifest', ...under('css/'), ...under('js/'), ...under('strings/'), ...under('vendor/'),
  ...[...needed('../pkg/js/web.js')].sort(), '../pkg/dist/imds.wasm', '../examples/article-fleet.json',
];

const worker = new URL('sw.js', here);
const text = readFileSync(worker, 'utf8');
const list = `const FILES = [\n  // files.mjs writes this list.\n${FILES.map((file) => `  '${file}',\n`).join('')}];`;
export const written = text.replace(/const FILES = \[[^]*?\];/, () => list);
export const isWritten = written === text;

if (process.argv[1] === new URL(import.meta.url).pathname) {
  if (!process.argv.includes('--check')) writeFileSync(worker, written);
  else if (!isWritten) {
    console.error('www/sw.js has another list of files: node www/files.mjs');
    process.exit(1);
  }
}
