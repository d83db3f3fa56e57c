// @ts-check
// The whole engine compiled to WebAssembly. This and core.js are the only files that import the
// package.

import { Imds, ImdsError, runTranscript, spans, tables } from '../../pkg/js/web.js';

export { Imds, ImdsError, runTranscript, tables };

/** Loads the module. The other exports work only after it has resolved. */
export const load = async () => (await Imds.create({ seed: '00' })).free();

/** @typedef {import('../../pkg/index.d.ts').Span} Span */

/**
 * The spans of a request and its response. Every byte is in exactly one span.
 * @param {Uint8Array} request
 * @param {import('../../pkg/index.d.ts').Exchange | null} exchange
 * @returns {readonly Span[]}
 */
export const spansOf = (request, exchange) => [...spans(request, 'request'), ...(exchange?.response ? spans(exchange.response, 'response') : [])];

/** Converts bytes to a string with one character per byte. @param {Uint8Array} bytes */
export const latin1 = (bytes) => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
};
/** The inverse of {@link latin1}. @param {string} text */
export const toBytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/**
 * The headers and the body of a message. @param {Uint8Array} bytes
 * @param {readonly Span[]} spans the spans of this message
 */
export function read(bytes, spans) {
  const text = (/** @type {Span} */ { from, to }) => latin1(bytes.subarray(from, to));
  /** @type {[string, string][]} */ const headers = [];
  for (const span of spans) {
    if (span.part === 'field-name') headers.push([text(span), '']);
    else if (span.part === 'field-value' && headers.length) headers[headers.length - 1][1] = text(span);
  }
  const body = spans.find(({ part }) => part === 'body');
  const get = (/** @type {string} */ name) => headers.find(([it]) => it.toLowerCase() === name.toLowerCase())?.[1] ?? null;
  return { headers, get, body: body ? bytes.subarray(body.from, body.to) : new Uint8Array() };
}

/**
 * The headers and the body of the response; null without a response.
 * @param {import('../../pkg/index.d.ts').Exchange | null} exchange
 */
export function readResponse(exchange) {
  if (!exchange?.response) return null;
  return read(exchange.response, spansOf(new Uint8Array(), exchange).filter(({ side }) => side === 'response'));
}
