// @ts-check
// The way of a request from whoever sends it to the service, and of the answer back. Programs on the way end one connection and
// begin another, and may change the request; routers only pass packets on, each taking one off their time to live. What the service
// answers, and with which hop limit, is the engine's.

import { parts } from '../compose.js';
import { latin1, toBytes } from '../engine.js';

/** @typedef {import('../../../pkg/index.d.ts').Exchange} Exchange */
/** @typedef {{ kind: string }} Stage */
/**
 * @typedef {object} Leg between two neighbours: leg 0 begins at the asker, the last one ends at the service
 * @property {Uint8Array | null} request what goes towards the service
 * @property {'answer' | 'refusal' | 'gateway' | null} back what comes back: the service's answer, a refusal by somebody on the way, a
 *   program's word that it waited in vain, or nothing
 * @property {number | null} ttl of the packets that come back, where the service set it
 */
/**
 * @typedef {object} Travel
 * @property {Stage[]} stages from the asker to the service
 * @property {Leg[]} legs
 * @property {Uint8Array | null} arrived at the service
 * @property {Exchange | null} exchange
 * @property {number} hops from the service to whoever has the connection with it
 * @property {{ at: number, status: number } | null} refusal by the stage of that place
 * @property {number | null} lost the router that dropped the answer
 * @property {Leg['back'] | 'timeout'} seen by the asker
 */

/** @typedef {{ from: string, now: number }} Circumstances the address that the connection comes from */
/** A program takes a request apart, and gives the next one, or the status with which it refuses. @typedef {(request: Parsed, how: Circumstances) => string | number} Pass */
/** @typedef {{ method: string, target: string, version: string, fields: [string, string][], body: string }} Parsed */

/** Each with the address that the next one sees. @type {Record<string, { pass?: Pass, address?: string }>} */
const KINDS = {
  // Routers.
  bridge: {},
  router: {},
  // Any method and field, but the fields of one connection are not those of the next; and X-Forwarded-For, each in its own way.
  // What nginx, squid and Apache send is recorded in test/golden/proxies.json; the load balancer's is as AWS documents it.
  nginx: {
    address: '10.0.0.74',
    // proxy_pass http://$host$request_uri; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    pass: ({ method, target, fields, body }, { from }) =>
      message(`${method} ${target} HTTP/1.0`, [['X-Forwarded-For', added(fields, from)], host(fields), ['Connection', 'close'], ...only(fields, 'content-length'), ...without(fields, ['host', 'x-forwarded-for', 'content-length', 'expect', 'upgrade', /_/])], body),
  },
  squid: {
    address: '10.0.0.74',
    pass: ({ method, target, version, fields, body }, { from }) =>
      message(`${method} ${target} HTTP/1.1`, [...without(fields, ['host', 'x-forwarded-for', 'via'], true), host(fields), ['Via', `${version} squid (squid/5.7)`], ['Surrogate-Capability', 'squid="Surrogate/1.0"'], ['X-Forwarded-For', added(fields, from)], ['Cache-Control', 'max-age=259200'], ['Connection', 'keep-alive']], body),
  },
  alb: {
    address: '10.0.1.20',
    pass: ({ method, target, fields, body }, { from, now }) =>
      message(`${method} ${target} HTTP/1.1`, [['X-Forwarded-For', added(fields, from)], ['X-Forwarded-Proto', 'http'], ['X-Forwarded-Port', '80'], host(fields), ['X-Amzn-Trace-Id', `Root=1-${Math.floor(now / 1000).toString(16)}-0123456789abcdef01234567`], ...without(fields, ['host', 'x-amzn-trace-id', /^x-forwarded-(for|proto|port)$/], true)], body),
  },
  // Apache, the server under ModSecurity, as a reverse proxy to whatever Host says.
  waf: {
    address: '10.0.0.74',
    pass: ({ method, target, fields, body }, { from }) =>
      message(`${method} ${target} HTTP/1.1`, [host(fields), ...without(fields, ['host', 'content-length', /^x-forwarded-(for|host|server)$/], true), ['X-Forwarded-For', added(fields, from)], ['X-Forwarded-Host', host(fields)[1]], ['X-Forwarded-Server', 'waf.example'], ...only(fields, 'content-length'), ['Connection', 'close']], body),
  },
  // Says nothing of whom it forwards for, and takes no other method.
  forwarder: {
    address: '10.0.0.74',
    pass: ({ method, target, fields, body }) => (method === 'GET' ? message(`GET ${target} HTTP/1.1`, [...without(fields, [], true), ['Connection', 'close']], body) : 405),
  },
  // The lab's thumbnail service, in three states of carelessness: it fetches what `?url=` names.
  'fetch-get': { address: '10.0.0.74', pass: (asked) => fetched(asked, false, false) },
  'fetch-method': { address: '10.0.0.74', pass: (asked) => fetched(asked, true, false) },
  'fetch-any': { address: '10.0.0.74', pass: (asked) => fetched(asked, true, true) },
};
/** What may be put on the way by hand. */
export const CHOICES = Object.keys(KINDS).filter((kind) => !kind.startsWith('fetch-'));
export const isRouter = (/** @type {Stage} */ { kind }) => !KINDS[kind].pass;
/** How many stages a way has at most. */
export const MOST = 8;

/** Those that there are, of stages that come from anywhere. @param {unknown} given @returns {Stage[]} */
export const stagesOf = (given) =>
  (Array.isArray(given) ? given : []).filter((it) => typeof it?.kind === 'string' && Object.hasOwn(KINDS, it.kind)).slice(0, MOST).map(({ kind }) => ({ kind }));

/** Who asks: somebody outside where a program is on the way, else a process in a container or on the host. @param {readonly Stage[]} stages */
export const askerOf = (stages) => (stages.some(({ kind }) => kind === 'bridge') && isRouter(stages[0]) ? 'container' : stages.every(isRouter) ? 'process' : 'visitor');
const ADDRESS = { container: '172.17.0.2', process: '10.0.0.74', visitor: '203.0.113.9' };

/**
 * @param {import('../engine.js').Imds} imds @param {Uint8Array} bytes
 * @param {{ now: number, stages?: unknown, instance?: string, throttled?: boolean }} how
 * @returns {Travel}
 */
export function travel(imds, bytes, { now, stages: given, instance, throttled }) {
  const stages = stagesOf(given);
  /** @type {Leg[]} */ const legs = stages.concat({ kind: '' }).map(() => ({ request: null, back: null, ttl: null }));
  let from = ADDRESS[askerOf(stages)];
  let request = bytes;
  let refusal = null;
  for (const [at, { kind }] of stages.entries()) {
    legs[at].request = request;
    const { pass, address = '' } = KINDS[kind];
    if (!pass) continue;
    const text = latin1(request);
    const parsed = parse(text);
    const passed = parsed ? pass(parsed, { from, now }) : text.includes('\r\n\r\n') ? 400 : 408;
    if (typeof passed === 'number') {
      refusal = { at, status: passed };
      break;
    }
    request = toBytes(passed);
    from = address;
  }
  if (refusal) return { stages, legs: back(legs, refusal.at, 'refusal'), arrived: null, exchange: null, hops: 1, refusal, lost: null, seen: 'refusal' };
  legs[stages.length].request = request;
  const last = stages.findLastIndex((it) => !isRouter(it));
  const hops = stages.length - last;
  const exchange = imds.handle(request, { now, instance, hops, throttled });
  return { ...returned(stages, legs, last, exchange), arrived: request, exchange, hops, refusal };
}

/** The way of an exchange that was made without stages, and perhaps from some hops away. @param {{ request: Uint8Array, exchange: Exchange | null, how: { hops?: number } }} entry @returns {Travel} */
export function direct({ request, exchange, how }) {
  const hops = Math.max(1, how.hops ?? 1);
  const stages = Array.from({ length: Math.min(hops - 1, MOST) }, (_, at) => ({ kind: at ? 'router' : 'bridge' }));
  const legs = stages.concat({ kind: '' }).map(() => ({ request, back: null, ttl: null }));
  return { ...returned(stages, legs, -1, exchange), arrived: request, exchange, hops, refusal: null };
}

/**
 * The answer's way, from the service over routers to the program (or asker) that waits for it, and from there on.
 * @param {Stage[]} stages @param {Leg[]} legs @param {number} waits the stage that has the connection, -1 the asker
 * @param {Exchange | null} exchange @returns {Pick<Travel, 'stages' | 'legs' | 'lost' | 'seen'>}
 */
function returned(stages, legs, waits, exchange) {
  const silent = !exchange || exchange.silence === 'nobody' || exchange.silence === 'incomplete';
  let ttl = exchange?.hopLimit ?? null;
  /** @type {number | null} */ let lost = null;
  for (let at = stages.length; !silent && at > waits; at -= 1) {
    legs[at].back = 'answer';
    legs[at].ttl = ttl;
    if (at - 1 === waits || ttl === null) continue;
    ttl -= 1;
    if (ttl > 0) continue;
    lost = at - 1;
    break;
  }
  const came = !silent && lost === null;
  if (waits < 0) return { stages, legs, lost, seen: came ? 'answer' : 'timeout' };
  const seen = came ? 'answer' : 'gateway';
  return { stages, legs: back(legs, waits, seen), lost, seen };
}

/** What a stage gives whoever asked it goes all the way back. @param {Leg[]} legs @param {number} from @param {Leg['back']} what */
const back = (legs, from, what) => legs.map((leg, at) => (at <= from ? { ...leg, back: what } : leg));

/** A request as a program takes it apart; null where it refuses to. @param {string} request @returns {Parsed | null} */
function parse(request) {
  if (!/^[^\r\n]+\r\n(?:[!#$%&'*+.^`|~\w-]+:[^\r\n\0]*\r\n)*\r\n/.test(request)) return null;
  const { method, path, version, fields, body } = parts(request);
  if (!/^[A-Z]+$/.test(method) || !/^\/[!-~]*$/.test(path) || !/^HTTP\/1\.[01]$/.test(version)) return null;
  return fields.filter(([name]) => /^host$/i.test(name)).length === 1 ? { method, target: path, version: version.slice(5), fields, body } : null;
}

/** @param {string} start @param {[string, string][]} fields @param {string} body */
const message = (start, fields, body) => `${start}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
/** @param {[string, string][]} fields @param {string} name */
const only = (fields, name) => fields.filter(([it]) => it.toLowerCase() === name);
const host = (/** @type {[string, string][]} */ fields) => /** @type {[string, string]} */ (['Host', only(fields, 'host')[0][1]]);
/** Whoever asked, behind those that were there. @param {[string, string][]} fields @param {string} from */
const added = (fields, from) => [...only(fields, 'x-forwarded-for').map(([, value]) => value).filter(Boolean), from].join(', ');
/**
 * The fields but these, and but those of one connection (RFC 9110 section 7.6.1). @param {[string, string][]} fields
 * @param {(string | RegExp)[]} names @param {boolean} [named] whether those too that Connection names
 */
const without = (fields, names, named = false) => {
  const own = named ? only(fields, 'connection').flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/)) : [];
  const dropped = [...names, 'connection', 'keep-alive', 'te', 'transfer-encoding', ...(named ? ['proxy-connection', 'trailer', 'upgrade'] : []), ...own];
  return fields.filter(([name]) => !dropped.some((it) => (typeof it === 'string' ? it === name.toLowerCase() : it.test(name.toLowerCase()))));
};

/** @param {Parsed} asked @param {boolean} methods whether the visitor chooses the method @param {boolean} names and fields */
function fetched({ target }, methods, names) {
  const query = new URLSearchParams(target.split('?').slice(1).join('?'));
  const [, host, path] = /^http:\/\/([\w.:[\]-]+)(\/[!-~]*)?$/.exec(query.get('url') ?? '') ?? [];
  const method = (methods && query.get('method')) || 'GET';
  if (!host || !/^[A-Z]+$/.test(method)) return 400;
  const fields = names ? query.getAll('field').map((line) => /** @type {[string, string]} */ ([line.split(':', 1)[0], line.slice(line.indexOf(':') + 1).trim()])) : [];
  if (fields.some((it) => !/^[\w-]+$/.test(it[0]) || /[^ -~]/.test(it[1]))) return 400;
  if (host !== '169.254.169.254') return 502;
  return message(`${method} ${path ?? '/'} HTTP/1.1`, [['Host', host], ['User-Agent', 'thumbnailer/1.0'], ['Accept', '*/*'], ...fields], '');
}
