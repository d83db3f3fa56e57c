// Copies of what is in the module's memory, many to a buffer: to make a buffer costs as much as half an answer.

import { memory } from './module.js';

const BUFFER_BYTES = 8192;
/** What is longer gets a buffer of its own, so that little is left unused at a buffer's end. */
const LONGEST = BUFFER_BYTES / 4;
let buffer = new ArrayBuffer(0);
let used = 0;

export function copyOf(at, length) {
  const end = at + length;
  if (length > LONGEST) return memory().slice(at, end);
  // A buffer that somebody transferred has no bytes any more.
  if (used + length > buffer.byteLength) {
    buffer = new ArrayBuffer(BUFFER_BYTES);
    used = 0;
  }
  const copy = new Uint8Array(buffer, used, length);
  copy.set(memory().subarray(at, end));
  used += length;
  return copy;
}
