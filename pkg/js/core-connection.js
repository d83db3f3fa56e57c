// One connection of imds/core, without a socket.

import { readBoolean, readNow, readOptions } from './context.js';
import { Exchange, closeReason } from './core-exchange.js';
import { freedError, invalidArgument } from './errors.js';

const KEEP_ALIVE = 1;
const IPV6 = 2;
const THROTTLED = 4;
const STATES = ['open', 'draining', 'closed'];
const CALL = ['now', 'throttled'];

/** Frees connections that are not freed. */
const abandoned = new FinalizationRegistry(({ service, key }) => service.exports?.imds_close(service.handle, key));

export class CoreConnection {
  #service;
  #clock;
  #key;
  #throttled;
  /** Received bytes that the connection has no room for yet. */
  #pending = new Uint8Array();

  constructor(service, clock, { now, ipv6, hops, throttled }, keepAlive) {
    service.check();
    this.#service = service;
    this.#clock = clock;
    this.#throttled = throttled;
    const flags = (keepAlive ? KEEP_ALIVE : 0) | (ipv6 ? IPV6 : 0);
    this.#key = this.#do((exports, handle) => exports.imds_open(handle, now, flags, hops ?? -1));
    if (this.#key === 0) throw service.error();
    abandoned.register(this, { service, key: this.#key }, this);
  }

  receive(bytes, options) {
    const { at, throttled } = this.#read(options);
    this.#use();
    const length = this.#service.write(bytes, 'bytes');
    if (this.#pending.length > 0) {
      const joined = new Uint8Array(this.#pending.length + length);
      joined.set(this.#pending);
      joined.set(this.#service.input(length), this.#pending.length);
      return this.#receivePending(joined, at, throttled);
    }
    const exchanges = [];
    const taken = this.#take(0, length, at);
    this.#answer(exchanges, at, throttled);
    if (taken === length) return exchanges;
    return [...exchanges, ...this.#receivePending(this.#service.input(length).slice(taken), at, false)];
  }

  receiveEof(options) {
    const { at } = this.#read(options, ['now']);
    this.#check(this.#call('imds_receive_eof'));
    return this.#answer([], at, this.#throttled);
  }

  pollTransmit() {
    const at = this.#call('imds_poll_transmit') >>> 2;
    if (at === 0) return null;
    const { words } = this.#service;
    return { bytes: this.#service.copy(words[at], words[at + 1]).bytes, hopLimit: words[at + 2] || null };
  }

  advanceTransmit(bytes, options) {
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > 0xffffffff) invalidArgument('bytes', 'an integer, 0 to 4294967295');
    const { at } = this.#read(options, ['now']);
    this.#check(this.#call('imds_advance_transmit', at, bytes));
    const exchanges = this.#answer([], at, this.#throttled);
    return this.#pending.length > 0 ? [...exchanges, ...this.#receivePending(this.#pending, at, false)] : exchanges;
  }

  handleTimeout(options) {
    this.#check(this.#call('imds_handle_timeout', this.#read(options, ['now']).at));
  }

  shutDown() {
    this.#check(this.#call('imds_shut_down'));
  }

  get deadline() {
    const at = this.#call('imds_poll_timeout');
    if (at === 0) return null;
    const timer = this.#service.words[(at >>> 2) + 2];
    const time = this.#service.doubles[at >>> 3];
    return { at: time, kind: this.#service.text(this.#service.exports.imds_timer_name(this.#service.handle, timer)) };
  }

  get state() {
    return STATES[this.#check(this.#call('imds_state'))];
  }

  get closeReason() {
    return closeReason(this.#service, this.#check(this.#call('imds_close_reason')));
  }

  get wantsRead() {
    return this.#pending.length === 0 && this.#check(this.#call('imds_wants_read')) === 1;
  }

  free() {
    abandoned.unregister(this);
    if (this.#key !== 0) this.#service.exports?.imds_close(this.#service.handle, this.#key);
    this.#key = 0;
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.free();
  }

  #read(options, keys = CALL) {
    const { now, throttled = this.#throttled } = readOptions('options', options, keys);
    return { at: readNow(now ?? this.#clock()), throttled: readBoolean('throttled', throttled) };
  }

  /** Throws unless the connection can be used. */
  #use() {
    this.#service.check();
    if (this.#key === 0) throw freedError('ImdsConnection');
  }

  #do(body) {
    try {
      return body(this.#service.exports, this.#service.handle);
    } catch (error) {
      throw this.#service.caught(error);
    }
  }

  #call(name, ...rest) {
    this.#use();
    return this.#do((exports, handle) => exports[name](handle, this.#key, ...rest));
  }

  #check(result) {
    if (result < 0) throw this.#service.error(result);
    return result;
  }

  /** Passes bytes of the input, from `from`, to the connection and returns how many it took. */
  #take(from, length, at) {
    const { inputAt } = this.#service;
    return this.#check(this.#do((exports, handle) => exports.imds_receive(handle, this.#key, at, inputAt + from, length)));
  }

  /** Passes bytes to the connection as long as it takes any. */
  #receivePending(bytes, at, throttled) {
    const exchanges = [];
    for (let rest = bytes; ; ) {
      const length = this.#service.write(rest, 'bytes');
      rest = rest.subarray(this.#take(0, length, at));
      const before = exchanges.length;
      this.#answer(exchanges, at, throttled);
      if (exchanges.length > before) throttled = false;
      if (rest.length === 0 || (rest.length === length && exchanges.length === before)) {
        this.#pending = rest;
        return exchanges;
      }
    }
  }

  /** Answers every complete request. Only the first can be throttled. */
  #answer(exchanges, at, throttled) {
    for (;;) {
      const found = this.#do((exports, handle) => exports.imds_answer(handle, this.#key, at, at, throttled ? THROTTLED : 0));
      if (found === 0) return exchanges;
      exchanges.push(new Exchange(this.#service, found >>> 2));
      throttled = false;
    }
  }
}
