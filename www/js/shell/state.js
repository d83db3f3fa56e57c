// @ts-check
// The state of a shell: variables, functions, options, the files of its host, and the limits of a
// run.

/** The longest text of a variable or of a command's output. */
export const MAX_TEXT = 1 << 20;
/** The most commands of one run. */
export const MAX_COMMANDS = 20_000;
/** The most requests of one run. */
export const MAX_REQUESTS = 500;

/** A limit of a run was exceeded; the message is the key of a note. */
export class Limit extends Error {
  /** @param {string} key @param {...any} values */
  constructor(key, ...values) {
    super(key);
    this.values = values;
  }
}

/** `break`, `continue`, `return`, `exit`: leave a loop, a function, a script; `abort` leaves the line. */
export class Leave extends Error {
  /** @param {'break' | 'continue' | 'return' | 'exit' | 'abort'} kind @param {number} count levels, or the status */
  constructor(kind, count) {
    super(kind);
    this.kind = kind;
    this.count = count;
  }
}

/** @typedef {string | string[] | Map<string, string>} Value an array can have holes */
/**
 * @typedef {object} State
 * @property {Map<string, Value>} variables
 * @property {Set<string>} exported
 * @property {Set<string>} readonly
 * @property {Map<string, import('./parse.js').Command>} functions
 * @property {string[]} positional
 * @property {string} name `$0`
 * @property {Set<string>} options of `set -o`
 * @property {string} cwd
 * @property {number} exit
 * @property {Map<string, Value | undefined>[]} locals the shadowed variables of the running functions
 * @property {Map<string, string>} traps
 */

/** @returns {State} */
export const createState = () => ({
  variables: new Map(Object.entries({ HOME: '/root', USER: 'root', PWD: '/root', SHELL: '/bin/bash', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/root/bin', BASH_VERSION: '4.2.46(2)-release' })),
  exported: new Set(['HOME', 'USER', 'PWD', 'SHELL', 'PATH']), readonly: new Set(), functions: new Map(), positional: [], name: '-bash', options: new Set(), cwd: '/root', exit: 0, locals: [], traps: new Map(),
});

/** A copy for a subshell. @param {State} state @returns {State} */
export const cloneState = (state) => ({
  ...state,
  variables: new Map([...state.variables].map(([name, value]) => [name, typeof value === 'string' ? value : Array.isArray(value) ? [...value] : new Map(value)])),
  exported: new Set(state.exported), readonly: new Set(state.readonly), functions: new Map(state.functions), options: new Set(state.options), locals: state.locals.map((it) => new Map(it)), traps: new Map(),
});

/** @param {string} text */
export function bounded(text) {
  if (text.length > MAX_TEXT) throw new Limit('limit.text');
  return text;
}

/** The files of a host, by absolute path. */
export class Files {
  /** @type {Map<string, string>} */ #files;
  #folders = new Set(['/', '/root', '/tmp', '/etc', '/var', '/var/log', '/var/www', '/var/www/html', '/opt', '/dev', '/usr', '/usr/bin', '/usr/local', '/usr/local/bin', '/home', '/home/ec2-user']);

  /** @param {Record<string, string>} files @param {() => string} cwd */
  constructor(files, cwd) {
    this.#files = new Map(Object.entries(files));
    this.cwd = cwd;
  }
  /** @param {string} name */
  resolve(name) {
    /** @type {string[]} */ const parts = [];
    for (const part of (name.startsWith('/') ? name : `${this.cwd()}/${name}`).split('/')) {
      if (part === '..') parts.pop();
      else if (part && part !== '.') parts.push(part);
    }
    return `/${parts.join('/')}`;
  }
  /** @param {string} name */
  get(name) {
    return /^\/dev\/(?:null|tty|console)$/.test(name) ? '' : this.#files.get(this.resolve(name));
  }
  /** @param {string} name */
  has(name) {
    return this.get(name) !== undefined;
  }
  /** @param {string} name @param {string} text */
  set(name, text) {
    if (/^\/dev\//.test(name)) return this;
    const path = this.resolve(name);
    if (this.#files.size >= 1000 && !this.#files.has(path)) throw new Limit('limit.files');
    this.#files.set(path, bounded(text));
    return this;
  }
  /** @param {string} name */
  delete(name) {
    return this.#files.delete(this.resolve(name));
  }
  /** @param {string} name */
  isFolder(name) {
    const path = this.resolve(name);
    return this.#folders.has(path) || [...this.#files.keys()].some((it) => it.startsWith(`${path}/`));
  }
  /** Why a file cannot be written, or ''. @param {string} name */
  unwritable(name) {
    const path = this.resolve(name);
    if (this.isFolder(path)) return 'Is a directory';
    return this.isFolder(path.replace(/\/[^/]*$/, '') || '/') ? '' : 'No such file or directory';
  }
  /** @param {string} name */
  makeFolder(name) {
    const parts = this.resolve(name).split('/');
    parts.forEach((_, at) => this.#folders.add(parts.slice(0, at + 1).join('/') || '/'));
  }
  /** @param {string} name */
  deleteFolder(name) {
    const path = this.resolve(name);
    for (const it of [...this.#files.keys(), ...this.#folders]) {
      if (it === path || it.startsWith(`${path}/`)) {
        this.#files.delete(it);
        this.#folders.delete(it);
      }
    }
  }
  /** The names in a folder, sorted. @param {string} name */
  list(name) {
    const path = this.resolve(name).replace(/\/$/, '');
    const inside = [...this.#files.keys(), ...this.#folders].filter((it) => it.startsWith(`${path}/`) && it !== '/');
    return [...new Set(inside.map((it) => it.slice(path.length + 1).split('/')[0]))].sort();
  }
  /** All paths; those in the working directory without it. */
  keys() {
    const here = `${this.cwd()}/`;
    return [...this.#files.keys()].map((it) => (it.startsWith(here) ? it.slice(here.length) : it));
  }
}
