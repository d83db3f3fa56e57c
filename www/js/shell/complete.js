// @ts-check
// Completions of the terminal: commands, options, metadata paths, files and variables.

import { latin1 } from '../engine.js';
import { COMMANDS } from './commands.js';

const SERVICE = 'http://169.254.169.254/';
/** The paths above the metadata, which no listing contains. */
const PATHS = ['latest/', 'latest/meta-data/', 'latest/user-data', 'latest/dynamic/', 'latest/dynamic/instance-identity/', 'latest/dynamic/instance-identity/document', 'latest/api/token'];

/**
 * Completions of the last word.
 * @param {string} text
 * @param {import('./shell.js').Shell} shell
 * @param {import('./shell.js').Host | null} host
 * @param {import('../session.js').Session} session
 * @returns {string[]}
 */
export function completions(text, shell, host, session) {
  const [word] = /** @type {RegExpExecArray} */ (/[^\s"'=`(]*$/.exec(text));
  const command = text.slice(Math.max(...['\n', ';', '|', '&', '`', '('].map((it) => text.lastIndexOf(it))) + 1);
  /** @type {string[]} */ let candidates;
  if (/^\$\{?\w*$/.test(word)) {
    const start = word.startsWith('${') ? '${' : '$';
    candidates = shell.variables.map((it) => start + it + (start === '${' ? '}' : ''));
  } else if (/^\s*(?:\w+=\S*\s+|sudo\s+|if\s+|while\s+|until\s+|then\s+|do\s+|!\s+)*[^\s"'=]*$/.test(command)) candidates = shell.commands;
  else if (SERVICE.startsWith(word) && word.length > 3) candidates = [SERVICE];
  else if (word.startsWith(SERVICE)) candidates = paths(word.slice(SERVICE.length), host, session).map((it) => SERVICE + it);
  else {
    const name = /^\s*(?:\w+=\S*\s+|sudo\s+)*([\w-]+)/.exec(command)?.[1] ?? '';
    candidates = [...(Object.hasOwn(COMMANDS, name) ? COMMANDS[name].words?.(command) ?? [] : []), ...(/^-/.test(word) ? [] : files(word, shell))];
  }
  return [...new Set(candidates)].filter((it) => it.startsWith(word) && it !== word).sort();
}

/** @param {string} word @param {import('./shell.js').Shell} shell */
function files(word, shell) {
  const folder = word.slice(0, word.lastIndexOf('/') + 1);
  return shell.files.list(folder || '.').map((it) => folder + it + (shell.files.isFolder(folder + it) ? '/' : ''));
}

/**
 * The entries of the folder in which a path is.
 * @param {string} path @param {import('./shell.js').Host | null} host @param {import('../session.js').Session} session
 */
function paths(path, host, session) {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const known = PATHS.filter((it) => it.startsWith(folder)).map((it) => it.slice(0, it.indexOf('/', folder.length) + 1 || undefined));
  return [...known, ...(host ? listing(folder, host, session) : []).map((it) => folder + it.replace(/^(\d+)=.*/, '$1/'))];
}

/**
 * The listing of a folder of the metadata, from a copy of the fleet that requires no token.
 * @param {string} folder @param {import('./shell.js').Host} host @param {import('../session.js').Session} session
 */
function listing(folder, host, session) {
  if (!/^latest\/(?:meta-data|dynamic)\/(?:[^/]+\/)*$/.test(folder)) return [];
  const copy = session.clone();
  try {
    copy.modify({ http_tokens: 'optional', http_endpoint: 'enabled' }, { instance: host.id });
    const lines = (/** @type {string} */ path) => {
      const { response, status } = copy.handle(`GET /${path} HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n`, { instance: host.id });
      return response && status === 200 ? latin1(response).replace(/^[^]*?\r\n\r\n/, '').split('\n') : [];
    };
    // A value has the same content with a slash at its end.
    const [, parent, name] = /^(.*\/)([^/]+\/)$/.exec(folder) ?? ['', '', ''];
    const isFolder = /^latest\/[^/]+\/$/.test(folder) || lines(parent).some((it) => it === name || it.replace(/=.*/, '/') === name);
    return isFolder ? lines(folder) : [];
  } finally {
    copy.free();
  }
}
