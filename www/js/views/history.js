// @ts-check
// Undo and redo of the session: two buttons, and Ctrl+Z and Ctrl+Y outside of text fields.

import { h } from '../dom.js';
import { requestName } from '../names.js';
import { app, formatDuration } from '../view.js';
import { tt } from './strings.js';

/** What a step did, in words. @param {any} step */
export function stepName([kind, first]) {
  if (kind === '>') return requestName(first.slice(0, 200));
  if (kind === '+') return tt('step.time', `+${formatDuration(first)}`);
  if (kind === 'ec2') return new URLSearchParams(first).get('Action') ?? tt('step.ec2');
  return tt(`step.${kind}`);
}
const namesOf = (/** @type {readonly any[]} */ steps) => steps.map(stepName).join(', ');

/** After undo, Try shows the request that was undone. */
export function undo() {
  const steps = app.session.undo();
  if (!steps) return '';
  const sent = steps.findLast(([kind]) => kind === '>');
  app.store.set({ selected: null, ...(sent ? { request: /** @type {any} */ (sent)[1] } : {}) });
  return tt('undone', namesOf(steps));
}

export function redo() {
  const steps = app.session.redo();
  if (!steps) return '';
  const sent = steps[steps.length - 1][0] === '>';
  app.store.set({ selected: sent ? app.session.exchanges.length : null, ...(sent ? { request: /** @type {any} */ (steps[steps.length - 1])[1] } : {}) });
  return tt('redone', namesOf(steps));
}

/** Both buttons, and a status for screen readers. */
export function historyButtons() {
  const status = h('span', { class: 'visually-hidden', role: 'status' });
  const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {() => string} */ run) =>
    h('button', { type: 'button', class: 'quiet page-history', 'aria-label': label, title: label, onclick: () => (status.textContent = run()) }, sign);
  const buttons = [button('↶', tt('undo'), undo), button('↷', tt('redo'), redo)];
  const update = () => {
    const { log, redoable } = app.session;
    buttons[0].disabled = !log.length;
    buttons[1].disabled = !redoable;
    buttons[0].title = log.length ? tt('undo.of', stepName(log[log.length - 1])) : tt('undo');
  };
  app.session.subscribe(update);
  update();
  return h('span', { class: 'row page-histories' }, buttons, status);
}

/** Text fields have an undo of their own. @param {any} target */
const isText = (target) => target?.closest?.('textarea, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="range"], [type="button"])');

/** @param {KeyboardEvent} event */
export function historyKeys(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || isText(event.target)) return;
  const key = event.key.toLowerCase();
  const run = key === 'z' ? (event.shiftKey ? redo : undo) : key === 'y' && !event.shiftKey ? redo : null;
  if (!run) return;
  event.preventDefault();
  run();
}
