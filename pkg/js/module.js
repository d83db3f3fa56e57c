// The one instance of the module on this page, in this process: loaded once, made anew after a trap.

import init, { initSync, __wbg_reset_state as makeAnew } from '../dist/glue.js';
import { ImdsError, isTrap, told } from './errors.js';

let exported;
let load;
let bytes = new Uint8Array();
let words = new Uint32Array();

/** How often the module was made. What was made in an earlier one is gone. */
export let generation = 1;

/** Loads it at once. */
export function loadSync(module) {
  exported = initSync({ module });
}

/** Loads it from bytes, a compiled module, a URL or a response. */
export async function loadFrom(source) {
  exported = await init({ module_or_path: source });
}

/** Says how to load it when somebody first asks for it. */
export function loadBy(how) {
  load = how;
}

export async function loaded() {
  if (!exported) await (load ?? missing)();
}

export function needed() {
  if (!exported) missing();
}

function missing() {
  throw new ImdsError('not-loaded', 'the module is not loaded: await Imds.create(…), or init() of imds/slim');
}

/** The module's memory. A view is good until the module is called again. */
export function memory() {
  const { buffer } = exported.memory;
  if (bytes.buffer !== buffer) bytes = new Uint8Array(buffer);
  return bytes;
}

/** The same in words of 32 bits. */
export function memoryWords() {
  const { buffer } = exported.memory;
  if (words.buffer !== buffer) words = new Uint32Array(buffer);
  return words;
}

/** What is thrown in place of what the module threw. A trap ends the module, and the next call finds a new one. */
export function failed(error) {
  if (!isTrap(error)) return told(error);
  generation += 1;
  makeAnew();
  exported = initSync();
  return trapped(error);
}

export const trapped = (cause) =>
  Object.assign(
    new ImdsError('trap', 'the module ended in a trap, and what it held is gone: go on from a snapshot'),
    cause && { cause },
  );
