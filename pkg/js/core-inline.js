// imds/core for bundlers that inline the import of a .wasm file.

import module from '../dist/imds-core.wasm';
import { toBytes } from './bytes.js';
import { loadSync } from './core-module.js';

loadSync(toBytes(module));

export * from './core.js';
