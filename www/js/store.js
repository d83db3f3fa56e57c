// @ts-check
// What the reader has chosen, apart from what was done to the world. Pure: a state and an action give the next state.

export const HOST = '169.254.169.254';
const AGENT = `Host: ${HOST}\r\nUser-Agent: curl/7.61.1\r\nAccept: */*\r\n`;
export const GET = `GET /latest/meta-data/ HTTP/1.1\r\n${AGENT}\r\n`;
export const PUT = `PUT /latest/api/token HTTP/1.1\r\n${AGENT}X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n`;

/** @typedef {{ http_tokens: string, http_endpoint: string, http_put_response_hop_limit: number, hops: number, profile: string }} Side */

/**
 * @typedef {{ route: readonly string[], instance: string | null, request: string, mode: string, stages: readonly any[], throttled: boolean, selected: number | null, hex: boolean, compare: readonly Side[] }} State
 */
/** @type {Readonly<State>} */
export const initial = Object.freeze({
  route: ['playground'],
  /** the instance that is asked; null is the first */ instance: null,
  /** the request, one character a byte */ request: GET,
  mode: 'path',
  /** what lies on the way, as path/ has it */ stages: [],
  throttled: false,
  /** the exchange that is shown; null is the last */ selected: null,
  hex: false,
  compare: [
    { http_tokens: 'optional', http_endpoint: 'enabled', http_put_response_hop_limit: 1, hops: 1, profile: '' },
    { http_tokens: 'required', http_endpoint: 'enabled', http_put_response_hop_limit: 1, hops: 1, profile: '' },
  ],
});

export const MODES = ['path', 'curl', 'raw', 'hex'];
/** The longest request that is kept: what the head and the body may have, and some more. */
export const LONGEST = 1 << 17;

/** What each part of a state may be: one that comes from elsewhere is held against it. @type {Record<string, (it: any) => boolean>} */
const FITS = {
  route: (it) => Array.isArray(it) && it.length < 4 && it.every((part) => typeof part === 'string' && /^[\w-]{1,20}$/.test(part)),
  instance: (it) => it === null || (typeof it === 'string' && it.length < 64),
  request: (it) => typeof it === 'string' && it.length <= LONGEST && !/[^\0-\xff]/.test(it),
  mode: (it) => MODES.includes(it),
  stages: (it) => Array.isArray(it) && it.length <= 64 && JSON.stringify(it).length < 4096,
  throttled: (it) => typeof it === 'boolean',
  selected: (it) => it === null || (Number.isInteger(it) && it > 0),
  hex: (it) => typeof it === 'boolean',
  compare: (it) => Array.isArray(it) && it.length === 2 && it.every((side) => side && typeof side === 'object' && fits(side)),
};
const whole = (/** @type {any} */ it, /** @type {number} */ least, /** @type {number} */ most) => Number.isInteger(it) && it >= least && it <= most;
const fits = (/** @type {Side} */ side) =>
  ['optional', 'required'].includes(side.http_tokens) &&
  ['enabled', 'disabled'].includes(side.http_endpoint) &&
  whole(side.http_put_response_hop_limit, 1, 64) &&
  whole(side.hops, 0, 64) &&
  ['', 'nitro', 'xen'].includes(side.profile);

/**
 * `set` takes new parts, each if it fits; `compare` changes one side; `begin` forgets all but where the reader is.
 * @param {State} state
 * @param {{ type: 'set', to: Partial<State> } | { type: 'compare', side: number, to: Partial<Side> } | { type: 'begin' }} action
 * @returns {State}
 */
export function reduce(state, action) {
  switch (action.type) {
    case 'set': {
      const to = Object.entries(action.to).filter(([name, value]) => FITS[name]?.(value) && /** @type {any} */ (state)[name] !== value);
      return to.length ? { ...state, ...Object.fromEntries(to) } : state;
    }
    case 'compare': {
      const compare = state.compare.map((side, index) => (index === action.side ? { ...side, ...action.to } : side));
      return reduce(state, { type: 'set', to: { compare } });
    }
    case 'begin':
      return { ...initial, route: state.route };
    default:
      return state;
  }
}

/** Holds a state, and tells of changes. @param {State} state */
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
