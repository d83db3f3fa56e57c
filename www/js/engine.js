// @ts-check
// The core, compiled: the only file that imports the package. All that is said of IMDS on this page comes from here.

import { Imds, ImdsError, play, tables } from '../../pkg/js/web.js';

export { Imds, ImdsError, play, tables };

/** Loads the module; what is exported here works afterwards. */
export const load = async () => (await Imds.create({ seed: '00' })).free();

/** @typedef {{ side: 'request' | 'response', from: number, to: number, part: string }} Span */

/**
 * The parts of a request's and an answer's bytes, each byte in exactly one.
 * @param {Uint8Array} request
 * @param {import('../../pkg/index.d.ts').Exchange | null} exchange
 * @returns {readonly Span[]}
 */
export function spansOf(request, exchange) {
  // @ts-ignore
  if (exchange?.spans) return exchange.spans;
  // STAND-IN, to be removed when `handle` gives `spans`: what src/wire/spans.rs does.
  return [...standIn('request', request), ...standIn('response', exchange?.response ?? new Uint8Array())];
}

/** STAND-IN. @param {'request' | 'response'} side @param {Uint8Array} bytes @returns {Span[]} */
function standIn(side, bytes) {
  const text = latin1(bytes);
  /** @type {Span[]} */ const spans = [];
  let at = 0;
  const push = (/** @type {string} */ part, /** @type {number} */ length) => {
    if (length > 0) spans.push({ side, from: at, to: (at += length), part });
  };
  let first = true;
  while (at < text.length) {
    const feed = text.indexOf('\n', at);
    const whole = feed < 0 ? text.slice(at) : text.slice(at, feed);
    const line = feed < 0 ? whole : whole.replace(/\r$/, '');
    const end = feed < 0 ? 0 : feed + 1 - at - line.length;
    if (line === '' && !first) {
      push('head-end', end);
      push('body', text.length - at);
    } else if (line === '') push('line-end', end);
    else if (first) {
      first = false;
      const [, a, b, c] = /^([^ ]*)(?: ([^ ]*))?(?: (.*))?$/s.exec(line) ?? [];
      const names = side === 'request' ? ['method', 'path', 'version'] : ['version', 'status', 'reason'];
      [a, b, c].forEach((word, i) => {
        if (word === undefined) return;
        push('separator', i ? 1 : 0);
        const query = names[i] === 'path' ? word.indexOf('?') : -1;
        push(names[i], query < 0 ? word.length : query);
        push('query', query < 0 ? 0 : word.length - query);
      });
      push('line-end', end);
    } else {
      const [, name, before, value, after] = /^([^:]*)(:[ \t\f]*)(.*?)([ \t\f]*)$/s.exec(line) ?? [];
      if (name === undefined) push('other', line.length);
      else {
        push('field-name', name.length);
        push('separator', before.length);
        push('field-value', value.length);
        push('separator', after.length);
      }
      push('line-end', end);
    }
  }
  return spans;
}

/** Bytes as text and back, one character a byte. @param {Uint8Array} bytes */
export const latin1 = (bytes) => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
};
/** @param {string} text */
export const toBytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/**
 * A message's fields and body, read by its parts. @param {Uint8Array} bytes @param {readonly Span[]} spans of that side
 */
export function read(bytes, spans) {
  const text = (/** @type {Span} */ { from, to }) => latin1(bytes.subarray(from, to));
  /** @type {[string, string][]} */ const fields = [];
  for (const span of spans) {
    if (span.part === 'field-name') fields.push([text(span), '']);
    else if (span.part === 'field-value' && fields.length) fields[fields.length - 1][1] = text(span);
  }
  const body = spans.find(({ part }) => part === 'body');
  const get = (/** @type {string} */ name) => fields.find(([it]) => it.toLowerCase() === name.toLowerCase())?.[1] ?? null;
  return { fields, get, body: body ? bytes.subarray(body.from, body.to) : new Uint8Array() };
}

/** An answer, read; null where there is none. @param {import('../../pkg/index.d.ts').Exchange | null} exchange */
export function readAnswer(exchange) {
  if (!exchange?.response) return null;
  return read(exchange.response, spansOf(new Uint8Array(), exchange).filter(({ side }) => side === 'response'));
}
