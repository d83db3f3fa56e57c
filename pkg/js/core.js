// The interface of imds/core, which core.d.ts documents.

import { CoreConnection } from './core-connection.js';
import { Exchange } from './core-exchange.js';
import { ensureLoaded } from './core-module.js';
import { Service } from './core-service.js';
import { readBoolean, readContext, readNow, readOptions } from './context.js';
import { ImdsError, invalidArgument } from './errors.js';

export { CoreConnection as ImdsConnection, Exchange, ImdsError };

const INIT = ['instance', 'seed', 'nonce', 'clock', 'modifyMillis'];
const CONTEXT = ['now', 'peer', 'hops', 'throttled'];
const IPV6 = 2;
const THROTTLED = 4;

export class Imds {
  #service = new Service();
  #clock;
  #modifyMillis;

  static async create(init) {
    await ensureLoaded();
    return new Imds(init);
  }

  constructor(init) {
    const { instance, seed, nonce, clock = Date.now, modifyMillis = 1000 } = readOptions('init', init, INIT);
    if (typeof clock !== 'function') invalidArgument('clock', 'a function');
    this.#clock = clock;
    this.#modifyMillis = readNow(modifyMillis);
    const first = nonce ?? (seed === undefined ? random(new BigUint64Array(1))[0] : 0n);
    if (typeof first !== 'bigint') invalidArgument('nonce', 'a bigint');
    if (instance === '') invalidArgument('instance', 'a record; it is empty');
    // Without bytes the module takes the default record.
    const record = new TextEncoder().encode(instance === undefined ? '' : json('instance', instance));
    const secret = seedBytes(seed);
    const input = new Uint8Array(secret.length + record.length);
    input.set(secret);
    input.set(record, secret.length);
    this.#call((exports, service) => {
      this.#service.write(input, 'init');
      const at = this.#service.inputAt;
      return exports.imds_launch(service, readNow(clock()), first, at, secret.length, at + secret.length, record.length);
    });
  }

  get trapped() {
    return this.#service.isTrapped;
  }

  now() {
    return readNow(this.#clock());
  }

  handle(request, context) {
    const { now, ipv6, hops, throttled } = readContext(context, this.#clock, CONTEXT);
    const service = this.#service;
    const length = service.write(request, 'request');
    const flags = (ipv6 ? IPV6 : 0) | (throttled ? THROTTLED : 0);
    let at;
    // Does not use #call, because its closure takes measurable time here.
    try {
      at = service.exports.imds_handle(service.handle, now, flags, hops ?? -1, service.inputAt, length);
    } catch (error) {
      throw service.caught(error);
    }
    if (at === 0) throw service.error();
    return new Exchange(service, at >>> 2);
  }

  explain(request, context) {
    const { now, ipv6, hops, throttled } = readContext(context, this.#clock, CONTEXT);
    const length = this.#service.write(request, 'request');
    const flags = (ipv6 ? IPV6 : 0) | (throttled ? THROTTLED : 0);
    return this.#call((exports, service) => {
      const found = exports.imds_explain(service, now, flags, hops ?? -1, this.#service.inputAt, length);
      if (found < 0) throw this.#service.error(found);
      return Array.from({ length: found }, () => {
        const at = exports.imds_poll_change(service);
        const [rule, status, reaches] = this.#service.words.subarray((at >>> 2) + 4, (at >>> 2) + 7);
        const [change, text] = [this.#service.text(at), this.#service.text(at + 8)];
        return { change, text, rule: this.#service.text(exports.imds_rule_id(service, rule)), status, reaches: reaches === 1 };
      });
    });
  }

  connection(context) {
    const read = readContext(context, this.#clock, [...CONTEXT, 'keepAlive']);
    return new CoreConnection(this.#service, this.#clock, read, readBoolean('keepAlive', context?.keepAlive));
  }

  modify(change, options) {
    const { now, effective } = readOptions('options', options, ['now', 'effective']);
    const at = now === undefined ? this.now() : readNow(now);
    const length = this.#service.write(json('change', change), 'change');
    this.#call((exports, service) => exports.imds_modify_options(service, at, effective ?? at + this.#modifyMillis, this.#service.inputAt, length));
    return this.options({ now: at });
  }

  options(options) {
    const { now } = readOptions('options', options, ['now']);
    const at = now === undefined ? this.now() : readNow(now);
    this.#service.check();
    return this.#call((exports, service) => {
      const words = this.#service.words.subarray(exports.imds_get_options(service, at) >>> 2);
      const toggle = (word) => (word === 1 ? 'enabled' : 'disabled');
      return {
        state: words[0] === 1 ? 'pending' : 'applied',
        http_tokens: words[1] === 1 ? 'required' : 'optional',
        http_put_response_hop_limit: words[2],
        http_endpoint: toggle(words[3]),
        http_protocol_ipv6: toggle(words[4]),
        instance_metadata_tags: toggle(words[5]),
      };
    });
  }

  voidTokens(generation = random(new BigUint64Array(1))[0]) {
    if (typeof generation !== 'bigint') invalidArgument('generation', 'a bigint');
    this.#service.check();
    this.#call((exports, service) => exports.imds_set_generation(service, generation));
  }

  free() {
    this.#service.free();
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.free();
  }

  /** Calls `body` with the module's exports and the service. A result below 0 is an error. */
  #call(body) {
    let result;
    try {
      result = body(this.#service.exports, this.#service.handle);
    } catch (error) {
      throw this.#service.caught(error);
    }
    if (result < 0) throw this.#service.error(result);
    return result;
  }
}

function json(name, value) {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) invalidArgument(name, 'an object or a string');
  return JSON.stringify(value);
}

function seedBytes(seed) {
  if (seed === undefined) return random(new Uint8Array(32));
  if (seed instanceof Uint8Array && seed.length > 0 && seed.length <= 32) return seed;
  if (typeof seed === 'string' && /^([0-9a-f]{2}){1,32}$/i.test(seed)) return Uint8Array.from(seed.match(/../g), (digits) => parseInt(digits, 16));
  throw new ImdsError('seed', 'seed: expected 1 to 32 bytes, or 2 to 64 hexadecimal digits, an even number of them');
}

const random = (array) => globalThis.crypto.getRandomValues(array);
