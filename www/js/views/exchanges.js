// @ts-check
// <imds-exchanges>: all exchanges, newest first. Only the visible rows exist as elements.

import { h } from '../dom.js';
import { nameOf } from '../names.js';
import { app, formatTime, View } from '../view.js';
import { kindOf, statusOf } from './exchange.js';
import { backToDraft, hasDraft, select, shown } from './shown.js';
import { tt } from './strings.js';

/** The height of a row in pixels, as in try.css. */
const ROW = 32;
/** Rows above and below the visible ones. */
const SPARE = 4;

class Exchanges extends View {
  #count = h('span', { class: 'muted small' });
  #draft = h('button', { type: 'button', class: 'quiet small', onclick: backToDraft }, tt('draft.back'));
  #none = h('p', { class: 'small muted' }, tt('exchanges.none'));
  #rows = h('div', { class: 'imds-exchanges-rows', role: 'presentation' });
  #list = h('div', { class: 'imds-exchanges-list', role: 'listbox', tabIndex: 0, 'aria-label': tt('exchanges'), onscroll: () => { this.#top = this.#list.scrollTop; this.#render(); }, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) }, this.#rows);
  /** The elements of the rendered rows, by exchange. @type {Map<any, any>} */ #items = new Map();
  /** The exchange that was last scrolled to. @type {any} */ #scrolled = null;
  // The last known scroll position and height: reading them from the element costs a layout.
  #top = 0;
  #height = 0;
  #observer = new ResizeObserver(([{ contentRect: { height } }]) => {
    this.#height = height;
    this.#render();
  });

  build() {
    this.#observer.observe(this.#list);
    return [h('div', { class: 'imds-exchange-head' }, h('h2', null, tt('exchanges')), this.#count, this.#draft), this.#none, this.#list];
  }

  update() {
    const { exchanges } = app.session;
    const entry = shown();
    this.#none.hidden = exchanges.length > 0;
    this.#list.hidden = !exchanges.length;
    this.#count.textContent = exchanges.length ? exchanges.length.toLocaleString('en') : '';
    this.#draft.hidden = !hasDraft();
    this.#rows.style.height = `${exchanges.length * ROW}px`;
    if (!entry.preview && entry !== this.#scrolled) this.#scrollTo(exchanges.length - entry.n);
    this.#scrolled = entry;
    this.#render();
  }

  /** @param {number} row */
  #scrollTo(row) {
    if (row * ROW < this.#top) this.#list.scrollTop = this.#top = row * ROW;
    else if ((row + 1) * ROW > this.#top + this.#height && this.#height) this.#list.scrollTop = this.#top = (row + 1) * ROW - this.#height;
  }

  #render() {
    const { exchanges } = app.session;
    const entry = shown();
    const first = Math.max(0, Math.floor(this.#top / ROW) - SPARE);
    const last = Math.min(exchanges.length, first + Math.ceil((this.#height || 10 * ROW) / ROW) + 2 * SPARE);
    const wanted = new Set(exchanges.slice(exchanges.length - last, exchanges.length - first));
    for (const [key, item] of this.#items) {
      if (wanted.has(key)) continue;
      item.remove();
      this.#items.delete(key);
    }
    for (const it of wanted) {
      let item = this.#items.get(it);
      if (!item) {
        this.#items.set(it, (item = rowOf(it)));
        this.#rows.append(item);
      }
      item.style.top = `${(exchanges.length - it.n) * ROW}px`;
      item.setAttribute('aria-setsize', exchanges.length);
      item.setAttribute('aria-posinset', exchanges.length - it.n + 1);
      item.setAttribute('aria-selected', `${it === entry}`);
    }
    const current = this.#items.get(entry);
    if (current) this.#list.setAttribute('aria-activedescendant', current.id);
    else this.#list.removeAttribute('aria-activedescendant');
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { exchanges } = app.session;
    const entry = shown();
    const page = Math.max(1, Math.floor(this.#height / ROW) - 1);
    const at = entry.preview ? exchanges.length + 1 : entry.n;
    const to = { ArrowDown: at - 1, ArrowUp: at + 1, PageDown: at - page, PageUp: at + page, Home: exchanges.length, End: 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    select(exchanges[Math.min(Math.max(to, 1), exchanges.length) - 1]);
  }
}

/** @param {import('../session.js').Entry} entry */
function rowOf(entry) {
  const name = nameOf(entry);
  return h('div', { role: 'option', id: `exchange-${entry.n}`, class: 'imds-exchanges-row', title: `${name} · ${entry.exchange?.rule ?? ''}`, onclick: () => select(entry) },
    h('span', { class: 'mono imds-exchanges-name' }, name), h('span', { class: `mono ${kindOf(entry)}` }, statusOf(entry)), h('time', { class: 'small muted' }, formatTime(entry.at).slice(11)));
}

customElements.define('imds-exchanges', Exchanges);
