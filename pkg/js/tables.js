// The core's tables: read from the module when somebody first asks.

import { tables as read } from '../dist/glue.js';
import { needed } from './module.js';

let known;

/** Rules, categories, versions, statuses, limits and reasons to close. */
export function tables() {
  if (!known) {
    needed();
    known = freeze(JSON.parse(read()));
  }
  return known;
}

const freeze = (value) => {
  if (typeof value === 'object') Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};

/** The name of a reason to close, by its place from 1. */
export const closeReason = (place) => (place === 0 ? null : tables().closeReasons[place - 1]);
