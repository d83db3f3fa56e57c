// The package's interface, which index.d.ts documents.

import { Service, run_transcript } from '../dist/glue.js';
import { ImdsConnection } from './connection.js';
import { CONNECTION, readBoolean, readContext, readNow, readOptions, readText } from './context.js';
import { ImdsError, freedError, invalidArgument } from './errors.js';
import { Exchange } from './exchange.js';
import { toRequestBytes, toResponse } from './fetch.js';
import { ensureLoaded, generation, memory, moduleError, requireLoaded, trapError } from './module.js';

export { spans } from './spans.js';
export { tables } from './tables.js';
export { Exchange, ImdsConnection, ImdsError };

export class Imds {
  #service;
  #generation;
  #clock;
  /** A view of the module's input. */
  #input = new Uint8Array();

  static async create(init) {
    await ensureLoaded();
    return new Imds(init);
  }

  static async restore(snapshot, init) {
    if (snapshot === undefined) invalidArgument('snapshot', 'a string from snapshot()');
    return Imds.create({ ...init, snapshot });
  }

  constructor(init) {
    requireLoaded();
    init = readOptions('init', init, INIT);
    this.#clock = init.clock ?? Date.now;
    if (typeof this.#clock !== 'function') invalidArgument('clock', 'a function');
    this.#generation = generation;
    const now = readNow(this.#clock());
    const settings = [millis('modifyMillis', init.modifyMillis ?? 1000), millis('transitionMillis', init.transitionMillis ?? 0)];
    if ([init.instance, init.fleet, init.snapshot].filter((it) => it !== undefined).length > 1) {
      invalidArgument('init', 'only one of instance, fleet and snapshot');
    }
    const nonce = init.nonce ?? (init.seed === undefined || init.snapshot !== undefined ? randomNonce() : 0n);
    if (typeof nonce !== 'bigint') invalidArgument('nonce', 'a bigint');
    try {
      if (init.snapshot !== undefined) {
        this.#service = Service.from_snapshot(json('snapshot', init.snapshot), ...settings, now);
      } else if (init.fleet !== undefined) {
        this.#service = Service.from_fleet(json('fleet', init.fleet), seed(init.seed), ...settings, now);
      } else {
        const record = init.instance === undefined ? undefined : json('instance', init.instance);
        this.#service = Service.from_record(record, seed(init.seed), ...settings, now);
      }
    } catch (error) {
      throw moduleError(error);
    }
    this.#call((service) => service.set_nonce(nonce));
    this.fetch = this.fetch.bind(this);
  }

  get trapped() {
    return this.#generation !== generation;
  }

  now() {
    return readNow(this.#clock());
  }

  handle(request, context) {
    const { now, target, ipv6, hops, throttled } = readContext(context, this.#clock);
    const length = this.#writeInput(request, 'request');
    // Does not use #call, because its closure takes measurable time here.
    try {
      return new Exchange(this.#service.handle(length, now, target, ipv6, hops, throttled) >>> 2, request);
    } catch (error) {
      throw moduleError(error);
    }
  }

  explain(request, context) {
    const { now, target, ipv6, hops, throttled } = readContext(context, this.#clock);
    const length = this.#writeInput(request, 'request');
    return JSON.parse(this.#call((service) => service.explain(length, now, target, ipv6, hops, throttled)));
  }

  connection(context) {
    const read = readContext(context, this.#clock, CONNECTION);
    return new ImdsConnection(
      (body) => this.#call(body),
      (bytes) => this.#writeInput(bytes, 'bytes'),
      () => readNow(this.#clock()),
      read,
      readBoolean('keepAlive', context?.keepAlive),
    );
  }

  async fetch(input, init = {}) {
    const { bytes, request } = await toRequestBytes(input, init);
    request.signal?.throwIfAborted();
    const exchange = this.handle(bytes, init.imds);
    if (exchange.response === null) {
      throw new TypeError('fetch failed', { cause: new ImdsError('no-response', `no response: ${exchange.noResponse}`) });
    }
    return toResponse(exchange.response, request.url);
  }

  ec2(form, options) {
    const { now } = readOptions('options', options, CALL);
    const body = form instanceof Uint8Array || typeof form === 'string' ? form : new URLSearchParams(form).toString();
    const at = this.#now(now);
    const length = this.#writeInput(body, 'form');
    return this.#call((service) => {
      const response = service.ec2(length, at);
      const copy = {
        status: response.status(),
        requestId: response.request_id(),
        action: response.action() ?? null,
        error: response.error() ?? null,
        body: response.body(),
      };
      response.free();
      return copy;
    });
  }

  launch(record, options) {
    const { now, count = 1, publicAddress } = readOptions('options', options, LAUNCH);
    if (!Number.isInteger(count) || count < 1 || count > 0xffffffff) invalidArgument('count', 'an integer, 1 to 4294967295');
    const isPublic = readBoolean('publicAddress', publicAddress);
    const recordJson = record === undefined || record === null ? undefined : json('record', record);
    const at = this.#now(now);
    return JSON.parse(this.#call((service) => service.launch(at, recordJson, count, isPublic)));
  }

  modify(change, options) {
    const { now, instance } = readOptions('options', options, INSTANCE_CALL);
    const at = this.#now(now);
    const changeJson = json('change', change);
    return JSON.parse(this.#call((service) => service.modify(at, readText('instance', instance), changeJson)));
  }

  replace(record, options) {
    const { now, instance } = readOptions('options', options, INSTANCE_CALL);
    const at = this.#now(now);
    const recordJson = json('record', record);
    this.#call((service) => service.replace(at, readText('instance', instance), recordJson));
  }

  options(options) {
    const { now, instance } = readOptions('options', options, INSTANCE_CALL);
    const at = this.#now(now);
    return JSON.parse(this.#call((service) => service.options(at, readText('instance', instance))));
  }

  instances(options) {
    const at = this.#now(readOptions('options', options, CALL).now);
    return JSON.parse(this.#call((service) => service.instances(at)));
  }

  events(options) {
    const at = this.#now(readOptions('options', options, CALL).now);
    return JSON.parse(this.#call((service) => service.events(at)));
  }

  get deadline() {
    return this.#call((service) => service.deadline()) ?? null;
  }

  snapshot() {
    return this.#call((service) => service.snapshot());
  }

  free() {
    if (!this.trapped) this.#service?.free();
    this.#service = undefined;
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.free();
  }

  /**
   * Calls the module. Errors thrown inside count as the module's, so callbacks such as the clock
   * run before.
   */
  #call(body) {
    this.#checkUsable();
    try {
      return body(this.#service);
    } catch (error) {
      throw moduleError(error);
    }
  }

  #checkUsable() {
    if (this.#generation !== generation) throw trapError();
    if (!this.#service) throw freedError('Imds');
  }

  #now(now) {
    return readNow(now ?? this.#clock());
  }

  /** Writes bytes to the module's input and returns their number. */
  #writeInput(value, name) {
    this.#checkUsable();
    if (typeof value === 'string') {
      // A UTF-16 code unit has at most three bytes in UTF-8.
      this.#reserveInput(value.length * 3);
      return encoder.encodeInto(value, this.#input).written;
    }
    if (!(value instanceof Uint8Array)) invalidArgument(name, 'a Uint8Array or a string');
    this.#reserveInput(value.length);
    try {
      this.#input.set(value);
    } catch {
      invalidArgument(name, 'bytes with a buffer that is not transferred');
    }
    return value.length;
  }

  /** Makes `#input` a view of the module's input, with room for `bytes` bytes. */
  #reserveInput(bytes) {
    // The view loses its length when the memory grows.
    if (bytes <= this.#input.length && this.#input.length > 0) return;
    const capacity = Math.max(bytes, MIN_INPUT_BYTES);
    const at = this.#call((service) => service.reserve_input(capacity));
    this.#input = memory().subarray(at, at + capacity);
  }
}

export function toFetchHandler(imds, context) {
  return (request) => imds.fetch(request, { imds: context });
}

export function runTranscript(transcript, options) {
  const { chunking = 'whole', records = {} } = readOptions('options', options, TRANSCRIPT);
  requireLoaded();
  if (typeof transcript !== 'string') invalidArgument('transcript', 'a string');
  const recordsJson = json('records', records);
  try {
    return JSON.parse(run_transcript(transcript, `${chunking}`, recordsJson));
  } catch (error) {
    throw moduleError(error);
  }
}

/** A string as it is; any other value as JSON. */
function json(name, value) {
  if (typeof value === 'string') return value;
  let text;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    invalidArgument(name, `a value that JSON.stringify accepts (${`${error.message}`.split('\n', 1)[0]})`);
  }
  return text ?? invalidArgument(name, 'a string or a value that JSON.stringify accepts');
}

function millis(name, value) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) invalidArgument(name, 'integer milliseconds, at most 4294967295');
  return value;
}

/** A seed as hexadecimal digits. */
function seed(value) {
  const bytes = value ?? crypto.getRandomValues(new Uint8Array(32));
  if (typeof bytes === 'string') return bytes;
  if (!(bytes instanceof Uint8Array)) invalidArgument('seed', 'hexadecimal digits or a Uint8Array');
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const INIT = ['instance', 'fleet', 'snapshot', 'seed', 'nonce', 'clock', 'modifyMillis', 'transitionMillis'];
const CALL = ['now'];
const INSTANCE_CALL = ['now', 'instance'];
const LAUNCH = ['now', 'count', 'publicAddress'];
const TRANSCRIPT = ['chunking', 'records'];
const randomNonce = () => crypto.getRandomValues(new BigUint64Array(1))[0];
const encoder = new TextEncoder();
const MIN_INPUT_BYTES = 16384;
