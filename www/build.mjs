// Builds the page for visitors: `node www/build.mjs` writes www/dist/, `--check` fails if it is
// outdated. The server embeds the result. The modules and styles become a few files whose names
// contain a hash of their content, so that a browser never has to ask whether they have changed.
// `cargo xtask dist` runs it with its own esbuild; by hand, it takes that of the page's tests.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (file) => fileURLToPath(new URL(file, import.meta.url));
const read = (file) => readFileSync(at(file), 'utf8');
const hash = (bytes, form = 'hex') => createHash('sha256').update(bytes).digest(form);
/** A module with its hash, from the folder of the page's files. */
const wasm = (name) => `../../pkg/dist/${name}?v=${hash(readFileSync(at(`../pkg/dist/${name}`))).slice(0, 8)}`;

/** Loads esbuild from a folder with packages. */
function esbuild() {
  const folder = process.env.ESBUILD_FOLDER ? `file://${process.env.ESBUILD_FOLDER}/` : new URL('test/', import.meta.url);
  try {
    return createRequire(folder)('esbuild');
  } catch {
    console.error('esbuild is not installed; run: npm ci --prefix www/test, or cargo xtask dist');
    process.exit(2);
  }
}

/** Gives the package's loaders the addresses of the modules. */
const modules = {
  name: 'modules',
  setup({ onLoad }) {
    onLoad({ filter: /pkg[\\/]js[\\/](core-)?web\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replace(/'\.\.\/dist\/([\w-]+\.wasm)'/, (_, name) => `'${wasm(name)}'`);
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Makes one file of the modules that the first screen shares with other views. esbuild makes one for
 * each set of modules that load together; this way every module loads all of them.
 * @param {string[]} shared
 */
const together = (shared) => ({
  name: 'together',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]www[\\/](js|vendor)[\\/].*\.js$/ }, ({ path }) => {
      if (shared.includes(path)) return undefined;
      return { contents: [readFileSync(path, 'utf8'), ...shared.map((file) => `import ${JSON.stringify(file)};`)].join('\n'), loader: 'js' };
    });
  },
});

/** Bundles the page's modules, with further plugins. */
const bundled = (plugins = []) =>
  esbuild().build({
    entryPoints: { app: at('js/app.js') },
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    outdir: at('dist'),
    absWorkingDir: at('.'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    // The package's modules are said to have no effects, and would stay separate.
    ignoreAnnotations: true,
    plugins: [modules, ...plugins],
  });
const outputsOf = ({ metafile }) => Object.entries(metafile.outputs).map(([path, output]) => ({ name: basename(path), ...output }));
const ofEntry = (outputs, file) => outputs.find(({ entryPoint }) => entryPoint === file);
const imported = (output) => output.imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path));

/** The files of www/dist/ by name. */
export async function build() {
  const html = read('index.html');
  const sheets = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)">\n/g)];
  const css = await esbuild().transform(sheets.map(([, file]) => read(file)).join('\n'), { loader: 'css', minify: true, target: ['chrome123', 'firefox120', 'safari17.5'] });
  const split = outputsOf(await bundled());
  const shared = imported(ofEntry(split, 'js/app.js')).flatMap((name) => Object.keys(split.find((it) => it.name === name).inputs));
  const bundle = await bundled([together(shared.map(at))]);
  const files = new Map(bundle.outputFiles.map(({ path, text }) => [basename(path), text]));
  const style = `style-${hash(css.code).slice(0, 8)}.css`;
  files.set(style, css.code);
  const outputs = outputsOf(bundle);
  const app = ofEntry(outputs, 'js/app.js');
  const german = ['strings/de.js', 'strings/de/start.js'].map((file) => ofEntry(outputs, file).name);
  // What the first screen needs is requested at once, unless the link leads to another view. The
  // script is above the style sheet, because scripts wait for those above them.
  const script = `{const a=(r,h,s)=>document.head.append(Object.assign(document.createElement("link"),{rel:r,href:h},s));let l;try{l=localStorage.getItem("imds.language")}catch{}if((l??navigator.language.slice(0,2))=="de"){${german.map((name) => `a("modulepreload","${name}");`).join('')}}if(!/^#\\/(?!start)./.test(location.hash))a("preload","${wasm('imds-core.wasm')}",{as:"fetch",crossOrigin:""})}`;
  const head = [`<script>${script}</script>`, `<link rel="stylesheet" href="${style}">`, ...imported(app).map((name) => `<link rel="modulepreload" href="${name}">`)];
  let page = sheets.reduce((text, [sheet], place) => text.replace(sheet, () => (place ? '' : `${head.join('\n')}\n`)), html);
  page = page.replace('<script type="module" src="js/app.js"></script>', () => `<script type="module" src="${app.name}"></script>`);
  page = page.replace("script-src 'self'", () => `script-src 'self' 'sha256-${hash(script, 'base64')}'`);
  files.set('index.html', page);
  for (const name of ['icon.svg', 'manifest.webmanifest']) files.set(name, read(name));
  const cached = ['./', ...[...files.keys()].filter((name) => name !== 'index.html'), ...['imds.wasm', 'imds-core.wasm'].map(wasm), '../../examples/article-fleet.json'].sort();
  files.set('sw.js', read('sw.js').replace(/const FILES = \[[^]*?\];/, () => `const FILES = ${JSON.stringify(cached, null, 2)};`).replace("'imds-1'", () => `'imds-${hash(cached.join()).slice(0, 8)}'`));
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = at('dist/');
  const files = await build();
  if (process.argv.includes('--check')) {
    const outdated = await differences(files, folder);
    if (outdated.length) {
      console.error(`www/dist/ is not built from these sources (${outdated.join(', ')}): run cargo xtask dist`);
      process.exit(1);
    }
  } else {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [name, text] of files) writeFileSync(`${folder}${name}`, text);
  }
}

/** The names of the files that differ from those in the folder. */
export function differences(files, folder = at('dist/')) {
  let found = [];
  try {
    found = readdirSync(folder);
  } catch {
    // All are missing.
  }
  const same = (name) => found.includes(name) && readFileSync(`${folder}${name}`, 'utf8') === files.get(name);
  return [...found.filter((name) => !files.has(name)), ...[...files.keys()].filter((name) => !same(name))];
}
