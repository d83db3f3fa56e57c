// One stream of requests, without a socket.

import { Stream } from '../dist/glue.js';
import { copyOf } from './copy.js';
import { Exchange, WORDS } from './exchange.js';
import { readNow } from './context.js';
import { ImdsError, refuse } from './errors.js';
import { memoryWords } from './module.js';
import { closeReason } from './tables.js';

const STATES = ['open', 'draining', 'closed'];

export class ImdsConnection {
  #call;
  #put;
  #clock;
  #stream;
  #throttled;

  constructor(call, put, clock, { now, whom, ipv6, hops, throttled }, keepAlive) {
    this.#call = call;
    this.#put = put;
    this.#clock = clock;
    this.#throttled = throttled;
    this.#stream = call(() => new Stream(now, keepAlive, whom, ipv6, hops));
  }

  receive(bytes, { now, throttled = this.#throttled } = {}) {
    return this.#drive(this.#put(bytes), 0, now, throttled);
  }

  end({ now } = {}) {
    this.#own((stream) => stream.receive_eof());
    return this.#drive(0, 0, now, this.#throttled);
  }

  transmit() {
    return this.#own((stream) => {
      const length = stream.unsent();
      if (length === 0) return null;
      return { bytes: copyOf(stream.unsent_at(), length), hopLimit: stream.hop_limit() || null };
    });
  }

  transmitted(bytes, { now } = {}) {
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > 0xffffffff) refuse('bytes', 'how many of the offered bytes are sent');
    return this.#drive(0, bytes, now, this.#throttled);
  }

  handleDeadline({ now } = {}) {
    const time = this.#now(now);
    this.#own((stream) => stream.handle_deadline(time));
  }

  shutDown() {
    this.#own((stream) => stream.shut_down());
  }

  get deadline() {
    const at = this.#own((stream) => stream.deadline());
    return at === undefined ? null : { at, kind: this.#own((stream) => stream.deadline_kind()) };
  }

  get state() {
    return STATES[this.#own((stream) => stream.state())];
  }

  get closeReason() {
    return closeReason(this.#own((stream) => stream.close_reason()));
  }

  get wantsInput() {
    return this.#own((stream) => stream.wants_input());
  }

  free() {
    try {
      this.#own((stream) => stream.free());
    } catch (error) {
      // It is gone already: freed, or with the module, or with whom it is for.
      if (error.code !== 'trap' && error.code !== 'freed') throw error;
    }
    this.#stream = undefined;
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.free();
  }

  #now(now) {
    return now === undefined ? this.#clock() : readNow(now);
  }

  /** A call of its own part in the module. */
  #own(body) {
    return this.#call((service) => {
      if (!this.#stream) throw new ImdsError('freed', 'it was freed');
      return body(this.#stream, service);
    });
  }

  #drive(received, sent, now, throttled) {
    const time = this.#now(now);
    return this.#own((stream, service) => {
      const at = service.drive(stream, received, sent, time, throttled) >>> 2;
      return Array.from({ length: memoryWords()[at] }, (_, index) => new Exchange(at + 1 + index * WORDS));
    });
  }
}
