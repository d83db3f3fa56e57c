// For bundlers that inline the import of a .wasm file.

import module from '../dist/imds.wasm';
import { toBytes } from './bytes.js';
import { loadSync } from './module.js';

loadSync(toBytes(module));

export * from './imds.js';
