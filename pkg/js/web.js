// Pages: the module is fetched from beside this file when it is first needed.

import { loadBy, loadFrom } from './module.js';

loadBy(() => loadFrom(new URL('../dist/imds.wasm', import.meta.url)));

export * from './imds.js';
