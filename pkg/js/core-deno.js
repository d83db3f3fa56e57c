// imds/core in Deno: imports the compiled module, which needs no permission.

import source module from '../dist/imds-core.wasm';
import { loadSync } from './core-module.js';

loadSync(module);

export * from './core.js';
