// @ts-check
// <imds-path>: the way as a row of those who stand there, with what each did and what was left of the answer's TTL.

import { h } from '../dom.js';
import { latin1 } from '../engine.js';
import { words } from '../text.js';
import { app, View } from '../view.js';
import { chosen } from '../views/instance.js';
import '../views/why.js';
import { drawn } from '../views/wire.js';
import de from '../../strings/de/lab.js';
import en from '../../strings/en/lab.js';
import { STAGES } from './travel.js';

const t = words(en, de);
const HOST = 'HTTP/1.1\r\nHost: 169.254.169.254\r\n';
const same = (/** @type {any} */ a, /** @type {any} */ b) => JSON.stringify(a ?? []) === JSON.stringify(b);

class Path extends View {
  #way = h('ol', { class: 'imds-path-way', 'aria-label': t('way') });
  #end = h('p', { role: 'status', class: 'imds-path-end' });
  #bytes = h('pre', { class: 'card', tabIndex: 0, 'aria-label': t('bytes') });
  #session = h('button', { type: 'button', onclick: () => this.#send(`GET /latest/meta-data/ ${HOST}X-aws-ec2-metadata-token: ${this.#token}\r\n\r\n`) }, t('session'));
  #shown = h('section', { class: 'stack' }, h('h2', null, t('bytes')), this.#bytes, h('imds-why'));
  #token = '';

  build() {
    const { store } = app;
    const put = (/** @type {string} */ kind) => h('button', { type: 'button', title: t(`about.${kind}`), onclick: () => store.set({ stages: [...store.state.stages, { kind }] }) }, t(`kind.${kind}`));
    return [
      h('h1', null, t('path')), h('p', null, t('lead')),
      h('div', { class: 'row', role: 'group', 'aria-label': t('add') }, h('span', { class: 'muted' }, t('add')), STAGES.map(put), h('button', { type: 'button', class: 'quiet', onclick: () => store.set({ stages: [] }) }, t('clear'))),
      this.#way,
      h('div', { class: 'row', role: 'group', 'aria-label': t('send') }, h('span', { class: 'muted' }, t('send')),
        h('button', { type: 'button', class: 'primary', onclick: () => this.#send(`PUT /latest/api/token ${HOST}X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\r\n`) }, t('put')),
        h('button', { type: 'button', onclick: () => this.#send(`GET /latest/meta-data/ ${HOST}\r\n`) }, t('get')), this.#session),
      this.#end, this.#shown,
    ];
  }

  update() {
    const { stages } = app.store.state;
    this.#token = app.world.tokens[0]?.token ?? '';
    this.#session.disabled = !this.#token;
    const last = app.world.exchanges.at(-1);
    const entry = last && same(last.how.stages, stages) ? last : null;
    const way = entry?.travel?.way ?? [];
    const box = (/** @type {any} */ name, /** @type {any[]} */ ...more) => h('li', null, h('strong', null, name), more);
    this.#way.replaceChildren(
      box(t('asker')),
      ...stages.map(({ kind }, /** @type {number} */ place) => {
        const passed = way[place];
        const item = box(t(`kind.${kind}`), h('span', { class: 'small muted' }, t(`about.${kind}`)), passed && h('span', { class: 'small' }, t(`did.${passed.did}`)),
          typeof passed?.ttl === 'number' && h('span', { class: passed.ttl ? 'small mono' : 'small warn' }, passed.ttl ? t('ttl', passed.ttl) : t('dies')),
          h('button', { type: 'button', class: 'quiet', 'aria-label': t('remove', t(`kind.${kind}`)), onclick: () => app.store.set({ stages: stages.filter((/** @type {any} */ _, /** @type {number} */ it) => it !== place) }) }, '✕'));
        if (passed?.ttl === 0) item.classList.add('dies');
        return item;
      }),
      box(t('service'), entry?.exchange && h('span', { class: 'small mono' }, `${entry.exchange.status ?? ''} ${entry.exchange.rule ?? ''}`)));
    this.#end.textContent = ending(entry);
    this.#shown.hidden = !entry?.exchange;
    if (entry?.exchange) this.#bytes.replaceChildren(...drawn(entry.arrived));
  }

  /** @param {string} request */
  #send(request) {
    const { stages } = app.store.state;
    app.world.send(request, { instance: chosen()?.id, ...(stages.length ? { stages: [...stages] } : {}) });
    app.store.set({ selected: null });
  }
}

/** What the asker sees in the end. @param {import('../world.js').Entry | null} entry */
function ending(entry) {
  if (!entry) return t('end.none');
  if (!entry.exchange) return t('end.refused', t(`kind.${entry.travel.way.at(-1).kind}`));
  const { response } = entry.exchange;
  return response ? t('end.answer', latin1(response).split('\r\n')[0]) : t('end.lost');
}

customElements.define('imds-path', Path);
