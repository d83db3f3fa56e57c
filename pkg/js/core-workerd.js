// imds/core in Cloudflare Workers: imports the compiled module.

import module from '../dist/imds-core.wasm';
import { loadSync } from './core-module.js';

loadSync(module);

export * from './core.js';
