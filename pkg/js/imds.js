// The interface: index.d.ts says what each part of it is for.

import { Service, play as playStory } from '../dist/glue.js';
import { ImdsConnection } from './connection.js';
import { readContext, readNow, readText } from './context.js';
import { ImdsError, refuse } from './errors.js';
import { Exchange } from './exchange.js';
import { toRequestBytes, toResponse } from './fetch.js';
import { failed, generation, loaded, memory, needed, trapped } from './module.js';

export { spans } from './spans.js';
export { tables } from './tables.js';
export { Exchange, ImdsConnection, ImdsError };

export class Imds {
  #service;
  #generation;
  #clock;
  /** Where the module takes bytes, and how many fit. */
  #at = 0;
  #room = 0;

  static async create(init) {
    await loaded();
    return new Imds(init);
  }

  static async restore(snapshot, init) {
    if (snapshot === undefined) refuse('snapshot', 'a text that `snapshot` gave');
    return Imds.create({ ...init, snapshot });
  }

  constructor(init = {}) {
    needed();
    if (typeof init !== 'object' || init === null) refuse('init', 'an object');
    this.#clock = init.clock ?? Date.now;
    if (typeof this.#clock !== 'function') refuse('clock', 'a function');
    this.#generation = generation;
    const now = readNow(this.#clock());
    const settings = [millis('modifyMillis', init.modifyMillis ?? 1000), millis('transitionMillis', init.transitionMillis ?? 0)];
    if ([init.instance, init.fleet, init.snapshot].filter((it) => it !== undefined).length > 1) {
      refuse('init', 'one of instance, fleet and snapshot');
    }
    const nonce = init.nonce ?? (init.seed === undefined || init.snapshot !== undefined ? randomNonce() : 0n);
    if (typeof nonce !== 'bigint') refuse('nonce', 'a bigint');
    try {
      if (init.snapshot !== undefined) this.#service = Service.of_snapshot(text(init.snapshot), ...settings, now);
      else if (init.fleet !== undefined) this.#service = Service.of_fleet(text(init.fleet), seed(init.seed), ...settings, now);
      else {
        const record = init.instance === undefined ? undefined : text(init.instance);
        this.#service = Service.of_record(record, seed(init.seed), ...settings, now);
      }
    } catch (error) {
      throw failed(error);
    }
    this.#call((service) => service.set_nonce(nonce));
    this.fetch = this.fetch.bind(this);
  }

  get trapped() {
    return this.#generation !== generation;
  }

  /** What the clock shows. */
  now() {
    return readNow(this.#clock());
  }

  handle(request, context) {
    const { now, whom, ipv6, hops, throttled } = readContext(context, this.#clock);
    const length = this.#put(request, 'request');
    // Not by #call: here a closure would show.
    try {
      return new Exchange(this.#service.handle(length, now, whom, ipv6, hops, throttled) >>> 2, request);
    } catch (error) {
      throw failed(error);
    }
  }

  explain(request, context) {
    const { now, whom, ipv6, hops, throttled } = readContext(context, this.#clock);
    const length = this.#put(request, 'request');
    return JSON.parse(this.#call((service) => service.explain(length, now, whom, ipv6, hops, throttled)));
  }

  connection(context) {
    const read = readContext(context, this.#clock);
    return new ImdsConnection(
      (body) => this.#call(body),
      (bytes) => this.#put(bytes, 'bytes'),
      () => readNow(this.#clock()),
      read,
      context?.keepAlive ?? false,
    );
  }

  async fetch(input, init = {}) {
    const { bytes, request } = await toRequestBytes(input, init);
    request.signal?.throwIfAborted();
    const exchange = this.handle(bytes, init.imds);
    if (exchange.response === null) {
      throw new TypeError('fetch failed', { cause: new ImdsError('silent', `no answer: ${exchange.silence}`) });
    }
    return toResponse(exchange.response, request.url);
  }

  ec2(form, { now } = {}) {
    const body = form instanceof Uint8Array || typeof form === 'string' ? form : new URLSearchParams(form).toString();
    const at = this.#now(now);
    const length = this.#put(body, 'form');
    return this.#call((service) => {
      const reply = service.ec2(length, at);
      const read = {
        status: reply.status(),
        requestId: reply.request_id(),
        action: reply.action() ?? null,
        error: reply.error() ?? null,
        body: reply.body(),
      };
      reply.free();
      return read;
    });
  }

  launch(record, { now, count = 1, publicAddress = false } = {}) {
    if (!Number.isInteger(count) || count < 1 || count > 0xffffffff) refuse('count', 'a whole number from 1');
    const json = record === undefined || record === null ? undefined : text(record);
    const at = this.#now(now);
    return JSON.parse(this.#call((service) => service.launch(at, json, count, publicAddress)));
  }

  modify(change, { now, instance } = {}) {
    const at = this.#now(now);
    return JSON.parse(this.#call((service) => service.modify(at, readText('instance', instance), text(change))));
  }

  replace(record, { now, instance } = {}) {
    const at = this.#now(now);
    this.#call((service) => service.replace(at, readText('instance', instance), text(record)));
  }

  options({ now, instance } = {}) {
    const at = this.#now(now);
    return JSON.parse(this.#call((service) => service.options(at, readText('instance', instance))));
  }

  instances({ now } = {}) {
    const at = this.#now(now);
    return JSON.parse(this.#call((service) => service.instances(at)));
  }

  events({ now } = {}) {
    const at = this.#now(now);
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

  /** A call of the module's. What is not the module's own to throw, such as a clock of somebody's, is asked before. */
  #call(body) {
    this.#check();
    try {
      return body(this.#service);
    } catch (error) {
      throw failed(error);
    }
  }

  #check() {
    if (this.#generation !== generation) throw trapped();
    if (!this.#service) throw new ImdsError('freed', 'it was freed');
  }

  #now(now) {
    return readNow(now ?? this.#clock());
  }

  /** Writes bytes where the module takes them, and says how many. */
  #put(given, what) {
    const bytes = typeof given === 'string' ? encoder.encode(given) : given;
    if (!(bytes instanceof Uint8Array)) refuse(what, 'a Uint8Array or a string');
    this.#check();
    if (bytes.length > this.#room) {
      this.#room = Math.max(bytes.length, LEAST_ROOM);
      this.#at = this.#call((service) => service.input(this.#room));
    }
    try {
      memory().set(bytes, this.#at);
    } catch {
      refuse(what, 'bytes whose buffer was not transferred');
    }
    return bytes.length;
  }
}

/** A handler for `export default { fetch }` of a Worker, for Deno.serve and for Bun.serve. */
export function toFetchHandler(imds, context) {
  return (request) => imds.fetch(request, { imds: context });
}

/** Plays a transcript in a fleet of its own. */
export function play(story, { chunking = 'whole', records = {} } = {}) {
  needed();
  if (typeof story !== 'string') refuse('story', 'a text');
  const given = text(records);
  try {
    return JSON.parse(playStory(story, `${chunking}`, given));
  } catch (error) {
    throw failed(error);
  }
}

function text(json) {
  if (typeof json === 'string') return json;
  let written;
  try {
    written = JSON.stringify(json);
  } catch (error) {
    refuse('JSON', `what JSON.stringify takes: ${`${error.message}`.split('\n', 1)[0]}`);
  }
  return written ?? refuse('JSON', 'a text or what JSON.stringify takes');
}

function millis(name, value) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) refuse(name, 'whole milliseconds, at most 4294967295');
  return value;
}

function seed(given) {
  const bytes = given ?? crypto.getRandomValues(new Uint8Array(32));
  if (typeof bytes === 'string') return bytes;
  if (!(bytes instanceof Uint8Array)) refuse('seed', 'hexadecimal digits or a Uint8Array');
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const randomNonce = () => crypto.getRandomValues(new BigUint64Array(1))[0];
const encoder = new TextEncoder();
const LEAST_ROOM = 16384;
