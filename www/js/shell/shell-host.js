// @ts-check
// The page's two shells and what was printed in them: kept while the reader looks at another view, gone when the world begins anew.

import { words } from '../text.js';
import { app } from '../view.js';
import en from '../../strings/en/shell.js';
import { createShells } from './shell.js';

export const t = words(en, () => import('../../strings/de/shell.js'));

/** @typedef {'cli' | 'test'} HostName */
/** @typedef {{ world: import('../world.js').World, shells: ReturnType<typeof createShells>, blocks: Record<HostName, import('./shell.js').Block[]>, draft: Record<HostName, string>, host: HostName }} Page */

/** @type {Page | undefined} */
let page;
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {Page} */
export function pageShells() {
  if (page?.world === app.world) return page;
  const { world } = app;
  const begin = () => {
    page = { world, shells: createShells({ world, say: t }), blocks: { cli: [], test: [] }, draft: { cli: '', test: '' }, host: page?.host ?? 'cli' };
    return page;
  };
  // The world has another log when it began anew or was taken from a link.
  let { log } = world;
  world.subscribe(() => {
    if (world.log === log) return;
    ({ log } = world);
    begin();
    tell();
  });
  return begin();
}

const tell = () => listeners.forEach((listener) => listener());
/** Called when something was printed or the host was changed. @param {() => void} listener */
export function onShells(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @type {Promise<any>} */
let before = Promise.resolve();

/** Runs it on a host, behind what runs already, and keeps what it prints. @param {HostName} host @param {string} text @returns {ReturnType<import('./shell.js').Shell['run']>} */
export function runOn(host, text) {
  const made = before.then(() => run(host, text));
  before = made.catch(() => {});
  return made;
}

/** @param {HostName} host @param {string} text */
async function run(host, text) {
  const { shells, blocks } = pageShells();
  const made = await shells[host].run(text);
  for (const block of made.blocks) {
    const cleared = block.output.some((it) => it.text.includes('\u001b[2J'));
    if (cleared) blocks[host].splice(0);
    else blocks[host].push(block);
  }
  tell();
  return made;
}

/** @param {HostName} host */
export function showHost(host) {
  pageShells().host = host;
  tell();
}
