// imds/core without the module: the caller loads it with init() or initSync().

export * from './core.js';
export { loadFrom as init, loadSync as initSync } from './core-module.js';
