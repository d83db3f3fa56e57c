// @ts-check
// <imds-exchange>: a request, editable in four formats, and its response beside it. Before Send the
// response is a preview.

import { fromHex, fromRaw, headerOf, parts, toCurl, toHex, toPrintf, toRaw, withHeader, withLine } from '../compose.js';
import { choice, copyButton, field, h } from '../dom.js';
import { latin1, readResponse, tables } from '../engine.js';
import { nameOf } from '../names.js';
import { GET, PUT } from '../requests.js';
import { MAX_REQUEST, MODES } from '../store.js';
import { TOKEN, TTL, validToken } from '../turns.js';
import { app, formatTime, messageOf, t, View } from '../view.js';
import { edit, selectedInstance, send, shown } from './shown.js';
import { tt } from './strings.js';

const PATHS = ['/latest/meta-data/', '/latest/meta-data/instance-id', '/latest/meta-data/iam/security-credentials/', '/latest/dynamic/instance-identity/document', '/latest/user-data', '/latest/api/token'];

/** @param {import('../session.js').Entry} entry */
export const kindOf = ({ exchange }) => (!exchange?.response ? 'warn' : exchange.status === 200 ? 'ok' : 'bad');
/** @param {import('../session.js').Entry} entry */
export const statusOf = ({ exchange }) => (exchange?.response ? `${exchange.status}` : t('timeout'));

class Exchange extends View {
  /** @type {Record<string, any>} */ #tabs = {};
  /** @type {Record<string, any>} */ #panels = {};
  #method = choice(['GET', 'PUT', 'HEAD', 'OPTIONS', 'POST', 'DELETE'].map((it) => [it, it]), { class: 'mono', 'aria-label': tt('method'), onchange: () => edit((it) => withLine(it, { method: this.#method.value })) });
  #path = h('input', { class: 'mono', list: 'paths', autocomplete: 'off', autocapitalize: 'off', spellcheck: false, 'aria-label': tt('path'), oninput: () => edit((it) => withLine(it, { path: this.#path.value })) });
  #token = h('select', { class: 'mono', onchange: () => edit((it) => withHeader(it, TOKEN, this.#token.value || null)) });
  #ttl = h('input', { inputMode: 'numeric', autocomplete: 'off', oninput: () => edit((it) => withHeader(it, TTL, this.#ttl.value || null)) });
  #forwarded = h('input', { autocomplete: 'off', placeholder: '–', oninput: () => edit((it) => withHeader(it, 'X-Forwarded-For', this.#forwarded.value || null)) });
  #area = /** @type {Record<string, any>} */ ({});
  #error = h('p', { class: 'bad small imds-exchange-error', role: 'alert' });
  #status = h('p', { class: 'visually-hidden', role: 'status' });
  #hex = h('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick: () => app.store.set({ hex: !app.store.state.hex }) }, t('hex'));
  #code = h('strong', { class: 'imds-exchange-status' });
  #badge = h('span', { class: 'imds-exchange-badge' });
  #meta = h('span', { class: 'small muted' });
  #withToken = h('button', { type: 'button', class: 'chip', onclick: () => this.#sendWithToken() });
  /** @type {any} */ #request;
  /** @type {any} */ #response;
  /** The format whose text is not a valid request. @type {string | null} */ #invalid = null;
  /** The tokens in the select. @type {any} */ #listed;
  /** The last announced exchange. */ #announced = 0;

  build() {
    for (const mode of MODES.slice(1)) {
      this.#area[mode] = h('textarea', { rows: mode === 'curl' ? 3 : 7, spellcheck: false, autocapitalize: 'off', 'aria-label': t(`mode.${mode}`), oninput: (/** @type {any} */ event) => this.#typed(mode, event.inputType === 'insertFromPaste') });
    }
    this.#panels = {
      path: h('div', { class: 'imds-exchange-fields' }, field(t('token'), this.#token), field(t('ttl'), this.#ttl), field('X-Forwarded-For', this.#forwarded)),
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
    const preset = (/** @type {string} */ label, /** @type {string} */ request) => h('button', { type: 'button', class: 'chip', onclick: () => this.send(request) }, label);
    this.#request = h('imds-bytes');
    this.#response = h('imds-bytes');
    this.#request.addEventListener('rule', (/** @type {any} */ { detail }) => this.dispatchEvent(new CustomEvent('open-rule', { detail, bubbles: true })));
    this.addEventListener('keydown', (event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && this.send());
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.send();
    };
    const body = () => latin1(readResponse(shown().exchange)?.body ?? new Uint8Array());
    return [
      h('form', { class: 'imds-exchange-bar', onsubmit }, this.#method, this.#path, h('button', { class: 'primary', title: 'Ctrl + Enter' }, t('send')),
        h('div', { class: 'row imds-exchange-presets', role: 'group', 'aria-label': tt('presets') }, preset(tt('preset.v1'), GET), preset(tt('preset.token'), PUT), this.#withToken), this.#error),
      h('section', { class: 'card imds-exchange-request', 'aria-label': t('request') },
        h('div', { class: 'imds-exchange-head' }, h('h2', null, t('request')), h('div', { role: 'tablist', class: 'row', 'aria-label': t('compose'), onkeydown: onArrow }, MODES.map((mode) => this.#tabs[mode]))),
        MODES.map((mode) => this.#panels[mode]), this.#request),
      h('section', { class: 'card imds-exchange-response', 'aria-label': t('response') },
        h('div', { class: 'imds-exchange-head' }, h('h2', null, t('response')), this.#code, this.#badge, h('span', { class: 'row imds-exchange-tools' }, copyButton(body, tt('copy.response'), t('copied')), this.#hex)),
        this.#meta, this.#response),
      this.#status,
      h('datalist', { id: 'paths' }, PATHS.map((value) => h('option', { value }))),
    ];
  }

  /** @param {string} [request] */
  send(request) {
    // The last valid request is not what the text shows.
    if (request === undefined && this.#invalid === app.store.state.mode) return this.#area[this.#invalid].focus();
    this.#fail(null);
    try {
      send(request);
    } catch (error) {
      this.#error.textContent = messageOf(error);
    }
  }

  /** Sends GET with a valid token; requests one if there is none. */
  #sendWithToken() {
    const { id } = selectedInstance();
    app.session.together(() => {
      if (!validToken(app.session, id)) send(PUT);
      this.send(withHeader(GET, TOKEN, validToken(app.session, id)?.token ?? ''));
    });
  }

  /**
   * Shows an error, and keeps the text of `mode` from being sent.
   * @param {string | null} mode @param {...any} message
   */
  #fail(mode, ...message) {
    this.#invalid = mode;
    this.#error.replaceChildren(...message);
  }

  /** Marks the parts of the request that a rule looks at. @param {string} rule @param {string} kind */
  mark(rule, kind) {
    this.#request.mark(rule, kind);
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

  /** @param {string} mode @param {boolean} pasted */
  async #typed(mode, pasted) {
    const { value } = this.#area[mode];
    try {
      if (mode === 'curl' && (await import('../single-command.js')).needsShell(value)) return this.#openTerminal(value, pasted);
      const request = mode === 'raw' ? fromRaw(value) : mode === 'hex' ? fromHex(value) : (await import('../shell/request.js')).fromCurl(value);
      if (request === null) return this.#fail(mode, t(`invalid.${mode}`));
      if (request.length > MAX_REQUEST) return this.#fail(mode, tt('too-long', request.length.toLocaleString('en'), MAX_REQUEST.toLocaleString('en')));
      this.#fail(null);
      edit(() => request);
    } catch (error) {
      this.#fail(mode, messageOf(error));
    }
  }

  /**
   * Only the terminal runs several commands, variables and substitutions.
   * @param {string} text @param {boolean} pasted opens it at once
   */
  async #openTerminal(text, pasted) {
    const open = async () => (await import('../shell/open.js')).openTerminal(text.trim(), selectedInstance()?.id === app.session.hosts.test?.id ? 'test' : 'cli');
    this.#fail('curl', tt('many-commands'), ' ', h('button', { type: 'button', onclick: open }, tt('open-terminal')));
    if (!pasted) return;
    this.#area.curl.blur();
    this.#fail(null);
    await open();
    this.update();
  }

  update() {
    const { request, mode, hex } = app.store.state;
    // Other formats show the last valid request.
    if (this.#invalid && this.#invalid !== mode) this.#fail(null);
    for (const it of MODES) {
      this.#tabs[it].setAttribute('aria-selected', `${it === mode}`);
      this.#tabs[it].tabIndex = it === mode ? 0 : -1;
      this.#panels[it].hidden = it !== mode;
    }
    const { method, path } = parts(request);
    if (![...this.#method.options].some(({ value }) => value === method)) this.#method.append(h('option', { value: method }, method));
    this.#method.value = method;
    put(this.#path, path);
    put(this.#ttl, headerOf(request, TTL) ?? '');
    put(this.#forwarded, headerOf(request, 'X-Forwarded-For') ?? '');
    const token = headerOf(request, TOKEN);
    this.#listTokens(app.session.tokens, token);
    this.#token.value = token ?? '';
    if (this.#invalid !== mode) {
      if (mode === 'raw') put(this.#area.raw, toRaw(request), fromRaw);
      if (mode === 'hex') put(this.#area.hex, toHex(request), fromHex);
      if (mode === 'curl') put(this.#area.curl, toCurl(request) ?? `# ${t('curl.cannot')}\n${toPrintf(request)}`, () => null);
    }
    const [newest] = app.session.tokens;
    this.#withToken.textContent = newest ? tt('preset.v2', newest.n) : tt('preset.v2.none');
    this.#show(shown(), hex);
  }

  /** @param {import('../session.js').Entry} entry @param {boolean} hex */
  #show(entry, hex) {
    const { exchange } = entry;
    const response = readResponse(exchange);
    const reason = tables().statuses.find(({ code }) => code === exchange?.status)?.reason ?? '';
    this.#code.textContent = response ? `${exchange?.status} ${reason}` : t('timeout');
    this.#code.className = `imds-exchange-status ${kindOf(entry)}`;
    this.#badge.textContent = entry.preview ? tt('preview') : `#${entry.n}`;
    this.#badge.title = entry.preview ? tt('preview.hint') : nameOf(entry);
    this.#badge.classList.toggle('preview', !!entry.preview);
    const version = response && exchange?.response ? latin1(exchange.response.subarray(0, 8)) : '';
    this.#meta.textContent = [
      response ? tt('response.meta', version, response.body.length.toLocaleString('en')) : '',
      exchange?.hopLimit ? tt('response.hop-limit', exchange.hopLimit) : '',
      entry.preview ? tt('preview.hint') : tt('sent', formatTime(entry.at).slice(11)),
    ].filter(Boolean).join(' · ');
    this.#hex.setAttribute('aria-pressed', `${hex}`);
    this.#request.show(entry, 'request', hex);
    this.#response.dataset.status = kindOf(entry);
    this.#response.show(entry, 'response', hex);
    this.mark(exchange?.rule ?? '', exchange?.status === 200 ? 'ok' : 'bad');
    if (!entry.preview && entry.n !== this.#announced) {
      this.#announced = entry.n;
      this.#status.textContent = t('exchange.status', entry.n, statusOf(entry), exchange?.rule ?? '');
    }
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

customElements.define('imds-exchange', Exchange);
