// @ts-check
// <imds-bytes>: the bytes of a request or a response. Each span has a name, an explanation and a
// citation; the parts that a rule looked at are marked. <imds-wire>: both of an exchange.

import { latin1, spansOf, tables } from '../engine.js';
import { h } from '../dom.js';
import { headerNames, lookedAt, rulesThatLookAt } from '../looked-at.js';
import { t } from '../view.js';
import { tt } from './strings.js';
import { citation } from '../citations.js';

/** @typedef {import('../engine.js').Span} Span */
/** @typedef {'request' | 'response'} Side */

class Bytes extends HTMLElement {
  #entry = /** @type {import('../session.js').Entry | null} */ (null);
  /** @type {Side} */ #side = 'request';
  #hex = false;
  /** @type {any} */ #list;
  #absent = h('p', { class: 'imds-wire-absent mono' });
  /** @type {readonly Span[]} */ #spans = [];
  /** @type {Uint8Array} */ #bytes = new Uint8Array();
  /** The rule whose inputs are marked, and the class of the marks. */
  #marked = { rule: '', kind: '' };

  /**
   * @param {import('../session.js').Entry} entry
   * @param {Side} side
   * @param {boolean} hex
   */
  show(entry, side, hex) {
    if (entry === this.#entry && hex === this.#hex) return;
    [this.#entry, this.#side, this.#hex] = [entry, side, hex];
    const { arrived, exchange } = entry;
    const bytes = side === 'request' ? arrived : exchange?.response ?? null;
    this.#list = null;
    if (!bytes) return this.replaceChildren(h('p', { class: 'imds-wire-none' }, t(`silence.${exchange?.noResponse ?? 'not-reached'}`)));
    this.#bytes = bytes;
    this.#spans = spansOf(arrived, exchange).filter((span) => span.side === side);
    this.replaceChildren(...this.#build(side, bytes, this.#spans));
    const { rule, kind } = this.#marked;
    this.#marked = { rule: '', kind: '' };
    this.mark(rule, kind);
  }

  /**
   * Marks the parts of the request that a rule looks at.
   * @param {string} id of the rule; empty for none
   * @param {string} kind `bad`, `ok` or `other`
   */
  mark(id, kind) {
    if (this.#side !== 'request' || !this.#list || (this.#marked.rule === id && this.#marked.kind === kind)) return;
    this.#marked = { rule: id, kind };
    const rule = tables().rules.find((it) => it.id === id);
    const { places, absent } = rule ? lookedAt(rule.inputs, this.#bytes, this.#spans) : { places: new Set(), absent: [] };
    this.#list.dataset.marks = kind;
    for (const piece of this.#list.querySelectorAll('[data-place]')) piece.classList.toggle('looked', places.has(Number(piece.dataset.place)));
    this.#absent.textContent = absent.map((name) => tt('absent.header', name)).join(', ');
    this.#absent.dataset.marks = kind;
    this.#absent.hidden = !absent.length;
  }

  /**
   * @param {Side} side
   * @param {Uint8Array} bytes
   * @param {readonly Span[]} spans
   */
  #build(side, bytes, spans) {
    const note = h('div', { class: 'imds-wire-note', id: `wire-${side}` });
    const list = h('div', {
      class: `imds-wire-bytes mono${this.#hex ? ' hex' : ''}`,
      role: 'listbox',
      tabIndex: 0,
      'aria-label': t('wire.label', t(side)),
      'aria-describedby': note.id,
    });
    this.#list = list;
    const parts = spans.map((span, place) =>
      h('span', { role: 'option', id: `${side}-${place}`, 'data-part': span.part, 'data-place': place, 'aria-selected': 'false' }),
    );
    const names = headerNames(bytes, spans);
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
      note.replaceChildren(...this.#explain(spans[place], names[place], bytes), ...(side === 'request' ? [this.#rulesAt(place)] : []));
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
    return [list, ...(side === 'request' ? [this.#absent] : []), note];
  }

  /** The evaluated rules that look at a span, as buttons that mark what else they look at. @param {number} place */
  #rulesAt(place) {
    const trace = new Set(this.#entry?.exchange?.trace.map(({ rule }) => rule));
    const found = rulesThatLookAt(tables().rules.filter(({ id }) => trace.has(id)), this.#bytes, this.#spans, place);
    if (!found.length) return h('p', { class: 'small muted' }, tt('looked.none'));
    const open = (/** @type {string} */ id) => this.dispatchEvent(new CustomEvent('rule', { detail: id, bubbles: true }));
    // One tab stop; the arrow keys move between the rules.
    const buttons = found.map(({ id }, at) => h('button', { type: 'button', class: 'quiet mono', tabIndex: at ? -1 : 0, onclick: () => open(id) }, id));
    const onkeydown = (/** @type {KeyboardEvent} */ event) => {
      const to = buttons[buttons.indexOf(/** @type {any} */ (event.target)) + ({ ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? NaN)];
      if (!to) return;
      event.preventDefault();
      for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
      to.focus();
    };
    return h('p', { class: 'small imds-wire-rules', role: 'toolbar', 'aria-label': tt('looked.at'), onkeydown }, tt('looked.at'), buttons.flatMap((it) => [it, ' ']));
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

export class Wire extends HTMLElement {
  #sides = /** @type {const} */ (['request', 'response']).map((side) => ({ side, size: h('small', { class: 'muted' }), bytes: h('imds-bytes') }));

  /** @param {import('../session.js').Entry | null} entry @param {boolean} hex */
  show(entry, hex) {
    if (!entry) return this.replaceChildren();
    for (const { side, size, bytes } of this.#sides) {
      const shown = side === 'request' ? entry.arrived : entry.exchange?.response;
      size.textContent = shown ? t('wire.bytes', shown.length) : '';
      bytes.show(entry, side, hex);
    }
    if (!this.childElementCount) this.append(...this.#sides.map(({ side, size, bytes }) => h('section', null, h('h3', null, t(side), size), bytes)));
  }
}

customElements.define('imds-bytes', Bytes);
customElements.define('imds-wire', Wire);
