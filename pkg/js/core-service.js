// An instance of the module: its memory, its input and its errors. docs/abi.md documents the ABI.

import { ImdsError, freedError, invalidArgument, isTrap } from './errors.js';
import { instantiate } from './core-module.js';

const BUFFER_BYTES = 8192;
/** Longer copies get a buffer of their own, so that little space is wasted at the end of a shared one. */
const MAX_SHARED_BYTES = BUFFER_BYTES / 4;
const MIN_INPUT_BYTES = 16 * 1024;
const ERRORS = { '-2': 'input', '-3': 'record', '-5': 'incomplete' };
const encoder = new TextEncoder();
const decoder = new TextDecoder();
let shared = new Uint8Array();
let used = 0;

export class Service {
  #bytes = new Uint8Array();
  #words = new Uint32Array();
  #doubles = new Float64Array();
  #inputAt = 0;
  #input = new Uint8Array();
  /** The last view of the memory of each length. Responses are often at the same address. */
  #views = [];
  #trap;

  constructor() {
    this.exports = instantiate();
    this.handle = this.exports.imds_new();
  }

  /** The memory as 32-bit words. A view loses its length when the memory grows. */
  get words() {
    if (this.#words.length === 0) this.#words = new Uint32Array(this.exports.memory.buffer);
    return this.#words;
  }

  /** The memory as 64-bit floating-point numbers. */
  get doubles() {
    if (this.#doubles.length === 0) this.#doubles = new Float64Array(this.exports.memory.buffer);
    return this.#doubles;
  }

  get #memory() {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.exports.memory.buffer);
    return this.#bytes;
  }

  get isTrapped() {
    return this.#trap !== undefined;
  }

  /** Throws if the module trapped or the service is freed. */
  check() {
    if (this.#trap) throw this.#trap;
    if (!this.exports) throw freedError('Imds');
  }

  free() {
    this.exports = undefined;
    this.#bytes = this.#input = new Uint8Array();
    this.#words = new Uint32Array();
    this.#doubles = new Float64Array();
    this.#views = [];
  }

  /** The error of a failed call: `code` is its result, or that of a call that returned null. */
  error(code = -2) {
    const reason = this.text(this.exports.imds_last_error(this.handle));
    const path = code === -3 ? /^([\w.[\]-]+): /.exec(reason)?.[1] : undefined;
    return new ImdsError(ERRORS[code] ?? 'input', reason, path);
  }

  /** Converts an exception of a call. After a trap the instance is not used again. */
  caught(error) {
    if (!isTrap(error)) return error;
    this.free();
    this.#trap = Object.assign(new ImdsError('trap', 'the WebAssembly module trapped and its state is lost: create another Imds'), { cause: error });
    return this.#trap;
  }

  /** The text of the `imds_text` at this address. */
  text(at) {
    const [from, length] = this.words.subarray(at >>> 2, (at >>> 2) + 2);
    return decoder.decode(this.#memory.subarray(from, from + length));
  }

  /** Writes a string or bytes in the input and returns their length; `inputAt` is their address. */
  write(value, name) {
    this.check();
    if (typeof value === 'string') {
      // A UTF-16 code unit has at most three bytes in UTF-8.
      this.#reserve(value.length * 3);
      return encoder.encodeInto(value, this.#input).written;
    }
    if (!(value instanceof Uint8Array)) invalidArgument(name, 'a Uint8Array or a string');
    this.#reserve(value.length);
    try {
      this.#input.set(value);
    } catch {
      invalidArgument(name, 'bytes with a buffer that is not transferred');
    }
    return value.length;
  }

  /** The first `length` bytes of the input. */
  input(length) {
    return this.#memory.subarray(this.#inputAt, this.#inputAt + length);
  }

  get inputAt() {
    return this.#inputAt;
  }

  #reserve(bytes) {
    if (bytes <= this.#input.length && this.#input.length > 0) return;
    const capacity = Math.max(bytes, this.#input.length, MIN_INPUT_BYTES);
    this.#inputAt = this.exports.imds_input(this.handle, capacity);
    if (this.#inputAt === 0) throw this.error();
    this.#input = this.#memory.subarray(this.#inputAt, this.#inputAt + capacity);
  }

  /** A copy of `length` bytes at `at`. The array is created at the first read. */
  copy(at, length) {
    if (length > MAX_SHARED_BYTES) return new Copy(this.#memory.slice(at, at + length), 0, length);
    // A buffer that the caller transferred has a length of 0.
    if (used + length > shared.length) {
      shared = new Uint8Array(BUFFER_BYTES);
      used = 0;
    }
    let view = this.#views[length];
    if (view === undefined || view.byteOffset !== at || view.length !== length) {
      view = this.#views[length] = this.#memory.subarray(at, at + length);
    }
    shared.set(view, used);
    used += length;
    return new Copy(shared, used - length, length);
  }
}

class Copy {
  #buffer;
  #from;
  #length;
  #bytes;

  constructor(buffer, from, length) {
    this.#buffer = buffer;
    this.#from = from;
    this.#length = length;
  }

  get bytes() {
    return (this.#bytes ??= this.#buffer.subarray(this.#from, this.#from + this.#length));
  }
}
