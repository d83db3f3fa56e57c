// @ts-check
// Simulates the network path of a request from the client to the service, and of the response back.
// A program on the path terminates the connection, may change the request, and opens a connection
// of its own. A router forwards packets and decrements their TTL. The engine produces the response
// and its hop limit.

import { parts } from '../compose.js';
import { latin1, toBytes } from '../engine.js';

/** @typedef {import('../../../pkg/index.d.ts').Exchange} Exchange */
/**
 * A router or a program on the path; share links contain the kinds, so they are frozen.
 * @typedef {{ kind: string }} Stage
 */
/**
 * @typedef {object} Leg a connection between neighbours: leg 0 starts at the client, the last leg
 *   ends at the service
 * @property {Uint8Array | null} request the bytes sent towards the service
 * @property {'response' | 'rejection' | 'gateway-timeout' | null} back what comes back: the
 *   service's response, a stage's rejection, a program's 504, or nothing
 * @property {number | null} ttl the TTL of the returning packets, if the service set it
 */
/**
 * @typedef {object} Simulation
 * @property {Stage[]} stages from the client to the service
 * @property {Leg[]} legs
 * @property {Uint8Array | null} arrived the bytes that reached the service
 * @property {Exchange | null} exchange
 * @property {number} hops from the service to the peer of its connection
 * @property {{ at: number, status: number } | null} rejection the index of the stage that rejected
 *   the request, and its status
 * @property {number | null} lost the index of the router that dropped the response
 * @property {Leg['back'] | 'timeout'} outcome what the client gets
 */

/**
 * `from` is the address of the incoming connection.
 * @typedef {{ from: string, now: number }} ForwardContext
 */
/**
 * A program's next request, or the status with which it rejects.
 * @typedef {(request: Parsed, context: ForwardContext) => string | number} Forward
 */
/**
 * A single request. `body` is cut to its length and decoded if it was `chunked`; `hasBothLengths`
 * means that the request had both Content-Length and Transfer-Encoding.
 * @typedef {{ method: string, target: string, version: string, headers: [string, string][], body: string, chunked: boolean, hasBothLengths: boolean }} Parsed
 */

/** Whether an authority is the service's. Forwarding to any other Host fails. */
const isService = (/** @type {string} */ address) => /^(169\.254\.169\.254|\[fd00:ec2::254\])(:80)?$/i.test(address);

/**
 * `address` is the source address that the next stage sees.
 * @type {Record<string, { forward?: Forward, address?: string }>}
 */
const KINDS = {
  // Routers.
  bridge: {},
  router: {},
  // Proxies forward any method and header except hop-by-hop headers, and add X-Forwarded-For.
  // test/golden/proxies.json records nginx, squid and Apache; the load balancer follows AWS's
  // documentation.
  nginx: {
    address: '10.0.0.74',
    // proxy_pass http://$host$request_uri; proxy_set_header X-Forwarded-For
    // $proxy_add_x_forwarded_for;
    forward: ({ method, target, headers, body, hasBothLengths }, { from }) =>
      hasBothLengths ? 400 : message(`${method} ${target} HTTP/1.0`, [['X-Forwarded-For', forwardedFor(headers, from)], host(headers), ['Connection', 'close'], ...only(headers, 'content-length'), ...without(headers, ['host', 'x-forwarded-for', 'content-length', 'expect', 'upgrade', /_/])], body),
  },
  squid: {
    address: '10.0.0.74',
    forward: ({ method, target, version, headers, body, chunked }, { from }) =>
      message(`${method} ${target} HTTP/1.1`, [...without(headers, ['host', 'x-forwarded-for', 'via', chunked ? 'content-length' : ''], true), host(headers), ...(chunked ? only(headers, 'content-length') : []), ['Via', `${version} squid (squid/5.7)`], ['Surrogate-Capability', 'squid="Surrogate/1.0"'], ['X-Forwarded-For', forwardedFor(headers, from)], ['Cache-Control', 'max-age=259200'], ['Connection', 'keep-alive']], body),
  },
  alb: {
    address: '10.0.1.20',
    forward: ({ method, target, headers, body }, { from, now }) =>
      message(`${method} ${target} HTTP/1.1`, [['X-Forwarded-For', forwardedFor(headers, from)], ['X-Forwarded-Proto', 'http'], ['X-Forwarded-Port', '80'], host(headers), ['X-Amzn-Trace-Id', `Root=1-${Math.floor(now / 1000).toString(16)}-0123456789abcdef01234567`], ...without(headers, ['host', 'x-amzn-trace-id', /^x-forwarded-(for|proto|port)$/], true)], body),
  },
  // Apache (the server that ModSecurity runs in) as a reverse proxy to the request's Host.
  waf: {
    address: '10.0.0.74',
    forward: ({ method, target, headers, body }, { from }) =>
      message(`${method} ${target} HTTP/1.1`, [host(headers), ...without(headers, ['host', 'content-length', /^x-forwarded-(for|host|server)$/], true), ['X-Forwarded-For', forwardedFor(headers, from)], ['X-Forwarded-Host', host(headers)[1]], ['X-Forwarded-Server', 'waf.example'], ...only(headers, 'content-length'), ['Connection', 'close']], body),
  },
  // Forwards only GET, and adds no X-Forwarded-For.
  forwarder: {
    address: '10.0.0.74',
    forward: ({ method, target, headers, body }) => (method === 'GET' ? message(`GET ${target} HTTP/1.1`, [...without(headers, [], true), ['Connection', 'close']], body) : 405),
  },
  // The lab's thumbnail service, which fetches the `?url=` of a request, with three degrees of
  // control.
  'fetch-get': { address: '10.0.0.74', forward: (request) => fetchOf(request, false, false) },
  'fetch-method': { address: '10.0.0.74', forward: (request) => fetchOf(request, true, false) },
  'fetch-any': { address: '10.0.0.74', forward: (request) => fetchOf(request, true, true) },
};
/** Whether a stage is the lab's thumbnail service. */
export const isFetcher = (/** @type {string} */ kind) => kind.startsWith('fetch-');
/** The kinds that the reader can add to the path. */
export const CHOICES = Object.keys(KINDS).filter((kind) => !isFetcher(kind));
export const isRouter = (/** @type {Stage} */ { kind }) => !KINDS[kind].forward;
export const MAX_STAGES = 8;

/** The valid stages of untrusted input. @param {unknown} input @returns {Stage[]} */
export const stagesOf = (input) =>
  (Array.isArray(input) ? input : []).filter((it) => typeof it?.kind === 'string' && Object.hasOwn(KINDS, it.kind)).slice(0, MAX_STAGES).map(({ kind }) => ({ kind }));

/**
 * The client: a visitor if a program is on the path, otherwise a process in a container or on the
 * host.
 * @param {readonly Stage[]} stages
 */
export const clientOf = (stages) => (stages.some(({ kind }) => kind === 'bridge') && isRouter(stages[0]) ? 'container' : stages.every(isRouter) ? 'process' : 'visitor');
const ADDRESS = { container: '172.17.0.2', process: '10.0.0.74', visitor: '203.0.113.9' };

/**
 * @param {import('../engine.js').Imds} imds @param {Uint8Array} bytes
 * @param {{ now: number, stages?: unknown, instance?: string, throttled?: boolean }} how
 * @returns {Simulation}
 */
export function simulate(imds, bytes, { now, stages: input, instance, throttled }) {
  const stages = stagesOf(input);
  /** @type {Leg[]} */ const legs = stages.concat({ kind: '' }).map(() => ({ request: null, back: null, ttl: null }));
  let from = ADDRESS[clientOf(stages)];
  let request = bytes;
  let rejection = null;
  for (const [at, { kind }] of stages.entries()) {
    legs[at].request = request;
    const { forward, address = '' } = KINDS[kind];
    if (!forward) continue;
    const parsed = parse(latin1(request));
    const next = typeof parsed === 'number' ? parsed : isFetcher(kind) || kind === 'alb' || isService(host(parsed.headers)[1]) ? forward(parsed, { from, now }) : 502;
    if (typeof next === 'number') {
      rejection = { at, status: next };
      break;
    }
    request = toBytes(next);
    from = address;
  }
  if (rejection) return { stages, legs: withBack(legs, rejection.at, 'rejection'), arrived: null, exchange: null, hops: 1, rejection, lost: null, outcome: 'rejection' };
  legs[stages.length].request = request;
  const last = stages.findLastIndex((it) => !isRouter(it));
  const hops = stages.length - last;
  const exchange = imds.handle(request, { now, instance, hops, throttled });
  return { ...returnPath(stages, legs, last, exchange), arrived: request, exchange, hops, rejection };
}

/**
 * The path of an exchange that was sent without stages: `hops - 1` routers.
 * @param {{ request: Uint8Array, exchange: Exchange | null, how: { hops?: number } }} entry
 * @returns {Simulation}
 */
export function direct({ request, exchange, how }) {
  const hops = Math.max(1, how.hops ?? 1);
  const stages = Array.from({ length: Math.min(hops - 1, MAX_STAGES) }, (_, at) => ({ kind: at ? 'router' : 'bridge' }));
  const legs = stages.concat({ kind: '' }).map(() => ({ request, back: null, ttl: null }));
  return { ...returnPath(stages, legs, -1, exchange), arrived: request, exchange, hops, rejection: null };
}

/**
 * The response's path from the service over routers to the peer of its connection, and on to the
 * client.
 * @param {Stage[]} stages @param {Leg[]} legs @param {number} peer the index of the stage that is
 *   connected to the service; -1 for the client
 * @param {Exchange | null} exchange @returns {Pick<Simulation, 'stages' | 'legs' | 'lost' |
 *   'outcome'>}
 */
function returnPath(stages, legs, peer, exchange) {
  const silent = !exchange || exchange.noResponse === 'no-instance' || exchange.noResponse === 'incomplete';
  let ttl = exchange?.hopLimit ?? null;
  /** @type {number | null} */ let lost = null;
  for (let at = stages.length; !silent && at > peer; at -= 1) {
    legs[at].back = 'response';
    legs[at].ttl = ttl;
    if (at - 1 === peer || ttl === null) continue;
    ttl -= 1;
    if (ttl > 0) continue;
    lost = at - 1;
    break;
  }
  const delivered = !silent && lost === null;
  if (peer < 0) return { stages, legs, lost, outcome: delivered ? 'response' : 'timeout' };
  const outcome = delivered ? 'response' : 'gateway-timeout';
  return { stages, legs: withBack(legs, peer, outcome), lost, outcome };
}

/**
 * Sets `back` on the legs from the client to a stage.
 * @param {Leg[]} legs
 * @param {number} stage
 * @param {Leg['back']} back
 */
const withBack = (legs, stage, back) => legs.map((leg, at) => (at <= stage ? { ...leg, back } : leg));

/**
 * Parses a request like a program on the path; returns the status of its rejection: 408 if the
 * request is incomplete.
 * @param {string} request
 * @returns {Parsed | number}
 */
function parse(request) {
  if (!request.includes('\r\n\r\n')) return 408;
  if (!/^[^\r\n]+\r\n(?:[!#$%&'*+.^`|~\w-]+:[^\r\n\0]*\r\n)*\r\n/.test(request)) return 400;
  const { method, path, version, headers, body } = parts(request);
  // An absolute-form target, as sent to forward proxies, replaces Host (RFC 9112 section 3.2.2).
  const [, authority = '', target = '/'] = /^http:\/\/([\w.:[\]-]+)(\/.*)?$/i.exec(path) ?? ['', '', path];
  if (!/^[A-Z]+$/.test(method) || !/^\/[!-~]*$/.test(target) || !/^HTTP\/1\.[01]$/.test(version)) return 400;
  const lengths = only(headers, 'content-length');
  const coded = only(headers, 'transfer-encoding');
  if (only(headers, 'host').length !== 1 || lengths.length > 1 || !lengths.every(([, value]) => /^\d{1,9}$/.test(value)) || coded.length > 1 || !coded.every(([, value]) => /^chunked$/i.test(value))) return 400;
  const chunked = coded.length > 0;
  const content = chunked ? unchunked(body) : body.length < Number(lengths[0]?.[1] ?? 0) ? 408 : body.slice(0, Number(lengths[0]?.[1] ?? 0));
  if (typeof content === 'number') return content;
  const kept = headers.filter(([name]) => !chunked || !/^(content-length|transfer-encoding)$/i.test(name)).map(([name, value]) => /** @type {[string, string]} */ ([name, authority && /^host$/i.test(name) ? authority : value]));
  return { method, target, version: version.slice(5), headers: chunked ? [...kept, ['Content-Length', `${content.length}`]] : kept, body: content, chunked, hasBothLengths: chunked && lengths.length > 0 };
}

/**
 * Decodes a chunked body (RFC 9112 section 7.1); returns the status of the rejection if it is
 * invalid.
 * @param {string} body
 * @returns {string | number}
 */
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

/** @param {string} start @param {[string, string][]} headers @param {string} body */
const message = (start, headers, body) => `${start}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
/** @param {[string, string][]} headers @param {string} name */
const only = (headers, name) => headers.filter(([it]) => it.toLowerCase() === name);
const host = (/** @type {[string, string][]} */ headers) => /** @type {[string, string]} */ (['Host', only(headers, 'host')[0][1]]);
/**
 * The X-Forwarded-For value with `from` appended.
 * @param {[string, string][]} headers
 * @param {string} from
 */
const forwardedFor = (headers, from) => [...only(headers, 'x-forwarded-for').map(([, value]) => value).filter(Boolean), from].join(', ');
/**
 * The headers without `names` and without hop-by-hop headers (RFC 9110 section 7.6.1).
 * @param {[string, string][]} headers @param {(string | RegExp)[]} names
 * @param {boolean} [named] also remove the headers that Connection names
 */
const without = (headers, names, named = false) => {
  const listed = named ? only(headers, 'connection').flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/)) : [];
  const dropped = [...names, 'connection', 'keep-alive', 'te', 'transfer-encoding', ...(named ? ['proxy-connection', 'trailer', 'upgrade'] : []), ...listed];
  return headers.filter(([name]) => !dropped.some((it) => (typeof it === 'string' ? it === name.toLowerCase() : it.test(name.toLowerCase()))));
};

/**
 * The thumbnail service's request. @param {Parsed} request
 * @param {boolean} anyMethod whether the visitor chooses the method @param {boolean} anyHeaders
 *   whether the visitor adds headers
 */
function fetchOf({ target }, anyMethod, anyHeaders) {
  const query = new URLSearchParams(target.split('?').slice(1).join('?'));
  const [, host, path] = /^http:\/\/([\w.:[\]-]+)(\/[!-~]*)?$/.exec(query.get('url') ?? '') ?? [];
  const method = (anyMethod && query.get('method')) || 'GET';
  if (!host || !/^[A-Z]+$/.test(method)) return 400;
  // Requests in share links have this parameter, so its name is frozen.
  const headers = anyHeaders ? query.getAll('field').map((line) => /** @type {[string, string]} */ ([line.split(':', 1)[0], line.slice(line.indexOf(':') + 1).trim()])) : [];
  if (headers.some((it) => !/^[\w-]+$/.test(it[0]) || /[^ -~]/.test(it[1]))) return 400;
  if (!isService(host)) return 502;
  return message(`${method} ${path ?? '/'} HTTP/1.1`, [['Host', host], ['User-Agent', 'thumbnailer/1.0'], ['Accept', '*/*'], ...headers], '');
}
