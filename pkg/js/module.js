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

/** The module's memory. A view is good until the module is called again: where its memory grows, the view has no bytes any more. */
export function memory() {
  if (bytes.length === 0) bytes = new Uint8Array(exported.memory.buffer);
  return bytes;
}

/** The same in words of 32 bits. */
export function memoryWords() {
  if (words.length === 0) words = new Uint32Array(exported.memory.buffer);
  return words;
}

/** What is thrown in place of what the module threw. A trap ends the module, and the next call finds a new one. */
export function failed(error) {
  if (!isTrap(error)) return told(error);
  generation += 1;
  makeAnew();
  exported = initSync();
  bytes = new Uint8Array();
  words = new Uint32Array();
  return trapped(error);
}

export const trapped = (cause) =>
  Object.assign(
    new ImdsError('trap', 'the module ended in a trap, and what it held is gone: go on from a snapshot'),
    cause && { cause },
  );
