// @ts-check
// What Try shows: the selected exchange, or a preview of the request in the editor.

import { latin1 } from '../engine.js';
import { stagesOf } from '../path/simulate.js';
import { app } from '../view.js';

/** @typedef {import('../session.js').Entry} Entry */

/** The selected instance, by default the first. */
export const selectedInstance = () => {
  const all = app.session.imds.instances();
  return all.find(({ id }) => id === app.store.state.instance) ?? all[0];
};

/** The context in which the editor's request is sent. @returns {import('../session.js').How} */
export function currentHow() {
  const { stages, throttled } = app.store.state;
  return { instance: selectedInstance()?.id, ...(stages.length ? { stages: stagesOf(stages) } : {}), ...(throttled ? { throttled } : {}) };
}

/** @type {{ key: string, request: string, session: any, entry: Entry } | null} */ let cached = null;

/** The exchange that Send would give now. @returns {Entry} */
function preview() {
  const { session, store: { state: { request } } } = app;
  const how = currentHow();
  const key = `${session.version} ${session.nonce} ${session.now()} ${session.log.length} ${JSON.stringify(how)}`;
  if (cached?.key !== key || cached.request !== request || cached.session !== session) cached = { key, request, session, entry: session.preview(request, how) };
  return cached.entry;
}

/**
 * The selected exchange; the last one if nothing changed since; otherwise a preview.
 * @returns {Entry}
 */
export function shown() {
  const { session: { exchanges, log }, store: { state: { selected, request } } } = app;
  const entry = exchanges[(selected ?? 0) - 1];
  if (entry) return entry;
  const last = exchanges[exchanges.length - 1];
  if (selected === null && last && last.step === log.length && log[last.step - 1][1] === request) return last;
  return preview();
}

/** The request that was being edited when an exchange was selected. @type {{ request: string, instance: string | null } | null} */
let draft = null;
export const hasDraft = () => draft !== null && app.store.state.selected !== null;

/** Shows an exchange: its request goes into the editor. @param {Entry} entry */
export function select(entry) {
  const { request, instance } = app.store.state;
  if (shown().preview) draft = { request, instance };
  const sentTo = app.session.imds.instances().find(({ id, local_ipv4s }) => id === entry.how.instance || local_ipv4s.includes(entry.how.instance ?? ''))?.id;
  app.store.set({ selected: entry.n, request: latin1(entry.request), ...(sentTo ? { instance: sentTo } : {}) });
}

export function backToDraft() {
  if (draft) app.store.set({ ...draft, selected: null });
  draft = null;
}

/** Changes the request in the editor, and shows a preview of it. @param {(request: string) => string} change */
export function edit(change) {
  app.store.set({ request: change(app.store.state.request), selected: null });
}

/** Sends the editor's request, or another one, and shows the exchange. @param {string} [request] */
export function send(request = app.store.state.request) {
  draft = null;
  const entry = app.session.send(request, currentHow());
  app.store.set({ request, selected: entry.n });
  return entry;
}
