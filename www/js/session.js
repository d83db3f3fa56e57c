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
 * @property {boolean} [preview] whether the request was not sent
 * @property {number} step the length of the log after it
 * @property {bigint} nonce the nonce of the next response after it
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
/** The number of steps between two checkpoints. */
const CHECKPOINT_STEPS = 64;
/**
 * The session after a part of the log; `snapshot` is null at the start.
 * @typedef {{ length: number, now: number, nonce: bigint, snapshot: string | null }} Checkpoint
 */
/**
 * One entry of the log.
 * @typedef {['+', number] | ['>', string, How] | ['ec2' | 'modify' | 'replace' | 'launch', ...any[]]} Step
 */

/**
 * @param {{ fleet: string, seed?: string, start?: number, nonce?: bigint, simulate?: (imds: Imds, bytes: Uint8Array, how: any) => any }} init
 *   `simulate` carries requests over `stages`; without it they arrive unchanged
 */
export function createSession({ fleet, seed = SEED, start = START, nonce: firstNonce = 0n, simulate }) {
  const listeners = new Set();
  /** @type {Step[]} */ let log = [];
  /** @type {Entry[]} */ let exchanges = [];
  /** @type {readonly Token[]} */ let tokens = [];
  /** @type {number} */ let now;
  /** The nonce of the next response. @type {bigint} */ let nonce;
  /** The steps that `redo` repeats, the next ones last. @type {Step[][]} */ let undone = [];
  /** The start of each group of steps that `undo` removes together, by its end. @type {Map<number, number>} */
  const groups = new Map();
  /** @type {Checkpoint[]} */ let checkpoints = [];
  /** Incremented with each change except exchanges. */
  let version = 0;
  let unlogged = 0;
  let redoing = false;
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
    if (!redoing) undone = [];
    const last = log.at(-1);
    if (step[0] === '+' && last?.[0] === '+' && !groups.has(log.length)) last[1] += step[1];
    else log.push(step);
    // A clock step can still grow.
    if (step[0] !== '+' && log.length - checkpoints[checkpoints.length - 1].length >= CHECKPOINT_STEPS) {
      checkpoints.push({ length: log.length, now, nonce, snapshot: imds.snapshot() });
    }
  };

  /** The package's class, with every call that changes something added to the log. */
  class LoggedImds extends Imds {
    /**
     * @override
     * @param {Uint8Array | string} request
     * @param {import('../../pkg/index.d.ts').RequestContext} [context]
     */
    handle(request, context = {}) {
      const bytes = typeof request === 'string' ? new TextEncoder().encode(request) : request;
      const exchange = super.handle(bytes, context);
      if (exchange.status !== null) nonce += 1n;
      if (unlogged) return exchange;
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
      const response = super.ec2(text, at);
      nonce += 1n;
      return done(['ec2', text], response);
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
  /** Clones for `peek` and `read`, until the fleet changes. @type {Map<string, Imds>} */
  const readers = new Map();
  /** The parsed snapshot, until the fleet changes. @type {any} */ let parsedSnapshot;
  const invalidate = () => {
    version += 1;
    for (const reader of readers.values()) reader.free();
    readers.clear();
    parsedSnapshot = undefined;
  };
  const snapshot = () => (parsedSnapshot ??= JSON.parse(imds.snapshot()));
  /** @param {string} key @param {(imds: Imds) => void} [prepare] */
  const reader = (key, prepare) => {
    let found = readers.get(key);
    if (!found) {
      readers.set(key, (found = session.clone()));
      prepare?.(found);
    }
    return found;
  };
  /** The ids of the hosts, by the name that they first had. @type {Map<string, string>} */ const hostIds = new Map();
  const done = (/** @type {any} */ step, /** @type {any} */ result) => {
    if (unlogged) return result;
    invalidate();
    void session.hosts;
    addStep(step);
    notify();
    return result;
  };
  /** @typedef {Pick<Entry, 'request' | 'arrived' | 'how' | 'exchange' | 'simulation'>} Made */
  /** @param {Made} made @returns {Entry} */
  const addExchange = (made) => {
    addStep(['>', latin1(made.request), JSON.parse(JSON.stringify(made.how))]);
    const entry = explained({ n: exchanges.length + 1, at: now, step: log.length, nonce, ...made });
    exchanges.push(entry);
    const token = tokenOf(entry);
    if (token) tokens = [token, ...tokens];
    notify();
    return entry;
  };
  /**
   * Adds `turns` and `options`. They depend on the fleet at the time of the exchange, and are
   * computed when they are first read.
   * @param {any} entry @returns {Entry}
   */
  const explained = (entry) => {
    const current = version;
    const [created, itsLog] = [creation, log];
    /** @type {Pick<Entry, 'turns' | 'options'> | undefined} */ let computed;
    const compute = () => {
      if (computed) return computed;
      if (current === version && now === entry.at) return (computed = explanationOf(imds, entry));
      if (created !== creation) return (computed = { turns: [], options: null });
      const { imds: past } = worldAt(itsLog, entry.step);
      computed = explanationOf(past, entry);
      past.free();
      return computed;
    };
    return Object.defineProperties(entry, { turns: { get: () => compute().turns, enumerable: true }, options: { get: () => compute().options, enumerable: true } });
  };
  /** @param {Imds} imds @param {Made} made */
  const explanationOf = (imds, { arrived, how: { instance, hops, throttled }, exchange }) => {
    if (!exchange || exchange.status === null) return { turns: [], options: null };
    return { turns: imds.explain(arrived, { instance, hops, throttled }), options: activeOptionsOf(imds, () => JSON.parse(imds.snapshot()), instance) };
  };
  /** Incremented when the session starts anew. */
  let creation = 0;
  const create = () => {
    creation += 1;
    invalidate();
    imds?.free();
    now = start;
    nonce = firstNonce;
    log = [];
    undone = [];
    groups.clear();
    exchanges = [];
    tokens = [];
    checkpoints = [{ length: 0, now, nonce, snapshot: null }];
    imds = new LoggedImds({ fleet, seed, nonce, clock: () => now });
    hostIds.clear();
    void session.hosts;
  };
  /**
   * The fleet, clock and nonce after the first `length` steps of the log: the nearest checkpoint,
   * and the steps after it. Exchanges only change the nonce.
   * @param {readonly Step[]} steps @param {number} length @param {typeof Imds} [Kind]
   */
  const worldAt = (steps, length, Kind = Imds) => {
    const from = /** @type {Checkpoint} */ (checkpoints.findLast((it) => it.length <= length));
    const between = steps.slice(from.length, length);
    const made = exchanges.findLast(({ step }) => step <= length);
    const calls = (/** @type {readonly Step[]} */ part) => BigInt(part.filter(([kind]) => kind === 'ec2').length);
    const last = made && made.step > from.length ? made : { step: from.length, nonce: from.nonce };
    const next = last.nonce + calls(steps.slice(last.step, length));
    const world = { now: from.now, nonce: next, imds: /** @type {Imds} */ (/** @type {unknown} */ (null)) };
    const init = from.snapshot === null ? { fleet, seed } : { snapshot: from.snapshot };
    world.imds = new Kind({ ...init, nonce: next - calls(between), clock: () => (world.imds === imds ? now : world.now) });
    withoutLog(() => {
      for (const [kind, ...rest] of between) {
        if (kind === '+') world.now += rest[0];
        else if (kind !== '>') /** @type {any} */ (world.imds)[kind](...rest);
      }
    });
    return world;
  };
  /** Restores the session after the first `length` steps of the log. @param {number} length */
  const truncate = (length) => {
    const world = worldAt(log, length, LoggedImds);
    const old = imds;
    ({ imds, now, nonce } = world);
    invalidate();
    old.free();
    log.length = length;
    for (const end of groups.keys()) if (end > length) groups.delete(end);
    while (exchanges.length && exchanges[exchanges.length - 1].step > length) exchanges.pop();
    if (tokens.length && tokens[0].n > exchanges.length) tokens = tokens.filter(({ n }) => n <= exchanges.length);
    while (checkpoints[checkpoints.length - 1].length > length) checkpoints.pop();
  };

  const memberOf = (/** @type {string | undefined} */ id, all = snapshot()) =>
    all.members.find((/** @type {any} */ { own }) => id === undefined || own.instance_id === id);
  /**
   * @param {Imds} imds @param {() => any} snapshotOf @param {string} [idOrAddress]
   * @returns {import('../../pkg/index.d.ts').OptionsWithState}
   */
  const activeOptionsOf = (imds, snapshotOf, idOrAddress) => {
    const instance = imds.instances().find(({ id, local_ipv4s }) => id === idOrAddress || local_ipv4s.includes(idOrAddress ?? ''))?.id;
    const options = imds.options({ instance });
    if (options.state === 'applied') return options;
    const member = memberOf(instance, snapshotOf());
    return member ? { ...member.options.applied, state: 'applied' } : options;
  };
  /** Delivers a request, over its stages if it has any. @param {Imds} to @param {Uint8Array} bytes @param {How} how @returns {Made} */
  const deliver = (to, bytes, how) => {
    const { stages, ...context } = how;
    if (!stages?.length || !simulate) return { request: bytes, arrived: bytes, how, exchange: to.handle(bytes, { ...context, now }) };
    const simulation = simulate(to, bytes, { now, ...how });
    return { request: bytes, arrived: simulation.arrived ?? bytes, how: { ...how, hops: simulation.hops }, exchange: simulation.exchange ?? null, simulation };
  };
  /** @param {readonly any[]} steps @param {{ seed: string, start: number, nonce: bigint }} from */
  const replay = (steps, from) => {
    if (!(from.start <= LATEST)) throw new RangeError('the clock ends at the year 9999');
    ({ seed, start, nonce: firstNonce } = from);
    create();
    for (const step of steps) run(step);
  };
  /** Runs a step of a log. @param {any} step */
  const run = ([kind, ...rest]) => {
    if (kind === '+') session.advance(rest[0]);
    else if (kind === '>') session.send(rest[0], rest[1]);
    else if (['ec2', 'modify', 'replace', 'launch'].includes(kind)) /** @type {any} */ (imds)[kind](...rest);
    else throw new TypeError(`unknown step: ${kind}`);
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
      version += 1;
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
      return addExchange(withoutLog(() => deliver(imds, bytes, how)));
    },
    /**
     * The exchange that sending this request would give, without any effect on the session.
     * @param {Uint8Array | string} request
     * @param {How} [how]
     * @returns {Entry}
     */
    preview(request, how = {}) {
      const bytes = typeof request === 'string' ? toBytes(request) : request;
      const at = now;
      const copy = new Imds({ snapshot: imds.snapshot(), nonce, clock: () => at });
      try {
        const made = deliver(copy, bytes, how);
        return { n: exchanges.length + 1, at, preview: true, step: log.length + 1, nonce, ...made, ...explanationOf(copy, made) };
      } finally {
        copy.free();
      }
    },
    /**
     * Reads a path for the page itself, without adding to the log. The request goes to a clone,
     * because each response consumes a nonce: replaying the log would give different tokens.
     * @param {string} path @param {{ instance?: string, token?: string }} [how]
     */
    peek(path, { instance, token } = {}) {
      const header = token ? `X-aws-ec2-metadata-token: ${token}\r\n` : '';
      return reader('').handle(`GET ${path} HTTP/1.1\r\nHost: 169.254.169.254\r\n${header}\r\n`, { instance, now });
    },
    /**
     * The body of a path, under any metadata options; null unless the status is 200.
     * @param {string} path @param {string} instance @param {number} [at]
     */
    read(path, instance, at = now) {
      const open = reader(instance, (imds) => imds.modify({ http_tokens: 'optional', http_endpoint: 'enabled' }, { instance }));
      const exchange = open.handle(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, { instance, now: at });
      return exchange.status === 200 ? latin1(readResponse(exchange)?.body ?? new Uint8Array()) : null;
    },
    /** Whether `undo` and `redo` have a step. */
    get undoable() {
      return log.length > 0;
    },
    get redoable() {
      return undone.length > 0;
    },
    /**
     * Removes the last step of the log, or the last group of steps; returns them.
     * @returns {Step[] | null}
     */
    undo() {
      if (!log.length) return null;
      const from = groups.get(log.length) ?? log.length - 1;
      const steps = log.slice(from);
      truncate(from);
      undone.push(steps);
      notify();
      return steps;
    },
    /** Repeats the steps that were undone last, and returns them. @returns {Step[] | null} */
    redo() {
      const steps = undone.pop();
      if (!steps) return null;
      redoing = true;
      try {
        session.together(() => steps.forEach(run));
      } finally {
        redoing = false;
      }
      return steps;
    },
    /** Makes `undo` remove all steps of the function together. @template T @param {() => T} body @returns {T} */
    together(body) {
      const from = log.length;
      try {
        return body();
      } finally {
        if (log.length > from + 1) groups.set(log.length, from);
      }
    },
    /** Incremented with each change except exchanges. */
    get version() {
      return version;
    },
    /** The nonce of the next response. */
    get nonce() {
      return nonce;
    },
    get firstNonce() {
      return firstNonce;
    },
    /**
     * The times at which pending metadata options apply.
     * @returns {{ instance: string, at: number, options: any }[]}
     */
    get pendingOptions() {
      return snapshot().members.filter((/** @type {any} */ { options }) => options.pending && Date.parse(options.pending[0]) > now)
        .map((/** @type {any} */ { own, options: { pending: [at, options] } }) => ({ instance: own.instance_id, at: Date.parse(at), options }));
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
     * @param {readonly any[]} steps @param {{ seed?: string, start?: number, nonce?: bigint }} [from]
     */
    play(steps, from) {
      const before = { seed, start, nonce: firstNonce, log };
      replaying = true;
      try {
        replay(steps, { seed, start, ...from, nonce: from ? from.nonce ?? 0n : firstNonce });
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
      return activeOptionsOf(imds, snapshot, idOrAddress);
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
     * The article's two hosts; null while they are not running. A host is the running instance that
     * first had the tag Name=cli_instance or test_instance, whatever its tag is later.
     */
    get hosts() {
      const running = imds.instances().filter(({ state }) => state === 'running');
      const host = (/** @type {string} */ name) => {
        const found = running.find(({ id }) => id === hostIds.get(name)) ?? running.find(({ tags }) => tags.Name === name);
        if (!found) return null;
        hostIds.set(name, found.id);
        return { id: found.id, name, address: found.local_ipv4s[0] };
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
