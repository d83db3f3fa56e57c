// @ts-check
// The one world of the page: a fleet, a clock that only moves by hand, and all that was done to it. What was done is a log, and
// the same log played again in a new world gives the same bytes: that is how a link holds a state, and how a trap is survived.

import { Imds, latin1, readAnswer, toBytes } from './engine.js';

/** When the article's test_instance was launched. */
export const START = Date.parse('2020-09-26T14:28:58Z');
export const SEED = '2a';
/** What an HTTP date can say. */
const LATEST = Date.UTC(9999, 11, 31);

/** @typedef {import('../../pkg/index.d.ts').Exchange} Exchange */
/** @typedef {{ instance?: string, hops?: number, throttled?: boolean, stages?: any[] }} How who asks, and over what; `stages` are path/'s */
/**
 * @typedef {object} Entry one exchange
 * @property {number} n from 1
 * @property {number} at
 * @property {Uint8Array} request as it was sent
 * @property {Uint8Array} arrived as it arrived at the service
 * @property {How} how
 * @property {Exchange | null} exchange null where the request did not reach the service
 * @property {any} [travel] what path/ tells of the way
 * @property {import('../../pkg/index.d.ts').Turn[]} turns what would have turned the decision
 * @property {import('../../pkg/index.d.ts').OptionsWithState | null} options those in force
 */
/** @typedef {['+', number] | ['>', string, How] | ['ec2' | 'modify' | 'replace' | 'launch', ...any[]]} Done one line of the log */

/**
 * @param {{ fleet: string, seed?: string, start?: number, travel?: (imds: Imds, bytes: Uint8Array, how: any) => any }} init
 *   `travel` takes requests over `stages`; without it they arrive as they are
 */
export function createWorld({ fleet, seed = SEED, start = START, travel }) {
  const listeners = new Set();
  /** @type {Done[]} */ let log = [];
  /** @type {Entry[]} */ let exchanges = [];
  /** @type {readonly Token[]} */ let tokens = [];
  /** @type {number} */ let now;
  let quiet = 0;
  let silent = false;
  /** @type {Imds} */ let imds;

  const changed = () => {
    if (!quiet && !silent) for (const listener of listeners) listener(world);
  };
  /** @param {() => any} body without a line in the log */
  const quietly = (body) => {
    quiet += 1;
    try {
      return body();
    } finally {
      quiet -= 1;
    }
  };
  /** @param {Done} done */
  const note = (done) => {
    if (quiet) return;
    const last = log.at(-1);
    if (done[0] === '+' && last?.[0] === '+') last[1] += done[1];
    else log.push(done);
  };

  /** The package's own, but that each call that changes something is noted. */
  class Noted extends Imds {
    /** @override @param {Uint8Array | string} request @param {import('../../pkg/index.d.ts').Context} [context] */
    handle(request, context = {}) {
      if (quiet) return super.handle(request, context);
      const bytes = typeof request === 'string' ? new TextEncoder().encode(request) : request;
      const exchange = super.handle(bytes, context);
      const { instance, hops, throttled, peer } = context;
      keep({ request: bytes, arrived: bytes, how: { instance: instance ?? peer, hops, throttled }, exchange });
      return exchange;
    }
    /** @override @param {Parameters<Imds['ec2']>[0]} form @param {Parameters<Imds['ec2']>[1]} [at] */
    ec2(form, at) {
      const text = typeof form === 'string' ? form : form instanceof Uint8Array ? latin1(form) : `${new URLSearchParams(form)}`;
      return did(['ec2', text], super.ec2(text, at));
    }
    /** @override @param {Parameters<Imds['modify']>[0]} change */
    modify(change, whose = {}) {
      return did(['modify', change, whose], super.modify(change, whose));
    }
    /** @override @param {Parameters<Imds['replace']>[0]} record */
    replace(record, whose = {}) {
      return did(['replace', record, whose], super.replace(record, whose));
    }
    /** @override @param {Parameters<Imds['launch']>[0]} [record] */
    launch(record = null, how = {}) {
      return did(['launch', record, how], super.launch(record, how));
    }
  }
  /** What `peek` asks, as long as the fleet stays as it is. @type {Imds | undefined} */
  let aside;
  /** The snapshot, read, for as long. @type {any} */ let read;
  const forget = () => {
    aside?.free();
    aside = undefined;
    read = undefined;
  };
  const snapshot = () => (read ??= JSON.parse(imds.snapshot()));
  const did = (/** @type {any} */ done, /** @type {any} */ result) => {
    forget();
    note(done);
    changed();
    return result;
  };
  const keep = (/** @type {Omit<Entry, 'n' | 'at' | 'turns' | 'options'>} */ what) => {
    note(['>', latin1(what.request), JSON.parse(JSON.stringify(what.how))]);
    const entry = { n: exchanges.length + 1, at: now, ...what, ...quietly(() => circumstances(what)) };
    exchanges.push(entry);
    const held = tokenOf(entry);
    if (held) tokens = [held, ...tokens];
    changed();
    return entry;
  };
  /** What can be told of a decision only while the world is as it was. @param {Pick<Entry, 'arrived' | 'how' | 'exchange'>} what */
  const circumstances = ({ arrived, how: { instance, hops, throttled }, exchange }) => {
    if (!exchange || exchange.status === null) return { turns: [], options: null };
    return { turns: imds.explain(arrived, { instance, hops, throttled }), options: world.inForce(instance) };
  };
  const make = () => {
    forget();
    imds?.free();
    now = start;
    log = [];
    exchanges = [];
    tokens = [];
    imds = new Noted({ fleet, seed, clock: () => now });
  };

  const memberOf = (/** @type {string | undefined} */ id) =>
    snapshot().members.find((/** @type {any} */ { own }) => id === undefined || own.instance_id === id);
  /** @param {readonly any[]} done @param {{ seed: string, start: number }} from */
  const again = (done, from) => {
    if (!(from.start <= LATEST)) throw new RangeError('the clock goes no further than the year 9999');
    ({ seed, start } = from);
    make();
    for (const [what, ...rest] of done) {
      if (what === '+') world.advance(rest[0]);
      else if (what === '>') world.send(rest[0], rest[1]);
      else if (['ec2', 'modify', 'replace', 'launch'].includes(what)) /** @type {any} */ (imds)[what](...rest);
      else throw new TypeError(`no such step: ${what}`);
    }
  };

  const world = {
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
      if (now + ms > LATEST) throw new RangeError('the clock goes no further than the year 9999');
      now += Math.round(ms);
      note(['+', Math.round(ms)]);
      changed();
    },
    /** Everything as it began. */
    reset() {
      make();
      changed();
    },
    /**
     * Sends one request and keeps the exchange. @param {Uint8Array | string} request @param {How} [how] @returns {Entry}
     */
    send(request, how = {}) {
      const bytes = typeof request === 'string' ? toBytes(request) : request;
      const { stages, ...context } = how;
      if (stages?.length && travel) {
        const told = quietly(() => travel(imds, bytes, { now, ...how }));
        return keep({ request: bytes, arrived: told.arrived ?? bytes, how: { ...how, hops: told.hops }, exchange: told.exchange ?? null, travel: told });
      }
      return keep({ request: bytes, arrived: bytes, how, exchange: quietly(() => imds.handle(bytes, context)) });
    },
    /**
     * Asks without leaving a trace, for what the page itself wants to know: a clone is asked, since each answer uses up a nonce, and
     * the log would give other tokens without it. @param {string} path @param {{ instance?: string, token?: string }} [how]
     */
    peek(path, { instance, token } = {}) {
      const field = token ? `X-aws-ec2-metadata-token: ${token}\r\n` : '';
      aside ??= world.clone();
      return aside.handle(`GET ${path} HTTP/1.1\r\nHost: 169.254.169.254\r\n${field}\r\n`, { instance, now });
    },
    get exchanges() {
      return exchanges;
    },
    /** What was done, to be played again. @returns {readonly Done[]} */
    get log() {
      return log;
    },
    /**
     * Begins anew and does all that again; where that fails it throws, and the world is as it was.
     * @param {readonly any[]} done @param {{ seed?: string, start?: number }} [from]
     */
    play(done, from) {
      const before = { seed, start, log };
      silent = true;
      try {
        again(done, { seed, start, ...from });
      } catch (error) {
        again(before.log, before);
        throw error;
      } finally {
        silent = false;
        changed();
      }
    },
    /** The options that rule at this moment: while others are pending, the ones before. @param {string} [whom] */
    inForce(whom) {
      const instance = imds.instances().find(({ id, local_ipv4s }) => id === whom || local_ipv4s.includes(whom ?? ''))?.id;
      const asked = imds.options({ instance });
      if (asked.state === 'applied') return asked;
      const member = memberOf(instance);
      return member ? { ...member.options.applied, state: 'applied' } : asked;
    },
    /** The same fleet at the same moment, apart: what is done to it is not done here, and changes of options are at once. To be freed. */
    clone() {
      const at = now;
      return new Imds({ snapshot: imds.snapshot(), clock: () => at, modifyMillis: 0 });
    },
    /** An instance as a record that `replace` takes. @param {string} [instance] */
    record(instance) {
      const all = snapshot();
      const member = memberOf(instance);
      if (!member) return null;
      const { interfaces, tags: _, ...own } = member.own;
      const template = all.templates[member.template];
      const networks = interfaces.map((/** @type {any} */ it, /** @type {number} */ place) => ({ ...template.network_interfaces?.[place], ...it }));
      return { ...template, ...own, network_interfaces: networks, tags: all.tags[member.tags] };
    },
    /** The tokens that reached an asker, the newest first. */
    get tokens() {
      return tokens;
    },
    /** The article's two hosts. `test` is there when an instance tagged Name=test_instance is running. */
    get hosts() {
      const all = imds.instances();
      const host = (/** @type {string} */ name) => {
        const found = all.find(({ tags, state }) => tags.Name === name && state === 'running');
        return found ? { id: found.id, name, address: found.local_ipv4s[0] } : null;
      };
      return { cli: host('cli_instance'), test: host('test_instance') };
    },
    /** Called after each change; gives back what ends it. @param {(world: any) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  make();
  return world;
}

/** @typedef {{ n: number, token: string, instance?: string, issued: number, seconds: number, expires: number }} Token */

/** The token that an exchange brought its asker. @param {Entry} entry @returns {Token | null} */
function tokenOf({ n, at, how, exchange }) {
  if (exchange?.rule !== 'serve.token') return null;
  const answer = readAnswer(exchange);
  if (!answer) return null;
  const seconds = Number(answer.get('X-Aws-Ec2-Metadata-Token-Ttl-Seconds'));
  return { n, token: latin1(answer.body), instance: how.instance, issued: at, seconds, expires: at + seconds * 1000 };
}

/** @typedef {ReturnType<typeof createWorld>} World */
