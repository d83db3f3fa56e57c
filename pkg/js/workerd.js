// Cloudflare Workers: imports the compiled module.

import module from '../dist/imds.wasm';
import { loadSync } from './module.js';

loadSync(module);

export * from './imds.js';
