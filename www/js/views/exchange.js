// @ts-check
// <imds-exchange>: an editor with four synchronized formats of the request, the list of exchanges,
// and the bytes of the selected exchange.

import { headerOf, fromHex, fromRaw, parts, toCurl, toHex, toPrintf, toRaw, withHeader, withLine } from '../compose.js';
import { choice, field, h } from '../dom.js';
import { latin1 } from '../engine.js';
import { GET, MODES, PUT } from '../store.js';
import { app, messageOf, selectedEntry, formatTime, t, View } from '../view.js';
import { selectedInstance } from './instance.js';

const TOKEN = 'X-aws-ec2-metadata-token';
const TTL = 'X-aws-ec2-metadata-token-ttl-seconds';

class Exchange extends View {
  /** @type {Record<string, any>} */ #tabs = {};
  /** @type {Record<string, any>} */ #panels = {};
  #method = choice(['GET', 'PUT', 'HEAD', 'OPTIONS', 'POST', 'DELETE'].map((it) => [it, it]), { onchange: () => this.#edit((it) => withLine(it, { method: this.#method.value })) });
  #path = h('input', { class: 'mono', list: 'paths', autocomplete: 'off', spellcheck: false, oninput: () => this.#edit((it) => withLine(it, { path: this.#path.value })) });
  #token = h('select', { class: 'mono', onchange: () => this.#edit((it) => withHeader(it, TOKEN, this.#token.value || null)) });
  #ttl = h('input', { inputMode: 'numeric', autocomplete: 'off', oninput: () => this.#edit((it) => withHeader(it, TTL, this.#ttl.value || null)) });
  #forwarded = h('input', { autocomplete: 'off', placeholder: '–', oninput: () => this.#edit((it) => withHeader(it, 'X-Forwarded-For', this.#forwarded.value || null)) });
  #area = /** @type {Record<string, any>} */ ({});
  #error = h('p', { class: 'bad small', role: 'alert' });
  #list = h('ol', { class: 'imds-exchange-list', 'aria-label': t('transcript') });
  #status = h('p', { class: 'visually-hidden', role: 'status' });
  #hex = h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => app.store.set({ hex: !app.store.state.hex }) }, t('hex'));
  #head = h('div', { class: 'row imds-exchange-wire-head' }, h('h3', null, t('wire')), this.#hex);
  #none = h('p', { class: 'muted' }, t('transcript.none'));
  /** @type {any} */ #wire;
  /** The format whose text is not a valid request. @type {string | null} */ #invalid = null;
  /** The tokens in the select. @type {any} */ #listed;
  /** The list item of the selected exchange. @type {any} */ #current;

  build() {
    for (const mode of MODES.slice(1)) {
      this.#area[mode] = h('textarea', { rows: mode === 'curl' ? 3 : 7, spellcheck: false, autocapitalize: 'off', 'aria-label': t(`mode.${mode}`), oninput: () => this.#typed(mode) });
    }
    this.#panels = {
      path: h('div', { class: 'imds-exchange-path' }, field(t('method'), this.#method), field(t('path'), this.#path), field(t('token'), this.#token), field(t('ttl'), this.#ttl), field('X-Forwarded-For', this.#forwarded)),
      curl: this.#area.curl,
      raw: h('div', null, this.#area.raw, h('p', { class: 'small muted' }, t('raw.hint'))),
      hex: this.#area.hex,
    };
    for (const mode of MODES) {
      this.#tabs[mode] = h('button', { type: 'button', role: 'tab', id: `tab-${mode}`, 'aria-controls': `panel-${mode}`, onclick: () => app.store.set({ mode }) }, t(`mode.${mode}`));
      this.#panels[mode] = h('div', { role: 'tabpanel', id: `panel-${mode}`, 'aria-labelledby': `tab-${mode}` }, this.#panels[mode]);
    }
    const onArrow = (/** @type {KeyboardEvent} */ { key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key] ?? 0;
      if (!step) return;
      const mode = MODES[(MODES.indexOf(app.store.state.mode) + step + MODES.length) % MODES.length];
      app.store.set({ mode });
      this.#tabs[mode].focus();
    };
    const preset = (/** @type {string} */ label, /** @type {() => string} */ make) => h('button', { type: 'button', class: 'quiet', onclick: () => app.store.set({ request: make() }) }, t(label));
    this.#wire = h('imds-wire');
    return [
      h('h2', null, t('exchange')),
      h('form', { class: 'card stack', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.send(); }, onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && this.send() },
        h('div', { class: 'row' }, preset('preset.get', () => GET), preset('preset.put', () => PUT), preset('preset.session', () => withHeader(GET, TOKEN, app.session.tokens[0]?.token ?? ''))),
        h('div', { role: 'tablist', class: 'row', 'aria-label': t('compose'), onkeydown: onArrow }, MODES.map((mode) => this.#tabs[mode])),
        MODES.map((mode) => this.#panels[mode]),
        this.#error,
        h('div', { class: 'row' }, h('button', { class: 'primary' }, t('send')), h('span', { class: 'small muted' }, h('kbd', null, 'Ctrl'), ' + ', h('kbd', null, 'Enter')))),
      this.#status, this.#none, h('div', { class: 'imds-exchange-log' }, this.#list),
      this.#head,
      this.#wire,
      h('datalist', { id: 'paths' }, ['/latest/meta-data/', '/latest/meta-data/instance-id', '/latest/meta-data/iam/security-credentials/', '/latest/dynamic/instance-identity/document', '/latest/user-data', '/latest/api/token'].map((value) => h('option', { value }))),
    ];
  }

  send() {
    const { request, stages, throttled, mode } = app.store.state;
    // The last valid request is not what the text shows.
    if (this.#invalid === mode) return this.#area[mode].focus();
    this.#error.textContent = '';
    try {
      app.store.set({ selected: null });
      app.session.send(request, { instance: selectedInstance()?.id, ...(stages.length ? { stages: [...stages] } : {}), ...(throttled ? { throttled } : {}) });
    } catch (error) {
      this.#error.textContent = messageOf(error);
    }
  }

  /** @param {(request: string) => string} change */
  #edit(change) {
    app.store.set({ request: change(app.store.state.request) });
  }

  /**
   * Fills the select with the newest tokens and the request's own token.
   * @param {readonly import('../session.js').Token[]} tokens
   * @param {string | null} token
   */
  #listTokens(tokens, token) {
    if (tokens === this.#listed && [...this.#token.options].some(({ value }) => value === (token ?? ''))) return;
    this.#listed = tokens;
    const newest = tokens.slice(0, 20);
    const other = token && !newest.some((it) => it.token === token) ? [h('option', { value: token }, `${token.slice(0, 20)}…`)] : [];
    this.#token.replaceChildren(h('option', { value: '' }, t('token.no')), ...newest.map(({ n, token: it }) => h('option', { value: it }, `#${n} ${it.slice(0, 14)}…`)), ...other);
  }

  /** @param {string} mode */
  async #typed(mode) {
    const { value } = this.#area[mode];
    try {
      const request = mode === 'raw' ? fromRaw(value) : mode === 'hex' ? fromHex(value) : (await import('../shell/request.js')).fromCurl(value);
      this.#invalid = request === null ? mode : null;
      this.#error.textContent = request === null ? t(`invalid.${mode}`) : '';
      if (request !== null) app.store.set({ request });
    } catch (error) {
      this.#invalid = mode;
      this.#error.textContent = messageOf(error);
    }
  }

  update() {
    const { request, mode, hex } = app.store.state;
    // Other formats show the last valid request.
    if (this.#invalid && this.#invalid !== mode) {
      this.#invalid = null;
      this.#error.textContent = '';
    }
    const { exchanges, tokens } = app.session;
    for (const it of MODES) {
      this.#tabs[it].setAttribute('aria-selected', `${it === mode}`);
      this.#tabs[it].tabIndex = it === mode ? 0 : -1;
      this.#panels[it].hidden = it !== mode;
    }
    const { method, path } = parts(request);
    const token = headerOf(request, TOKEN);
    if (![...this.#method.options].some(({ value }) => value === method)) this.#method.append(h('option', { value: method }, method));
    this.#method.value = method;
    put(this.#path, path);
    put(this.#ttl, headerOf(request, TTL) ?? '');
    put(this.#forwarded, headerOf(request, 'X-Forwarded-For') ?? '');
    this.#listTokens(tokens, token);
    this.#token.value = token ?? '';
    if (mode === 'raw') put(this.#area.raw, toRaw(request), fromRaw);
    if (mode === 'hex') put(this.#area.hex, toHex(request), fromHex);
    if (mode === 'curl') put(this.#area.curl, toCurl(request) ?? `# ${t('curl.cannot')}\n${toPrintf(request)}`, () => null);
    const entry = selectedEntry();
    this.#none.hidden = exchanges.length > 0;
    const { children } = this.#list;
    // Items are reused; after a reset there are fewer exchanges, or other ones.
    while (children.length > exchanges.length || (children.length && /** @type {any} */ (children[children.length - 1]).entry !== exchanges[children.length - 1])) this.#list.lastChild.remove();
    for (let place = children.length; place < exchanges.length; place += 1) this.#list.append(line(exchanges[place]));
    const current = entry && children[entry.n - 1];
    if (current !== this.#current) {
      this.#current?.firstChild.removeAttribute('aria-current');
      current?.firstChild.setAttribute('aria-current', 'true');
      this.#current = current;
    }
    this.#hex.setAttribute('aria-pressed', `${hex}`);
    this.#head.hidden = !entry;
    this.#wire.show(entry, hex);
    const last = exchanges.at(-1);
    this.#status.textContent = last ? t('exchange.status', last.n, status(last), last.exchange?.rule ?? '') : '';
  }
}

/**
 * Sets the value of a control, unless the user is typing an equivalent or invalid value.
 * @param {any} control
 * @param {string} value
 * @param {(text: string) => string | null} [read]
 */
function put(control, value, read = (text) => text) {
  if (control.value === value) return;
  if (control === document.activeElement && (read(control.value) === read(value) || read(control.value) === null)) return;
  control.value = value;
}

/** @param {import('../session.js').Entry} entry */
export const status = ({ exchange }) => (exchange?.response ? `${exchange.status}` : t('timeout'));

/** @param {import('../session.js').Entry} entry */
function line(entry) {
  const { method, path } = parts(latin1(entry.request));
  const kind = !entry.exchange?.response ? 'warn' : entry.exchange.status === 200 ? 'ok' : 'bad';
  const item = h('li', null,
    h('button', { type: 'button', onclick: () => app.store.set({ selected: entry.n }) },
      h('span', { class: 'muted small' }, `#${entry.n}`), h('span', { class: 'mono request-line' }, `${method} ${path}`), h('span', { class: `mono ${kind}` }, status(entry)), h('span', { class: 'mono small muted' }, entry.exchange?.rule ?? ''), h('time', { class: 'small muted' }, formatTime(entry.at).slice(11))));
  item.entry = entry;
  return item;
}

customElements.define('imds-exchange', Exchange);
