// An exchange, read from words in the module's memory. pkg/src/exchange.rs documents the words.

import { Copy } from './copy.js';
import { memoryWords } from './module.js';
import { spans } from './spans.js';
import { closeReason, tables } from './tables.js';

export const WORDS = 10;
const NO_RESPONSE = [null, 'no-instance', 'hop-limit', 'incomplete'];

/** A response, and the decision that led to it. */
export class Exchange {
  #response = null;
  #rule;
  #passedLow;
  #passedHigh;
  #close;
  #request;
  #spans;

  /**
   * Reads the words at this index of the module's memory. `request` is the request's bytes, if
   * known.
   */
  constructor(at, request) {
    this.#request = request;
    const words = memoryWords();
    if (words[at] === 0) this.#response = new Copy(words[at + 7], words[at + 8]);
    this.noResponse = NO_RESPONSE[words[at]];
    this.status = words[at + 1] || null;
    this.hopLimit = words[at + 5] || null;
    this.protocol = words[at + 6] === 2 ? 'v2' : words[at + 6] === 1 ? 'v1' : null;
    this.#rule = words[at + 2];
    this.#passedLow = words[at + 3];
    this.#passedHigh = words[at + 4];
    this.#close = words[at + 9];
  }

  get response() {
    return this.#response && this.#response.bytes;
  }

  get rule() {
    return this.status === null ? null : tables().rules[this.#rule].id;
  }

  get closeReason() {
    return closeReason(this.#close);
  }

  get spans() {
    const parts = (message, side) => (message ? spans(message, side) : []);
    return (this.#spans ??= [...parts(this.#request, 'request'), ...parts(this.response, 'response')]);
  }

  get trace() {
    if (this.status === null) return [];
    const passed = (index) => (index < 32 ? this.#passedLow >>> index : this.#passedHigh >>> (index - 32)) & 1;
    return tables().rules.slice(0, this.#rule + 1).map(({ id }, index) => ({
      rule: id,
      verdict: index === this.#rule ? 'decides' : passed(index) ? 'passes' : 'does_not_apply',
    }));
  }
}
