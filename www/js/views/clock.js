// @ts-check
// <imds-clock>: the session's clock, and what will happen: each entry moves the clock there.

import { h } from '../dom.js';
import { upcoming } from '../upcoming.js';
import { app, formatDuration, formatTime, t, View } from '../view.js';
import { tt } from './strings.js';

/** Advances the clock. Try then shows a preview at the new time. @param {number} ms */
function advance(ms) {
  app.session.advance(ms);
  app.store.set({ selected: null });
}

/** @param {string} id */
const nameOfInstance = (id) => app.session.imds.instances().find((it) => it.id === id)?.tags.Name ?? id;

class Clock extends View {
  #time = h('time', { class: 'mono' });
  #list = h('ul', { class: 'imds-clock-list' });
  #none = h('p', { class: 'small muted' });
  #run = h('button', { type: 'button', class: 'chip', 'aria-pressed': 'false', onclick: () => this.#toggle() });
  /** @type {any} */ #timer;
  #key = '';

  build() {
    this.#key = '';
    this.#none.textContent = tt('next.none');
    this.#run.textContent = tt('clock.run');
    const step = (/** @type {string} */ label, /** @type {number} */ ms) => h('button', { type: 'button', class: 'chip', 'aria-label': tt('clock.advance', label), onclick: () => advance(ms) }, `+${label}`);
    return [
      h('h2', { class: 'label' }, tt('clock')),
      h('div', { class: 'row' }, this.#time),
      h('div', { class: 'row imds-clock-steps' }, step('1 s', 1000), step('1 min', 60_000), step('1 h', 3_600_000), this.#run),
      h('h2', { class: 'label' }, tt('next')), this.#none, this.#list,
    ];
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    if (this.#timer) this.#toggle();
  }

  #toggle() {
    const isRunning = !this.#timer;
    clearInterval(this.#timer);
    this.#timer = isRunning ? setInterval(() => advance(1000), 1000) : undefined;
    this.#run.setAttribute('aria-pressed', `${isRunning}`);
    this.#run.textContent = tt(isRunning ? 'clock.pause' : 'clock.run');
  }

  update() {
    const { session } = app;
    const now = session.now();
    this.#time.textContent = `${formatTime(now)} UTC`;
    this.#time.dateTime = new Date(now).toISOString();
    const list = upcoming(session);
    const key = JSON.stringify(list.map(({ kind, at, instance, n }) => [kind, at, n, nameOfInstance(instance)]));
    this.#none.hidden = list.length > 0;
    // Buttons are kept while only the time changes, so that they keep the focus.
    if (key !== this.#key) this.#list.replaceChildren(...list.map((it) => this.#item(it)));
    this.#key = key;
    list.forEach(({ at }, place) => {
      this.#list.children[place].querySelector('.imds-clock-in').textContent = tt('next.in', formatDuration(at - now));
      this.#list.children[place].lastElementChild.disabled = at - 1000 <= now;
    });
  }

  /** @param {import('../upcoming.js').Upcoming} upcoming */
  #item({ kind, at, instance, n }) {
    const text = kind === 'token' ? tt('next.token', n) : tt(`next.${kind}`, nameOfInstance(instance));
    const go = (/** @type {number} */ to) => advance(to - app.session.now());
    return h('li', null,
      h('button', { type: 'button', class: 'imds-clock-go', title: `${formatTime(at)} UTC`, onclick: () => go(at) }, h('span', null, text), h('span', { class: 'imds-clock-in muted small' })),
      h('button', { type: 'button', class: 'quiet small', 'aria-label': `${text}: ${tt('next.before')}`, title: t('clock.before'), onclick: () => go(at - 1000) }, '−1 s'));
  }
}

customElements.define('imds-clock', Clock);
