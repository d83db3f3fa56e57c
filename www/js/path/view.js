// @ts-check
// <imds-path>: the editable network path to the service, requests to send over it, and the picture
// of the selected exchange.

import { withHeader } from '../compose.js';
import { field, h } from '../dom.js';
import { t } from '../lab/strings.js';
import { nameOf } from '../names.js';
import { GET, PUT } from '../requests.js';
import { app, messageOf, selectedEntry, View } from '../view.js';
import { selectedInstance } from '../views/instance.js';
import './picture.js';
import './stages.js';
import { stagesOf } from './simulate.js';

const TOKEN = 'X-aws-ec2-metadata-token';
const PRESETS = /** @type {Record<string, string[]>} */ ({ host: [], container: ['bridge'], nested: ['bridge', 'router'], nginx: ['nginx'], squid: ['squid'], waf: ['alb', 'waf'], forwarder: ['forwarder'] });

class Path extends View {
  #limit = h('input', { type: 'number', min: 1, max: 64, onchange: () => this.#modify() });
  #limitState = h('p', { class: 'small muted', role: 'status' });
  #error = h('p', { class: 'bad small', role: 'alert' });
  #presets = Object.keys(PRESETS).map((name) => h('button', { type: 'button', onclick: () => app.store.set({ stages: PRESETS[name].map((kind) => ({ kind })) }) }, t(`preset.${name}`)));
  #withToken = h('button', { type: 'button', onclick: () => this.#send(withHeader(GET, TOKEN, app.session.tokens[0]?.token ?? '')) }, t('send.session'));
  #status = h('p', { role: 'status' });
  /** @type {any} */ #picture;
  #justSent = false;
  /** @type {{ key: string, entry: import('../session.js').Entry } | undefined} */ #previewed;

  build() {
    this.#picture = h('imds-picture');
    const send = (/** @type {string} */ label, /** @type {() => string} */ make, primary = false) => h('button', { type: 'button', class: primary ? 'primary' : null, onclick: () => this.#send(make()) }, t(label));
    return [
      h('h1', null, t('path')), h('p', null, t('path.lead')),
      h('div', { class: 'imds-path-columns' },
        h('div', { class: 'stack' },
          h('fieldset', null, h('legend', null, t('path.stages')), h('div', { class: 'row', role: 'group', 'aria-label': t('path.presets') }, this.#presets), h('imds-stages')),
          h('fieldset', null, h('legend', null, t('path.send')), h('div', { class: 'row' }, send('send.put', () => PUT, true), send('send.get', () => GET), this.#withToken, send('send.playground', () => app.store.state.request))),
          h('fieldset', null, h('legend', null, t('path.limit')), field('HttpPutResponseHopLimit', this.#limit), this.#limitState), this.#error,
          h('p', { class: 'small muted' }, t('path.note'))),
        h('div', null, this.#status, this.#picture)),
    ];
  }

  update() {
    const current = stagesOf(app.store.state.stages).map(({ kind }) => kind).join();
    Object.values(PRESETS).forEach((kinds, at) => this.#presets[at].setAttribute('aria-pressed', `${kinds.join() === current}`));
    const instance = selectedInstance();
    this.#limit.value = instance.options.http_put_response_hop_limit;
    this.#limitState.textContent = instance.options.state === 'pending' ? t('limit.pending', app.session.activeOptions(instance.id).http_put_response_hop_limit) : t('limit.applied');
    this.#withToken.disabled = !app.session.tokens.length;
    const entry = selectedEntry();
    this.#status.textContent = entry ? t('path.of', nameOf(entry)) : t('path.none');
    this.#picture.show(entry ?? this.#preview(instance.id), this.#justSent);
    this.#justSent = false;
  }

  /** The path of a token request that is not sent, until the first request. @param {string} instance */
  #preview(instance) {
    const stages = stagesOf(app.store.state.stages);
    const key = JSON.stringify([instance, stages, app.session.activeOptions(instance), app.session.now()]);
    if (this.#previewed?.key !== key) this.#previewed = { key, entry: app.session.preview(PUT, { instance, ...(stages.length ? { stages } : {}) }) };
    return this.#previewed.entry;
  }

  #modify() {
    this.#try(() => app.session.imds.modify({ http_put_response_hop_limit: Number(this.#limit.value) }, { instance: selectedInstance().id }));
  }

  /** @param {string} request */
  #send(request) {
    this.#try(() => {
      const stages = stagesOf(app.store.state.stages);
      app.store.set({ selected: null });
      this.#justSent = true;
      app.session.send(request, { instance: selectedInstance().id, ...(stages.length ? { stages } : {}) });
    });
  }

  /** @param {() => void} body */
  #try(body) {
    this.#error.textContent = '';
    try {
      body();
    } catch (error) {
      this.#error.textContent = messageOf(error);
    }
  }
}

customElements.define('imds-path', Path);
