// @ts-check
// <imds-path>: the way to the service with what lies on it, requests to send over it, and the picture of the last one.

import { withField } from '../compose.js';
import { field, h } from '../dom.js';
import { t } from '../lab/words.js';
import { GET, PUT } from '../store.js';
import { app, reason, shown, View } from '../view.js';
import { chosen } from '../views/instance.js';
import './picture.js';
import './stages.js';
import { stagesOf } from './travel.js';

const TOKEN = 'X-aws-ec2-metadata-token';
const WAYS = /** @type {Record<string, string[]>} */ ({ host: [], container: ['bridge'], nested: ['bridge', 'router'], nginx: ['nginx'], squid: ['squid'], waf: ['alb', 'waf'], forwarder: ['forwarder'] });

class Path extends View {
  #limit = h('input', { type: 'number', min: 1, max: 64, onchange: () => this.#modify() });
  #rules = h('p', { class: 'small muted', role: 'status' });
  #wrong = h('p', { class: 'bad small', role: 'alert' });
  #ways = Object.keys(WAYS).map((way) => h('button', { type: 'button', onclick: () => app.store.set({ stages: WAYS[way].map((kind) => ({ kind })) }) }, t(`way.${way}`)));
  #sessions = h('button', { type: 'button', onclick: () => this.#send(withField(GET, TOKEN, app.world.tokens[0]?.token ?? '')) }, t('send.session'));
  #said = h('p', { role: 'status' });
  /** @type {any} */ #picture;
  #sent = false;

  build() {
    this.#picture = h('imds-picture');
    const send = (/** @type {string} */ words, /** @type {() => string} */ make, primary = false) => h('button', { type: 'button', class: primary ? 'primary' : null, onclick: () => this.#send(make()) }, t(words));
    return [
      h('h1', null, t('path')), h('p', null, t('path.lead')),
      h('div', { class: 'imds-path-columns' },
        h('div', { class: 'stack' },
          h('fieldset', null, h('legend', null, t('path.way')), h('div', { class: 'row', role: 'group', 'aria-label': t('path.ways') }, this.#ways), h('imds-stages')),
          h('fieldset', null, h('legend', null, t('path.send')), h('div', { class: 'row' }, send('send.put', () => PUT, true), send('send.get', () => GET), this.#sessions, send('send.own', () => app.store.state.request))),
          h('fieldset', null, h('legend', null, t('path.limit')), field('HttpPutResponseHopLimit', this.#limit), this.#rules), this.#wrong,
          h('p', { class: 'small muted' }, t('path.note'))),
        h('div', null, this.#said, this.#picture)),
    ];
  }

  update() {
    const now = stagesOf(app.store.state.stages).map(({ kind }) => kind).join();
    Object.values(WAYS).forEach((kinds, at) => this.#ways[at].setAttribute('aria-pressed', `${kinds.join() === now}`));
    const instance = chosen();
    this.#limit.value = instance.options.http_put_response_hop_limit;
    this.#rules.textContent = instance.options.state === 'pending' ? t('limit.pending', app.world.inForce(instance.id).http_put_response_hop_limit) : t('limit.applied');
    this.#sessions.disabled = !app.world.tokens.length;
    const entry = shown();
    this.#said.textContent = entry ? t('path.of', entry.n) : t('path.none');
    this.#picture.show(entry, this.#sent);
    this.#sent = false;
  }

  #modify() {
    this.#try(() => app.world.imds.modify({ http_put_response_hop_limit: Number(this.#limit.value) }, { instance: chosen().id }));
  }

  /** @param {string} request */
  #send(request) {
    this.#try(() => {
      const stages = stagesOf(app.store.state.stages);
      app.store.set({ selected: null });
      this.#sent = true;
      app.world.send(request, { instance: chosen().id, ...(stages.length ? { stages } : {}) });
    });
  }

  /** @param {() => void} body */
  #try(body) {
    this.#wrong.textContent = '';
    try {
      body();
    } catch (error) {
      this.#wrong.textContent = reason(error);
    }
  }
}

customElements.define('imds-path', Path);
