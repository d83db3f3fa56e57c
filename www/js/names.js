// @ts-check
// The name of an exchange, the same in every view: for example `#3 GET /latest/meta-data/`.

import { parts } from './compose.js';
import { latin1 } from './engine.js';

/** Method and path. @param {string} request */
export function requestName(request) {
  const { method, path } = parts(request);
  return `${method} ${path}`.trim();
}

/** @type {WeakMap<object, string>} */ const names = new WeakMap();

/** @param {{ n: number, request: Uint8Array, preview?: boolean }} entry */
export function nameOf(entry) {
  let name = names.get(entry);
  if (name === undefined) {
    const request = requestName(latin1(entry.request.subarray(0, 8192)));
    names.set(entry, (name = entry.preview ? request : `#${entry.n} ${request}`));
  }
  return name;
}
