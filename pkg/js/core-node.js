// imds/core in Node and Bun: reads the module from a file. No top-level await, so that require() works.

import { readFileSync } from 'node:fs';
import { loadSync } from './core-module.js';

loadSync(readFileSync(new URL('../dist/imds-core.wasm', import.meta.url)));

export * from './core.js';
