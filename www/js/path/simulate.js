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
/**
 * One request and no more: `body` as far as its length goes, taken out of its chunks where it came `chunked`; `twice` where its length
 * was told by both fields. @typedef {{ method: string, target: string, version: string, fields: [string, string][], body: string, chunked: boolean, twice: boolean }} Parsed
 */

/** Whether an address leads to the service; programs that go where Host says find nobody they know elsewhere. */
const leads = (/** @type {string} */ address) => /^(169\.254\.169\.254|\[fd00:ec2::254\])(:80)?$/i.test(address);

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
    pass: ({ method, target, fields, body, twice }, { from }) =>
      twice ? 400 : message(`${method} ${target} HTTP/1.0`, [['X-Forwarded-For', added(fields, from)], host(fields), ['Connection', 'close'], ...only(fields, 'content-length'), ...without(fields, ['host', 'x-forwarded-for', 'content-length', 'expect', 'upgrade', /_/])], body),
  },
  squid: {
    address: '10.0.0.74',
    pass: ({ method, target, version, fields, body, chunked }, { from }) =>
      message(`${method} ${target} HTTP/1.1`, [...without(fields, ['host', 'x-forwarded-for', 'via', chunked ? 'content-length' : ''], true), host(fields), ...(chunked ? only(fields, 'content-length') : []), ['Via', `${version} squid (squid/5.7)`], ['Surrogate-Capability', 'squid="Surrogate/1.0"'], ['X-Forwarded-For', added(fields, from)], ['Cache-Control', 'max-age=259200'], ['Connection', 'keep-alive']], body),
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
/** Whether it is the lab's service, which fetches what it is told to. */
export const fetches = (/** @type {string} */ kind) => kind.startsWith('fetch-');
/** What may be put on the way by hand. */
export const CHOICES = Object.keys(KINDS).filter((kind) => !fetches(kind));
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
    const parsed = parse(latin1(request));
    const passed = typeof parsed === 'number' ? parsed : fetches(kind) || kind === 'alb' || leads(host(parsed.fields)[1]) ? pass(parsed, { from, now }) : 502;
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

/** A request as a program takes it apart, or the status with which it refuses to: 408 where it waits for more. @param {string} request @returns {Parsed | number} */
function parse(request) {
  if (!request.includes('\r\n\r\n')) return 408;
  if (!/^[^\r\n]+\r\n(?:[!#$%&'*+.^`|~\w-]+:[^\r\n\0]*\r\n)*\r\n/.test(request)) return 400;
  const { method, path, version, fields, body } = parts(request);
  // A target with an authority is what forward proxies are sent, and that counts as Host (RFC 9112 section 3.2.2).
  const [, authority = '', target = '/'] = /^http:\/\/([\w.:[\]-]+)(\/.*)?$/i.exec(path) ?? ['', '', path];
  if (!/^[A-Z]+$/.test(method) || !/^\/[!-~]*$/.test(target) || !/^HTTP\/1\.[01]$/.test(version)) return 400;
  const lengths = only(fields, 'content-length');
  const coded = only(fields, 'transfer-encoding');
  if (only(fields, 'host').length !== 1 || lengths.length > 1 || !lengths.every(([, value]) => /^\d{1,9}$/.test(value)) || coded.length > 1 || !coded.every(([, value]) => /^chunked$/i.test(value))) return 400;
  const chunked = coded.length > 0;
  const content = chunked ? unchunked(body) : body.length < Number(lengths[0]?.[1] ?? 0) ? 408 : body.slice(0, Number(lengths[0]?.[1] ?? 0));
  if (typeof content === 'number') return content;
  const own = fields.filter(([name]) => !chunked || !/^(content-length|transfer-encoding)$/i.test(name)).map(([name, value]) => /** @type {[string, string]} */ ([name, authority && /^host$/i.test(name) ? authority : value]));
  return { method, target, version: version.slice(5), fields: chunked ? [...own, ['Content-Length', `${content.length}`]] : own, body: content, chunked, twice: chunked && lengths.length > 0 };
}

/** What chunks hold (RFC 9112 section 7.1), or the status with which they are refused. @param {string} body @returns {string | number} */
function unchunked(body) {
  for (let content = '', at = 0; ;) {
    const line = body.indexOf('\r\n', at);
    if (line < 0) return 408;
    const [, digits] = /^([\da-f]{1,7})[ \t]*(?:;.*)?$/i.exec(body.slice(at, line)) ?? [];
    if (!digits) return 400;
    const [from, to] = [line + 2, line + 2 + parseInt(digits, 16)];
    if (to === from) return /^(?:[^\r\n]+\r\n)*\r\n/.test(body.slice(from)) ? content : 408;
    if (body.length < to + 2) return 408;
    if (body.slice(to, to + 2) !== '\r\n') return 400;
    content += body.slice(from, to);
    at = to + 2;
  }
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
  if (!leads(host)) return 502;
  return message(`${method} ${path ?? '/'} HTTP/1.1`, [['Host', host], ['User-Agent', 'thumbnailer/1.0'], ['Accept', '*/*'], ...fields], '');
}
