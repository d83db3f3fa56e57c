// @ts-check
// A state as text for a link, and back. No server keeps anything: it is all in the fragment.

import { initial, reduce } from './store.js';
import { SEED, START } from './world.js';

const FORMAT = 1;
/** How much a link may hold when it is taken apart: a small text may stand for a large one. */
const MOST = 1 << 20;
const MOST_STEPS = 2000;

/** What is wrong with a link. `code` is a key of the strings. */
export class LinkError extends Error {}

/** @param {import('./world.js').World} world @param {import('./store.js').State} state */
export async function toFragment(world, state) {
  const chosen = Object.fromEntries(Object.entries(state).filter(([name, value]) => value !== /** @type {any} */ (initial)[name]));
  const all = JSON.stringify([FORMAT, world.seed === SEED ? 0 : world.seed, world.start - START, world.log, chosen]);
  const bytes = await through(new TextEncoder().encode(all), new CompressionStream('deflate-raw'), Infinity);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return `#/x/${text.replace(/[+/=]/g, (it) => ({ '+': '-', '/': '_' })[it] ?? '')}`;
}

/**
 * The log and the state of a link. @param {string} fragment
 * @returns {Promise<{ seed: string, start: number, log: any[], state: import('./store.js').State }>}
 */
export async function fromFragment(fragment) {
  const text = fragment.replace(/^#\/x\//, '');
  if (!/^[\w-]+$/.test(text)) throw new LinkError('link.spelling');
  let all;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (it) => it.charCodeAt(0));
    all = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await through(bytes, new DecompressionStream('deflate-raw'), MOST)));
  } catch (error) {
    throw error instanceof LinkError ? error : new LinkError('link.damaged');
  }
  if (!Array.isArray(all)) throw new LinkError('link.damaged');
  const [format, seed, from, log, chosen] = all;
  if (format !== FORMAT) throw new LinkError('link.format');
  if (Array.isArray(log) && log.length > MOST_STEPS) throw new LinkError('link.large');
  const good = Array.isArray(log) && log.every(Array.isArray) && Number.isSafeInteger(from) && from + START >= 0 && chosen && typeof chosen === 'object';
  if (!good || !(seed === 0 || /^[0-9a-f]{1,64}$/i.test(seed))) throw new LinkError('link.damaged');
  return { seed: seed || SEED, start: START + from, log, state: reduce(initial, { type: 'set', to: chosen }) };
}

/** @param {Uint8Array} bytes @param {CompressionStream | DecompressionStream} stream @param {number} most */
async function through(bytes, stream, most) {
  const pieces = new Blob([/** @type {any} */ (bytes)]).stream().pipeThrough(stream).getReader();
  const out = [];
  for (let size = 0; ; ) {
    const { done, value } = await pieces.read();
    if (done) return new Uint8Array(await new Blob(out).arrayBuffer());
    size += value.length;
    if (size > most) {
      pieces.cancel().catch(() => {});
      throw new LinkError('link.large');
    }
    out.push(value);
  }
}
