// Copies of the module's memory, in buffers that many copies share: an allocation for each costs
// half as much as a response.

import { memory } from './module.js';

const BUFFER_BYTES = 8192;
/**
 * Longer copies get a buffer of their own, so that little space is wasted at the end of a shared
 * one.
 */
const MAX_SHARED_BYTES = BUFFER_BYTES / 4;
let buffer = new Uint8Array();
let used = 0;
/** The last view of the module's memory of each length. Responses are often at the same address. */
const views = Array(MAX_SHARED_BYTES + 1).fill(new Uint8Array());

/** A copy of `length` bytes at `at` of the module's memory. */
export class Copy {
  #buffer;
  #from;
  #length;
  #bytes;

  constructor(at, length) {
    this.#length = length;
    if (length > MAX_SHARED_BYTES) {
      this.#bytes = memory().slice(at, at + length);
      return;
    }
    // A buffer that the caller transferred has a length of 0.
    if (used + length > buffer.length) {
      buffer = new Uint8Array(BUFFER_BYTES);
      used = 0;
    }
    buffer.set(view(at, length), used);
    this.#buffer = buffer;
    this.#from = used;
    used += length;
  }

  /** The bytes. The array is created at the first read. */
  get bytes() {
    return (this.#bytes ??= this.#buffer.subarray(this.#from, this.#from + this.#length));
  }
}

function view(at, length) {
  const last = views[length];
  // The views lose their length when the memory grows.
  if (last.byteOffset === at && last.length === length) return last;
  return (views[length] = memory().subarray(at, at + length));
}
