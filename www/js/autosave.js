// @ts-check
// Keeps the session and the views' state over a reload, in sessionStorage: each tab has its own, so
// tabs do not overwrite each other, and a duplicated tab continues with a copy.

import { SEED, START } from './session.js';
import { initial, reduce } from './store.js';

const KEY = 'imds.session';
const FORMAT = 1;
/** How long after a change it is saved, in case the tab ends without notice. */
const DELAY_MS = 1000;

/** @type {Record<string, () => any>} */ const parts = {};
/** @type {Record<string, any>} */ let restored = {};

/**
 * Saves a part of another view, too.
 * @param {string} name @param {() => any} get returns JSON
 */
export const keep = (name, get) => (parts[name] = get);
/** The part as it was saved; undefined without one. @param {string} name */
export const kept = (name) => restored[name];

/**
 * Restores what this tab saved; without it, or if it cannot be replayed, nothing changes.
 * @param {import('./session.js').Session} session @param {import('./store.js').Store} store
 */
export function restoreSaved(session, store) {
  try {
    const saved = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    if (saved?.format !== FORMAT) return;
    const { seed = SEED, start = START, nonce = '0', log, state, parts: others } = saved;
    session.play(log, { seed, start, nonce: BigInt(nonce) });
    store.set({ ...reduce(initial, { type: 'set', to: state }), route: store.state.route });
    restored = others ?? {};
  } catch {
    // No storage, or content of another version.
  }
}

/**
 * Saves after changes, and when the page is hidden or left.
 * @param {import('./session.js').Session} session @param {import('./store.js').Store} store
 */
export function startAutosave(session, store) {
  /** @type {any} */ let timer;
  let saved = '';
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    const { seed, start, firstNonce, log } = session;
    const others = Object.fromEntries(Object.entries(parts).map(([name, get]) => [name, get()]));
    const text = JSON.stringify({ format: FORMAT, seed, start, nonce: `${firstNonce}`, log, state: store.state, parts: others });
    if (text === saved) return;
    try {
      sessionStorage.setItem(KEY, text);
      saved = text;
    } catch {
      // No storage, or not enough: the last saved state stays.
    }
  };
  const schedule = () => {
    timer ??= setTimeout(save, DELAY_MS);
  };
  session.subscribe(schedule);
  store.subscribe(schedule);
  addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', () => document.hidden && save());
}
