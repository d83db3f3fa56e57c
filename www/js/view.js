// @ts-check
// Shared by the page's elements.

import { strings, visible } from './text.js';
import en from '../strings/en.js';

/** The strings of the page. */
export const t = strings(en, () => import('../strings/de.js'));

/** @type {{ session: import('./session.js').Session, store: import('./store.js').Store }} set by app.js before any element is created */
export const app = /** @type {any} */ ({});

/**
 * An element that is built once, and updated after changes of the session or the store: at most
 * once per microtask.
 */
export class View extends HTMLElement {
  /** @type {(() => void)[]} */ #unsubscribe = [];
  #scheduled = false;

  connectedCallback() {
    this.replaceChildren(...[this.build()].flat().filter(Boolean));
    const schedule = () => {
      if (this.#scheduled) return;
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        if (this.isConnected) this.update();
      });
    };
    this.#unsubscribe = [app.session.subscribe(schedule), app.store.subscribe(schedule)];
    this.update();
  }

  disconnectedCallback() {
    this.#unsubscribe.splice(0).forEach((end) => end());
  }

  /** @returns {any} */
  build() {}
  update() {}
}

/** For example `2020-09-26 14:28:58`; milliseconds only if they are not 0. @param {number} at */
export const formatTime = (at) => new Date(at).toISOString().replace('T', ' ').replace('.000Z', '').replace('Z', '');

/** For example `1 h 2 min 3 s`. @param {number} ms */
export function formatDuration(ms) {
  const seconds = Math.ceil(ms / 1000);
  const parts = [[Math.floor(seconds / 3600), 'h'], [Math.floor(seconds / 60) % 60, 'min'], [seconds % 60, 's']];
  return parts.filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(' ') || '0 s';
}

/** The selected exchange, by default the last. */
export const selectedEntry = () => {
  const { exchanges } = app.session;
  return exchanges[(app.store.state.selected ?? exchanges.length) - 1] ?? exchanges.at(-1) ?? null;
};

/** @param {unknown} error */
export const messageOf = (error) => visible(error instanceof Error ? error.message : `${error}`);
