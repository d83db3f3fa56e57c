// @ts-check
// <imds-live>: the responses of a running server, from its `/events`.

import { h } from '../dom.js';
import { tables } from '../engine.js';
import { citation } from '../citations.js';
import { t, View } from '../view.js';

const MAX_ITEMS = 200;

class Live extends View {
  #status = h('p', { role: 'status' }, '');
  #list = h('ol', { class: 'imds-live-list', reversed: true, 'aria-label': t('live.list') });
  #clear = h('div', { class: 'row' });
  /** @type {EventSource | null} */ #events = null;

  build() {
    const clear = h('button', { type: 'button', onclick: () => { this.#list.replaceChildren(); this.#clear.hidden = true; } }, t('live.clear'));
    this.#clear.replaceChildren(clear);
    this.#clear.hidden = !this.#list.childElementCount;
    return [h('h1', null, t('nav.live')), h('p', null, t('live.lead')), this.#status, this.#clear, this.#list];
  }

  async connectedCallback() {
    super.connectedCallback();
    // Only the console of the imds binary sends this Server header.
    const hasServer = location.protocol.startsWith('http') && (await fetch(new URL('../../', import.meta.url), { method: 'HEAD' }).then(({ headers }) => headers.get('Server') === 'imds', () => false));
    if (!hasServer) {
      this.#status.replaceChildren(t('live.no-server'), ' ', h('code', { class: 'nowrap' }, 'cargo run --release'), ' ', t('live.no-server.open'), ' ', h('a', { href: 'http://127.0.0.1:1339/#/live' }, 'http://127.0.0.1:1339'), '.');
      return;
    }
    if (!this.isConnected || this.#events) return;
    const events = (this.#events = new EventSource(new URL('../../events', import.meta.url)));
    events.onopen = () => (this.#status.textContent = t(this.#list.childElementCount ? 'live.connected' : 'live.empty'));
    events.onerror = () => (this.#status.textContent = t('live.disconnected'));
    events.addEventListener('decision', ({ data }) => this.#add(decision(JSON.parse(data))));
    events.addEventListener('instance', ({ data }) => {
      const { time, instance, event } = JSON.parse(data);
      this.#add(h('li', null, h('p', { class: 'row' }, h('time', { class: 'small muted' }, time), t('live.event', instance, event))));
    });
    events.addEventListener('missed', ({ data }) => this.#add(h('li', { class: 'warn' }, t('live.missed', JSON.parse(data).missed))));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#events?.close();
    this.#events = null;
  }

  /** @param {HTMLElement} item */
  #add(item) {
    this.#status.textContent = t('live.connected');
    this.#list.prepend(item);
    this.#clear.hidden = false;
    while (this.#list.childElementCount > MAX_ITEMS) this.#list.lastChild.remove();
  }
}

/** @param {any} it */
function decision({ time, instance, peer, method, path, status, rule, protocol, micros, trace }) {
  const { rules } = tables();
  const known = rules.find(({ id }) => id === rule);
  const steps = trace.filter((/** @type {any} */ { verdict }) => verdict !== 'does_not_apply');
  return h('li', null, h('details', null,
    h('summary', null, h('span', { class: 'mono' }, `${method} ${path}`), ' ', h('strong', { class: status === 200 ? 'ok' : 'bad' }, status), h('span', { class: 'mono small muted' }, ` ${rule} · ${protocol} · ${micros} µs`)),
    h('p', { class: 'small muted' }, `${time} · ${peer} → ${instance}`),
    h('ol', { class: 'small' }, steps.map((/** @type {any} */ { rule: id, verdict }) => h('li', null, `${verdict === 'decides' ? '●' : '✓'} ${rules.find((one) => one.id === id)?.question ?? id} `, h('span', { class: 'muted' }, t(`verdict.${verdict}`).replace(':', ''))))),
    known ? h('p', { class: 'small' }, citation(known)) : null));
}

customElements.define('imds-live', Live);
