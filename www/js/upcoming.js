// @ts-check
// The changes that only need time: a token expires, pending options apply, credentials rotate.

/** How far ahead a rotation is looked for, and the precision, in milliseconds. */
const HORIZON = 86_400_000;
const MINUTE = 60_000;
const MAX_TOKENS = 4;

/**
 * @typedef {object} Upcoming
 * @property {'token' | 'applied' | 'rotation'} kind
 * @property {number} at the first moment after the change
 * @property {string} instance the id
 * @property {number} [n] the exchange that delivered the token
 * @property {any} [options] the pending options
 */

/** @type {WeakMap<object, Map<string, { version: number, at: number | null }>>} */
const rotations = new WeakMap();

/**
 * The first moment at which the instance serves other credentials; null if it serves none.
 * @param {import('./session.js').Session} session @param {string} instance
 */
function rotation(session, instance) {
  const known = rotations.get(session) ?? new Map();
  rotations.set(session, known);
  const now = session.now();
  const cached = known.get(instance);
  if (cached && cached.role === session.record(instance)?.role?.name && (cached.at === null || (cached.from <= now && now < cached.at))) return cached.at;
  const role = session.record(instance)?.role?.name;
  const key = (/** @type {number} */ at) => {
    try {
      return role === undefined ? null : JSON.parse(session.read(`/latest/meta-data/iam/security-credentials/${role}`, instance, at) ?? '').AccessKeyId;
    } catch {
      return null;
    }
  };
  const current = key(now);
  let at = null;
  if (current) {
    let to = now + MINUTE;
    while (to - now < HORIZON && key(to) === current) to = now + 2 * (to - now);
    let from = now;
    while (to - from > 1) {
      const middle = Math.floor((from + to) / 2);
      if (key(middle) === current) from = middle;
      else to = middle;
    }
    at = key(to) === current ? null : to;
  }
  known.set(instance, { role, from: now, at });
  return at;
}

/**
 * What will happen, soonest first. Of the tokens, only those that expire next.
 * @param {import('./session.js').Session} session
 * @returns {Upcoming[]}
 */
export function upcoming(session) {
  const now = session.now();
  const all = session.imds.instances().filter(({ state }) => state === 'running');
  const first = all[0]?.id ?? '';
  /** @type {Upcoming[]} */ const tokens = session.tokens.filter(({ expires }) => expires > now).sort((a, b) => a.expires - b.expires).slice(0, MAX_TOKENS)
    .map(({ n, expires, instance }) => ({ kind: 'token', at: expires, instance: instance ?? first, n }));
  /** @type {Upcoming[]} */ const pending = session.pendingOptions.map(({ instance, at, options }) => ({ kind: 'applied', at, instance, options }));
  /** @type {Upcoming[]} */ const rotating = all.flatMap(({ id }) => {
    const at = rotation(session, id);
    return at === null ? [] : [{ kind: 'rotation', at, instance: id }];
  });
  return [...tokens, ...pending, ...rotating].sort((a, b) => a.at - b.at);
}
