// @ts-check
// The parts of a request that a rule looks at, as spans.

import { latin1 } from './engine.js';

/** @typedef {import('./engine.js').Span} Span */

const LINE = ['method', 'path', 'query', 'version', 'separator'];
/**
 * The parts that an input of the rules refers to. Other inputs are headers, or not in the request.
 * @type {Record<string, readonly string[]>}
 */
const PARTS = { method: ['method'], path: ['path', 'query'], 'target-bytes': ['path', 'query'], version: ['version'] };
/** Inputs that are not in the request: options, the clock and other facts. */
const OUTSIDE = /^(http_|instance|clock$|throttled$)/;

/** The name of the header that each span belongs to; '' for others. @param {Uint8Array} bytes @param {readonly Span[]} spans */
export function headerNames(bytes, spans) {
  let name = '';
  return spans.map((span) => {
    if (span.part === 'field-name') name = latin1(bytes.subarray(span.from, span.to));
    else if (!/^field|sep|line/.test(span.part)) name = '';
    return name;
  });
}

/**
 * @param {readonly string[]} inputs of a rule
 * @param {Uint8Array} bytes the request
 * @param {readonly Span[]} spans of the request
 * @returns {{ places: Set<number>, absent: string[], outside: string[] }} `places` are indexes of
 *   spans, `absent` the missing headers, `outside` the inputs that are not in the request
 */
export function lookedAt(inputs, bytes, spans) {
  const names = headerNames(bytes, spans).map((name) => name.toLowerCase());
  const lineEnd = spans.findIndex(({ part }) => part === 'line-end');
  const isLine = (/** @type {number} */ place) => lineEnd < 0 || place < lineEnd;
  const places = new Set();
  /** @type {string[]} */ const absent = [];
  for (const input of inputs.filter((it) => !OUTSIDE.test(it))) {
    let found = false;
    spans.forEach(({ part }, place) => {
      const isHeader = !isLine(place) && (part.startsWith('field-') || part === 'separator' || part === 'other');
      const matches = input === 'line' ? isLine(place) && LINE.includes(part)
        : input === 'head-bytes' ? part !== 'body'
          : input === 'fields' ? isHeader
            : input in PARTS ? isLine(place) && PARTS[input].includes(part)
              : isHeader && names[place] === input.toLowerCase();
      if (!matches) return;
      places.add(place);
      found = true;
    });
    if (!found && /^[A-Z]/.test(input)) absent.push(input);
  }
  return { places, absent, outside: inputs.filter((it) => OUTSIDE.test(it)) };
}

/**
 * The rules of a trace that look at a span.
 * @param {readonly { id: string, inputs: readonly string[] }[]} rules
 * @param {Uint8Array} bytes @param {readonly Span[]} spans @param {number} place
 */
export const rulesThatLookAt = (rules, bytes, spans, place) => rules.filter(({ inputs }) => lookedAt(inputs, bytes, spans).places.has(place));
