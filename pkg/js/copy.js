// Copies of the module's memory. Copies share buffers, because allocating one takes half as long as
// a response.

import { memory } from './module.js';

const BUFFER_BYTES = 8192;
/**
 * Longer copies get a buffer of their own, so that little space is wasted at the end of a shared
 * one.
 */
const MAX_SHARED_BYTES = BUFFER_BYTES / 4;
let buffer = new ArrayBuffer(0);
let used = 0;

export function copyOf(at, length) {
  const end = at + length;
  if (length > MAX_SHARED_BYTES) return memory().slice(at, end);
  // A buffer that the caller transferred has a byteLength of 0.
  if (used + length > buffer.byteLength) {
    buffer = new ArrayBuffer(BUFFER_BYTES);
    used = 0;
  }
  const copy = new Uint8Array(buffer, used, length);
  copy.set(memory().subarray(at, end));
  used += length;
  return copy;
}
