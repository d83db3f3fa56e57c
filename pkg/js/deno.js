// Deno: imports the compiled module, which needs no permission.

import source module from '../dist/imds.wasm';
import { loadSync } from './module.js';

loadSync(module);

export * from './imds.js';
