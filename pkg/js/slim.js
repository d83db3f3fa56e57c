// Without a module: whoever imports this brings one.

export * from './imds.js';
export { loadFrom as init, loadSync as initSync } from './module.js';
