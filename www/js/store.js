// @ts-check
// The state of the views, apart from the session: a reducer and a store. Share links contain it, so
// its keys are frozen.

import { GET } from './requests.js';

/** @typedef {{ http_tokens: string, http_endpoint: string, http_put_response_hop_limit: number, hops: number, profile: string }} Side */

/**
 * @typedef {{ route: readonly string[], instance: string | null, request: string, mode: string, stages: readonly any[], throttled: boolean, selected: number | null, hex: boolean, compare: readonly Side[] }} State
 */
/** @type {Readonly<State>} */
export const initial = Object.freeze({
  route: ['playground'],
  /** the id of the selected instance; null for the first */ instance: null,
  /** the request, one character per byte */ request: GET,
  mode: 'path',
  /** the hops and programs on the network path: see path/simulate.js */ stages: [],
  throttled: false,
  /** the number of the selected exchange; null for the last */ selected: null,
  hex: false,
  compare: [
    { http_tokens: 'optional', http_endpoint: 'enabled', http_put_response_hop_limit: 1, hops: 1, profile: '' },
    { http_tokens: 'required', http_endpoint: 'enabled', http_put_response_hop_limit: 1, hops: 1, profile: '' },
  ],
});

export const MODES = ['path', 'curl', 'raw', 'hex'];
/** The longest request in the state, in bytes: above the engine's limits for head and body. */
export const MAX_REQUEST = 1 << 17;

/**
 * Validates each part of a state that comes from a link.
 * @type {Record<string, (it: any) => boolean>}
 */
const VALID = {
  route: (it) => Array.isArray(it) && it.length < 4 && it.every((part) => typeof part === 'string' && /^[\w-]{1,20}$/.test(part)),
  instance: (it) => it === null || (typeof it === 'string' && it.length < 64),
  request: (it) => typeof it === 'string' && it.length <= MAX_REQUEST && !/[^\0-\xff]/.test(it),
  mode: (it) => MODES.includes(it),
  stages: (it) => Array.isArray(it) && it.length <= 64 && JSON.stringify(it).length < 4096,
  throttled: (it) => typeof it === 'boolean',
  selected: (it) => it === null || (Number.isInteger(it) && it > 0),
  hex: (it) => typeof it === 'boolean',
  compare: (it) => Array.isArray(it) && it.length === 2 && it.every((side) => side && typeof side === 'object' && isValidSide(side)),
};
const isBetween = (/** @type {any} */ it, /** @type {number} */ min, /** @type {number} */ max) => Number.isInteger(it) && it >= min && it <= max;
const isValidSide = (/** @type {Side} */ side) =>
  ['optional', 'required'].includes(side.http_tokens) &&
  ['enabled', 'disabled'].includes(side.http_endpoint) &&
  isBetween(side.http_put_response_hop_limit, 1, 64) &&
  isBetween(side.hops, 0, 64) &&
  ['', 'nitro', 'xen'].includes(side.profile);

/**
 * `set` merges the valid parts; `compare` changes one side; `reset` restores the initial state and
 * keeps the route.
 * @param {State} state
 * @param {{ type: 'set', to: Partial<State> } | { type: 'compare', side: number, to: Partial<Side> } | { type: 'reset' }} action
 * @returns {State}
 */
export function reduce(state, action) {
  switch (action.type) {
    case 'set': {
      const to = Object.entries(action.to).filter(([name, value]) => VALID[name]?.(value) && /** @type {any} */ (state)[name] !== value);
      return to.length ? { ...state, ...Object.fromEntries(to) } : state;
    }
    case 'compare': {
      const compare = state.compare.map((side, index) => (index === action.side ? { ...side, ...action.to } : side));
      return reduce(state, { type: 'set', to: { compare } });
    }
    case 'reset':
      return { ...initial, route: state.route };
    default:
      return state;
  }
}

/** Holds a state and notifies listeners of changes. @param {State} state */
export function createStore(state = initial) {
  /** @type {Set<() => void>} */ const listeners = new Set();
  return {
    get state() {
      return state;
    },
    /** @param {Parameters<typeof reduce>[1]} action */
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    /** @param {Partial<State>} to */
    set(to) {
      this.dispatch({ type: 'set', to });
    },
    /** @param {() => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
/** @typedef {ReturnType<typeof createStore>} Store */
