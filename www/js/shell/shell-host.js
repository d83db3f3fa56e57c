// @ts-check
// The page's two shells and their output. They survive a change of view, and are cleared when the
// session is reset.

import { strings } from '../text.js';
import { app } from '../view.js';
import en from '../../strings/en/shell.js';
import { createShells } from './shell.js';

export const t = strings(en, () => import('../../strings/de/shell.js'));

/** @typedef {'cli' | 'test'} HostName */
/**
 * A block, or a link to the other host's tab in place of the commands that ran there.
 * @typedef {import('./shell.js').Block | { elsewhere: HostName, count: number }} Item
 */
/** @typedef {{ session: import('../session.js').Session, shells: ReturnType<typeof createShells>, blocks: Record<HostName, Item[]>, draft: Record<HostName, string>, host: HostName, running: number }} Page */

/** @type {Page | undefined} */
let page;
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {Page} */
export function pageShells() {
  if (page?.session === app.session) return page;
  const { session } = app;
  const create = () => {
    page = { session, shells: createShells({ session, translate: t }), blocks: { cli: [], test: [] }, draft: { cli: '', test: '' }, host: page?.host ?? 'cli', running: 0 };
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
 * Runs a command on a host after the running ones, and keeps its output in the tab of the host on
 * which it ran.
 * @param {HostName} host
 * @param {string} text
 * @param {{ pasted?: boolean }} [how]
 * @returns {ReturnType<import('./shell.js').Shell['run']>}
 */
export function runOn(host, text, how) {
  const result = queue.then(() => run(host, text, how));
  queue = result.catch(() => {});
  return result;
}

/** @param {HostName} host @param {string} text @param {{ pasted?: boolean }} [how] */
async function run(host, text, how) {
  const current = pageShells();
  const { shells, blocks } = current;
  current.running += 1;
  notify();
  try {
    const result = await shells[host].run(text, how);
    for (const block of result.blocks) {
      const list = blocks[block.host];
      const other = blocks[host];
      if (block.output.some((it) => it.text.includes('\u001b[2J'))) list.splice(0);
      else list.push(block);
      if (block.host === host) continue;
      const last = other.at(-1);
      if (last && 'elsewhere' in last) other.splice(-1, 1, { ...last, count: last.count + 1 });
      else other.push({ elsewhere: block.host, count: 1 });
    }
    const last = result.blocks.at(-1);
    if (last) current.host = last.host;
    return result;
  } finally {
    current.running -= 1;
    notify();
  }
}

/** Stops the running commands, as Ctrl + C does. */
export function interrupt() {
  for (const shell of Object.values(pageShells().shells)) shell.interrupt();
}

/** @param {HostName} host */
export function showHost(host) {
  pageShells().host = host;
  notify();
}
