// @ts-check
// The steps of a simulation, first towards the service, then back. Each step has a sentence in the
// strings; the picture shows the same steps.

import { parts } from '../compose.js';
import { latin1 } from '../engine.js';
import { clientOf, direct, isFetcher, isRouter } from './simulate.js';

/** @typedef {import('./simulate.js').Simulation} Simulation */
/**
 * @typedef {object} Step
 * @property {number} party 0 is the client, then the stages, the last is the service
 * @property {boolean} back
 * @property {string} key the key of its sentence
 * @property {any[]} values the values in the sentence
 * @property {Uint8Array | null} bytes the request as sent from here, or as it arrived
 */

/**
 * The simulation of an exchange, with or without stages.
 * @param {import('../session.js').Entry} entry
 * @returns {Simulation}
 */
export const simulationOf = (entry) => entry.simulation ?? direct(entry);

/**
 * The parties on the path, from the client to the service.
 * @param {Simulation} simulation
 * @returns {string[]}
 */
export const partiesOf = ({ stages }) => [clientOf(stages), ...stages.map(({ kind }) => kind), 'service'];

/** @param {Simulation} simulation @returns {Step[]} */
export function stepsOf(simulation) {
  const { stages, legs, exchange, rejection, lost } = simulation;
  /** @type {Step[]} */ const steps = [];
  const add = (/** @type {number} */ party, /** @type {boolean} */ back, /** @type {string} */ key, /** @type {any[]} */ values = [], /** @type {Uint8Array | null} */ bytes = null) => steps.push({ party, back, key, values, bytes });
  const last = stages.length;
  const first = /** @type {Uint8Array} */ (legs[0].request);
  add(0, false, 'sends', [startOf(first), first.length], first);
  for (const [at, stage] of stages.entries()) {
    const received = legs[at].request;
    const sent = legs[at + 1].request;
    if (!received) return steps;
    if (rejection?.at === at) add(at + 1, true, rejection.status === 405 ? 'rejects.method' : isFetcher(stage.kind) ? 'rejects.fetch' : rejection.status === 502 ? 'rejects.host' : rejection.status === 408 ? 'rejects.incomplete' : 'rejects', [rejection.status]);
    else if (isRouter(stage)) add(at + 1, false, 'routes', [], sent);
    else if (sent) add(at + 1, false, isFetcher(stage.kind) ? 'fetches' : 'forwards', [startOf(sent), changes(received, sent)], sent);
    if (rejection?.at === at) break;
  }
  if (!rejection) {
    const arrived = legs[last].request;
    if (exchange?.status) add(last + 1, true, exchange.hopLimit === null ? 'responds' : 'responds.hop-limit', [exchange.status, exchange.rule, exchange.hopLimit], arrived);
    else add(last + 1, true, `silent.${exchange?.noResponse ?? 'incomplete'}`, [], arrived);
  }
  for (let at = (rejection?.at ?? last) - 1; at >= 0; at -= 1) {
    const { back, ttl } = legs[at];
    const received = legs[at + 1];
    if (lost === at) add(at + 1, true, 'drops', [received.ttl]);
    else if (!isRouter(stages[at])) add(at + 1, true, back === 'gateway-timeout' && received.back !== 'gateway-timeout' ? 'times-out' : 'forwards.back');
    else if (back) add(at + 1, true, ttl === null ? 'routes.back' : 'decrements', [received.ttl, ttl]);
  }
  add(0, true, `gets.${simulation.outcome}`, [rejection?.status ?? exchange?.status ?? '']);
  return steps;
}

/** Method and path, for example `PUT /latest/api/token`. @param {Uint8Array} request */
export function startOf(request) {
  const { method, path } = parts(latin1(request));
  return `${method} ${path}`;
}

/**
 * The headers that a program added and removed, for example `+ Via, − Accept`.
 * @param {Uint8Array} received
 * @param {Uint8Array} sent
 */
export function changes(received, sent) {
  const [before, after] = [received, sent].map((it) => parts(latin1(it)).headers);
  const line = (/** @type {[string, string]} */ [name, value]) => `${name.toLowerCase()}:${value}`;
  const missingIn = (/** @type {[string, string][]} */ others, /** @type {[string, string][]} */ headers) => headers.filter((it) => !others.some((other) => line(other) === line(it))).map(([name]) => name);
  const [removed, added] = [missingIn(after, before), missingIn(before, after)];
  return [...added.map((name) => `+ ${name}`), ...removed.filter((name) => !added.some((it) => it.toLowerCase() === name.toLowerCase())).map((name) => `− ${name}`)].join(', ') || '=';
}
