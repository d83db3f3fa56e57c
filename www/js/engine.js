// @ts-check
// The core, compiled: the only file that imports the package. All that is said of IMDS on this page comes from here.

import { Imds, ImdsError, play, spans, tables } from '../../pkg/js/web.js';

export { Imds, ImdsError, play, tables };

/** Loads the module; what is exported here works afterwards. */
export const load = async () => (await Imds.create({ seed: '00' })).free();

/** @typedef {import('../../pkg/index.d.ts').Span} Span */

/**
 * The parts of a request's and an answer's bytes, each byte in exactly one.
 * @param {Uint8Array} request
 * @param {import('../../pkg/index.d.ts').Exchange | null} exchange
 * @returns {readonly Span[]}
 */
export const spansOf = (request, exchange) => [...spans(request, 'request'), ...(exchange?.response ? spans(exchange.response, 'response') : [])];

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
