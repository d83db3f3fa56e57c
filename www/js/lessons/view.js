// @ts-check
// <imds-lesson>: a lesson beside the shell, one step at a time. Each command can be run or copied to
// the shell; steps are checked off wherever they were taken. A challenge without commands follows.

import { h } from '../dom.js';
import { latin1 } from '../engine.js';
import { nameOf } from '../names.js';
import { sequence } from '../sequence.js';
import { onShells, pageShells, runOn, showHost } from '../shell/shell-host.js';
import { prose } from '../shell/view.js';
import { app, selectedEntry } from '../view.js';
import '../views/why.js';
import '../views/wire.js';
import { finale } from './finale.js';
import { commandIn, LESSONS } from './lessons.js';
import { createProgress } from './progress.js';
import { stepsDone } from './steps.js';
import { t } from './strings.js';

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

/** The lesson shown last. Its goals are checked in every view. @type {Lesson | undefined} */
let lastShown;
/** The view of the lesson while it is shown. @type {LessonView | null} */ let shown = null;
/** @type {any} */ let watched;
/** Checks the goals after each change of the session, even while another view is shown. */
function watch() {
  if (watched === app.session) return;
  watched = app.session;
  watched.subscribe(() => {
    if (shown) shown.checkGoals();
    else if (lastShown) progressOf().update(lastShown);
  });
}

class LessonView extends HTMLElement {
  #nav = h('ol', { class: 'imds-lesson-nav' });
  #article = h('article', { class: 'imds-lesson-text stack' });
  #steps = h('ol', { class: 'imds-lesson-steps' });
  #challenge = h('div', { class: 'stack' });
  #diagram = h('figure', { class: 'imds-lesson-diagram card' });
  /** The step that the reader moved on to without taking the ones before. */
  #moved = 0;
  #status = h('p', { class: 'visually-hidden', role: 'status' });
  #end = h('div', { class: 'imds-lesson-end stack' });
  #shell = /** @type {any} */ (h('imds-shell'));
  #wire = /** @type {any} */ (h('imds-wire'));
  #why = /** @type {any} */ (h('details', { class: 'card', ontoggle: () => this.#updateWire() }, h('summary', null, t('why')), h('h2', { class: 'visually-hidden' }, t('why')), this.#wire, h('imds-why')));
  /** @type {Lesson | undefined} */ #lesson;
  /** @type {() => void} */ #unsubscribe = () => {};

  connectedCallback() {
    if (!this.childElementCount) {
      this.append(
        h('nav', { 'aria-label': t('lessons') }, this.#nav),
        h('div', { class: 'imds-lesson-body' }, this.#article,
          h('div', { class: 'imds-lesson-side stack' }, this.#shell, this.#diagram, this.#why)),
        this.#status,
      );
    }
    shown = this;
    watch();
    const ends = [app.session.subscribe(() => this.#updateWire()), app.store.subscribe(() => this.#show()), onShells(() => this.#updateSteps())];
    this.#unsubscribe = () => ends.forEach((end) => end());
    this.#show();
  }

  disconnectedCallback() {
    this.#unsubscribe();
    shown = null;
    this.#lesson = undefined;
  }

  /** Shows the lesson that the route names. */
  #show() {
    const [name, number] = app.store.state.route;
    if (name !== 'lesson') return;
    const place = Math.max(1, Math.min(LESSONS.length, Math.trunc(Number(number ?? this.#next())) || 1));
    if (number !== `${place}`) {
      // An address without a lesson, or with none that exists.
      history.replaceState(null, '', `#/learn/${place}`);
      app.store.set({ route: ['lesson', `${place}`] });
      return;
    }
    const lesson = LESSONS[place - 1];
    if (lesson === this.#lesson) return;
    this.#lesson = lastShown = lesson;
    this.#moved = 0;
    this.checkGoals();
    this.#build();
  }

  /** The first lesson that is not done. */
  #next() {
    const progress = progressOf();
    return LESSONS.findIndex((lesson) => ['new', 'started'].includes(progress.state(lesson))) + 1;
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
      this.#steps, this.#challenge, this.#end,
    );
    const first = lesson.steps.find((step) => 'host' in step);
    if (first && 'host' in first && pageShells().host !== first.host && progress.state(lesson) === 'new') showHost(first.host);
    this.#shownSteps = '';
    this.#updateGoals();
  }

  /** What the list of steps shows. */
  #shownSteps = '';

  /** Shows the steps that are done, the next one, and how many follow; then the challenge. */
  #updateSteps() {
    const lesson = this.#lesson;
    if (!lesson) return;
    this.#updateDiagram(lesson);
    const progress = progressOf();
    const { blocks } = pageShells();
    const commands = [...blocks.cli, ...blocks.test].flatMap((it) => ('text' in it ? [it.text] : []));
    const isDone = progress.state(lesson) === 'done';
    const done = isDone ? lesson.steps.length : stepsDone(lesson.steps, progress.reached(lesson), commands, (it) => commandIn(it, app.session));
    const current = Math.max(done, this.#moved);
    const key = `${lesson.id} ${done} ${current} ${progress.isSolved(lesson)} ${app.session.hosts.test?.id}`;
    if (key === this.#shownSteps) return;
    this.#shownSteps = key;
    const { length } = lesson.steps;
    const rest = length - current - 1;
    this.#steps.replaceChildren(
      ...lesson.steps.slice(0, current + 1).map((step, at) => {
        const state = at < done ? 'done' : at === current ? 'current' : 'passed';
        return h('li', { class: state, 'aria-current': at === current ? 'step' : null },
          h('span', { class: 'imds-lesson-mark', 'aria-hidden': 'true' }, state === 'done' ? '✓' : '○'),
          h('div', { class: 'stack' },
            h('p', { class: 'small muted' }, t('step', at + 1, length), at < done ? h('span', { class: 'visually-hidden' }, ` (${t('done')})`) : ''),
            h('p', null, prose(t(`${lesson.id}.${at + 1}`))), this.#step(step, state === 'current'),
            step.goal ? h('p', { class: `small ${at < done ? 'ok' : 'muted'}` }, t(`${lesson.id}.${step.goal}`)) : null,
            at === current && rest > 0 ? h('div', null, h('button', { type: 'button', class: 'quiet', onclick: () => this.#moveOn(current + 1) }, t('on_to'))) : null));
      }),
      ...(rest > 0 ? [h('li', { class: 'later muted small' }, t(rest === 1 ? 'later.one' : 'later', rest))] : []));
    this.#challenge.replaceChildren(...(done === length || rest < 0 ? [h('p', null, prose(t(`${lesson.id}.end`))), this.#challengeOf(lesson, progress.isSolved(lesson))] : []));
  }

  /** @param {number} to */
  #moveOn(to) {
    this.#moved = to;
    this.#updateSteps();
    /** @type {HTMLElement | null} */ (this.#steps.querySelector('[aria-current] button'))?.focus();
  }

  /** The challenge: a task, then a hint, then a solution. @param {Lesson} lesson @param {boolean} isSolved */
  #challengeOf(lesson, isSolved) {
    const { solution } = lesson.challenge;
    return h('section', { class: `imds-lesson-challenge card stack ${isSolved ? 'done' : ''}` },
      h('h2', null, isSolved ? `★ ${t('solved')}` : t('challenge')), h('p', null, prose(t(`${lesson.id}.challenge`))),
      h('details', null, h('summary', null, t('hint')), h('p', null, prose(t(`${lesson.id}.hint`))),
        h('details', null, h('summary', null, t('solution')), solution.map((step) => this.#step(step)))));
  }

  /** The last exchanges of the lesson as a diagram. @param {Lesson} lesson */
  #updateDiagram(lesson) {
    const entries = app.session.exchanges.slice(progressOf().firstExchange(lesson)).slice(-DIAGRAM_EXCHANGES);
    this.#diagram.hidden = entries.length === 0;
    const items = entries.map((entry) => {
      const { exchange } = entry;
      const request = latin1(entry.arrived);
      const line = nameOf(entry);
      const response = exchange?.response ?? null;
      return {
        request: `${line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line}${/^x-aws-ec2-metadata-token:/im.test(request) ? ` + ${t('token')}` : ''}`,
        response: response ? t('bytes', exchange?.status, latin1(response).split('\r\n\r\n').slice(1).join('').length) : t('timeout'),
        ok: response !== null && (exchange?.status ?? 0) < 400,
      };
    });
    this.#diagram.replaceChildren(h('figcaption', { class: 'small muted' }, t('diagram')), sequence({ client: t('client'), service: '169.254.169.254', label: t('diagram'), items }),
      h('ol', { class: 'visually-hidden' }, items.map((it) => h('li', null, `${it.request}: ${it.response}`))));
  }

  /** @param {import('./lessons.js').Step} step @param {boolean} [primary] whether its button stands out */
  #step(step, primary = true) {
    if ('open' in step) return h('p', null, h('a', { href: step.open }, t('open')));
    const { host } = step;
    const command = commandIn(step.command, app.session);
    return h('div', { class: 'imds-lesson-step' },
      h('pre', null, h('span', { class: 'imds-shell-prompt' }, pageShells().shells[host].prompt), command),
      h('div', { class: 'row' },
        h('button', { type: 'button', class: primary ? 'primary' : null, onclick: () => this.#run(host, command) }, t('run')),
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
    this.checkGoals();
    this.#build();
    this.#shell.querySelector('textarea').focus();
  }

  async #reset() {
    if (app.session.log.length && !confirm(t('reset.confirm'))) return;
    await progressOf().reset(/** @type {Lesson} */ (this.#lesson));
    this.checkGoals();
    this.#build();
  }

  /** Shows the bytes of the selected exchange while the details are open. */
  #updateWire() {
    const entry = selectedEntry();
    if (this.#why.open && entry) this.#wire.show(entry, app.store.state.hex);
  }

  checkGoals() {
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

  /** Updates the steps, the list of lessons and the buttons. */
  #updateGoals() {
    const lesson = /** @type {Lesson} */ (this.#lesson);
    const progress = progressOf();
    const place = LESSONS.indexOf(lesson);
    this.#updateSteps();
    this.#nav.replaceChildren(...LESSONS.map((it, at) => {
      const state = progress.state(it);
      return h('li', null, h('a', { href: `#/learn/${at + 1}`, class: `imds-lesson-${state}`, 'aria-current': it === lesson ? 'page' : null },
        h('span', { 'aria-hidden': 'true' }, progress.isSolved(it) ? '★ ' : state === 'done' ? '✓ ' : state === 'skipped' ? '– ' : ''), `${at + 1} ${t(`${it.id}.title`)}`, h('span', { class: 'visually-hidden' }, ` (${t(state)})`)));
    }));
    const current = /** @type {HTMLElement} */ (this.#nav.children[place]);
    this.#nav.scrollLeft = current.offsetLeft - (this.#nav.clientWidth - current.offsetWidth) / 2;
    const done = progress.state(lesson) === 'done';
    const go = (/** @type {number} */ to, /** @type {string} */ key, primary = false) => (LESSONS[to] ? h('a', { class: primary ? 'imds-lesson-go primary' : 'imds-lesson-go', href: `#/learn/${to + 1}` }, t(key)) : null);
    const all = LESSONS.filter((it) => progress.state(it) === 'done').length;
    this.#end.replaceChildren(
      ...(done ? [h('p', { class: 'ok' }, t('finished', all, LESSONS.length))] : []),
      ...(done && !LESSONS[place + 1] ? [finale({ done: all, lessons: LESSONS.length, solved: LESSONS.filter((it) => progress.isSolved(it)).length })] : []),
      h('div', { class: 'row' },
        go(place - 1, 'previous'), go(place + 1, 'next', done),
        done || !LESSONS[place + 1] ? null : h('button', { type: 'button', class: 'quiet', onclick: () => { progress.skip(lesson); location.hash = `#/learn/${place + 2}`; } }, t('skip')),
        h('button', { type: 'button', class: 'quiet', onclick: () => this.#reset() }, t('reset')),
        LESSONS.some((it) => progress.state(it) !== 'new') ? h('button', { type: 'button', class: 'quiet', onclick: () => { progress.clear(); this.#updateGoals(); } }, t('clear')) : null),
    );
  }
}

const DIAGRAM_EXCHANGES = 4;
/** The longest name of an exchange in the diagram, in characters. */
const MAX_LINE = 44;

customElements.define('imds-lesson', LessonView);
