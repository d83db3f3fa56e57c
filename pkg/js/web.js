// Pages: fetches the module at the first Imds.create().

import { loadBy, loadFrom } from './module.js';

loadBy(() => loadFrom(new URL('../dist/imds.wasm', import.meta.url)));

export * from './imds.js';
