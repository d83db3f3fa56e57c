// Without a module: the caller loads one with init() or initSync().

export * from './imds.js';
export { loadFrom as init, loadSync as initSync } from './module.js';
