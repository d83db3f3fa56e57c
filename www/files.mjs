// The list of the page's files: `node www/files.mjs` writes it into sw.js, `--check` fails if it is
// outdated.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const here = new URL('./', import.meta.url);
const under = (folder) =>
  readdirSync(new URL(folder, here), { withFileTypes: true })
    .flatMap((it) => (it.isDirectory() ? under(`${folder}${it.name}/`) : [`${folder}${it.name}`]))
    .filter((file) => /\.(js|css|svg|html|webmanifest)$/.test(file))
    .sort();

/** A module of the package and its imports. */
function importsOf(file, all = new Set()) {
  if (all.has(file)) return all;
  all.add(file);
  for (const [, to] of readFileSync(new URL(file, here), 'utf8').matchAll(/^(?:import|export)[^;]*? from '(\.[^']+)';$/gms)) {
    const url = new URL(to, new URL(file, 'file:///a/b/'));
    importsOf(`../${url.pathname.replace('/a/', '')}`, all);
  }
  return all;
}

export const FILES = [
  './', 'icon.svg', 'manifest.webmanifest', ...under('css/'), ...under('js/'), ...under('strings/'), ...under('vendor/'),
  ...[...new Set([...importsOf('../pkg/js/web.js'), ...importsOf('../pkg/js/core-web.js')])].sort(), '../pkg/dist/imds.wasm', '../pkg/dist/imds-core.wasm', '../examples/article-fleet.json',
];

const worker = new URL('sw.js', here);
const text = readFileSync(worker, 'utf8');
const list = `const FILES = [\n  // files.mjs writes this list.\n${FILES.map((file) => `  '${file}',\n`).join('')}];`;
const updated = text.replace(/const FILES = \[[^]*?\];/, () => list);
/** Whether sw.js has the current list. */
export const isCurrent = updated === text;

if (process.argv[1] === new URL(import.meta.url).pathname) {
  if (!process.argv.includes('--check')) writeFileSync(worker, updated);
  else if (!isCurrent) {
    console.error('the list of files in www/sw.js is outdated; run: node www/files.mjs');
    process.exit(1);
  }
}
