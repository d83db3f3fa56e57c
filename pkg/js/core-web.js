// imds/core in pages: fetches the module at the first Imds.create().

import { loadBy, loadFrom } from './core-module.js';

loadBy(() => loadFrom(new URL('../dist/imds-core.wasm', import.meta.url)));

export * from './core.js';
