// The one instance of the module in this process or page. It is loaded once and reset after a trap.

import init, { initSync, __wbg_reset_state as resetState } from '../dist/glue.js';
import { ImdsError, isTrap, toImdsError } from './errors.js';

let exported;
let load;
let bytes = new Uint8Array();
let words = new Uint32Array();

/** Counts resets of the module. Objects of an earlier generation are lost. */
export let generation = 1;

/** Loads the module at once. */
export function loadSync(module) {
  exported = initSync({ module });
}

/** Loads the module from bytes, a compiled module, a URL or a response. */
export async function loadFrom(source) {
  exported = await init({ module_or_path: source });
}

/** Sets the function that loads the module at the first use. */
export function loadBy(loader) {
  load = loader;
}

/** Loads the module unless it is loaded. */
export async function ensureLoaded() {
  if (!exported) await (load ?? throwNotLoaded)();
}

/** Throws unless the module is loaded. */
export function requireLoaded() {
  if (!exported) throwNotLoaded();
}

function throwNotLoaded() {
  throw new ImdsError('not-loaded', 'the module is not loaded: call await Imds.create() first, or init() of imds/slim');
}

/**
 * The module's memory. A view is valid until the next call of the module, because growing detaches
 * its buffer.
 */
export function memory() {
  if (bytes.length === 0) bytes = new Uint8Array(exported.memory.buffer);
  return bytes;
}

/** The module's memory as 32-bit words. */
export function memoryWords() {
  if (words.length === 0) words = new Uint32Array(exported.memory.buffer);
  return words;
}

/** Converts an error that a call of the module threw. After a trap it resets the module. */
export function moduleError(error) {
  if (!isTrap(error)) return toImdsError(error);
  generation += 1;
  resetState();
  exported = initSync();
  bytes = new Uint8Array();
  words = new Uint32Array();
  return trapError(error);
}

export const trapError = (cause) =>
  Object.assign(
    new ImdsError('trap', 'the WebAssembly module trapped and its state is lost: restore a snapshot with Imds.restore()'),
    cause && { cause },
  );
