// @ts-check
// <imds-wire>: the bytes of an exchange. Each span has a name, an explanation and a citation.

import { latin1, spansOf, tables } from '../engine.js';
import { h } from '../dom.js';
import { t } from '../view.js';
import { citation } from '../citations.js';

/** @typedef {import('../engine.js').Span} Span */

export class Wire extends HTMLElement {
  #entry = /** @type {import('../session.js').Entry | null} */ (null);
  #hex = false;

  /** @param {import('../session.js').Entry | null} entry @param {boolean} hex */
  show(entry, hex) {
    if (entry === this.#entry && hex === this.#hex) return;
    [this.#entry, this.#hex] = [entry, hex];
    if (!entry) return this.replaceChildren();
    const { arrived, exchange } = entry;
    const spans = spansOf(arrived, exchange);
    this.replaceChildren(this.#side('request', arrived, spans), this.#side('response', exchange?.response ?? null, spans));
  }

  /**
   * @param {'request' | 'response'} side
   * @param {Uint8Array | null} bytes
   * @param {readonly Span[]} all
   */
  #side(side, bytes, all) {
    const title = h('h3', null, t(side), bytes ? h('small', { class: 'muted' }, t('wire.bytes', bytes.length)) : '');
    if (!bytes) return h('section', null, title, h('p', { class: 'imds-wire-none' }, t(`silence.${this.#entry?.exchange?.noResponse ?? 'not-reached'}`)));
    const spans = all.filter((span) => span.side === side);
    const note = h('div', { class: 'imds-wire-note', id: `wire-${side}` });
    const list = h('div', {
      class: `imds-wire-bytes mono${this.#hex ? ' hex' : ''}`,
      role: 'listbox',
      tabIndex: 0,
      'aria-label': t('wire.label', t(side)),
      'aria-describedby': note.id,
    });
    const parts = spans.map((span, place) =>
      h('span', { role: 'option', id: `${side}-${place}`, 'data-part': span.part, 'data-place': place, 'aria-selected': 'false' }),
    );
    let name = '';
    const names = spans.map((span) => (name = span.part === 'field-name' ? latin1(bytes.subarray(span.from, span.to)) : /^field|sep|line/.test(span.part) ? name : ''));
    (this.#hex ? hexRows : textRows)(list, bytes, spans, parts);
    let selected = -1;
    const select = (/** @type {number} */ place) => {
      if (place === selected || !spans[place]) return;
      for (const other of list.querySelectorAll('.selected')) other.classList.remove('selected');
      parts[selected]?.setAttribute('aria-selected', 'false');
      selected = place;
      for (const piece of list.querySelectorAll(`[data-place="${place}"]`)) piece.classList.add('selected');
      parts[place].setAttribute('aria-selected', 'true');
      list.setAttribute('aria-activedescendant', parts[place].id);
      note.replaceChildren(...this.#explain(spans[place], names[place], bytes));
    };
    spans.forEach((span, place) => parts[place].setAttribute('aria-label', `${partName(span, names[place])}: ${(this.#hex ? digits : spokenText)(bytes.subarray(span.from, span.to))}`));
    const at = (/** @type {any} */ { target }) => select(Number(target.closest?.('[data-place]')?.dataset.place ?? -1));
    list.addEventListener('pointerover', at);
    list.addEventListener('click', at);
    list.addEventListener('focus', () => select(Math.max(selected, 0)));
    list.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      const rows = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 0, ArrowUp: 0, Home: -spans.length, End: spans.length };
      if (!(event.key in rows)) return;
      event.preventDefault();
      let to = selected + rows[/** @type {keyof typeof rows} */ (event.key)];
      const line = (/** @type {number} */ place) => spans.slice(0, place).filter(({ part }) => /end$/.test(part)).length;
      const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (down) for (to = selected + down; spans[to] && (line(to) === line(selected) || (down < 0 && line(to - 1) === line(to) && to > 0)); ) to += down;
      select(Math.min(Math.max(to, 0), spans.length - 1));
      parts[selected].scrollIntoView({ block: 'nearest' });
    });
    note.append(h('p', { class: 'muted small' }, t('wire.hint')));
    return h('section', null, title, list, note);
  }

  /**
   * @param {Span} span
   * @param {string} header the name of the header that the span belongs to
   * @param {Uint8Array} bytes
   */
  #explain(span, header, bytes) {
    const { exchange } = /** @type {import('../session.js').Entry} */ (this.#entry);
    const text = latin1(bytes.subarray(span.from, span.to));
    const specific = /^field/.test(span.part) ? `${span.side}.${header.toLowerCase()}` : `${span.side}.${span.part}`;
    const rule = tables().rules.find(({ id }) => id === exchange?.rule);
    const category = span.side === 'request' && span.part === 'path' ? categoryOf(text) : null;
    const key = has(specific) ? specific : /^field/.test(span.part) ? 'wire.header' : `wire.${span.part}`;
    const decided = ['status', 'reason', 'body'].includes(span.part) && span.side === 'response' ? rule : null;
    return [
      h('p', null, h('strong', null, partName(span, header)), h('span', { class: 'muted small' }, t('wire.range', span.from, span.to - 1, span.to - span.from))),
      h('p', null, t(key), decided ? ` ${t('wire.decided', decided.id)}` : ''),
      h('p', { class: 'small' }, t('source'), citation(decided ?? category ?? key)),
    ];
  }
}

const has = (/** @type {string} */ key) => t(key) !== key;
const partName = (/** @type {Span} */ { part }, /** @type {string} */ header) => (header && /^field/.test(part) ? `${t(`part.${part}`)} ${header}` : t(`part.${part}`));

/** The core's row of a metadata path. @param {string} path */
function categoryOf(path) {
  const rest = path.split('/').filter(Boolean).slice(1).join('/');
  return tables().categories.find((it) => new RegExp(`^${it.path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(rest)) ?? null;
}

const NAMES = /** @type {Record<number, string>} */ ({ 0: 'NUL', 9: 'HT', 10: 'LF', 13: 'CR', 127: 'DEL' });
const nameOf = (/** @type {number} */ byte) => NAMES[byte] ?? (byte < 32 || byte > 126 ? byte.toString(16).padStart(2, '0') : '');

/**
 * Renders bytes as nodes: invisible bytes as their names, with a line break after each line feed.
 * @param {Uint8Array} bytes
 * @returns {any[]}
 */
export function renderBytes(bytes) {
  /** @type {any[]} */ const out = [''];
  for (const byte of bytes) {
    const name = nameOf(byte);
    const last = out.length - 1;
    if (!name && typeof out[last] === 'string') out[last] += String.fromCharCode(byte);
    else out.push(name ? h('i', { class: 'imds-wire-name' }, name) : String.fromCharCode(byte));
    if (byte === 10) out.push('\n');
  }
  return out;
}
/** The same as a string, for accessible names. @param {Uint8Array} bytes */
const spokenText = (bytes) => Array.from(bytes, (byte) => `${nameOf(byte) || String.fromCharCode(byte)}${byte === 10 ? '\n' : ''}`).join('');

const digits = (/** @type {Uint8Array} */ bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/**
 * @param {HTMLElement} list
 * @param {Uint8Array} bytes
 * @param {readonly Span[]} spans
 * @param {HTMLElement[]} parts
 */
function textRows(list, bytes, spans, parts) {
  spans.forEach((span, place) => parts[place].append(...renderBytes(bytes.subarray(span.from, span.to))));
  list.append(...parts);
}

/**
 * @param {HTMLElement} list
 * @param {Uint8Array} bytes
 * @param {readonly Span[]} spans
 * @param {HTMLElement[]} parts
 */
function hexRows(list, bytes, spans, parts) {
  for (let at = 0, place = 0; at < bytes.length; at += 16) {
    const end = Math.min(at + 16, bytes.length);
    const hex = h('span', { class: 'row' });
    const text = h('span', { class: 'text', 'aria-hidden': 'true' });
    for (let from = at; from < end; ) {
      const span = spans[place];
      const to = Math.min(span.to, end);
      const piece = span.from === from ? parts[place] : h('span', { 'data-part': span.part, 'data-place': place, 'aria-hidden': 'true' });
      piece.textContent = digits(bytes.subarray(from, to));
      hex.append(piece, ' ');
      text.append(h('span', { 'data-part': span.part, 'data-place': place }, latin1(bytes.subarray(from, to)).replace(/[^ -~]/g, '·')));
      from = to;
      if (to === span.to) place += 1;
    }
    list.append(h('div', { class: 'line', role: 'presentation' }, h('span', { class: 'offset', 'aria-hidden': 'true' }, at.toString(16).padStart(4, '0')), hex, text));
  }
}

customElements.define('imds-wire', Wire);
