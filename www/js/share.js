// @ts-check
// Share links: the session and the view's state, deflated, in the fragment. Nothing is stored on a
// server. The format is frozen: test/golden/share-link.json must keep loading.

import { initial, reduce } from './store.js';
import { SEED, START } from './session.js';

const FORMAT = 1;
/** The largest inflated content of a link, in bytes: guards against decompression bombs. */
const MAX_BYTES = 1 << 20;
const MAX_STEPS = 2000;

/** An invalid link. The message is a key of the strings. */
export class LinkError extends Error {}

/**
 * A link with the whole session; null if the page would reject it.
 * @param {import('./session.js').Session} session @param {import('./store.js').State} state
 */
export const toFragment = ({ seed, start, firstNonce, log }, state) => fragmentOf({ seed, start, nonce: firstNonce, log, state });

/**
 * A link with what the page shows: the clock, all changes of the fleet, the request, and the shown
 * exchange if it was sent; null if the page would reject it. Its size does not depend on the number
 * of exchanges.
 * @param {import('./session.js').Session} session
 * @param {import('./store.js').State} state
 * @param {import('./session.js').Entry | null} entry
 */
export function viewFragment({ seed, start, log, nonce }, state, entry) {
  const sent = entry && !entry.preview ? entry : null;
  /** @type {any[]} */ const kept = [];
  for (const step of sent ? log.slice(0, sent.step - 1) : log) {
    const last = kept[kept.length - 1];
    if (step[0] === '+' && last?.[0] === '+') kept[kept.length - 1] = ['+', last[1] + step[1]];
    else if (step[0] !== '>') kept.push(step);
  }
  const calls = kept.filter(([kind]) => kind === 'ec2').length;
  const answered = sent?.exchange && sent.exchange.status !== null ? 1n : 0n;
  if (sent) kept.push(log[sent.step - 1]);
  const first = (sent ? sent.nonce - answered : nonce) - BigInt(calls);
  return fragmentOf({ seed, start, nonce: first, log: kept, state: { ...state, selected: null } });
}

/** @param {{ seed: string, start: number, nonce: bigint, log: readonly any[], state: import('./store.js').State }} content */
async function fragmentOf({ seed, start, nonce, log, state }) {
  if (log.length > MAX_STEPS) return null;
  const chosen = Object.fromEntries(Object.entries(state).filter(([name, value]) => value !== /** @type {any} */ (initial)[name]));
  const all = JSON.stringify([FORMAT, seed === SEED ? 0 : seed, start - START, log, chosen, ...(nonce ? [`${nonce}`] : [])]);
  const plain = new TextEncoder().encode(all);
  if (plain.length > MAX_BYTES) return null;
  const bytes = await through(plain, new CompressionStream('deflate-raw'), Infinity);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return `#/x/${text.replace(/[+/=]/g, (it) => ({ '+': '-', '/': '_' })[it] ?? '')}`;
}

/**
 * Reads the log and the state of a link; rejects with a {@link LinkError}.
 * @param {string} fragment
 * @returns {Promise<{ seed: string, start: number, nonce?: bigint, log: any[], state: import('./store.js').State }>}
 */
export async function fromFragment(fragment) {
  const text = fragment.replace(/^#\/x\//, '');
  if (!/^[\w-]+$/.test(text)) throw new LinkError('link.spelling');
  let all;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (it) => it.charCodeAt(0));
    all = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await through(bytes, new DecompressionStream('deflate-raw'), MAX_BYTES)));
  } catch (error) {
    throw error instanceof LinkError ? error : new LinkError('link.damaged');
  }
  if (!Array.isArray(all)) throw new LinkError('link.damaged');
  const [format, seed, from, log, chosen, nonce = '0'] = all;
  if (format !== FORMAT) throw new LinkError('link.format');
  if (Array.isArray(log) && log.length > MAX_STEPS) throw new LinkError('link.large');
  const valid = Array.isArray(log) && log.every(Array.isArray) && Number.isSafeInteger(from) && from + START >= 0 && chosen && typeof chosen === 'object';
  if (!valid || !/^\d{1,19}$/.test(nonce) || !(seed === 0 || /^[0-9a-f]{1,64}$/i.test(seed))) throw new LinkError('link.damaged');
  return { seed: seed || SEED, start: START + from, ...(nonce === '0' ? {} : { nonce: BigInt(nonce) }), log, state: reduce(initial, { type: 'set', to: chosen }) };
}

/**
 * @param {Uint8Array} bytes
 * @param {CompressionStream | DecompressionStream} stream
 * @param {number} limit
 */
async function through(bytes, stream, limit) {
  const pieces = new Blob([/** @type {any} */ (bytes)]).stream().pipeThrough(stream).getReader();
  const out = [];
  for (let size = 0; ; ) {
    const { done, value } = await pieces.read();
    if (done) return new Uint8Array(await new Blob(out).arrayBuffer());
    size += value.length;
    if (size > limit) {
      pieces.cancel().catch(() => {});
      throw new LinkError('link.large');
    }
    out.push(value);
  }
}
