// @ts-check
// <imds-shell>: the transcripts of both hosts and an input. Transcripts are ordinary text that can
// be searched and copied.

import { h } from '../dom.js';
import { nameOf } from '../names.js';
import { app } from '../view.js';
import { completed, searchBack } from './keys.js';
import { interrupt, onShells, pageShells, runOn, showHost, t } from './shell-host.js';
import { isUnfinished } from './paste.js';

/** @typedef {import('./shell-host.js').HostName} HostName */
/** A reverse search: its text, the index of the found command, and the input before it. @typedef {{ text: string, at: number, before: string }} Search */
/** Converts text in backquotes to `<code>`. @param {string} text */
export const prose = (text) => text.split('`').map((piece, at) => (at % 2 ? h('code', null, piece) : piece));
const HOSTS = /** @type {const} */ (['cli', 'test']);
/** Output with more lines is folded, with this many lines shown. */
const FOLD = 40;
const SHOWN = 12;
/** The most blocks in the document; older ones are removed from the view. */
const MAX_BLOCKS = 300;

class ShellView extends HTMLElement {
  #tabs = HOSTS.map((host) =>
    h('button', { type: 'button', role: 'tab', id: `shell-tab-${host}`, 'aria-controls': 'shell-panel', onclick: () => showHost(host), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onTabKey(event, host) }));
  #list = h('ol');
  #log = h('div', { class: 'imds-shell-log', role: 'log', tabIndex: 0 }, this.#list);
  #status = h('p', { class: 'visually-hidden', role: 'status' });
  #prompt = h('label', { class: 'imds-shell-prompt', htmlFor: 'shell-input' });
  #input = h('textarea', {
    id: 'shell-input', rows: 1, spellcheck: false, autocapitalize: 'off', autocomplete: 'off', 'aria-describedby': 'shell-hint',
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event), oninput: (/** @type {InputEvent} */ event) => this.#typed(event),
    onblur: () => this.#endSearch(),
  });
  #panel = h('div', { role: 'tabpanel', id: 'shell-panel', class: 'imds-shell-panel' });
  #stop = h('button', { type: 'button', hidden: true, onclick: () => interrupt() });
  #resize = new ResizeObserver(() => this.#grow());
  /** The position in the history; 0 is the line being typed. */
  #historyIndex = 0;
  /** After Escape, Tab moves the focus. */
  /** The input whose completions were listed last. */
  #listed = '';
  #leaving = false;
  /** Whether the input is unchanged since a paste. */
  #pasted = false;
  /** @type {Search | null} */ #search = null;
  /** @type {() => void} */ #unsubscribe = () => {};
  /** @type {import('./shell-host.js').Item[]} */ #rendered = [];

  connectedCallback() {
    if (!this.childElementCount) {
      const form = h('form', { class: 'imds-shell-form', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#run(); } },
        this.#prompt, this.#input, h('button', { class: 'primary' }, t('run')), this.#stop);
      this.#stop.textContent = t('stop');
      this.#panel.append(this.#log, form, h('p', { class: 'small muted', id: 'shell-hint' }, t('hint')));
      this.append(h('div', { role: 'tablist', class: 'row', 'aria-label': t('tabs') }, this.#tabs), this.#panel, this.#status);
    }
    const ends = [onShells(() => this.update()), app.session.subscribe(() => this.#updateHosts())];
    this.#resize.observe(this.#input);
    this.#unsubscribe = () => {
      ends.forEach((end) => end());
      this.#resize.disconnect();
    };
    this.update();
  }

  disconnectedCallback() {
    this.#unsubscribe();
  }

  /**
   * Copies a command to the input without running it.
   * @param {HostName} host
   * @param {string} text
   */
  fill(host, text) {
    pageShells().draft[host] = text;
    showHost(host);
    this.#input.focus();
  }

  #updateHosts() {
    const { shells, host } = pageShells();
    HOSTS.forEach((it, at) => {
      const tab = this.#tabs[at];
      tab.textContent = `${it}_instance ${shells[it].hostname.slice(3).replaceAll('-', '.')}`;
      tab.setAttribute('aria-selected', `${it === host}`);
      tab.tabIndex = it === host ? 0 : -1;
    });
    this.#prompt.textContent = this.#search ? t('search', this.#search.text) : shells[host].prompt;
  }

  update() {
    const { blocks, draft, host, running } = pageShells();
    this.#updateHosts();
    const name = `${host}_instance`;
    this.#panel.setAttribute('aria-labelledby', `shell-tab-${host}`);
    this.#log.setAttribute('aria-label', t('log', name));
    this.#log.setAttribute('aria-busy', `${running > 0}`);
    this.#input.setAttribute('aria-label', t('input', name));
    this.#stop.hidden = running === 0;
    if (this.#input.value !== draft[host]) {
      this.#input.value = draft[host];
      this.#grow();
    }
    const list = blocks[host].slice(-MAX_BLOCKS);
    // Only new blocks are added, so that screen readers announce only those.
    const first = this.#rendered.indexOf(list[0]);
    const overlap = first < 0 ? [] : this.#rendered.slice(first);
    const kept = overlap.length && overlap.every((block, at) => list[at] === block) ? overlap.length : 0;
    if (kept && kept === list.length) return;
    if (kept) for (let count = 0; count < first; count += 1) this.#list.firstElementChild?.remove();
    else this.#list.replaceChildren(...(list.length ? [] : [h('li', { class: 'muted' }, prose(t('empty')))]));
    this.#list.append(...list.slice(kept).map(itemView));
    this.#rendered = list;
    // Scroll to the end, but keep the start of the last block visible.
    const last = this.#list.lastElementChild;
    this.#log.scrollTop = Math.min(this.#log.scrollHeight, last.offsetTop);
  }

  async #run() {
    const { draft, host } = pageShells();
    const text = this.#input.value;
    if (!text.trim()) return;
    draft[host] = '';
    const pasted = this.#pasted;
    this.#historyIndex = 0;
    this.#pasted = false;
    const { blocks } = await runOn(host, text, { pasted });
    const last = blocks.at(-1);
    if (!last) return;
    const lines = last.output.map((it) => it.text).join('').split('\n').length - 1;
    this.#say(last.exit ? t('failed', last.text.split('\n')[0], last.exit) : t('done', last.text.split('\n')[0], lines));
    this.dispatchEvent(new CustomEvent('ran', { bubbles: true }));
  }

  /** Announces a message; a visible one is also shown. @param {string} text @param {boolean} [visible] */
  #say(text, visible = false) {
    this.#status.textContent = text;
    this.#status.classList.toggle('visually-hidden', !visible);
  }

  /** @param {InputEvent} event */
  #typed(event) {
    const { draft, host } = pageShells();
    if (this.#search) return this.#searchFor(this.#input.value.startsWith(this.#search.before) ? this.#search.text : '');
    this.#pasted = event.inputType === 'insertFromPaste' && (this.#pasted || draft[host].trim() === '');
    draft[host] = this.#input.value;
    this.#grow();
  }

  /** Fits the height to the text, wrapped lines included. */
  #grow() {
    const input = this.#input;
    input.rows = 1;
    const { lineHeight } = getComputedStyle(input);
    const height = parseFloat(lineHeight) || 20;
    input.rows = Math.max(1, Math.min(12, Math.round((input.scrollHeight - (input.clientHeight - height)) / height)));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, ctrlKey, shiftKey, altKey, metaKey, isComposing } = event;
    const { value, selectionStart, selectionEnd } = this.#input;
    const { blocks, host, running } = pageShells();
    if (isComposing || altKey || metaKey) return;
    const leaving = this.#leaving;
    if (key !== 'Shift' && key !== 'Control') this.#leaving = false;
    if (this.#search && this.#searchKey(event)) {
      event.preventDefault();
      return;
    }
    if (key === 'Enter' && !shiftKey && !isUnfinished(value)) this.#run();
    else if (key === 'ArrowUp' && !value.slice(0, selectionStart).includes('\n')) this.#recall(1);
    else if (key === 'ArrowDown' && !value.slice(selectionEnd).includes('\n')) this.#recall(-1);
    else if (key === 'Escape') {
      this.#leaving = true;
      this.#say(t('leave'));
    } else if (key === 'Tab' && !shiftKey && !leaving && this.#complete()) void 0;
    else if (ctrlKey && key === ' ') this.#complete();
    else if (ctrlKey && key === 'l') {
      blocks[host].splice(0);
      this.update();
    } else if (ctrlKey && key === 'u') {
      this.#setInput(value.slice(selectionStart));
      this.#input.setSelectionRange(0, 0);
    } else if (ctrlKey && key === 'r') this.#searchFor('');
    else if (ctrlKey && key === 'c' && selectionStart === selectionEnd) {
      if (running) interrupt();
      else this.#setInput('');
    } else return;
    event.preventDefault();
  }

  /** A key of the reverse search. @param {KeyboardEvent} event @returns {boolean} whether it is handled */
  #searchKey({ key, ctrlKey }) {
    const search = /** @type {Search} */ (this.#search);
    if (ctrlKey && key === 'r') this.#searchFor(search.text, search.at);
    else if ((ctrlKey && (key === 'g' || key === 'c')) || key === 'Escape') {
      this.#endSearch();
      this.#setInput(search.before);
    } else if (key === 'Backspace') this.#searchFor(search.text.slice(0, -1));
    else if (key.length === 1 && !ctrlKey) this.#searchFor(search.text + key);
    else if (!['Shift', 'Control', 'Alt'].includes(key)) {
      // Other keys keep the found command; Enter also runs it.
      this.#endSearch();
      return false;
    }
    return true;
  }

  /** @param {string} text @param {number} [before] */
  #searchFor(text, before = Infinity) {
    const { shells, host } = pageShells();
    const { history } = shells[host];
    const start = this.#search?.before ?? this.#input.value;
    const at = text ? searchBack(history, text, before) : history.length;
    const found = at >= 0 ? at : this.#search?.at ?? history.length;
    this.#search = { text, at: found, before: start };
    this.#setInput(history[found] ?? start);
    this.#updateHosts();
    this.#say(at < 0 ? t('search.none', text) : history[found] ?? t('search', text), at < 0);
  }

  #endSearch() {
    if (!this.#search) return;
    this.#search = null;
    this.#updateHosts();
  }

  /** @param {string} text */
  #setInput(text) {
    const { draft, host } = pageShells();
    this.#input.value = draft[host] = text;
    this.#pasted = false;
    this.#grow();
    this.#input.setSelectionRange(text.length, text.length);
  }

  /** @param {number} step */
  #recall(step) {
    const { shells, host } = pageShells();
    const { history } = shells[host];
    const to = Math.max(0, Math.min(history.length, this.#historyIndex + step));
    if (to === this.#historyIndex) return;
    this.#historyIndex = to;
    this.#setInput(to ? history[history.length - to] : '');
  }

  /** Completes the word before the cursor. @returns {boolean} false if nothing can be completed */
  #complete() {
    const { shells, host } = pageShells();
    const { value, selectionStart } = this.#input;
    const before = value.slice(0, selectionStart);
    if (!before.trim()) return false;
    const found = shells[host].complete(before);
    if (!found.length) {
      this.#say(t('completions.none'));
      return false;
    }
    const whole = completed(before, found);
    // A second Tab that would only list the same again moves the focus on.
    if (whole === before && this.#listed === before) return false;
    this.#listed = whole;
    if (whole !== before) {
      this.#setInput(whole + value.slice(selectionStart));
      this.#input.setSelectionRange(whole.length, whole.length);
    }
    const shown = found.slice(0, 40).map((it) => it.replace(/^.*\/(?=.)/, '')).join('  ') + (found.length > 40 ? ' …' : '');
    this.#say(t('completions', shown), found.length > 1);
    return true;
  }

  /** @param {KeyboardEvent} event @param {HostName} host */
  #onTabKey({ key }, host) {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    const other = host === 'cli' ? 'test' : 'cli';
    showHost(other);
    this.#tabs[HOSTS.indexOf(other)].focus();
  }
}

/** @param {import('./shell-host.js').Item} item */
function itemView(item) {
  if ('elsewhere' in item) {
    return h('li', null, h('button', { type: 'button', class: 'quiet small', onclick: () => showHost(item.elsewhere) }, t('elsewhere', item.count, `${item.elsewhere}_instance`)));
  }
  const pieces = item.output.flatMap(({ stream, text }) =>
    stream === 'note'
      ? [h('span', { class: 'imds-shell-note' }, h('span', { class: 'visually-hidden' }, t('note')), prose(text.trimEnd()))]
      : folded(text, `imds-shell-${stream}`));
  return h('li', null,
    h('pre', { class: 'imds-shell-command' }, h('span', { class: 'imds-shell-prompt' }, item.prompt), item.text),
    pieces.length ? h('pre', { class: 'imds-shell-output' }, pieces) : null,
    item.omitted ? h('p', { class: 'small muted' }, t('omitted', item.omitted)) : null,
    item.exchanges.length ? h('p', { class: 'imds-shell-exchanges small' }, item.exchanges.slice(0, 20).map(link), item.exchanges.length > 20 ? ` … ${item.exchanges.length}` : null) : null);
}

/** Output, of which the later lines are hidden if it is long. @param {string} text @param {string} name */
function folded(text, name) {
  const lines = text.split('\n');
  if (lines.length <= FOLD) return [h('span', { class: name }, text)];
  const rest = h('span', { class: name, hidden: true }, lines.slice(SHOWN).join('\n'));
  const more = lines.length - SHOWN - 1;
  const button = h('button', { type: 'button', class: 'imds-shell-fold quiet small', 'aria-expanded': 'false', onclick: () => {
    rest.hidden = !rest.hidden;
    button.setAttribute('aria-expanded', `${!rest.hidden}`);
    button.textContent = rest.hidden ? t('fold.more', more) : t('fold.less');
  } }, t('fold.more', more));
  return [h('span', { class: name }, `${lines.slice(0, SHOWN).join('\n')}\n`), rest, button];
}

/**
 * A link from a command to its exchange in the playground.
 * @param {import('../session.js').Entry} entry
 */
const link = (entry) => {
  const { n, exchange } = entry;
  return h('a', { href: '#/playground', title: t('exchange.open'), onclick: () => app.store.set({ selected: n }) },
    t('exchange', nameOf(entry), exchange?.response ? `${exchange.status} ${exchange.rule}` : t('exchange.silent')));
};

customElements.define('imds-shell', ShellView);
