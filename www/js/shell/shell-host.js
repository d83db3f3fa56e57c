// @ts-check
// The page's two shells and their output. They survive a change of view, and are cleared when the
// session is reset.

import { strings } from '../text.js';
import { app } from '../view.js';
import en from '../../strings/en/shell.js';
import { createShells } from './shell.js';

export const t = strings(en, () => import('../../strings/de/shell.js'));

/** @typedef {'cli' | 'test'} HostName */
/** @typedef {{ session: import('../session.js').Session, shells: ReturnType<typeof createShells>, blocks: Record<HostName, import('./shell.js').Block[]>, draft: Record<HostName, string>, host: HostName }} Page */

/** @type {Page | undefined} */
let page;
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {Page} */
export function pageShells() {
  if (page?.session === app.session) return page;
  const { session } = app;
  const create = () => {
    page = { session, shells: createShells({ session, translate: t }), blocks: { cli: [], test: [] }, draft: { cli: '', test: '' }, host: page?.host ?? 'cli' };
    return page;
  };
  // A reset and a share link replace the log.
  let { log } = session;
  session.subscribe(() => {
    if (session.log === log) return;
    ({ log } = session);
    create();
    notify();
  });
  return create();
}

const notify = () => listeners.forEach((listener) => listener());
/**
 * Calls the listener after output and after a change of the host; returns a function that
 * unsubscribes it.
 * @param {() => void} listener
 */
export function onShells(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @type {Promise<any>} */
let queue = Promise.resolve();

/**
 * Runs a command on a host after the running ones, and keeps its output.
 * @param {HostName} host
 * @param {string} text
 * @returns {ReturnType<import('./shell.js').Shell['run']>}
 */
export function runOn(host, text) {
  const result = queue.then(() => run(host, text));
  queue = result.catch(() => {});
  return result;
}

/** @param {HostName} host @param {string} text */
async function run(host, text) {
  const { shells, blocks } = pageShells();
  const result = await shells[host].run(text);
  for (const block of result.blocks) {
    const cleared = block.output.some((it) => it.text.includes('\u001b[2J'));
    if (cleared) blocks[host].splice(0);
    else blocks[host].push(block);
  }
  notify();
  return result;
}

/** @param {HostName} host */
export function showHost(host) {
  pageShells().host = host;
  notify();
}
