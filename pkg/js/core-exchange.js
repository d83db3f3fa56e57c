// An `imds_exchange` of docs/abi.md.

const NO_RESPONSE = [null, 'no-instance', 'hop-limit', 'incomplete'];
const PROTOCOLS = [null, 'v1', 'v2'];
/** Texts by number, which are the same in every instance of the module. */
const ruleIds = [];
const closeReasons = [null];

/** A response, and the decision that led to it. */
export class Exchange {
  #response = null;
  #rule;
  #close;

  /** Reads the words at this index of the memory. */
  constructor(service, at) {
    const words = service.words;
    if (words[at + 4] === 0) this.#response = service.copy(words[at + 2], words[at + 3]);
    this.noResponse = NO_RESPONSE[words[at + 4]];
    this.status = words[at + 5] || null;
    this.#rule = words[at + 6];
    this.hopLimit = words[at + 7] || null;
    this.protocol = PROTOCOLS[words[at + 8]];
    this.#close = words[at + 9];
    // The texts are read while the instance is there.
    if (ruleIds[this.#rule] === undefined) ruleIds[this.#rule] = service.text(service.exports.imds_rule_id(service.handle, this.#rule));
    closeReason(service, this.#close);
  }

  get response() {
    return this.#response && this.#response.bytes;
  }

  get rule() {
    return this.status === null ? null : ruleIds[this.#rule];
  }

  get closeReason() {
    return closeReasons[this.#close];
  }
}

/** The name of a close reason; null for 0. */
export function closeReason(service, reason) {
  if (closeReasons[reason] === undefined) closeReasons[reason] = service.text(service.exports.imds_close_reason_name(service.handle, reason));
  return closeReasons[reason];
}
