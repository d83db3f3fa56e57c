// Cloudflare Workers: the module comes compiled.

import module from '../dist/imds.wasm';
import { loadSync } from './module.js';

loadSync(module);

export * from './imds.js';
