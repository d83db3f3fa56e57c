// @ts-check
// <imds-shell>: both hosts' transcripts, and one line to type in. A transcript, not a terminal: it is read, searched and copied
// like any text.

import { h } from '../dom.js';
import { app } from '../view.js';
import { onShells, pageShells, runOn, showHost, t } from './page.js';
import { goesOn } from './paste.js';

/** @typedef {import('./page.js').HostName} HostName */
/** A text in which backquotes mark code. @param {string} text */
export const prose = (text) => text.split('`').map((piece, at) => (at % 2 ? h('code', null, piece) : piece));
const HOSTS = /** @type {const} */ (['cli', 'test']);

class ShellView extends HTMLElement {
  #tabs = HOSTS.map((host) =>
    h('button', { type: 'button', role: 'tab', id: `shell-tab-${host}`, 'aria-controls': 'shell-panel', onclick: () => showHost(host), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#turn(event, host) }));
  #list = h('ol');
  #log = h('div', { class: 'imds-shell-log', role: 'log', tabIndex: 0 }, this.#list);
  #said = h('p', { class: 'visually-hidden', role: 'status' });
  #prompt = h('label', { class: 'imds-shell-prompt', htmlFor: 'shell-input' });
  #input = h('textarea', {
    id: 'shell-input', rows: 1, spellcheck: false, autocapitalize: 'off', autocomplete: 'off', 'aria-describedby': 'shell-hint',
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event), oninput: () => this.#typed(),
  });
  #panel = h('div', { role: 'tabpanel', id: 'shell-panel', class: 'imds-shell-panel' });
  /** Where ↑ and ↓ are in the history: 0 is what is being typed. */
  #back = 0;
  /** @type {() => void} */ #end = () => {};
  /** @type {import('./shell.js').Block[]} */ #shown = [];

  connectedCallback() {
    if (!this.childElementCount) {
      const form = h('form', { class: 'imds-shell-form', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#run(); } },
        this.#prompt, this.#input, h('button', { class: 'primary' }, t('run')));
      this.#panel.append(this.#log, form, h('p', { class: 'small muted', id: 'shell-hint' }, t('hint')));
      this.append(h('div', { role: 'tablist', class: 'row', 'aria-label': t('tabs') }, this.#tabs), this.#panel, this.#said);
    }
    const ends = [onShells(() => this.update()), app.world.subscribe(() => this.#name())];
    this.#end = () => ends.forEach((end) => end());
    this.update();
  }

  disconnectedCallback() {
    this.#end();
  }

  /** Puts a command where it can be read before it is run. @param {HostName} host @param {string} text */
  fill(host, text) {
    pageShells().draft[host] = text;
    showHost(host);
    this.#input.focus();
  }

  #name() {
    const { shells, host } = pageShells();
    HOSTS.forEach((it, at) => {
      const tab = this.#tabs[at];
      tab.textContent = `${it}_instance ${shells[it].hostname.slice(3).replaceAll('-', '.')}`;
      tab.setAttribute('aria-selected', `${it === host}`);
      tab.tabIndex = it === host ? 0 : -1;
    });
    this.#prompt.textContent = shells[host].prompt;
  }

  update() {
    const { blocks, draft, host } = pageShells();
    this.#name();
    const name = `${host}_instance`;
    this.#panel.setAttribute('aria-labelledby', `shell-tab-${host}`);
    this.#log.setAttribute('aria-label', t('log', name));
    this.#input.setAttribute('aria-label', t('input', name));
    if (this.#input.value !== draft[host]) {
      this.#input.value = draft[host];
      this.#grow();
    }
    const list = blocks[host];
    // Only what is new is added, so that only that is read out.
    const kept = this.#shown.length && this.#shown.every((block, at) => list[at] === block) ? this.#shown.length : 0;
    if (!kept) this.#list.replaceChildren(...(list.length ? [] : [h('li', { class: 'muted' }, prose(t('empty')))]));
    this.#list.append(...list.slice(kept).map(blockView));
    this.#shown = [...list];
    // The end, but not past the beginning of what is new.
    const last = this.#list.lastElementChild;
    this.#log.scrollTop = Math.min(this.#log.scrollHeight, last.offsetTop);
  }

  async #run() {
    const { draft, host } = pageShells();
    const text = this.#input.value;
    if (!text.trim()) return;
    draft[host] = '';
    this.#back = 0;
    const { blocks } = await runOn(host, text);
    const last = blocks.at(-1);
    if (!last) return;
    const lines = last.output.map((it) => it.text).join('').split('\n').length - 1;
    this.#said.textContent = last.exit ? t('failed', last.text.split('\n')[0], last.exit) : t('done', last.text.split('\n')[0], lines);
    this.dispatchEvent(new CustomEvent('ran', { bubbles: true }));
  }

  #typed() {
    const { draft, host } = pageShells();
    draft[host] = this.#input.value;
    this.#grow();
  }

  #grow() {
    this.#input.rows = Math.min(12, this.#input.value.split('\n').length);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, ctrlKey, shiftKey, isComposing } = event;
    const { value, selectionStart, selectionEnd } = this.#input;
    const { blocks, host } = pageShells();
    if (isComposing) return;
    if (key === 'Enter' && !shiftKey && !goesOn(value)) this.#run();
    else if (key === 'ArrowUp' && !value.slice(0, selectionStart).includes('\n')) this.#recall(1);
    else if (key === 'ArrowDown' && !value.slice(selectionEnd).includes('\n')) this.#recall(-1);
    else if (ctrlKey && key === ' ') this.#complete();
    else if (ctrlKey && key === 'l') {
      blocks[host].splice(0);
      this.update();
    } else if (ctrlKey && key === 'c' && selectionStart === selectionEnd) this.#put('');
    else return;
    event.preventDefault();
  }

  /** @param {string} text */
  #put(text) {
    this.#input.value = text;
    this.#typed();
    this.#input.setSelectionRange(text.length, text.length);
  }

  /** @param {number} step */
  #recall(step) {
    const { shells, host } = pageShells();
    const { history } = shells[host];
    const to = Math.max(0, Math.min(history.length, this.#back + step));
    if (to === this.#back) return;
    this.#back = to;
    this.#put(to ? history[history.length - to] : '');
  }

  #complete() {
    const { shells, host } = pageShells();
    const { value, selectionStart } = this.#input;
    const before = value.slice(0, selectionStart);
    const found = shells[host].complete(before);
    const word = /\S*$/.exec(before)?.[0] ?? '';
    let common = found[0] ?? '';
    for (const it of found) while (!it.startsWith(common)) common = common.slice(0, -1);
    if (common.length > word.length) {
      const whole = before + common.slice(word.length) + (found.length === 1 ? ' ' : '');
      this.#put(whole + value.slice(selectionStart));
      this.#input.setSelectionRange(whole.length, whole.length);
    }
    this.#said.textContent = found.length ? t('completions', found.join(', ')) : t('completions.none');
    this.#said.classList.toggle('visually-hidden', found.length === 1 || (found.length > 1 && common.length > word.length));
  }

  /** @param {KeyboardEvent} event @param {HostName} host */
  #turn({ key }, host) {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    const other = host === 'cli' ? 'test' : 'cli';
    showHost(other);
    this.#tabs[HOSTS.indexOf(other)].focus();
  }
}

/** @param {import('./shell.js').Block} block */
function blockView(block) {
  const pieces = block.output.map(({ stream, text }) =>
    stream === 'note'
      ? h('span', { class: 'imds-shell-note' }, h('span', { class: 'visually-hidden' }, t('note')), prose(text.trimEnd()))
      : h('span', { class: `imds-shell-${stream}` }, text));
  return h('li', null,
    h('pre', { class: 'imds-shell-command' }, h('span', { class: 'imds-shell-prompt' }, block.prompt), block.text),
    pieces.length ? h('pre', { class: 'imds-shell-output' }, pieces) : null,
    block.left ? h('p', { class: 'small muted' }, t('left', block.left)) : null,
    block.exchanges.length ? h('p', { class: 'imds-shell-exchanges small' }, block.exchanges.map(link)) : null);
}

/** From a command to the bytes that it sent, and the rule that decided. @param {import('../world.js').Entry} entry */
const link = ({ n, exchange }) =>
  h('a', { href: '#/playground', title: t('exchange.open'), onclick: () => app.store.set({ selected: n }) },
    t('exchange', n, exchange?.response ? `${exchange.status} ${exchange.rule}` : t('exchange.silent')));

customElements.define('imds-shell', ShellView);
