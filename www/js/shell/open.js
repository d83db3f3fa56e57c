// @ts-check
// Opens the terminal from another view.

import { pageShells, showHost } from './shell-host.js';

/**
 * Opens the terminal view with a text in its input, ready to be run.
 * @param {string} text
 * @param {import('./shell-host.js').HostName} [host]
 */
export function openTerminal(text, host = 'cli') {
  pageShells().draft[host] = text;
  showHost(host);
  location.hash = '#/terminal';
}
