// @ts-check
// A travel told step by step: first towards the service, then back. The picture shows the same, and each step has a sentence.

import { parts } from '../compose.js';
import { latin1 } from '../engine.js';
import { askerOf, direct, fetches, isRouter } from './travel.js';

/** @typedef {import('./travel.js').Travel} Travel */
/**
 * @typedef {object} Step
 * @property {number} party 0 is the asker, then the stages, the last is the service
 * @property {boolean} back
 * @property {string} key of its sentence
 * @property {any[]} values in it
 * @property {Uint8Array | null} bytes the request as it goes on from here, or as it arrived
 */

/** The travel of an exchange, whether it went over stages or not. @param {import('../world.js').Entry} entry @returns {Travel} */
export const travelOf = (entry) => entry.travel ?? direct(entry);

/** Who is on the way, from the asker to the service. @param {Travel} travel @returns {string[]} */
export const partiesOf = ({ stages }) => [askerOf(stages), ...stages.map(({ kind }) => kind), 'service'];

/** @param {Travel} travel @returns {Step[]} */
export function stepsOf(travel) {
  const { stages, legs, exchange, refusal, lost } = travel;
  /** @type {Step[]} */ const steps = [];
  const say = (/** @type {number} */ party, /** @type {boolean} */ back, /** @type {string} */ key, /** @type {any[]} */ values = [], /** @type {Uint8Array | null} */ bytes = null) => steps.push({ party, back, key, values, bytes });
  const last = stages.length;
  const first = /** @type {Uint8Array} */ (legs[0].request);
  say(0, false, 'sends', [startOf(first), first.length], first);
  for (const [at, stage] of stages.entries()) {
    const came = legs[at].request;
    const goes = legs[at + 1].request;
    if (!came) return steps;
    if (refusal?.at === at) say(at + 1, true, refusal.status === 405 ? 'refuses.method' : fetches(stage.kind) ? 'refuses.fetch' : refusal.status === 502 ? 'refuses.host' : refusal.status === 408 ? 'refuses.wait' : 'refuses', [refusal.status]);
    else if (isRouter(stage)) say(at + 1, false, 'routes', [], goes);
    else if (goes) say(at + 1, false, fetches(stage.kind) ? 'fetches' : 'passes', [startOf(goes), changes(came, goes)], goes);
    if (refusal?.at === at) break;
  }
  if (!refusal) {
    const arrived = legs[last].request;
    if (exchange?.status) say(last + 1, true, exchange.hopLimit === null ? 'answers' : 'answers.limit', [exchange.status, exchange.rule, exchange.hopLimit], arrived);
    else say(last + 1, true, `silent.${exchange?.silence ?? 'incomplete'}`, [], arrived);
  }
  for (let at = (refusal?.at ?? last) - 1; at >= 0; at -= 1) {
    const { back, ttl } = legs[at];
    const came = legs[at + 1];
    if (lost === at) say(at + 1, true, 'drops', [came.ttl]);
    else if (!isRouter(stages[at])) say(at + 1, true, back === 'gateway' && came.back !== 'gateway' ? 'waits' : 'passes.back');
    else if (back) say(at + 1, true, ttl === null ? 'routes.back' : 'takes', [came.ttl, ttl]);
  }
  say(0, true, `sees.${travel.seen}`, [refusal?.status ?? exchange?.status ?? '']);
  return steps;
}

/** `PUT /latest/api/token` @param {Uint8Array} request */
export function startOf(request) {
  const { method, path } = parts(latin1(request));
  return `${method} ${path}`;
}

/** What a program made of the fields, by name: `+ Via, − Accept`. @param {Uint8Array} came @param {Uint8Array} goes */
export function changes(came, goes) {
  const [a, b] = [came, goes].map((it) => parts(latin1(it)).fields);
  const line = (/** @type {[string, string]} */ [name, value]) => `${name.toLowerCase()}:${value}`;
  const only = (/** @type {[string, string][]} */ of, /** @type {[string, string][]} */ not) => of.filter((it) => !not.some((other) => line(other) === line(it))).map(([name]) => name);
  const [gone, come] = [only(a, b), only(b, a)];
  return [...come.map((name) => `+ ${name}`), ...gone.filter((name) => !come.some((it) => it.toLowerCase() === name.toLowerCase())).map((name) => `− ${name}`)].join(', ') || '=';
}
