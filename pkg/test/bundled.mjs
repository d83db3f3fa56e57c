// Bundles an entry point with esbuild.

import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** A script with everything that it imports. `loader` inlines .wasm files. */
export async function bundle(contents, loader, options) {
  const stdin = { contents, resolveDir: process.cwd() };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, outdir: 'bundled', target: 'es2022', loader: { '.wasm': loader }, ...options });
  return outputFiles.find(({ path }) => path.endsWith('.js')).text;
}

/** Imports an entry point as one script. */
export async function importBundled(entry, loader = 'binary') {
  const file = `bundled-${entry.replaceAll('/', '-')}-${loader}.mjs`;
  writeFileSync(file, await bundle(`export * from '${entry}';`, loader, { format: 'esm' }));
  return import(pathToFileURL(file));
}
