// The core's tables, read from the module at the first use.

import { tables as read } from '../dist/glue.js';
import { requireLoaded } from './module.js';

let cached;

export function tables() {
  if (!cached) {
    requireLoaded();
    cached = freeze(JSON.parse(read()));
  }
  return cached;
}

const freeze = (value) => {
  if (typeof value === 'object') Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};

/** The close reason at this position from 1; null for 0. */
export const closeReason = (position) => (position === 0 ? null : tables().closeReasons[position - 1]);
