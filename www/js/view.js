// @ts-check
// What the page's own elements have in common.

import { words } from './text.js';
import en from '../strings/en.js';

/** The words of the page. */
export const t = words(en, () => import('../strings/de.js'));

/** @type {{ world: import('./world.js').World, store: import('./store.js').Store }} filled by app.js before any element is made */
export const app = /** @type {any} */ ({});

/** An element that is built once and updated after each change, at most once a turn. */
export class View extends HTMLElement {
  /** @type {(() => void)[]} */ #ends = [];
  #waiting = false;

  connectedCallback() {
    this.replaceChildren(...[this.build()].flat().filter(Boolean));
    const later = () => {
      if (this.#waiting) return;
      this.#waiting = true;
      queueMicrotask(() => {
        this.#waiting = false;
        if (this.isConnected) this.update();
      });
    };
    this.#ends = [app.world.subscribe(later), app.store.subscribe(later)];
    this.update();
  }

  disconnectedCallback() {
    this.#ends.splice(0).forEach((end) => end());
  }

  /** @returns {any} */
  build() {}
  update() {}
}

/** `2020-09-26 14:28:58` with milliseconds where there are any. @param {number} at */
export const shownTime = (at) => new Date(at).toISOString().replace('T', ' ').replace('.000Z', '').replace('Z', '');

/** As `1 h 2 min 3 s`. @param {number} ms */
export function shownSpan(ms) {
  const seconds = Math.ceil(ms / 1000);
  const parts = [[Math.floor(seconds / 3600), 'h'], [Math.floor(seconds / 60) % 60, 'min'], [seconds % 60, 's']];
  return parts.filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(' ') || '0 s';
}

/** The exchange that is shown: the chosen one or the last. */
export const shown = () => {
  const { exchanges } = app.world;
  return exchanges[(app.store.state.selected ?? exchanges.length) - 1] ?? exchanges.at(-1) ?? null;
};

/** A text of what is wrong, for whoever looks and for whoever listens. @param {unknown} error */
export const reason = (error) => (error instanceof Error ? error.message : `${error}`);
