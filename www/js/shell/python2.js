// @ts-check
// The order of Python 2.7's dicts, on which the article's aws runs: it is visible in its JSON
// output.

/** The hash of a Python 2.7 str on a 64-bit machine. @param {string} text */
function hash(text) {
  let known = hashes.get(text);
  if (known === undefined) {
    known = BigInt(text.charCodeAt(0) || 0) << 7n;
    for (let at = 0; at < text.length; at += 1) known = BigInt.asUintN(64, 1000003n * known) ^ BigInt(text.charCodeAt(at));
    known ^= BigInt(text.length);
    hashes.set(text, known);
  }
  return known;
}
/** @type {Map<string, bigint>} */
const hashes = new Map();

/**
 * The iteration order of a dict, as in Objects/dictobject.c.
 * @param {readonly string[]} keys in insertion order
 */
export function dictOrder(keys) {
  /** @type {(string | undefined)[]} */ let slots = Array(8).fill(undefined);
  let used = 0;
  const insert = (/** @type {string} */ key) => {
    const mask = BigInt(slots.length - 1);
    let at = hash(key);
    for (let perturb = at; slots[Number(at & mask)] !== undefined; perturb >>= 5n) at = BigInt.asUintN(64, at * 5n + perturb + 1n);
    slots[Number(at & mask)] = key;
  };
  for (const key of keys) {
    insert(key);
    used += 1;
    if (used * 3 < slots.length * 2) continue;
    const before = slots;
    let size = 8;
    while (size <= used * 4) size *= 2;
    slots = Array(size).fill(undefined);
    before.forEach((it) => it !== undefined && insert(it));
  }
  return slots.filter((key) => key !== undefined);
}

/** @type {WeakSet<object>} */
const ordered = new WeakSet();

/**
 * The members in a dict's order.
 * @param {Record<string, any>} members
 * @param {string[]} [removed] keys that were inserted and removed again: they affect the order
 */
export function dict(members, removed = []) {
  /** @type {Record<string, any>} */ const result = {};
  for (const key of dictOrder([...Object.keys(members), ...removed])) if (key in members) result[key] = members[key];
  ordered.add(result);
  return result;
}

/**
 * `json.dumps(value, indent=4, ensure_ascii=False)` of Python 2.7, with a space after each comma.
 * @param {any} value
 * @param {string} [indent]
 * @returns {string}
 */
export function dumps(value, indent = '') {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const list = Array.isArray(value);
  const inside = `${indent}    `;
  const items = list
    ? value.map((it) => dumps(it, inside))
    : Object.entries(ordered.has(value) ? value : dict(value)).map(([key, it]) => `${JSON.stringify(key)}: ${dumps(it, inside)}`);
  const [open, close] = list ? '[]' : '{}';
  return items.length ? `${open}\n${items.map((it) => inside + it).join(', \n')}\n${indent}${close}` : open + close;
}
