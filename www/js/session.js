// @ts-check
// The session of the page: a fleet, a clock that only moves on request, and a log of every step.
// Replaying the log in a new session gives the same bytes. Share links contain the log, so its
// format is frozen; after a trap of the engine, the page replays it.

import { Imds, latin1, readResponse, toBytes } from './engine.js';

/** The launch time of the article's test_instance. */
export const START = Date.parse('2020-09-26T14:28:58Z');
export const SEED = '2a';
/** The latest time that an HTTP date can express. */
const LATEST = Date.UTC(9999, 11, 31);

/** @typedef {import('../../pkg/index.d.ts').Exchange} Exchange */
/**
 * The context of a request; for `stages` see path/simulate.js.
 * @typedef {{ instance?: string, hops?: number, throttled?: boolean, stages?: any[] }} How
 */
/**
 * @typedef {object} Entry one exchange
 * @property {number} n from 1
 * @property {number} at
 * @property {Uint8Array} request the bytes that the client sent
 * @property {Uint8Array} arrived the bytes that reached the service
 * @property {How} how
 * @property {Exchange | null} exchange null if the request did not reach the service
 * @property {import('./path/simulate.js').Simulation} [simulation] the network path, if it has
 *   stages
 * @property {import('../../pkg/index.d.ts').Turn[]} turns the single changes that would change the
 *   decision
 * @property {import('../../pkg/index.d.ts').OptionsWithState | null} options the applied options
 */
/**
 * One entry of the log.
 * @typedef {['+', number] | ['>', string, How] | ['ec2' | 'modify' | 'replace' | 'launch', ...any[]]} Step
 */

/**
 * @param {{ fleet: string, seed?: string, start?: number, simulate?: (imds: Imds, bytes: Uint8Array, how: any) => any }} init
 *   `simulate` carries requests over `stages`; without it they arrive unchanged
 */
export function createSession({ fleet, seed = SEED, start = START, simulate }) {
  const listeners = new Set();
  /** @type {Step[]} */ let log = [];
  /** @type {Entry[]} */ let exchanges = [];
  /** @type {readonly Token[]} */ let tokens = [];
  /** @type {number} */ let now;
  let unlogged = 0;
  let replaying = false;
  /** @type {Imds} */ let imds;

  const notify = () => {
    if (!unlogged && !replaying) for (const listener of listeners) listener(session);
  };
  /** Runs the function without adding to the log. @param {() => any} body */
  const withoutLog = (body) => {
    unlogged += 1;
    try {
      return body();
    } finally {
      unlogged -= 1;
    }
  };
  /** Adds a step to the log; consecutive clock steps become one. @param {Step} step */
  const addStep = (step) => {
    if (unlogged) return;
    const last = log.at(-1);
    if (step[0] === '+' && last?.[0] === '+') last[1] += step[1];
    else log.push(step);
  };

  /** The package's class, with every call that changes something added to the log. */
  class LoggedImds extends Imds {
    /**
     * @override
     * @param {Uint8Array | string} request
     * @param {import('../../pkg/index.d.ts').RequestContext} [context]
     */
    handle(request, context = {}) {
      if (unlogged) return super.handle(request, context);
      const bytes = typeof request === 'string' ? new TextEncoder().encode(request) : request;
      const exchange = super.handle(bytes, context);
      const { instance, hops, throttled, peer } = context;
      addExchange({ request: bytes, arrived: bytes, how: { instance: instance ?? peer, hops, throttled }, exchange });
      return exchange;
    }
    /**
     * @override
     * @param {Parameters<Imds['ec2']>[0]} form
     * @param {Parameters<Imds['ec2']>[1]} [at]
     */
    ec2(form, at) {
      const text = typeof form === 'string' ? form : form instanceof Uint8Array ? latin1(form) : `${new URLSearchParams(form)}`;
      return done(['ec2', text], super.ec2(text, at));
    }
    /** @override @param {Parameters<Imds['modify']>[0]} change */
    modify(change, target = {}) {
      return done(['modify', change, target], super.modify(change, target));
    }
    /** @override @param {Parameters<Imds['replace']>[0]} record */
    replace(record, target = {}) {
      return done(['replace', record, target], super.replace(record, target));
    }
    /** @override @param {Parameters<Imds['launch']>[0]} [record] */
    launch(record = null, how = {}) {
      return done(['launch', record, how], super.launch(record, how));
    }
  }
  /** A clone for `peek`, until the fleet changes. @type {Imds | undefined} */
  let peekClone;
  /** The parsed snapshot, until the fleet changes. @type {any} */ let parsedSnapshot;
  const invalidate = () => {
    peekClone?.free();
    peekClone = undefined;
    parsedSnapshot = undefined;
  };
  const snapshot = () => (parsedSnapshot ??= JSON.parse(imds.snapshot()));
  const done = (/** @type {any} */ step, /** @type {any} */ result) => {
    invalidate();
    addStep(step);
    notify();
    return result;
  };
  const addExchange = (/** @type {Omit<Entry, 'n' | 'at' | 'turns' | 'options'>} */ made) => {
    addStep(['>', latin1(made.request), JSON.parse(JSON.stringify(made.how))]);
    const entry = { n: exchanges.length + 1, at: now, ...made, ...withoutLog(() => explanationOf(made)) };
    exchanges.push(entry);
    const token = tokenOf(entry);
    if (token) tokens = [token, ...tokens];
    notify();
    return entry;
  };
  /**
   * Computed with the exchange, because it depends on the fleet's current state.
   * @param {Pick<Entry, 'arrived' | 'how' | 'exchange'>} made
   */
  const explanationOf = ({ arrived, how: { instance, hops, throttled }, exchange }) => {
    if (!exchange || exchange.status === null) return { turns: [], options: null };
    return { turns: imds.explain(arrived, { instance, hops, throttled }), options: session.activeOptions(instance) };
  };
  const create = () => {
    invalidate();
    imds?.free();
    now = start;
    log = [];
    exchanges = [];
    tokens = [];
    imds = new LoggedImds({ fleet, seed, clock: () => now });
  };

  const memberOf = (/** @type {string | undefined} */ id) =>
    snapshot().members.find((/** @type {any} */ { own }) => id === undefined || own.instance_id === id);
  /** @param {readonly any[]} steps @param {{ seed: string, start: number }} from */
  const replay = (steps, from) => {
    if (!(from.start <= LATEST)) throw new RangeError('the clock ends at the year 9999');
    ({ seed, start } = from);
    create();
    for (const [kind, ...rest] of steps) {
      if (kind === '+') session.advance(rest[0]);
      else if (kind === '>') session.send(rest[0], rest[1]);
      else if (['ec2', 'modify', 'replace', 'launch'].includes(kind)) /** @type {any} */ (imds)[kind](...rest);
      else throw new TypeError(`unknown step: ${kind}`);
    }
  };

  const session = {
    fleet,
    get seed() {
      return seed;
    },
    get start() {
      return start;
    },
    get imds() {
      return imds;
    },
    now: () => now,
    /** @param {number} ms */
    advance(ms) {
      if (!(ms > 0)) return;
      if (now + ms > LATEST) throw new RangeError('the clock ends at the year 9999');
      now += Math.round(ms);
      addStep(['+', Math.round(ms)]);
      notify();
    },
    /** Restores the initial state and clears the log. */
    reset() {
      create();
      notify();
    },
    /**
     * Sends a request and records the exchange.
     * @param {Uint8Array | string} request
     * @param {How} [how]
     * @returns {Entry}
     */
    send(request, how = {}) {
      const bytes = typeof request === 'string' ? toBytes(request) : request;
      const { stages, ...context } = how;
      if (stages?.length && simulate) {
        const simulation = withoutLog(() => simulate(imds, bytes, { now, ...how }));
        return addExchange({ request: bytes, arrived: simulation.arrived ?? bytes, how: { ...how, hops: simulation.hops }, exchange: simulation.exchange ?? null, simulation });
      }
      return addExchange({ request: bytes, arrived: bytes, how, exchange: withoutLog(() => imds.handle(bytes, context)) });
    },
    /**
     * Reads a path for the page itself, without adding to the log. The request goes to a clone,
     * because each response consumes a nonce: replaying the log would give different tokens.
     * @param {string} path @param {{ instance?: string, token?: string }} [how]
     */
    peek(path, { instance, token } = {}) {
      const header = token ? `X-aws-ec2-metadata-token: ${token}\r\n` : '';
      peekClone ??= session.clone();
      return peekClone.handle(`GET ${path} HTTP/1.1\r\nHost: 169.254.169.254\r\n${header}\r\n`, { instance, now });
    },
    get exchanges() {
      return exchanges;
    },
    /** Every step since the start. @returns {readonly Step[]} */
    get log() {
      return log;
    },
    /**
     * Resets the session and replays a log. If a step throws, the previous session is restored and
     * the error is rethrown.
     * @param {readonly any[]} steps @param {{ seed?: string, start?: number }} [from]
     */
    play(steps, from) {
      const before = { seed, start, log };
      replaying = true;
      try {
        replay(steps, { seed, start, ...from });
      } catch (error) {
        replay(before.log, before);
        throw error;
      } finally {
        replaying = false;
        notify();
      }
    },
    /**
     * The applied options: while a change is pending, the options before it.
     * @param {string} [idOrAddress]
     */
    activeOptions(idOrAddress) {
      const instance = imds.instances().find(({ id, local_ipv4s }) => id === idOrAddress || local_ipv4s.includes(idOrAddress ?? ''))?.id;
      const options = imds.options({ instance });
      if (options.state === 'applied') return options;
      const member = memberOf(instance);
      return member ? { ...member.options.applied, state: 'applied' } : options;
    },
    /**
     * A copy of the fleet at this moment, on which option changes apply at once. The caller must
     * free it.
     */
    clone() {
      const at = now;
      return new Imds({ snapshot: imds.snapshot(), clock: () => at, modifyMillis: 0 });
    },
    /** The record of an instance, as `replace` accepts it. @param {string} [instance] */
    record(instance) {
      const all = snapshot();
      const member = memberOf(instance);
      if (!member) return null;
      const { interfaces, tags: _, ...own } = member.own;
      const template = all.templates[member.template];
      const network_interfaces = interfaces.map((/** @type {any} */ it, /** @type {number} */ place) => ({ ...template.network_interfaces?.[place], ...it }));
      return { ...template, ...own, network_interfaces, tags: all.tags[member.tags] };
    },
    /** The tokens that reached a client, newest first. */
    get tokens() {
      return tokens;
    },
    /**
     * The article's two hosts; null while no running instance has the tag Name=test_instance or
     * cli_instance.
     */
    get hosts() {
      const all = imds.instances();
      const host = (/** @type {string} */ name) => {
        const found = all.find(({ tags, state }) => tags.Name === name && state === 'running');
        return found ? { id: found.id, name, address: found.local_ipv4s[0] } : null;
      };
      return { cli: host('cli_instance'), test: host('test_instance') };
    },
    /**
     * Calls the listener after each change; returns a function that unsubscribes it.
     * @param {(session: any) => void} listener
     */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  create();
  return session;
}

/** @typedef {{ n: number, token: string, instance?: string, issued: number, seconds: number, expires: number }} Token */

/**
 * The token that an exchange delivered to its client.
 * @param {Entry} entry
 * @returns {Token | null}
 */
function tokenOf({ n, at, how, exchange }) {
  if (exchange?.rule !== 'serve.token') return null;
  const response = readResponse(exchange);
  if (!response) return null;
  const seconds = Number(response.get('X-Aws-Ec2-Metadata-Token-Ttl-Seconds'));
  return { n, token: latin1(response.body), instance: how.instance, issued: at, seconds, expires: at + seconds * 1000 };
}

/** @typedef {ReturnType<typeof createSession>} Session */
