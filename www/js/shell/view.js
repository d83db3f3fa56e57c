// @ts-check
// <imds-shell>: the transcripts of both hosts and an input. Transcripts are ordinary text that can
// be searched and copied.

import { h } from '../dom.js';
import { app } from '../view.js';
import { onShells, pageShells, runOn, showHost, t } from './shell-host.js';
import { isUnfinished } from './paste.js';

/** @typedef {import('./shell-host.js').HostName} HostName */
/** Converts text in backquotes to `<code>`. @param {string} text */
export const prose = (text) => text.split('`').map((piece, at) => (at % 2 ? h('code', null, piece) : piece));
const HOSTS = /** @type {const} */ (['cli', 'test']);

class ShellView extends HTMLElement {
  #tabs = HOSTS.map((host) =>
    h('button', { type: 'button', role: 'tab', id: `shell-tab-${host}`, 'aria-controls': 'shell-panel', onclick: () => showHost(host), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onTabKey(event, host) }));
  #list = h('ol');
  #log = h('div', { class: 'imds-shell-log', role: 'log', tabIndex: 0 }, this.#list);
  #status = h('p', { class: 'visually-hidden', role: 'status' });
  #prompt = h('label', { class: 'imds-shell-prompt', htmlFor: 'shell-input' });
  #input = h('textarea', {
    id: 'shell-input', rows: 1, spellcheck: false, autocapitalize: 'off', autocomplete: 'off', 'aria-describedby': 'shell-hint',
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event), oninput: () => this.#typed(),
  });
  #panel = h('div', { role: 'tabpanel', id: 'shell-panel', class: 'imds-shell-panel' });
  /** The position in the history; 0 is the line being typed. */
  #historyIndex = 0;
  /** @type {() => void} */ #unsubscribe = () => {};
  /** @type {import('./shell.js').Block[]} */ #rendered = [];

  connectedCallback() {
    if (!this.childElementCount) {
      const form = h('form', { class: 'imds-shell-form', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#run(); } },
        this.#prompt, this.#input, h('button', { class: 'primary' }, t('run')));
      this.#panel.append(this.#log, form, h('p', { class: 'small muted', id: 'shell-hint' }, t('hint')));
      this.append(h('div', { role: 'tablist', class: 'row', 'aria-label': t('tabs') }, this.#tabs), this.#panel, this.#status);
    }
    const ends = [onShells(() => this.update()), app.session.subscribe(() => this.#updateHosts())];
    this.#unsubscribe = () => ends.forEach((end) => end());
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
    this.#prompt.textContent = shells[host].prompt;
  }

  update() {
    const { blocks, draft, host } = pageShells();
    this.#updateHosts();
    const name = `${host}_instance`;
    this.#panel.setAttribute('aria-labelledby', `shell-tab-${host}`);
    this.#log.setAttribute('aria-label', t('log', name));
    this.#input.setAttribute('aria-label', t('input', name));
    if (this.#input.value !== draft[host]) {
      this.#input.value = draft[host];
      this.#grow();
    }
    const list = blocks[host];
    // Only new blocks are added, so that screen readers announce only those.
    const kept = this.#rendered.length && this.#rendered.every((block, at) => list[at] === block) ? this.#rendered.length : 0;
    if (!kept) this.#list.replaceChildren(...(list.length ? [] : [h('li', { class: 'muted' }, prose(t('empty')))]));
    this.#list.append(...list.slice(kept).map(blockView));
    this.#rendered = [...list];
    // Scroll to the end, but keep the start of the last block visible.
    const last = this.#list.lastElementChild;
    this.#log.scrollTop = Math.min(this.#log.scrollHeight, last.offsetTop);
  }

  async #run() {
    const { draft, host } = pageShells();
    const text = this.#input.value;
    if (!text.trim()) return;
    draft[host] = '';
    this.#historyIndex = 0;
    const { blocks } = await runOn(host, text);
    const last = blocks.at(-1);
    if (!last) return;
    const lines = last.output.map((it) => it.text).join('').split('\n').length - 1;
    this.#status.textContent = last.exit ? t('failed', last.text.split('\n')[0], last.exit) : t('done', last.text.split('\n')[0], lines);
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
    if (key === 'Enter' && !shiftKey && !isUnfinished(value)) this.#run();
    else if (key === 'ArrowUp' && !value.slice(0, selectionStart).includes('\n')) this.#recall(1);
    else if (key === 'ArrowDown' && !value.slice(selectionEnd).includes('\n')) this.#recall(-1);
    else if (ctrlKey && key === ' ') this.#complete();
    else if (ctrlKey && key === 'l') {
      blocks[host].splice(0);
      this.update();
    } else if (ctrlKey && key === 'c' && selectionStart === selectionEnd) this.#setInput('');
    else return;
    event.preventDefault();
  }

  /** @param {string} text */
  #setInput(text) {
    this.#input.value = text;
    this.#typed();
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
      this.#setInput(whole + value.slice(selectionStart));
      this.#input.setSelectionRange(whole.length, whole.length);
    }
    this.#status.textContent = found.length ? t('completions', found.join(', ')) : t('completions.none');
    this.#status.classList.toggle('visually-hidden', found.length === 1 || (found.length > 1 && common.length > word.length));
  }

  /** @param {KeyboardEvent} event @param {HostName} host */
  #onTabKey({ key }, host) {
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
    block.omitted ? h('p', { class: 'small muted' }, t('omitted', block.omitted)) : null,
    block.exchanges.length ? h('p', { class: 'imds-shell-exchanges small' }, block.exchanges.map(link)) : null);
}

/**
 * A link from a command to its exchange in the playground.
 * @param {import('../session.js').Entry} entry
 */
const link = ({ n, exchange }) =>
  h('a', { href: '#/playground', title: t('exchange.open'), onclick: () => app.store.set({ selected: n }) },
    t('exchange', n, exchange?.response ? `${exchange.status} ${exchange.rule}` : t('exchange.silent')));

customElements.define('imds-shell', ShellView);
