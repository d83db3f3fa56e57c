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

/** @param {import('./session.js').Session} session @param {import('./store.js').State} state */
export async function toFragment(session, state) {
  const chosen = Object.fromEntries(Object.entries(state).filter(([name, value]) => value !== /** @type {any} */ (initial)[name]));
  const all = JSON.stringify([FORMAT, session.seed === SEED ? 0 : session.seed, session.start - START, session.log, chosen]);
  const bytes = await through(new TextEncoder().encode(all), new CompressionStream('deflate-raw'), Infinity);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return `#/x/${text.replace(/[+/=]/g, (it) => ({ '+': '-', '/': '_' })[it] ?? '')}`;
}

/**
 * Reads the log and the state of a link; rejects with a {@link LinkError}.
 * @param {string} fragment
 * @returns {Promise<{ seed: string, start: number, log: any[], state: import('./store.js').State }>}
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
  const [format, seed, from, log, chosen] = all;
  if (format !== FORMAT) throw new LinkError('link.format');
  if (Array.isArray(log) && log.length > MAX_STEPS) throw new LinkError('link.large');
  const valid = Array.isArray(log) && log.every(Array.isArray) && Number.isSafeInteger(from) && from + START >= 0 && chosen && typeof chosen === 'object';
  if (!valid || !(seed === 0 || /^[0-9a-f]{1,64}$/i.test(seed))) throw new LinkError('link.damaged');
  return { seed: seed || SEED, start: START + from, log, state: reduce(initial, { type: 'set', to: chosen }) };
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
