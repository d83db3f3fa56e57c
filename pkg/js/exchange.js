// An answer, read from the words that the module writes: pkg/src/exchange.rs says which is which.

import { copyOf } from './copy.js';
import { memoryWords } from './module.js';
import { spans } from './spans.js';
import { closeReason, tables } from './tables.js';

export const WORDS = 10;
const SILENCES = [null, 'nobody', 'hop-limit', 'incomplete'];

/** One answer, and why it is this one. */
export class Exchange {
  #decided;
  #passedLow;
  #passedHigh;
  #close;
  #request;
  #spans;

  /** Reads the words at this index of the module's memory. `request` is what was asked, where that is known. */
  constructor(at, request) {
    this.#request = request;
    const words = memoryWords();
    this.response = words[at] === 0 ? copyOf(words[at + 7], words[at + 8]) : null;
    this.silence = SILENCES[words[at]];
    this.status = words[at + 1] || null;
    this.hopLimit = words[at + 5] || null;
    this.protocol = words[at + 6] === 2 ? 'v2' : words[at + 6] === 1 ? 'v1' : null;
    this.#decided = words[at + 2];
    this.#passedLow = words[at + 3];
    this.#passedHigh = words[at + 4];
    this.#close = words[at + 9];
  }

  /** The id of the rule that decided, or null where no request was answered. */
  get rule() {
    return this.status === null ? null : tables().rules[this.#decided].id;
  }

  /** Why the connection ends behind it, or null where it does not. */
  get close() {
    return closeReason(this.#close);
  }

  /** The parts of the request's bytes, where they are known, and of the response's. */
  get spans() {
    const parts = (message, side) => (message ? spans(message, side) : []);
    return (this.#spans ??= [...parts(this.#request, 'request'), ...parts(this.response, 'response')]);
  }

  /** The rules that were asked, in their order, each with what it said. */
  get trace() {
    if (this.status === null) return [];
    const passed = (index) => (index < 32 ? this.#passedLow >>> index : this.#passedHigh >>> (index - 32)) & 1;
    return tables().rules.slice(0, this.#decided + 1).map(({ id }, index) => ({
      rule: id,
      verdict: index === this.#decided ? 'decides' : passed(index) ? 'passes' : 'does_not_apply',
    }));
  }
}
