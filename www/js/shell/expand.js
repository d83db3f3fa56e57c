// @ts-check
// The expansions of a word: braces, variables, commands, arithmetic, fields, file names.

import { evaluate } from './arithmetic.js';
import { glob, prefixEnd, suffixStart } from './regex.js';
import { bounded, Limit } from './state.js';

/** @typedef {import('./words.js').Word} Word */
/** @typedef {import('./words.js').Variable} Variable */
/** @typedef {import('./interpret.js').Interpreter} Interpreter */
/** @typedef {import('./interpret.js').Sink} Sink */
/** @typedef {{ text: string, quoted: boolean }} Piece */

/** An expansion failed, as bash prints it; the command is not run. */
export class ExpansionError extends Error {}

const MAX_WORDS = 10_000;

/** @param {string} text */
const escapeGlob = (text) => text.replace(/[\\*?[\]]/g, '\\$&');

/**
 * `a{b,c}` and `{1..3}` in a word's unquoted text.
 * @param {Word} word
 * @param {{ words: number }} [made] how many words there are so far
 * @returns {Word[]}
 */
function braces(word, made = { words: 0 }) {
  for (const [at, part] of word.entries()) {
    if (!('text' in part) || part.quoted || !part.text.includes('{')) continue;
    for (let open = part.text.indexOf('{'); open >= 0; open = part.text.indexOf('{', open + 1)) {
      /** @type {string[]} */ const items = [];
      let depth = 0;
      let from = open + 1;
      let close = -1;
      for (let index = open + 1; index < part.text.length && close < 0; index += 1) {
        const character = part.text[index];
        if (character === '{') depth += 1;
        else if (character === '}' && depth) depth -= 1;
        else if ((character === ',' && !depth) || character === '}') {
          items.push(part.text.slice(from, index));
          from = index + 1;
          if (character === '}') close = index;
        }
      }
      if (close < 0) continue;
      const values = items.length > 1 ? items : range(items[0]);
      if (!values) continue;
      if ((made.words += values.length) > MAX_WORDS) throw new Limit('limit.words');
      const around = (/** @type {string} */ it) => ({ text: it, quoted: false });
      return values.flatMap((it) => braces([...word.slice(0, at), around(part.text.slice(0, open) + it + part.text.slice(close + 1)), ...word.slice(at + 1)].filter((piece) => !('text' in piece) || piece.quoted || piece.text), made));
    }
  }
  return [word];
}

/** @param {string} text for example `1..5` or `a..e` */
function range(text) {
  const [all, a, b, step] = /^(-?\d{1,9}|[a-zA-Z])\.\.(-?\d{1,9}|[a-zA-Z])(?:\.\.(-?\d{1,9}))?$/.exec(text) ?? [];
  if (all === undefined || /\d/.test(a) !== /\d/.test(b)) return null;
  const numbers = /\d/.test(a);
  const [from, to] = numbers ? [Number(a), Number(b)] : [a.charCodeAt(0), b.charCodeAt(0)];
  const by = Math.abs(Number(step ?? 1)) || 1;
  const count = Math.floor(Math.abs(to - from) / by) + 1;
  if (count > MAX_WORDS) throw new Limit('limit.words');
  const width = numbers && /^-?0\d|^-?0\d/.test(a) ? Math.max(a.length, b.length) : 0;
  return Array.from({ length: count }, (_, at) => {
    const value = from + at * by * (to < from ? -1 : 1);
    return numbers ? `${value}`.padStart(width, '0') : String.fromCharCode(value);
  });
}

/**
 * The fields of a value, and whether a separator is before and after them.
 * @param {string} value @param {string} separators
 */
export function splitFields(value, separators) {
  /** @type {string[]} */ const fields = [];
  const isBlank = (/** @type {string} */ it) => ' \t\n'.includes(it) && separators.includes(it);
  let at = 0;
  const skip = () => {
    while (at < value.length && isBlank(value[at])) at += 1;
  };
  skip();
  const before = at > 0;
  let after = false;
  while (at < value.length) {
    const from = at;
    while (at < value.length && !separators.includes(value[at])) at += 1;
    fields.push(value.slice(from, at));
    after = at < value.length;
    skip();
    if (at < value.length && separators.includes(value[at])) {
      if (at > from && isBlank(value[at])) continue;
      at += 1;
      after = true;
      skip();
    }
  }
  return { fields, before, after };
}

export class Expander {
  /** @param {Interpreter} interpreter @param {Sink} sink */
  constructor(interpreter, sink) {
    this.interpreter = interpreter;
    this.sink = sink;
  }
  get state() {
    return this.interpreter.state;
  }

  /** The fields of words. @param {Word[]} words @returns {Promise<string[]>} */
  async fields(words) {
    /** @type {string[]} */ const fields = [];
    for (const whole of words) for (const word of braces(whole)) fields.push(...(await this.word(word)));
    if (fields.length > MAX_WORDS) throw new Limit('limit.words');
    return fields;
  }

  /** @param {Word} word @returns {Promise<string[]>} */
  async word(word) {
    /** @type {Piece[][]} */ const fields = [];
    /** @type {Piece[] | null} */ let current = null;
    const add = (/** @type {string} */ text, /** @type {boolean} */ quoted) => (current ??= []).push({ text, quoted });
    const close = () => {
      if (current) fields.push(current);
      current = null;
    };
    for (const [at, part] of word.entries()) {
      if ('text' in part) {
        add(at === 0 && !part.quoted ? this.tilde(part.text) : part.text, part.quoted);
        continue;
      }
      const list = 'name' in part ? this.list(part) : null;
      if (list && part.quoted && /** @type {Variable} */ (part).name !== '*' && !this.isJoined(/** @type {Variable} */ (part))) {
        list.forEach((it, index) => {
          if (index) close();
          add(it, true);
        });
        continue;
      }
      const value = await this.part(part);
      if (part.quoted) {
        add(value, true);
        continue;
      }
      const { fields: pieces, before, after } = splitFields(value, this.separators());
      if (before && pieces.length) close();
      pieces.forEach((piece, index) => {
        if (index) close();
        add(piece, false);
      });
      if (!pieces.length && value) close();
      if (after) close();
    }
    close();
    return fields.flatMap((pieces) => this.names(pieces));
  }

  separators() {
    const value = this.state.variables.get('IFS');
    return typeof value === 'string' ? value : ' \t\n';
  }

  /** A word as one text: without fields and file names. @param {Word} word */
  async text(word) {
    let text = '';
    for (const [at, part] of word.entries()) text += 'text' in part ? (at === 0 && !part.quoted ? this.tilde(part.text) : part.text) : await this.part(part);
    return bounded(text);
  }

  /** A word as a pattern: quoted text matches itself. @param {Word} word */
  async pattern(word) {
    let text = '';
    for (const part of word) {
      if ('text' in part) text += part.quoted ? escapeGlob(part.text) : part.text;
      else text += part.quoted ? escapeGlob(await this.part(part)) : await this.part(part);
    }
    return text;
  }

  /** A word as a regular expression: quoted text matches itself. @param {Word} word */
  async expression(word) {
    let text = '';
    for (const part of word) {
      const value = 'text' in part ? part.text : await this.part(part);
      text += part.quoted ? value.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&') : value;
    }
    return text;
  }

  /** @param {string} text */
  tilde(text) {
    return /^~(?=\/|$)/.test(text) ? (this.state.variables.get('HOME') ?? '/root') + text.slice(1) : text;
  }

  /** The file names that a field with a pattern matches. @param {Piece[]} pieces */
  names(pieces) {
    const text = pieces.map((it) => it.text).join('');
    if (this.state.options.has('noglob') || !pieces.some((it) => !it.quoted && /[*?[]/.test(it.text))) return [text];
    const pattern = pieces.map((it) => (it.quoted ? escapeGlob(it.text) : it.text)).join('');
    const { files } = this.interpreter;
    const parts = pattern.split('/');
    let found = [pattern.startsWith('/') ? '/' : ''];
    for (const [at, part] of parts.entries()) {
      if (!part) continue;
      const last = at === parts.length - 1;
      const join = (/** @type {string} */ folder, /** @type {string} */ name) => folder + name + (last ? '' : '/');
      if (!/[*?[]/.test(part)) found = found.map((it) => join(it, part.replace(/\\(.)/g, '$1'))).filter((it) => (last ? files.has(it) || files.isFolder(it) : files.isFolder(it)));
      else found = found.flatMap((folder) => files.list(folder || '.').filter((it) => (part.startsWith('.') || !it.startsWith('.')) && glob(part).matches(it)).map((it) => join(folder, it)));
    }
    return found.length ? found : [text];
  }

  /** @param {Exclude<import('./words.js').Part, Piece>} part @returns {Promise<string>} */
  async part(part) {
    if ('name' in part) return this.variable(part);
    if ('list' in part) return this.interpreter.captured(part.list, this.sink);
    if ('process' in part) return part.into ? this.interpreter.deferred(part.process) : this.interpreter.substituted(part.process, this.sink);
    return `${evaluate(await this.text(part.arithmetic), this.interpreter)}`;
  }

  /** Whether a variable with several values is one field. @param {Variable} variable */
  isJoined({ name, index, length, op }) {
    const star = index?.length === 1 && 'text' in index[0] && index[0].text === '*';
    return !!length || star || (name === '*' && !index) || !!(op && /^:?[-=?+]$/.test(op));
  }

  /** The values of `$@`, `$*`, `${X[@]}` and `${X[*]}`; otherwise null. @param {Variable} variable @returns {string[] | null} */
  list({ name, index, op, args, indirect, length }) {
    const every = index?.length === 1 && 'text' in index[0] && /^[@*]$/.test(index[0].text);
    if (!every && !/^[@*]$/.test(name)) return null;
    if (length) return null;
    const value = every ? this.state.variables.get(name) : this.state.positional;
    const keys = Array.isArray(value) ? Object.keys(value) : value instanceof Map ? [...value.keys()] : value === undefined ? [] : ['0'];
    if (indirect) return keys;
    let list = Array.isArray(value) ? Object.values(value) : value instanceof Map ? [...value.values()] : value === undefined ? [] : [value];
    if (op === ':' && args) {
      const [from, count] = args.map((it) => Number(evaluate(plain(it), this.interpreter)));
      const all = every ? list : [this.state.name, ...list];
      list = all.slice(from, count === undefined ? undefined : from + count);
    }
    return list;
  }

  /** @param {Variable} variable @returns {Promise<string>} */
  async variable(variable) {
    const { op, args = [], length } = variable;
    const { interpreter } = this;
    const list = this.list(variable);
    let name = variable.name;
    if (variable.indirect && !list) name = interpreter.get(name);
    const every = variable.index?.length === 1 && 'text' in variable.index[0] && /^[@*]$/.test(variable.index[0].text);
    const key = variable.index && !every ? await this.text(variable.index) : undefined;
    /** @type {string | undefined} */ let value;
    if (list) value = list.length ? list.join(variable.name === '*' || this.isJoined(variable) ? (this.separators()[0] ?? '') : ' ') : undefined;
    else value = interpreter.lookup(name, key);
    if (length) {
      const all = every ? this.list({ ...variable, length: false }) : /^[@*]$/.test(name) ? this.state.positional : null;
      return `${all ? all.length : [...(value ?? '')].length}`;
    }
    const missing = value === undefined || (op?.startsWith(':') && op.length === 2 && value === '');
    if (op && /^:?[-=?+]$/.test(op)) {
      const kind = op.at(-1);
      if (kind === '+') return missing ? '' : this.text(args[0]);
      if (!missing) return value ?? '';
      const other = await this.text(args[0]);
      if (kind === '?') throw new ExpansionError(`${name}: ${other || 'parameter null or not set'}`);
      if (kind === '=') interpreter.assign(name, other, key);
      return other;
    }
    if (value === undefined && this.state.options.has('nounset') && !/^[@*]$/.test(name)) throw new ExpansionError(`${name}: unbound variable`);
    if (!op) return value ?? '';
    if (list && op !== ':') return (await Promise.all(list.map((it) => this.changed(it, op, args)))).join(' ');
    if (list) return value ?? '';
    return this.changed(value ?? '', op, args);
  }

  /** The operators that change a value. @param {string} value @param {string} op @param {Word[]} args */
  async changed(value, op, args) {
    if (op === ':') {
      const [from, count] = await Promise.all(args.map(async (it) => Number(evaluate(await this.text(it), this.interpreter))));
      const all = [...value];
      const start = from < 0 ? all.length + from : from;
      if (start < 0) return '';
      const end = count === undefined ? all.length : count < 0 ? all.length + count : start + count;
      if (end < start) throw new ExpansionError(`${count}: substring expression < 0`);
      return all.slice(start, end).join('');
    }
    const source = await this.pattern(args[0]);
    const pattern = glob(source);
    switch (op) {
      case '#':
      case '##': {
        const end = prefixEnd(pattern, value, op === '##');
        return end < 0 ? value : value.slice(end);
      }
      case '%':
      case '%%': {
        const start = suffixStart(pattern, value, op === '%%');
        return start < 0 ? value : value.slice(0, start);
      }
      case '^':
      case '^^':
      case ',':
      case ',,': {
        const change = (/** @type {string} */ it) => (source && !pattern.matches(it) ? it : op[0] === '^' ? it.toUpperCase() : it.toLowerCase());
        return op.length === 1 ? change(value.slice(0, 1)) + value.slice(1) : [...value].map(change).join('');
      }
      default: {
        if (!source) return value;
        const replacement = args[1] ? await this.text(args[1]) : '';
        if (op === '/#' || op === '/%') {
          const at = op === '/#' ? prefixEnd(pattern, value, true) : suffixStart(pattern, value, true);
          return at < 0 ? value : op === '/#' ? replacement + value.slice(at) : value.slice(0, at) + replacement;
        }
        let text = '';
        let last = 0;
        for (const match of pattern.all(value)) {
          if (match.end === match.at) continue;
          text += value.slice(last, match.at) + replacement;
          last = match.end;
          bounded(text);
          if (op === '/') break;
        }
        return text + value.slice(last);
      }
    }
  }
}

/** The text of a word without expansions. @param {Word} word */
const plain = (word) => word.map((part) => ('text' in part ? part.text : '')).join('');
