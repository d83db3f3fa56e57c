// @ts-check
// The values of a rule's inputs in an exchange. The core's tables name the inputs of each rule.

import { parts } from './compose.js';
import { latin1, tables } from './engine.js';

/**
 * @typedef {object} Place
 * @property {(entry: import('./session.js').Entry) => string | null} value null if it is absent
 * @property {string} [label] the key of its name in the strings; without one it is shown as is
 */

const request = (/** @type {import('./session.js').Entry} */ { arrived }) => parts(latin1(arrived));

/** Appends the core's limit to a number. @param {number} value @param {string} name */
const ofLimit = (value, name) => `${value} / ${tables().limits.find((it) => it.name === name)?.value}`;

/** @param {string} name @returns {[string, Place]} */
const header = (name) => [name, {
  value: (entry) => {
    const values = request(entry).headers.filter(([it]) => it.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
    return values.length ? values.join(', ') : null;
  },
}];

/** @param {keyof import('../../pkg/index.d.ts').MetadataOptions} name @returns {[string, Place]} */
const option = (name) => [name, { label: name, value: ({ options }) => (options ? `${options[name]}` : null) }];

/** @param {string} name @param {Place['value']} value @returns {[string, Place]} */
const fact = (name, value) => [name, { label: `input.${name}`, value }];

/** Where the page reads each input of the rules. @type {ReadonlyMap<string, Place>} */
export const PLACES = new Map([
  fact('line', ({ arrived }) => latin1(arrived).split(/\r?\n/, 1)[0]),
  fact('target-bytes', (entry) => ofLimit(request(entry).path.length, 'target-bytes')),
  fact('head-bytes', ({ arrived }) => {
    const end = /\r?\n\r?\n/.exec(latin1(arrived));
    return ofLimit(end ? end.index + end[0].length : arrived.length, 'head-bytes');
  }),
  fact('fields', (entry) => ofLimit(request(entry).headers.length, 'fields')),
  fact('version', (entry) => request(entry).version || null),
  fact('method', (entry) => request(entry).method),
  fact('path', (entry) => request(entry).path),
  fact('throttled', ({ how }) => (how.throttled ? '1' : null)),
  fact('clock', ({ at }) => new Date(at).toISOString()),
  fact('instance', ({ how }) => how.instance ?? null),
  ...['Host', 'Content-Length', 'Transfer-Encoding', 'Expect', 'X-Forwarded-For', 'X-Aws-Ec2-Metadata-Token', 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds'].map(header),
  ...(/** @type {const} */ (['http_endpoint', 'http_tokens', 'http_put_response_hop_limit', 'instance_metadata_tags'])).map(option),
]);

/**
 * The name and the value of each input.
 * @param {readonly string[]} inputs @param {import('./session.js').Entry} entry
 * @returns {{ name: string, label?: string, value: string | null }[]} null for an absent input
 */
export const inputValues = (inputs, entry) => inputs.map((name) => ({ name, label: PLACES.get(name)?.label, value: PLACES.get(name)?.value(entry) ?? null }));
