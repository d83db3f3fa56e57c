// The module of imds/core. It is compiled once; each Imds has an instance of it, which the garbage
// collector frees.

import { ImdsError } from './errors.js';

let compiled;
let load;

/** Takes the module's bytes, or the compiled module. */
export function loadSync(source) {
  compiled = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
}

/** Takes the module's bytes, the compiled module, a URL or a response. */
export async function loadFrom(source) {
  let from = await source;
  if (from instanceof WebAssembly.Module) return loadSync(from);
  if (typeof from === 'string' || from instanceof URL || from instanceof Request) from = await fetch(from);
  compiled = await WebAssembly.compile(from instanceof Response ? await from.arrayBuffer() : from);
}

/** Sets the function that loads the module at the first use. */
export function loadBy(loader) {
  load = loader;
}

/** Loads the module unless it is loaded. */
export async function ensureLoaded() {
  if (!compiled) await (load ?? throwNotLoaded)();
}

/** The exports of a new instance of the module, which docs/abi.md documents. */
export function instantiate() {
  if (!compiled) throwNotLoaded();
  return new WebAssembly.Instance(compiled).exports;
}

function throwNotLoaded() {
  throw new ImdsError('not-loaded', 'the module is not loaded: call await Imds.create() first, or init()');
}
