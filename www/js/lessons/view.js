// @ts-check
// <imds-lesson>: a lesson beside the shell. Each command can be run or copied to the shell; goals
// are checked off when the session reaches them.

import { h } from '../dom.js';
import { pageShells, runOn, showHost } from '../shell/shell-host.js';
import { prose } from '../shell/view.js';
import { strings } from '../text.js';
import { app, selectedEntry } from '../view.js';
import '../views/why.js';
import '../views/wire.js';
import en from '../../strings/en/lessons.js';
import { commandIn, LESSONS } from './lessons.js';
import { createProgress } from './progress.js';

const t = strings(en, () => import('../../strings/de/lessons.js'));
/** @typedef {import('./lessons.js').Lesson} Lesson */

/** @type {{ session: any, progress: import('./progress.js').Progress } | undefined} */
let cached;
const progressOf = () => {
  if (cached?.session !== app.session) {
    let store = null;
    try {
      store = localStorage;
    } catch {
      // Without storage, progress lasts until the page is reloaded.
    }
    cached = { session: app.session, progress: createProgress({ session: app.session, store }) };
  }
  return /** @type {{ progress: import('./progress.js').Progress }} */ (cached).progress;
};

class LessonView extends HTMLElement {
  #nav = h('ol', { class: 'imds-lesson-nav' });
  #article = h('article', { class: 'imds-lesson-text stack' });
  #goals = h('ul', { class: 'imds-lesson-goals' });
  #status = h('p', { class: 'visually-hidden', role: 'status' });
  #end = h('div', { class: 'imds-lesson-end stack' });
  #shell = /** @type {any} */ (h('imds-shell'));
  #wire = /** @type {any} */ (h('imds-wire'));
  #why = /** @type {any} */ (h('details', { class: 'card', ontoggle: () => this.#updateWire() }, h('summary', null, t('why')), this.#wire, h('imds-why')));
  /** @type {Lesson | undefined} */ #lesson;
  /** @type {() => void} */ #unsubscribe = () => {};

  connectedCallback() {
    if (!this.childElementCount) {
      this.append(
        h('nav', { 'aria-label': t('lessons') }, this.#nav),
        h('div', { class: 'imds-lesson-body' }, this.#article,
          h('div', { class: 'imds-lesson-side stack' }, this.#shell, h('section', { class: 'card stack' }, h('h2', null, t('goals')), this.#goals, this.#end), this.#why)),
        this.#status,
      );
    }
    const ends = [app.session.subscribe(() => this.#checkGoals()), app.session.subscribe(() => this.#updateWire()), app.store.subscribe(() => this.#show())];
    this.#unsubscribe = () => ends.forEach((end) => end());
    this.#show();
  }

  disconnectedCallback() {
    this.#unsubscribe();
    this.#lesson = undefined;
  }

  /** Shows the lesson that the route names. */
  #show() {
    const [name, number] = app.store.state.route;
    if (name !== 'lesson') return;
    const lesson = LESSONS[Math.max(1, Math.min(LESSONS.length, Math.trunc(Number(number)) || 1)) - 1];
    if (lesson === this.#lesson) return;
    this.#lesson = lesson;
    this.#checkGoals();
    this.#build();
  }

  #build() {
    const lesson = /** @type {Lesson} */ (this.#lesson);
    const progress = progressOf();
    const place = LESSONS.indexOf(lesson);
    const ready = progress.isReady(lesson);
    this.#article.replaceChildren(
      h('p', { class: 'small muted' }, t('of', place + 1, LESSONS.length)),
      h('h1', null, t(`${lesson.id}.title`)),
      ...(ready ? [] : [h('div', { class: 'imds-lesson-needs' }, h('p', null, t(`needs.${lesson.needs}`)), h('button', { type: 'button', onclick: () => this.#prepare() }, t('prepare')))]),
      ...lesson.steps.flatMap((step, at) => [h('p', null, prose(t(`${lesson.id}.${at + 1}`))), this.#step(step)]),
      h('p', null, prose(t(`${lesson.id}.end`))),
    );
    const first = lesson.steps.find((step) => 'host' in step);
    if (first && 'host' in first && pageShells().host !== first.host && progress.state(lesson) === 'new') showHost(first.host);
    this.#updateGoals();
  }

  /** @param {import('./lessons.js').Step} step */
  #step(step) {
    if ('open' in step) return h('p', null, h('a', { href: step.open }, t('open')));
    const { host } = step;
    const command = commandIn(step.command, app.session);
    return h('div', { class: 'imds-lesson-step' },
      h('pre', null, h('span', { class: 'imds-shell-prompt' }, pageShells().shells[host].prompt), command),
      h('div', { class: 'row' },
        h('button', { type: 'button', class: 'primary', onclick: () => this.#run(host, command) }, t('run')),
        h('button', { type: 'button', onclick: () => this.#shell.fill(host, command) }, t('copy')),
        h('span', { class: 'small muted' }, t('on', `${host}_instance`))));
  }

  /** @param {import('./lessons.js').HostName} host @param {string} command */
  async #run(host, command) {
    showHost(host);
    await runOn(host, command);
    const { top, bottom } = this.#shell.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) this.#shell.scrollIntoView({ block: 'nearest' });
  }

  async #prepare() {
    await progressOf().prepare(/** @type {Lesson} */ (this.#lesson));
    this.#checkGoals();
    this.#build();
    this.#shell.querySelector('textarea').focus();
  }

  async #reset() {
    if (app.session.log.length && !confirm(t('reset.confirm'))) return;
    await progressOf().reset(/** @type {Lesson} */ (this.#lesson));
    this.#checkGoals();
    this.#build();
  }

  /** Shows the bytes of the selected exchange while the details are open. */
  #updateWire() {
    const entry = selectedEntry();
    if (this.#why.open && entry) this.#wire.show(entry, app.store.state.hex);
  }

  #checkGoals() {
    const lesson = this.#lesson;
    if (!lesson) return;
    const progress = progressOf();
    const added = progress.update(lesson);
    if (!added.length) return;
    const done = progress.state(lesson) === 'done';
    const all = LESSONS.filter((it) => progress.state(it) === 'done').length;
    this.#status.textContent = added.map((goal) => t('reached', t(`${lesson.id}.${goal}`))).join(' ') + (done ? ` ${t('finished', all, LESSONS.length)}` : '');
    this.#updateGoals();
    if (this.querySelector('.imds-lesson-needs') && progress.isReady(lesson)) this.querySelector('.imds-lesson-needs')?.remove();
  }

  /** Updates the list of goals, the list of lessons and the buttons. */
  #updateGoals() {
    const lesson = /** @type {Lesson} */ (this.#lesson);
    const progress = progressOf();
    const reached = progress.reached(lesson);
    const place = LESSONS.indexOf(lesson);
    this.#goals.replaceChildren(...Object.keys(lesson.goals).map((goal) => {
      const is = reached.includes(goal);
      return h('li', { class: is ? 'ok' : '' }, h('span', { class: 'imds-lesson-mark', 'aria-hidden': 'true' }, is ? '✓' : '○'), h('span', { class: 'visually-hidden' }, `${t(is ? 'done' : 'new')}: `), t(`${lesson.id}.${goal}`));
    }));
    this.#nav.replaceChildren(...LESSONS.map((it, at) => {
      const state = progress.state(it);
      return h('li', null, h('a', { href: `#/lesson/${at + 1}`, class: `imds-lesson-${state}`, 'aria-current': it === lesson ? 'page' : null },
        h('span', { 'aria-hidden': 'true' }, state === 'done' ? '✓ ' : state === 'skipped' ? '– ' : ''), `${at + 1} ${t(`${it.id}.title`)}`, h('span', { class: 'visually-hidden' }, ` (${t(state)})`)));
    }));
    const current = /** @type {HTMLElement} */ (this.#nav.children[place]);
    this.#nav.scrollLeft = current.offsetLeft - (this.#nav.clientWidth - current.offsetWidth) / 2;
    const done = progress.state(lesson) === 'done';
    const go = (/** @type {number} */ to, /** @type {string} */ key, primary = false) => (LESSONS[to] ? h('a', { class: primary ? 'imds-lesson-go primary' : 'imds-lesson-go', href: `#/lesson/${to + 1}` }, t(key)) : null);
    const all = LESSONS.filter((it) => progress.state(it) === 'done').length;
    this.#end.replaceChildren(
      ...(done ? [h('p', { class: 'ok' }, t('finished', all, LESSONS.length))] : []),
      h('div', { class: 'row' },
        go(place - 1, 'previous'), go(place + 1, 'next', done),
        done || !LESSONS[place + 1] ? null : h('button', { type: 'button', class: 'quiet', onclick: () => { progress.skip(lesson); location.hash = `#/lesson/${place + 2}`; } }, t('skip')),
        h('button', { type: 'button', class: 'quiet', onclick: () => this.#reset() }, t('reset')),
        LESSONS.some((it) => progress.state(it) !== 'new') ? h('button', { type: 'button', class: 'quiet', onclick: () => { progress.clear(); this.#updateGoals(); } }, t('clear')) : null),
    );
  }
}

customElements.define('imds-lesson', LessonView);
