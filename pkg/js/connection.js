// One connection, without a socket.

import { ClientConnection } from '../dist/glue.js';
import { readBoolean, readNow, readOptions } from './context.js';
import { Copy } from './copy.js';
import { freedError, invalidArgument } from './errors.js';
import { Exchange, WORDS } from './exchange.js';
import { memoryWords } from './module.js';
import { closeReason } from './tables.js';

const CALL = ['now'];
const RECEIVE = ['now', 'throttled'];
const STATES = ['open', 'draining', 'closed'];

export class ImdsConnection {
  #call;
  #writeInput;
  #clock;
  #connection;
  #throttled;

  constructor(call, writeInput, clock, { now, target, ipv6, hops, throttled }, keepAlive) {
    this.#call = call;
    this.#writeInput = writeInput;
    this.#clock = clock;
    this.#throttled = throttled;
    this.#connection = call(() => new ClientConnection(now, keepAlive, target, ipv6, hops));
  }

  receive(bytes, options) {
    const { now, throttled = this.#throttled } = readOptions('options', options, RECEIVE);
    readBoolean('throttled', throttled);
    return this.#drive(this.#writeInput(bytes), 0, now, throttled);
  }

  receiveEof(options) {
    const { now } = readOptions('options', options, CALL);
    this.#use((connection) => connection.receive_eof());
    return this.#drive(0, 0, now, this.#throttled);
  }

  pollTransmit() {
    return this.#use((connection) => {
      const length = connection.transmit_length();
      if (length === 0) return null;
      return { bytes: new Copy(connection.transmit_address(), length).bytes, hopLimit: connection.hop_limit() || null };
    });
  }

  advanceTransmit(bytes, options) {
    const { now } = readOptions('options', options, CALL);
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > 0xffffffff) invalidArgument('bytes', 'an integer, 0 to 4294967295');
    return this.#drive(0, bytes, now, this.#throttled);
  }

  handleTimeout(options) {
    const time = this.#now(readOptions('options', options, CALL).now);
    this.#use((connection) => connection.handle_timeout(time));
  }

  shutDown() {
    this.#use((connection) => connection.shut_down());
  }

  get deadline() {
    const at = this.#use((connection) => connection.deadline());
    return at === undefined ? null : { at, kind: this.#use((connection) => connection.deadline_kind()) };
  }

  get state() {
    return STATES[this.#use((connection) => connection.state())];
  }

  get closeReason() {
    return closeReason(this.#use((connection) => connection.close_reason()));
  }

  get wantsRead() {
    return this.#use((connection) => connection.wants_read());
  }

  free() {
    try {
      this.#use((connection) => connection.free());
    } catch (error) {
      // Already freed: by an earlier call, with its Imds, or by a trap.
      if (error.code !== 'trap' && error.code !== 'freed') throw error;
    }
    this.#connection = undefined;
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.free();
  }

  #now(now) {
    return now === undefined ? this.#clock() : readNow(now);
  }

  #use(body) {
    return this.#call((service) => {
      if (!this.#connection) throw freedError('ImdsConnection');
      return body(this.#connection, service);
    });
  }

  #drive(received, sent, now, throttled) {
    const time = this.#now(now);
    return this.#use((connection, service) => {
      const at = service.drive(connection, received, sent, time, throttled) >>> 2;
      return Array.from({ length: memoryWords()[at] }, (_, index) => new Exchange(at + 1 + index * WORDS));
    });
  }
}
