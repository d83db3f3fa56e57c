// One stream of requests, without a socket.

import { Stream } from '../dist/glue.js';
import { copyOf } from './copy.js';
import { Exchange, WORDS } from './exchange.js';
import { readNow } from './context.js';
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
    this.#call(() => this.#stream.receive_end());
    return this.#drive(0, 0, now, this.#throttled);
  }

  transmit() {
    return this.#call(() => {
      const length = this.#stream.unsent();
      if (length === 0) return null;
      return { bytes: copyOf(this.#stream.unsent_at(), length), hopLimit: this.#stream.hop_limit() || null };
    });
  }

  transmitted(bytes, { now } = {}) {
    return this.#drive(0, bytes, now, this.#throttled);
  }

  handleDeadline({ now } = {}) {
    this.#call(() => this.#stream.handle_deadline(this.#now(now)));
  }

  shutDown() {
    this.#call(() => this.#stream.shut_down());
  }

  get deadline() {
    const at = this.#call(() => this.#stream.deadline());
    return at === undefined ? null : { at, kind: this.#call(() => this.#stream.deadline_kind()) };
  }

  get state() {
    return STATES[this.#call(() => this.#stream.state())];
  }

  get closeReason() {
    return closeReason(this.#call(() => this.#stream.close_reason()));
  }

  get wantsInput() {
    return this.#call(() => this.#stream.wants_input());
  }

  free() {
    try {
      this.#call(() => this.#stream.free());
    } catch (error) {
      // With the module, or with whom it is for, it is gone already.
      if (error.code !== 'trap' && error.code !== 'freed') throw error;
    }
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.free();
  }

  #now(now) {
    return now === undefined ? this.#clock() : readNow(now);
  }

  #drive(received, sent, now, throttled) {
    const time = this.#now(now);
    return this.#call((service) => {
      const at = service.drive(this.#stream, received, sent, time, throttled) >>> 2;
      return Array.from({ length: memoryWords()[at] }, (_, index) => new Exchange(at + 1 + index * WORDS));
    });
  }
}
