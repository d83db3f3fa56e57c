// @ts-check
// jq: the language of jq 1.6 without modules, streaming, dates from text and SQL. Filters produce a
// sequence of values; here they are generators.

import { Pattern } from '../regex.js';
import { bounded, Limit } from '../state.js';
import { fileText, tool, ToolError } from './options.js';

const MAX_STEPS = 1_000_000;

/** An error that `try` and `?` catch. */
class JqError extends Error {
  /** @param {any} value */
  constructor(value) {
    super(typeof value === 'string' ? value : `${dump(value)} (not a string)`);
    this.value = value;
  }
}
/** Text that is not JSON. */
class ParseError extends Error {}
class Break extends Error {
  /** @param {object} label */
  constructor(label) {
    super('break');
    this.label = label;
  }
}

/** @typedef {any} Node */
/** @typedef {{ variables: Map<string, any>, functions: Map<string, { parameters: string[], body: Node, scope: Scope | null, closure?: boolean }> }} Scope */

// Parsing.

const TOKEN = /\s+|#[^\n]*|("(?=)|@[a-z0-9]+|\.\.|\?\/\/|\/\/=|\/\/|\|=|[-+*/%]=|==|!=|<=|>=|\.[A-Za-z_]\w*|\$(?:__loc__|[A-Za-z_]\w*)|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*|[-+*/%<>=|,.:;?()[\]{}])/y;
const RESERVED = ['def', 'if', 'then', 'elif', 'else', 'end', 'as', 'reduce', 'foreach', 'try', 'catch', 'and', 'or', 'label', 'import', 'include', '__loc__'];

class Parser {
  /** @type {any[]} */ tokens = [];
  place = 0;
  depth = 0;
  /** @param {string} source */
  constructor(source) {
    this.tokens = this.read(source, 0, '').tokens;
  }

  /** @param {string} source @param {number} from @param {string} end */
  read(source, from, end) {
    if ((this.depth += 1) > 50) throw new ToolError('error: too deeply nested');
    const tokens = [];
    let open = 0;
    let at = from;
    while (at < source.length) {
      TOKEN.lastIndex = at;
      const found = TOKEN.exec(source);
      if (!found) throw new ToolError(`error: syntax error, unexpected INVALID_CHARACTER (Unix shell quoting issues?) at '${source[at]}'\njq: 1 compile error`, undefined, 3);
      at = TOKEN.lastIndex;
      const [, text] = found;
      if (text === undefined) continue;
      if (text === '"') {
        const string = this.string(source, at);
        tokens.push({ string: string.parts });
        at = string.at;
        continue;
      }
      if (end) {
        if (text === '(') open += 1;
        else if (text === ')' && open) open -= 1;
        else if (text === ')') {
          this.depth -= 1;
          return { tokens, at };
        }
      }
      tokens.push(text);
    }
    if (end) throw new ToolError('error: syntax error, unexpected end of file\njq: 1 compile error', undefined, 3);
    this.depth -= 1;
    return { tokens, at };
  }

  /** The parts of a string after its `"`: text, and tokens of `\(…)`. @param {string} source @param {number} at */
  string(source, at) {
    /** @type {any[]} */ const parts = [];
    let text = '';
    for (;;) {
      const character = source[at];
      if (character === undefined) throw new ToolError('error: syntax error, unexpected end of file, expecting QQSTRING_END\njq: 1 compile error', undefined, 3);
      at += 1;
      if (character === '"') break;
      if (character !== '\\') {
        text += character;
        continue;
      }
      const next = source[at];
      at += 1;
      if (next === '(') {
        parts.push(text);
        text = '';
        const inner = this.read(source, at, ')');
        parts.push(inner.tokens);
        at = inner.at;
      } else if (next === 'u') {
        text += String.fromCharCode(parseInt(source.slice(at, at + 4), 16) || 0);
        at += 4;
      } else text += { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', '\\': '\\', '/': '/' }[next] ?? '';
    }
    parts.push(text);
    return { parts, at };
  }

  get token() {
    return this.tokens[this.place];
  }
  /** @param {string} text */
  take(text) {
    if (this.token !== text) return false;
    this.place += 1;
    return true;
  }
  /** @param {string} text */
  expect(text) {
    if (!this.take(text)) throw this.fail();
  }
  fail() {
    const shown = this.token === undefined ? 'end of file' : typeof this.token === 'string' ? `'${this.token}'` : 'a string';
    return new ToolError(`error: syntax error, unexpected ${shown} (Unix shell quoting issues?)\njq: 1 compile error`, undefined, 3);
  }
  name() {
    const name = this.tokens[this.place++];
    if (typeof name !== 'string' || !/^\$?[A-Za-z_]/.test(name)) {
      this.place -= 1;
      throw this.fail();
    }
    return name;
  }

  program() {
    const node = this.token === undefined ? { op: 'identity' } : this.pipe();
    if (this.token !== undefined) throw this.fail();
    return node;
  }
  /** @returns {Node} */
  pipe() {
    if ((this.depth += 1) > 100) throw new ToolError('error: too deeply nested');
    try {
      if (this.take('def')) {
        const definition = this.definition();
        return { op: 'def', ...definition, rest: this.token === undefined || this.token === ')' ? { op: 'identity' } : this.pipe() };
      }
      if (this.take('label')) {
        const name = this.name();
        this.expect('|');
        return { op: 'label', name, body: this.pipe() };
      }
      const left = this.comma();
      if (this.take('as')) {
        const patterns = [this.pattern()];
        while (this.take('?//')) patterns.push(this.pattern());
        this.expect('|');
        return { op: 'as', source: left, patterns, body: this.pipe() };
      }
      return this.take('|') ? { op: 'pipe', left, right: this.pipe() } : left;
    } finally {
      this.depth -= 1;
    }
  }
  definition() {
    const name = this.name();
    const parameters = [];
    if (this.take('(')) {
      do parameters.push(this.name()); while (this.take(';'));
      this.expect(')');
    }
    this.expect(':');
    const body = this.pipe();
    this.expect(';');
    return { name, parameters, body };
  }
  /** @returns {Node} */
  pattern() {
    if (this.take('[')) {
      const items = [];
      do items.push(this.pattern()); while (this.take(','));
      this.expect(']');
      return { op: 'array', items };
    }
    if (this.take('{')) {
      /** @type {[Node, Node][]} */ const items = [];
      do {
        if (typeof this.token === 'string' && this.token[0] === '$') {
          const name = this.name();
          const key = { op: 'literal', value: name.slice(1) };
          items.push([key, { op: 'variable', name }]);
          if (this.take(':')) items.push([key, this.pattern()]);
          continue;
        }
        const key = this.key();
        this.expect(':');
        items.push([key, this.pattern()]);
      } while (this.take(','));
      this.expect('}');
      return { op: 'object', items };
    }
    return { op: 'variable', name: this.name() };
  }
  /** @returns {Node} */
  comma() {
    const left = this.binary(0);
    return this.take(',') ? { op: 'comma', left, right: this.comma() } : left;
  }
  /** @param {number} level @returns {Node} */
  binary(level) {
    const levels = [['//'], ['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='], ['or'], ['and'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']];
    if (level === levels.length) return this.postfix();
    let left = this.binary(level + 1);
    for (;;) {
      const op = this.token;
      if (typeof op !== 'string' || !levels[level].includes(op)) return left;
      this.place += 1;
      // `//` and assignments associate to the right.
      if (level === 0) return { op: '//', left, right: this.binary(0) };
      if (level === 1) return { op: 'update', by: op.slice(0, -1), path: left, value: this.binary(0) };
      left = { op: 'binary', by: op, left, right: this.binary(level + 1) };
    }
  }
  /** @returns {Node} */
  postfix() {
    let node = this.term();
    for (;;) {
      if (this.take('?')) node = { op: 'try', body: node };
      else if (this.token === '[') node = this.index(node);
      else if (typeof this.token === 'string' && /^\.[A-Za-z_]/.test(this.token)) node = { op: 'index', of: node, key: { op: 'literal', value: this.tokens[this.place++].slice(1) } };
      else if (this.token === '.' && this.tokens[this.place + 1]?.string) {
        this.place += 1;
        node = { op: 'index', of: node, key: this.stringNode() };
      } else if (this.token === '.' && this.tokens[this.place + 1] === '[') this.place += 1;
      else if (this.token === 'as' ) {
        this.place += 1;
        const patterns = [this.pattern()];
        while (this.take('?//')) patterns.push(this.pattern());
        this.expect('|');
        return { op: 'as', source: node, patterns, body: this.pipe() };
      } else return node;
    }
  }
  /** @param {Node} of @returns {Node} */
  index(of) {
    this.expect('[');
    if (this.take(']')) return { op: 'iterate', of };
    if (this.take(':')) {
      const to = this.pipe();
      this.expect(']');
      return { op: 'slice', of, to };
    }
    const key = this.pipe();
    if (this.take(':')) {
      const to = this.token === ']' ? undefined : this.pipe();
      this.expect(']');
      return { op: 'slice', of, from: key, to };
    }
    this.expect(']');
    return { op: 'index', of, key };
  }
  /** @param {string} [format] @returns {Node} */
  stringNode(format) {
    const { string } = this.tokens[this.place++];
    return {
      op: 'string', format, parts: string.map((/** @type {any} */ part) => {
        if (typeof part === 'string') return part;
        const { tokens, place } = this;
        Object.assign(this, { tokens: part, place: 0 });
        const node = this.program();
        Object.assign(this, { tokens, place });
        return node;
      }),
    };
  }
  /** @returns {Node} */
  key() {
    if (this.token?.string) return this.stringNode();
    if (this.take('(')) {
      const node = this.pipe();
      this.expect(')');
      return node;
    }
    const word = this.tokens[this.place++];
    if (typeof word !== 'string' || !/^[A-Za-z_$@]|^\d/.test(word)) {
      this.place -= 1;
      throw this.fail();
    }
    return { op: 'literal', value: word };
  }
  /** @returns {Node} */
  term() {
    const { token } = this;
    if (token === undefined) throw this.fail();
    if (token.string) return this.stringNode();
    this.place += 1;
    if (/^[.\d]?\d/.test(token)) return { op: 'literal', value: Number(token) };
    if (token === '.') {
      if (this.token?.string) return { op: 'index', of: { op: 'identity' }, key: this.stringNode() };
      return { op: 'identity' };
    }
    if (token === '..') return { op: 'call', name: 'recurse', args: [] };
    if (/^\.[A-Za-z_]/.test(token)) return { op: 'index', of: { op: 'identity' }, key: { op: 'literal', value: token.slice(1) } };
    if (token[0] === '$') return { op: 'variable', name: token };
    if (token[0] === '@') return this.token?.string ? this.stringNode(token) : { op: 'format', name: token };
    if (token === '(') {
      const node = this.pipe();
      this.expect(')');
      return node;
    }
    if (token === '[') {
      if (this.take(']')) return { op: 'literal', value: [] };
      const body = this.pipe();
      this.expect(']');
      return { op: 'array', body };
    }
    if (token === '{') return this.object();
    if (token === '-') return { op: 'negative', value: this.postfix() };
    if (token === 'if') {
      const test = this.pipe();
      this.expect('then');
      const yes = this.pipe();
      if (this.token === 'elif') {
        this.tokens[this.place] = 'if';
        return { op: 'if', test, yes, no: this.postfix() };
      }
      const no = this.take('else') ? this.pipe() : { op: 'identity' };
      this.expect('end');
      return { op: 'if', test, yes, no };
    }
    if (token === 'try') {
      const body = this.postfixTry();
      return { op: 'try', body, handler: this.take('catch') ? this.postfixTry() : undefined };
    }
    if (token === 'reduce' || token === 'foreach') {
      const source = this.postfixTerm();
      this.expect('as');
      const pattern = this.pattern();
      this.expect('(');
      const first = this.pipe();
      this.expect(';');
      const update = this.pipe();
      const extract = token === 'foreach' && this.take(';') ? this.pipe() : undefined;
      this.expect(')');
      return { op: token, source, pattern, first, update, extract };
    }
    if (token === 'def') {
      const definition = this.definition();
      return { op: 'def', ...definition, rest: this.pipe() };
    }
    if (token === 'break') return { op: 'break', name: this.name() };
    if (/^[A-Za-z_]/.test(token) && !RESERVED.includes(token)) {
      const args = [];
      if (this.take('(')) {
        do args.push(this.pipe()); while (this.take(';'));
        this.expect(')');
      }
      return { op: 'call', name: token, args };
    }
    this.place -= 1;
    throw this.fail();
  }
  postfixTry() {
    return this.postfixTerm();
  }
  /** A term with its indices, without `as`. @returns {Node} */
  postfixTerm() {
    let node = this.term();
    for (;;) {
      if (this.token === '[') node = this.index(node);
      else if (typeof this.token === 'string' && /^\.[A-Za-z_]/.test(this.token)) node = { op: 'index', of: node, key: { op: 'literal', value: this.tokens[this.place++].slice(1) } };
      else if (this.take('?')) node = { op: 'try', body: node };
      else return node;
    }
  }
  /** @returns {Node} */
  object() {
    /** @type {[Node, Node][]} */ const items = [];
    while (!this.take('}')) {
      const { token } = this;
      const key = this.key();
      if (this.take(':')) {
        let value = this.objectValue();
        while (this.take('|')) value = { op: 'pipe', left: value, right: this.objectValue() };
        items.push([key, value]);
      } else if (typeof token === 'string' && token[0] === '$') items.push([{ op: 'literal', value: token.slice(1) }, { op: 'variable', name: token }]);
      else if (typeof token === 'string' && token[0] === '@') items.push([{ op: 'literal', value: token }, { op: 'format', name: token }]);
      else items.push([key, { op: 'index', of: { op: 'identity' }, key }]);
      if (this.token !== '}') this.expect(',');
    }
    return { op: 'object', items };
  }
  objectValue() {
    const left = this.binary(0);
    return left;
  }
}

// Values.

/** @param {any} value */
export const typeOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const ORDER = ['null', 'false', 'true', 'number', 'string', 'array', 'object'];
const rank = (/** @type {any} */ value) => ORDER.indexOf(typeof value === 'boolean' ? `${value}` : typeOf(value));
const keysOf = (/** @type {object} */ value) => Object.keys(value).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** @param {any} a @param {any} b @returns {number} */
function compare(a, b) {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === 'number' || typeof a === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (Array.isArray(a)) {
    for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
      const found = compare(a[at], b[at]);
      if (found) return found;
    }
    return a.length - b.length;
  }
  if (a === null || typeof a !== 'object') return 0;
  const [first, second] = [keysOf(a), keysOf(b)];
  return compare(first, second) || first.map((key) => compare(a[key], b[key])).find(Boolean) || 0;
}

/**
 * @param {any} value
 * @param {{ indent?: string, sort?: boolean, ascii?: boolean }} [how]
 * @param {string} [inside]
 * @returns {string}
 */
export function dump(value, how = {}, inside = '') {
  const { indent = '', sort } = how;
  const string = (/** @type {string} */ it) => {
    const text = JSON.stringify(it).replace(/\x7f/g, '\\u007f');
    return how.ascii ? text.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`) : text;
  };
  if (typeof value === 'string') return string(value);
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'null';
    const bounded = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
    return `${Math.abs(bounded) >= 1e17 && Number.isInteger(bounded) ? bounded.toExponential() : bounded}`.replace(/e([-+])(\d)$/, 'e$10$2');
  }
  if (value === null || typeof value !== 'object') return `${value}`;
  const more = inside + indent;
  const [gap, end] = indent ? [`\n${more}`, `\n${inside}`] : ['', ''];
  if (Array.isArray(value)) return value.length ? `[${value.map((it) => gap + dump(it, how, more)).join(',')}${end}]` : '[]';
  const keys = sort ? keysOf(value) : Object.keys(value);
  return keys.length ? `{${keys.map((key) => `${gap}${string(key)}:${indent ? ' ' : ''}${dump(value[key], how, more)}`).join(',')}${end}}` : '{}';
}
const textOf = (/** @type {any} */ value) => (typeof value === 'string' ? value : dump(value));
/** A value as errors show it. @param {any} value */
const brief = (value) => {
  const text = dump(value);
  return `${typeOf(value)} (${text.length > 11 ? `${text.slice(0, 10)}...` : text})`;
};
/** An object without inherited names, also for the key `__proto__`. @returns {Record<string, any>} */
const empty = () => Object.create(null);

/** @type {Record<string, (text: string, value: any) => string>} */
const FORMATS = {
  '@text': (text) => text,
  '@json': (_, value) => dump(value),
  '@html': (text) => text.replace(/[<>&'"]/g, (it) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&quot;' })[it] ?? it),
  '@uri': (text) => encodeURIComponent(text).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`),
  '@csv': (_, value) => row(value, 'csv', ',', (it) => `"${it.replace(/"/g, '""')}"`),
  '@tsv': (_, value) => row(value, 'tsv', '\t', (it) => it.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r')),
  '@sh': (_, value) => (Array.isArray(value) ? value : [value]).map((it) => {
    if (it !== null && typeof it === 'object') throw new JqError(`${brief(it)} can not be escaped for shell`);
    return typeof it === 'string' ? `'${it.replace(/'/g, "'\\''")}'` : dump(it);
  }).join(' '),
  '@base64': (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text))),
  '@base64d': (text) => {
    try {
      return new TextDecoder().decode(Uint8Array.from(atob(text.replace(/=+$/, '')), (it) => it.charCodeAt(0)));
    } catch {
      throw new JqError(`${brief(text)} is not valid base64 data`);
    }
  },
};
/** @param {any} value @param {string} name @param {string} separator @param {(text: string) => string} quote */
function row(value, name, separator, quote) {
  if (!Array.isArray(value)) throw new JqError(`${brief(value)} cannot be ${name}-formatted, only an array can be`);
  return value.map((it) => {
    if (it !== null && typeof it === 'object') throw new JqError(`${brief(it)} is not valid in a csv row`);
    return typeof it === 'string' ? quote(it) : it === null ? '' : dump(it);
  }).join(separator);
}

/** @param {string} op @param {any} a @param {any} b */
function operate(op, a, b) {
  const types = `${typeOf(a)},${typeOf(b)}`;
  const fail = (/** @type {string} */ verb) => new JqError(`${brief(a)} and ${brief(b)} cannot be ${verb}`);
  switch (op) {
    case '==': return compare(a, b) === 0;
    case '!=': return compare(a, b) !== 0;
    case '<': return compare(a, b) < 0;
    case '<=': return compare(a, b) <= 0;
    case '>': return compare(a, b) > 0;
    case '>=': return compare(a, b) >= 0;
    case '+':
      if (a === null) return b;
      if (b === null) return a;
      if (types === 'number,number') return a + b;
      if (types === 'string,string') return bounded(a + b);
      if (types === 'array,array') {
        if (a.length + b.length > 100_000) throw new Limit('limit.words');
        return [...a, ...b];
      }
      if (types === 'object,object') return Object.assign(empty(), a, b);
      throw fail('added');
    case '-':
      if (types === 'number,number') return a - b;
      if (types === 'array,array') return a.filter((/** @type {any} */ it) => !b.some((/** @type {any} */ other) => compare(it, other) === 0));
      throw fail('subtracted');
    case '*':
      if (types === 'number,number') return a * b;
      if (types === 'string,number' || types === 'number,string') {
        const [text, count] = typeof a === 'string' ? [a, b] : [b, a];
        if (count <= 0) return null;
        if (text.length * count > 1 << 20) throw new Limit('limit.text');
        return text.repeat(Math.max(1, Math.floor(count)));
      }
      if (types === 'object,object') return merge(a, b);
      throw fail('multiplied');
    case '/':
      if (types === 'number,number') {
        if (b === 0) throw new JqError(`${brief(a)} and ${brief(b)} cannot be divided because the divisor is zero`);
        return a / b;
      }
      if (types === 'string,string') return a === '' ? [] : a.split(b);
      throw fail('divided');
    default:
      if (types !== 'number,number') throw fail('divided');
      if (Math.trunc(b) === 0) throw new JqError(`${brief(a)} and ${brief(b)} cannot be divided because the divisor is zero`);
      return Math.trunc(a) % Math.trunc(b);
  }
}
/** @param {any} a @param {any} b @returns {any} */
function merge(a, b) {
  const result = Object.assign(empty(), a);
  for (const key of Object.keys(b)) result[key] = typeOf(result[key] ?? null) === 'object' && typeOf(b[key]) === 'object' ? merge(result[key], b[key]) : b[key];
  return result;
}

/** @param {any} value @param {any} key */
function indexed(value, key) {
  if (value === null && (typeof key === 'string' || typeof key === 'number' || key === null)) return null;
  if (typeOf(value) === 'object' && typeof key === 'string') return Object.hasOwn(value, key) ? value[key] : null;
  if (Array.isArray(value) && typeof key === 'number') return value.at(Math.floor(key)) ?? null;
  if (Array.isArray(value) && typeOf(key) === 'object') return sliced(value, key.start ?? null, key.end ?? null);
  if (Array.isArray(value) && Array.isArray(key)) return value.flatMap((_, at) => (key.every((it, place) => compare(value[at + place] ?? null, it) === 0) ? [at] : []));
  throw new JqError(`Cannot index ${typeOf(value)} with ${typeof key === 'string' ? `"${key}"` : typeOf(key)}`);
}
/** @param {any} value @param {any} from @param {any} to */
function sliced(value, from, to) {
  if (value === null) return null;
  if (!Array.isArray(value) && typeof value !== 'string') throw new JqError(`Cannot index ${typeOf(value)} with object`);
  const all = typeof value === 'string' ? [...value] : value;
  const list = all.slice(from === null ? 0 : Math.floor(from), to === null ? undefined : Math.ceil(to));
  return typeof value === 'string' ? list.join('') : list;
}
/** @param {any} value @returns {[any, any][]} */
function entriesOf(value) {
  if (Array.isArray(value)) return value.map((it, at) => [at, it]);
  if (typeOf(value) === 'object') return Object.entries(value);
  throw new JqError(`Cannot iterate over ${value === null ? 'null' : brief(value)}`);
}
/** A copy in which a path has a value. @param {any} value @param {any[]} path @param {any} to @returns {any} */
function setPath(value, path, to) {
  if (!path.length) return to;
  const [key, ...rest] = path;
  const inner = setPath(indexed(value, key), rest, to);
  if (typeof key === 'string') {
    if (value !== null && typeOf(value) !== 'object') throw new JqError(`Cannot index ${typeOf(value)} with "${key}"`);
    return Object.assign(empty(), value, { [key]: inner });
  }
  const list = [...(value ?? [])];
  if (typeOf(key) === 'object') {
    list.splice(key.start ?? 0, (key.end ?? list.length) - (key.start ?? 0), ...inner);
    return list;
  }
  const at = key < 0 ? list.length + key : key;
  if (at < 0) throw new JqError('Out of bounds negative array index');
  if (at > 100_000) throw new Limit('limit.words');
  while (list.length < at) list.push(null);
  list[at] = inner;
  return list;
}
/** @param {any} value @param {any[]} path @returns {any} */
function deletePath(value, [key, ...rest]) {
  if (value === null) return null;
  if (rest.length) {
    const inner = indexed(value, key);
    return inner === null ? value : setPath(value, [key], deletePath(inner, rest));
  }
  if (Array.isArray(value)) return value.filter((_, at) => (typeof key === 'number' ? at !== (key < 0 ? value.length + key : key) : at < (key.start ?? 0) || at >= (key.end ?? value.length)));
  const result = Object.assign(empty(), value);
  delete result[key];
  return result;
}

// Running. A result is a pair of a path (or null) and a value.

/** @typedef {[any[] | null, any]} Pair */

class Jq {
  steps = 0;
  depth = 0;
  /** @param {Map<string, string>} environment @param {() => number} now @param {() => any} input */
  constructor(environment, now, input) {
    this.environment = Object.assign(empty(), Object.fromEntries(environment));
    this.now = now;
    this.input = input;
  }

  /** @param {Node} node @param {Scope} scope @param {any} value @returns {Generator<any, void, any>} */
  *values(node, scope, value) {
    for (const [, it] of this.run(node, scope, [null, value])) yield it;
  }
  /** @param {Node} node @param {Scope} scope @param {any} value */
  paths(node, scope, value) {
    return [...this.run(node, scope, [[], value])].map(([path]) => {
      if (!path) throw new JqError('Invalid path expression');
      return path;
    });
  }

  /** @param {Node} node @param {Scope} scope @param {Pair} at @returns {Generator<Pair, void, any>} */
  *run(node, scope, at) {
    if ((this.steps += 1) > MAX_STEPS) throw new Limit('limit.commands', MAX_STEPS);
    const [, value] = at;
    const child = (/** @type {Pair} */ [of], /** @type {any} */ key, /** @type {any} */ found) => /** @type {Pair} */ ([of && [...of, key], found ?? null]);
    switch (node.op) {
      case 'identity': yield at; return;
      case 'literal': yield [null, node.value]; return;
      case 'variable': {
        if (node.name === '$ENV') yield [null, this.environment];
        else if (!scope.variables.has(node.name)) throw new ToolError(`error: ${node.name} is not defined\njq: 1 compile error`, undefined, 3);
        else yield [null, scope.variables.get(node.name)];
        return;
      }
      case 'pipe':
        for (const it of this.run(node.left, scope, at)) yield* this.run(node.right, scope, it);
        return;
      case 'comma':
        yield* this.run(node.left, scope, at);
        yield* this.run(node.right, scope, at);
        return;
      case 'index':
        for (const key of this.values(node.key, scope, value)) for (const it of this.run(node.of, scope, at)) yield child(it, key, indexed(it[1], key));
        return;
      case 'slice':
        for (const to of node.to ? this.values(node.to, scope, value) : [null]) {
          for (const from of node.from ? this.values(node.from, scope, value) : [null]) {
            for (const it of this.run(node.of, scope, at)) yield child(it, { start: from, end: to }, sliced(it[1], from, to));
          }
        }
        return;
      case 'iterate':
        for (const it of this.run(node.of, scope, at)) for (const [key, found] of entriesOf(it[1])) yield child(it, key, found);
        return;
      case 'array': {
        const list = [];
        for (const it of this.values(node.body, scope, value)) if (list.push(it) > 100_000) throw new Limit('limit.words');
        yield [null, list];
        return;
      }
      case 'object': yield* this.object(node.items, scope, value, empty()); return;
      case 'string': yield* this.string(node, scope, value, 0, ''); return;
      case 'format': yield [null, this.format(node.name, value)]; return;
      case 'negative':
        for (const it of this.values(node.value, scope, value)) {
          if (typeof it !== 'number') throw new JqError(`${brief(it)} cannot be negated`);
          yield [null, -it];
        }
        return;
      case 'binary': yield* this.binary(node, scope, value); return;
      case '//': {
        let found = false;
        try {
          for (const it of this.run(node.left, scope, at)) {
            if (it[1] === null || it[1] === false) continue;
            found = true;
            yield it;
          }
        } catch (error) {
          if (!(error instanceof JqError)) throw error;
        }
        if (!found) yield* this.run(node.right, scope, at);
        return;
      }
      case 'if':
        for (const test of this.values(node.test, scope, value)) yield* this.run(test !== null && test !== false ? node.yes : node.no, scope, at);
        return;
      case 'try':
        try {
          yield* this.run(node.body, scope, at);
        } catch (error) {
          if (!(error instanceof JqError)) throw error;
          if (node.handler) yield* this.run(node.handler, scope, [null, error.value]);
        }
        return;
      case 'as': {
        for (const it of this.values(node.source, scope, value)) {
          for (const [place, pattern] of node.patterns.entries()) {
            try {
              for (const bound of this.bind(pattern, it, scope)) yield* this.run(node.body, bound, at);
              break;
            } catch (error) {
              if (!(error instanceof JqError) || place === node.patterns.length - 1) throw error;
            }
          }
        }
        return;
      }
      case 'reduce': {
        for (const first of this.values(node.first, scope, value)) {
          let state = first;
          for (const it of this.values(node.source, scope, value)) {
            for (const bound of this.bind(node.pattern, it, scope)) {
              let next = null;
              for (const found of this.values(node.update, bound, state)) next = found;
              state = next;
            }
          }
          yield [null, state];
        }
        return;
      }
      case 'foreach': {
        for (const first of this.values(node.first, scope, value)) {
          let state = first;
          for (const it of this.values(node.source, scope, value)) {
            for (const bound of this.bind(node.pattern, it, scope)) {
              for (const found of this.values(node.update, bound, state)) {
                state = found;
                if (node.extract) yield* this.run(node.extract, bound, [null, state]);
                else yield [null, state];
              }
            }
          }
        }
        return;
      }
      case 'def': {
        /** @type {Scope} */ const inner = { variables: scope.variables, functions: new Map(scope.functions) };
        inner.functions.set(`${node.name}/${node.parameters.length}`, { parameters: node.parameters, body: node.body, scope: inner });
        yield* this.run(node.rest, inner, at);
        return;
      }
      case 'label': {
        const label = {};
        try {
          yield* this.run(node.body, { variables: new Map(scope.variables).set(`*${node.name}`, label), functions: scope.functions }, at);
        } catch (error) {
          if (!(error instanceof Break) || error.label !== label) throw error;
        }
        return;
      }
      case 'break': throw new Break(scope.variables.get(`*${node.name}`));
      case 'update': yield* this.update(node, scope, value); return;
      default: yield* this.call(node, scope, at);
    }
  }

  /** @param {[Node, Node][]} items @param {Scope} scope @param {any} value @param {Record<string, any>} made @returns {Generator<Pair>} */
  *object([item, ...rest], scope, value, made) {
    if (!item) {
      yield [null, made];
      return;
    }
    for (const key of this.values(item[0], scope, value)) {
      if (typeof key !== 'string') throw new JqError(`Object keys must be strings`);
      for (const it of this.values(item[1], scope, value)) yield* this.object(rest, scope, value, Object.assign(empty(), made, { [key]: it }));
    }
  }
  /** @param {Node} node @param {Scope} scope @param {any} value @param {number} at @param {string} text @returns {Generator<Pair>} */
  *string(node, scope, value, at, text) {
    const part = node.parts[at];
    if (part === undefined) yield [null, bounded(text)];
    else if (typeof part === 'string') yield* this.string(node, scope, value, at + 1, text + part);
    else for (const it of this.values(part, scope, value)) yield* this.string(node, scope, value, at + 1, text + (node.format ? this.format(node.format, it) : textOf(it)));
  }
  /** @param {string} name @param {any} value */
  format(name, value) {
    const format = FORMATS[name];
    if (!format) throw new ToolError(`error: ${name.slice(1)} is not a valid format\njq: 1 compile error`, undefined, 3);
    return format(textOf(value), value);
  }
  /** @param {Node} node @param {Scope} scope @param {any} value @returns {Generator<Pair>} */
  *binary({ by, left, right }, scope, value) {
    const truth = (/** @type {any} */ it) => it !== null && it !== false;
    if (by === 'and' || by === 'or') {
      for (const a of this.values(left, scope, value)) {
        if (truth(a) === (by === 'or')) yield [null, by === 'or'];
        else for (const b of this.values(right, scope, value)) yield [null, truth(b)];
      }
      return;
    }
    for (const b of this.values(right, scope, value)) for (const a of this.values(left, scope, value)) yield [null, operate(by, a, b)];
  }
  /** @param {Node} pattern @param {any} value @param {Scope} scope @returns {Generator<Scope, void>} */
  *bind(pattern, value, scope) {
    if (pattern.op === 'variable') {
      yield { variables: new Map(scope.variables).set(pattern.name, value), functions: scope.functions };
      return;
    }
    /** @type {[Node, Node][]} */ const items = pattern.op === 'array' ? pattern.items.map((/** @type {Node} */ it, /** @type {number} */ at) => [{ op: 'literal', value: at }, it]) : pattern.items;
    /** @param {number} at @param {Scope} current @returns {Generator<Scope, void>} */
    const next = function* (/** @type {Jq} */ self, at, current) {
      if (at === items.length) {
        yield current;
        return;
      }
      for (const key of self.values(items[at][0], current, value)) for (const bound of self.bind(items[at][1], indexed(value, key), current)) yield* next(self, at + 1, bound);
    };
    yield* next(this, 0, scope);
  }
  /** @param {Node} node @param {Scope} scope @param {any} value @returns {Generator<Pair>} */
  *update({ by, path, value: to }, scope, value) {
    const paths = this.paths(path, scope, value);
    const at = (/** @type {any} */ from, /** @type {any[]} */ keys) => keys.reduce((it, key) => indexed(it, key), from);
    if (by === '|') {
      let result = value;
      /** @type {any[][]} */ const removed = [];
      for (const it of paths) {
        const [found] = [...this.values(to, scope, at(result, it))].slice(0, 1);
        if (found === undefined) removed.push(it);
        else result = setPath(result, it, found);
      }
      for (const it of removed.reverse()) result = deletePath(result, it);
      yield [null, result];
      return;
    }
    for (const right of this.values(to, scope, value)) {
      let result = value;
      for (const it of paths) {
        const before = at(result, it);
        result = setPath(result, it, by === '' ? right : by === '//' ? (before === null || before === false ? right : before) : operate(by, before, right));
      }
      yield [null, result];
    }
  }

  /** @param {Node} node @param {Scope} scope @param {Pair} at @returns {Generator<Pair, void, any>} */
  *call({ name, args }, scope, at) {
    const value = at[1];
    const found = scope.functions.get(`${name}/${args.length}`);
    if (found) {
      if ((this.depth += 1) > 500) throw new Limit('limit.calls', 500);
      try {
        if (found.closure) {
          yield* this.run(found.body, /** @type {Scope} */ (found.scope), at);
          return;
        }
        yield* this.invoke(found, args, scope, at, /** @type {Scope} */ (found.scope), 0);
      } finally {
        this.depth -= 1;
      }
      return;
    }
    const builtin = PATHS[`${name}/${args.length}`];
    if (builtin) {
      yield* builtin(this, args, scope, at);
      return;
    }
    const simple = FUNCTIONS[`${name}/${args.length}`];
    if (!simple) throw new ToolError(`error: ${name}/${args.length} is not defined\njq: 1 compile error`, `${name}/${args.length}`, 3);
    for (const values of this.product(args, scope, value)) yield [null, simple(value, values, this)];
  }
  /** @param {any} found @param {Node[]} args @param {Scope} scope @param {Pair} at @param {Scope} inner @param {number} place @returns {Generator<Pair, void, any>} */
  *invoke(found, args, scope, at, inner, place) {
    if (place === args.length) {
      yield* this.run(found.body, inner, at);
      return;
    }
    const parameter = found.parameters[place];
    const functions = new Map(inner.functions).set(`${parameter.replace('$', '')}/0`, { parameters: [], body: args[place], scope, closure: true });
    if (parameter[0] !== '$') yield* this.invoke(found, args, scope, at, { variables: inner.variables, functions }, place + 1);
    else for (const it of this.values(args[place], scope, at[1])) yield* this.invoke(found, args, scope, at, { variables: new Map(inner.variables).set(parameter, it), functions }, place + 1);
  }
  /** @param {Node[]} args @param {Scope} scope @param {any} value @returns {Generator<any[], void>} */
  *product(args, scope, value) {
    if (!args.length) {
      yield [];
      return;
    }
    const last = args.length - 1;
    for (const it of this.values(args[last], scope, value)) for (const before of this.product(args.slice(0, last), scope, value)) yield [...before, it];
  }
}

/** @param {any} value @param {string} what */
const string = (value, what) => {
  if (typeof value !== 'string') throw new JqError(`${brief(value)} ${what}`);
  return value;
};
/** The compiled patterns of the running program. @type {Map<string, Pattern>} */
const patterns = new Map();
/** @param {any} text @param {any} source @param {any} flags */
function matchesOf(text, source, flags) {
  string(text, 'cannot be matched, as it is not a string');
  if (typeof source !== 'string') throw new JqError(`${brief(source)} cannot be matched, as it is not a string`);
  const key = `${flags}/${source}`;
  const pattern = patterns.get(key) ?? new Pattern(flags?.includes('x') ? source.replace(/\s+/g, '') : source, 'pcre', { fold: flags?.includes('i') });
  if (patterns.size < 1000) patterns.set(key, pattern);
  const list = [];
  for (const match of pattern.all(text)) {
    list.push({ match, pattern });
    if (!flags?.includes('g')) break;
  }
  return list;
}
/** @param {{ match: import('../regex.js').Match, pattern: Pattern }} it */
const captures = ({ match, pattern }) => {
  const names = new Map([...pattern.names].map(([name, at]) => [at, name]));
  return match.groups.slice(1).map((group, at) => ({ offset: group === undefined ? -1 : match.at, length: group === undefined ? 0 : [...group].length, string: group ?? null, name: names.get(at + 1) ?? null }));
};
const named = (/** @type {{ match: import('../regex.js').Match }} */ { match }) => Object.assign(empty(), Object.fromEntries(Object.entries(match.named).map(([name, it]) => [name, it ?? null])));

/** Builtins that take filters or keep paths. @type {Record<string, (jq: Jq, args: Node[], scope: Scope, at: Pair) => Generator<Pair, void, any>>} */
const PATHS = {
  *'empty/0'() {},
  *'error/0'(_, __, ___, [, value]) { throw new JqError(value); },
  *'error/1'(jq, [it], scope, [, value]) { for (const message of jq.values(it, scope, value)) throw new JqError(message); },
  *'select/1'(jq, [test], scope, at) { for (const it of jq.values(test, scope, at[1])) if (it !== null && it !== false) yield at; },
  *'recurse/0'(jq, _, scope, at) { yield* PATHS['recurse/1'](jq, [{ op: 'try', body: { op: 'iterate', of: { op: 'identity' } } }], scope, at); },
  *'recurse/1'(jq, [step], scope, at) {
    if ((jq.depth += 1) > 500) throw new Limit('limit.calls', 500);
    yield at;
    for (const it of jq.run(step, scope, at)) yield* PATHS['recurse/1'](jq, [step], scope, it);
    jq.depth -= 1;
  },
  *'map/1'(jq, [body], scope, [, value]) { yield [null, entriesOf(value).flatMap(([, it]) => [...jq.values(body, scope, it)])]; },
  *'map_values/1'(jq, [body], scope, [, value]) { yield* jq.update({ by: '|', path: { op: 'iterate', of: { op: 'identity' } }, value: body }, scope, value); },
  *'path/1'(jq, [body], scope, [, value]) { for (const it of jq.paths(body, scope, value)) yield [null, it]; },
  *'paths/0'(jq, _, scope, [, value]) { for (const it of jq.paths({ op: 'call', name: 'recurse', args: [] }, scope, value)) if (it.length) yield [null, it]; },
  *'paths/1'(jq, [test], scope, [, value]) {
    for (const [path, it] of jq.run({ op: 'call', name: 'recurse', args: [] }, scope, [[], value])) if (path?.length && [...jq.values(test, scope, it)].some((found) => found !== null && found !== false)) yield [null, path];
  },
  *'leaf_paths/0'(jq, _, scope, at) { yield* PATHS['paths/1'](jq, [{ op: 'call', name: 'scalars', args: [] }], scope, at); },
  *'del/1'(jq, [body], scope, [, value]) { yield [null, jq.paths(body, scope, value).sort(compare).reverse().reduce((it, path) => deletePath(it, path), value)]; },
  *'first/1'(jq, [body], scope, at) { for (const it of jq.run(body, scope, at)) { yield it; return; } },
  *'last/1'(jq, [body], scope, at) { let found; for (const it of jq.run(body, scope, at)) found = it; if (found) yield found; },
  *'limit/2'(jq, [count, body], scope, at) {
    for (const most of jq.values(count, scope, at[1])) {
      let left = most;
      if (left > 0) for (const it of jq.run(body, scope, at)) { yield it; if ((left -= 1) <= 0) break; }
    }
  },
  *'nth/2'(jq, [place, body], scope, at) { for (const n of jq.values(place, scope, at[1])) { let index = 0; for (const it of jq.run(body, scope, at)) if (index++ === n) { yield it; break; } } },
  *'until/2'(jq, [test, next], scope, [, value]) {
    for (let it = value; ;) {
      const [done] = [...jq.values(test, scope, it)];
      if (done !== null && done !== false) { yield [null, it]; return; }
      [it] = [...jq.values(next, scope, it)];
    }
  },
  *'while/2'(jq, [test, next], scope, [, value]) {
    for (let it = value; ;) {
      const [go] = [...jq.values(test, scope, it)];
      if (go === null || go === false) return;
      yield [null, it];
      [it] = [...jq.values(next, scope, it)];
    }
  },
  *'range/1'(jq, [to], scope, [, value]) { for (const end of jq.values(to, scope, value)) for (let it = 0; it < end; it += 1) { if ((jq.steps += 1) > MAX_STEPS) throw new Limit('limit.commands', MAX_STEPS); yield [null, it]; } },
  *'range/2'(jq, [from, to], scope, [, value]) { for (const start of jq.values(from, scope, value)) for (const end of jq.values(to, scope, value)) for (let it = start; it < end; it += 1) { if ((jq.steps += 1) > MAX_STEPS) throw new Limit('limit.commands', MAX_STEPS); yield [null, it]; } },
  *'range/3'(jq, [from, to, by], scope, [, value]) {
    for (const start of jq.values(from, scope, value)) for (const end of jq.values(to, scope, value)) for (const step of jq.values(by, scope, value)) {
      for (let it = start; step > 0 ? it < end : step < 0 && it > end; it += step) {
        if ((jq.steps += 1) > MAX_STEPS) throw new Limit('limit.commands', MAX_STEPS);
        yield [null, it];
      }
    }
  },
  *'any/0'(_, __, ___, [, value]) { yield [null, entriesOf(value).some(([, it]) => it !== null && it !== false)]; },
  *'all/0'(_, __, ___, [, value]) { yield [null, entriesOf(value).every(([, it]) => it !== null && it !== false)]; },
  *'any/1'(jq, [test], scope, [, value]) { yield [null, entriesOf(value).some(([, it]) => [...jq.values(test, scope, it)].some((found) => found !== null && found !== false))]; },
  *'all/1'(jq, [test], scope, [, value]) { yield [null, entriesOf(value).every(([, it]) => [...jq.values(test, scope, it)].every((found) => found !== null && found !== false))]; },
  *'sort_by/1'(jq, [body], scope, [, value]) { yield [null, keyed(jq, body, scope, value).map(([, it]) => it)]; },
  *'group_by/1'(jq, [body], scope, [, value]) { yield [null, groups(jq, body, scope, value).map((it) => it.map(([, found]) => found))]; },
  *'unique_by/1'(jq, [body], scope, [, value]) { yield [null, groups(jq, body, scope, value).map(([[, first]]) => first)]; },
  *'min_by/1'(jq, [body], scope, [, value]) { yield [null, keyed(jq, body, scope, value)[0]?.[1] ?? null]; },
  *'max_by/1'(jq, [body], scope, [, value]) { yield [null, keyed(jq, body, scope, value).at(-1)?.[1] ?? null]; },
  *'with_entries/1'(jq, [body], scope, [, value]) { yield [null, fromEntries(toEntries(value).flatMap((it) => [...jq.values(body, scope, it)]))]; },
  *'walk/1'(jq, [body], scope, [, value]) {
    /** @param {any} it @returns {any} */
    const walk = (it) => {
      const inner = Array.isArray(it) ? it.map(walk) : typeOf(it) === 'object' ? Object.assign(empty(), Object.fromEntries(Object.entries(it).map(([key, found]) => [key, walk(found)]))) : it;
      return [...jq.values(body, scope, inner)][0] ?? null;
    };
    yield [null, walk(value)];
  },
  *'sub/2'(jq, args, scope, at) { yield* substitute(jq, args, scope, at, ''); },
  *'gsub/2'(jq, args, scope, at) { yield* substitute(jq, args, scope, at, 'g'); },
  *'sub/3'(jq, args, scope, at) { for (const flags of jq.values(args[2], scope, at[1])) yield* substitute(jq, args, scope, at, flags); },
  *'gsub/3'(jq, args, scope, at) { for (const flags of jq.values(args[2], scope, at[1])) yield* substitute(jq, args, scope, at, `g${flags}`); },
  *'scan/1'(jq, [source], scope, [, value]) { for (const it of jq.values(source, scope, value)) for (const { match } of matchesOf(value, it, 'g')) yield [null, match.groups.length > 1 ? match.groups.slice(1).map((group) => group ?? null) : match.groups[0]]; },
  *'match/1'(jq, [source], scope, [, value]) { for (const it of jq.values(source, scope, value)) for (const found of matchesOf(value, Array.isArray(it) ? it[0] : it, Array.isArray(it) ? it[1] : null)) yield [null, { offset: found.match.at, length: found.match.end - found.match.at, string: found.match.groups[0], captures: captures(found) }]; },
  *'capture/1'(jq, [source], scope, [, value]) { for (const it of jq.values(source, scope, value)) for (const found of matchesOf(value, it, null)) yield [null, named(found)]; },
  *'isvalid/1'(jq, [body], scope, at) { try { for (const it of jq.run(body, scope, at)) { void it; yield [null, true]; return; } } catch { /* invalid */ } yield [null, false]; },
  *'getpath/1'(jq, [body], scope, [path, value]) {
    for (const keys of jq.values(body, scope, value)) {
      /** @type {any} */ let found = value;
      for (const key of keys) found = found === null ? null : indexed(found, key);
      yield [path && [...path, ...keys], found];
    }
  },
  *'env/0'(jq) { yield [null, jq.environment]; },
  *'input/0'(jq) { yield [null, jq.input()]; },
  *'inputs/0'(jq) { for (;;) { let it; try { it = jq.input(); } catch (error) { if (error instanceof JqError) return; throw error; } yield [null, it]; } },
  *'debug/0'(_, __, ___, at) { yield at; },
  *'not/0'(_, __, ___, [, value]) { yield [null, value === null || value === false]; },
  ...Object.fromEntries(Object.entries(/** @type {Record<string, (it: any) => boolean>} */ ({
    values: (it) => it !== null, nulls: (it) => it === null, booleans: (it) => typeof it === 'boolean', numbers: (it) => typeof it === 'number', strings: (it) => typeof it === 'string',
    arrays: Array.isArray, objects: (it) => typeOf(it) === 'object', iterables: (it) => it !== null && typeof it === 'object', scalars: (it) => it === null || typeof it !== 'object',
  })).map(([name, test]) => [`${name}/0`, function* (/** @type {any} */ _, /** @type {any} */ __, /** @type {any} */ ___, /** @type {Pair} */ at) { if (test(at[1])) yield at; }])),
};

/** @param {Jq} jq @param {Node} body @param {Scope} scope @param {any} value @returns {[any, any][]} */
function keyed(jq, body, scope, value) {
  if (!Array.isArray(value)) throw new JqError(`Cannot index ${typeOf(value)} with number`);
  return value.map((it) => /** @type {[any, any]} */ ([[...jq.values(body, scope, it)], it])).sort((a, b) => compare(a[0], b[0]));
}
/** @param {Jq} jq @param {Node} body @param {Scope} scope @param {any} value */
function groups(jq, body, scope, value) {
  /** @type {[any, any][][]} */ const list = [];
  for (const it of keyed(jq, body, scope, value)) {
    const last = list.at(-1);
    if (last && compare(last[0][0], it[0]) === 0) last.push(it);
    else list.push([it]);
  }
  return list;
}
/** @param {any} value */
const toEntries = (value) => entriesOf(value).map(([key, it]) => ({ key, value: it }));
/** @param {any} list */
function fromEntries(list) {
  const result = empty();
  for (const it of list) {
    const key = it.key ?? it.k ?? it.name ?? it.Name ?? it.Key ?? it.K;
    result[typeof key === 'string' ? key : key === undefined || key === null ? 'null' : dump(key)] = it.value ?? it.v ?? it.Value ?? it.V ?? null;
  }
  return result;
}
/** @param {Jq} jq @param {Node[]} args @param {Scope} scope @param {Pair} at @param {string} flags @returns {Generator<Pair>} */
function* substitute(jq, [source, replacement], scope, [, value], flags) {
  for (const it of jq.values(source, scope, value)) {
    let text = '';
    let last = 0;
    for (const found of matchesOf(value, it, flags)) {
      const [to] = [...jq.values(replacement, scope, named(found))];
      text = bounded(text + value.slice(last, found.match.at) + string(to, 'cannot be added to a string'));
      last = found.match.end;
    }
    yield [null, text + value.slice(last)];
  }
}
/** @param {any} value @param {any} other @returns {boolean} */
function contains(value, other) {
  if (typeOf(value) !== typeOf(other)) throw new JqError(`${brief(value)} and ${brief(other)} cannot have their containment checked`);
  if (typeof value === 'string') return value.includes(other);
  if (Array.isArray(value)) return other.every((/** @type {any} */ it) => value.some((inner) => typeOf(inner) === typeOf(it) && contains(inner, it)));
  if (typeOf(value) === 'object') return Object.keys(other).every((key) => Object.hasOwn(value, key) && typeOf(value[key]) === typeOf(other[key]) && contains(value[key], other[key]));
  return compare(value, other) === 0;
}
/** @param {any} value @param {string} name */
const array = (value, name) => {
  if (!Array.isArray(value)) throw new JqError(`${brief(value)} cannot be ${name}, as it is not an array`);
  return value;
};
/** @param {any} text @param {any} format */
const strftime = (text, format) => {
  const date = new Date(typeof text === 'number' ? text * 1000 : Date.UTC(text[0], text[1], ...text.slice(2)));
  const iso = date.toISOString();
  /** @type {Record<string, string>} */ const parts = { Y: iso.slice(0, 4), m: iso.slice(5, 7), d: iso.slice(8, 10), H: iso.slice(11, 13), M: iso.slice(14, 16), S: iso.slice(17, 19), Z: 'UTC', z: '+0000', F: iso.slice(0, 10), T: iso.slice(11, 19), s: `${Math.floor(date.getTime() / 1000)}`, '%': '%' };
  return format.replace(/%(.)/g, (/** @type {string} */ all, /** @type {string} */ letter) => parts[letter] ?? all);
};

/** Builtins on values: the input, and the values of their arguments. @type {Record<string, (value: any, args: any[], jq: Jq) => any>} */
const FUNCTIONS = {
  'null/0': () => null, 'true/0': () => true, 'false/0': () => false, 'infinite/0': () => Infinity, 'nan/0': () => NaN, 'now/0': (_, __, jq) => jq.now() / 1000, 'input_line_number/0': () => 0,
  'length/0': (it) => {
    if (typeof it === 'boolean') throw new JqError(`${brief(it)} has no length`);
    return it === null ? 0 : typeof it === 'number' ? Math.abs(it) : typeof it === 'string' ? [...it].length : Object.keys(it).length;
  },
  'utf8bytelength/0': (it) => new TextEncoder().encode(string(it, 'only strings have UTF-8 byte length')).length,
  'keys/0': (it) => (Array.isArray(it) ? it.map((_, at) => at) : typeOf(it) === 'object' ? keysOf(it) : fail(`${brief(it)} has no keys`)),
  'keys_unsorted/0': (it) => (it !== null && typeof it === 'object' ? Object.keys(it) : fail(`${brief(it)} has no keys`)),
  'has/1': (it, [key]) => (Array.isArray(it) && typeof key === 'number' ? key >= 0 && key < it.length : typeOf(it) === 'object' && typeof key === 'string' ? Object.hasOwn(it, key) : fail(`Cannot check whether ${typeOf(it)} has a ${typeof key === 'string' ? 'string' : typeOf(key)} key`)),
  'in/1': (it, [of]) => Object.hasOwn(of, it),
  'contains/1': (it, [other]) => contains(it, other), 'inside/1': (it, [other]) => contains(other, it),
  'add/0': (it) => entriesOf(it).map(([, found]) => found).reduce((sum, found) => operate('+', sum, found), null),
  'type/0': typeOf, 'tostring/0': textOf, 'tojson/0': (it) => dump(it),
  'tonumber/0': (it) => {
    if (typeof it === 'number') return it;
    const number = typeof it === 'string' && it.trim() !== '' ? Number(it) : NaN;
    return Number.isNaN(number) ? fail(typeof it === 'string' ? `Invalid numeric literal (while parsing '${it}')` : `${brief(it)} cannot be parsed as a number`) : number;
  },
  'fromjson/0': (it) => fromJson(string(it, 'only strings can be parsed')),
  'ascii_downcase/0': (it) => string(it, 'ascii_downcase input must be a string').replace(/[A-Z]/g, (/** @type {string} */ x) => x.toLowerCase()), 'ascii_upcase/0': (it) => string(it, 'ascii_upcase input must be a string').replace(/[a-z]/g, (/** @type {string} */ x) => x.toUpperCase()),
  'startswith/1': (it, [text]) => (typeof it === 'string' && typeof text === 'string' ? it.startsWith(text) : fail('startswith() requires string inputs')), 'endswith/1': (it, [text]) => (typeof it === 'string' && typeof text === 'string' ? it.endsWith(text) : fail('endswith() requires string inputs')),
  'ltrimstr/1': (it, [text]) => (typeof it === 'string' && typeof text === 'string' && it.startsWith(text) ? it.slice(text.length) : it), 'rtrimstr/1': (it, [text]) => (typeof it === 'string' && typeof text === 'string' && text && it.endsWith(text) ? it.slice(0, -text.length) : it),
  'trim/0': (it) => string(it, 'trim input must be a string').trim(), 'ltrim/0': (it) => string(it, 'trim input must be a string').trimStart(), 'rtrim/0': (it) => string(it, 'trim input must be a string').trimEnd(),
  'split/1': (it, [by]) => (typeof it === 'string' && typeof by === 'string' ? (it === '' ? [] : it.split(by)) : fail('split input and separator must be strings')),
  'split/2': (it, [source, flags]) => {
    const parts = [];
    let last = 0;
    for (const { match } of matchesOf(it, source, `g${flags ?? ''}`)) {
      parts.push(it.slice(last, match.at));
      last = match.end;
    }
    return [...parts, it.slice(last)];
  },
  'join/1': (it, [by]) => bounded(entriesOf(it).map(([, found]) => (found === null ? '' : typeof found === 'object' ? fail(`${brief(by)} and ${brief(found)} cannot be added`) : textOf(found))).join(by)),
  'test/1': (it, [source]) => matchesOf(it, Array.isArray(source) ? source[0] : source, Array.isArray(source) ? source[1] : null).length > 0, 'test/2': (it, [source, flags]) => matchesOf(it, source, flags).length > 0,
  'explode/0': (it) => [...it].map((character) => character.codePointAt(0)), 'implode/0': (it) => String.fromCodePoint(...it),
  'reverse/0': (it) => (typeof it === 'string' ? [...it].reverse().join('') : it === null ? [] : [...array(it, 'reversed')].reverse()),
  'sort/0': (it) => [...array(it, 'sorted')].sort(compare), 'unique/0': (it) => [...array(it, 'sorted')].sort(compare).filter((found, at, all) => !at || compare(all[at - 1], found) !== 0),
  'min/0': (it) => [...array(it, 'compared')].sort(compare)[0] ?? null, 'max/0': (it) => [...array(it, 'compared')].sort(compare).at(-1) ?? null,
  'flatten/0': (it) => array(it, 'flattened').flat(Infinity), 'flatten/1': (it, [depth]) => array(it, 'flattened').flat(depth),
  'first/0': (it) => indexed(it, 0), 'last/0': (it) => indexed(it, -1), 'nth/1': (it, [at]) => indexed(it, at),
  'to_entries/0': toEntries, 'from_entries/0': (it) => fromEntries(entriesOf(it).map(([, found]) => found)),
  'floor/0': (it) => Math.floor(it), 'ceil/0': (it) => Math.ceil(it), 'round/0': (it) => Math.round(it), 'fabs/0': (it) => Math.abs(it), 'sqrt/0': (it) => Math.sqrt(it), 'pow/2': (_, [a, b]) => a ** b, 'log/0': (it) => Math.log(it),
  'index/1': (it, [of]) => indices(it, of)[0] ?? null, 'rindex/1': (it, [of]) => indices(it, of).at(-1) ?? null, 'indices/1': indexList,
  'transpose/0': (it) => Array.from({ length: Math.max(0, ...it.map((/** @type {any[]} */ line) => line.length)) }, (_, at) => it.map((/** @type {any[]} */ line) => line[at] ?? null)),
  'setpath/2': (it, [path, to]) => setPath(it, path, to), 'delpaths/1': (it, [paths]) => [...paths].sort(compare).reverse().reduce((found, path) => deletePath(found, path), it),
  'todate/0': (it) => `${new Date(it * 1000).toISOString().slice(0, 19)}Z`, 'fromdate/0': fromDate, 'fromdateiso8601/0': fromDate, 'todateiso8601/0': (it) => `${new Date(it * 1000).toISOString().slice(0, 19)}Z`,
  'strftime/1': (it, [format]) => strftime(it, format), 'gmtime/0': (it) => { const d = new Date(it * 1000); return [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()]; },
  'ascii/0': (it) => String.fromCharCode(it), 'tojson/1': (it) => dump(it),
};
/** @param {string} message @returns {never} */
function fail(message) {
  throw new JqError(message);
}
/** @param {any} it @param {any} of */
function indices(it, of) {
  if (it === null) return [];
  if (typeof it === 'string') {
    const list = [];
    for (let at = it.indexOf(of); at >= 0 && of; at = it.indexOf(of, at + 1)) list.push(at);
    return list;
  }
  return Array.isArray(of) ? indexed(it, of) : it.flatMap((/** @type {any} */ found, /** @type {number} */ at) => (compare(found, of) === 0 ? [at] : []));
}
/** @param {any} it @param {any[]} args */
function indexList(it, [of]) {
  return it === null ? null : indices(it, of);
}
/** @param {any} it */
function fromDate(it) {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(it) ? Date.parse(it) : NaN;
  return Number.isNaN(at) ? fail(`date "${it}" does not match format "%Y-%m-%dT%H:%M:%SZ"`) : at / 1000;
}

/** @param {string} text */
function fromJson(text) {
  try {
    return parseJson(text)[0] ?? null;
  } catch (error) {
    return error instanceof ParseError ? fail(`${error.message.trim().slice(13)} (while parsing '${text}')`) : fail(`${error}`);
  }
}

/** The JSON texts of an input. @param {string} text @returns {any[]} */
function parseJson(text) {
  const list = [];
  let at = 0;
  /** The position after the character that ended the token. @param {string} what @param {number} end */
  const invalid = (what, end) => {
    const before = text.slice(0, end + 1);
    return new ParseError(`parse error: ${what}${end >= text.length ? ' at EOF' : ''} at line ${before.split('\n').length}, column ${before.length - 1 - before.lastIndexOf('\n')}\n`);
  };
  while (at < text.length) {
    if (/\s/.test(text[at])) {
      at += 1;
      continue;
    }
    // The end of the value: of its brackets, its string or its word.
    const from = at;
    let open = 0;
    do {
      const character = text[at];
      if (character === undefined) throw invalid('Unfinished JSON term', at);
      if (character === '"') {
        at += 1;
        while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
        at += 1;
      } else if ('[{'.includes(character)) {
        open += 1;
        at += 1;
      } else if (']}'.includes(character)) {
        open -= 1;
        at += 1;
      } else if (open) at += 1;
      else while (at < text.length && !/[\s[\]{}",]/.test(text[at])) at += 1;
      if (at === from) throw invalid('Invalid literal', at);
    } while (open > 0);
    try {
      list.push(JSON.parse(text.slice(from, at), (_, value) => (value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.assign(empty(), value) : value)));
    } catch {
      const token = /^[^\s[\]{}",:]+/.exec(text.slice(from, at))?.[0];
      throw invalid(token ? 'Invalid numeric literal' : 'Invalid JSON', token ? from + token.length : at);
    }
  }
  return list;
}

const jq = tool('jq', 5, (io) => {
  patterns.clear();
  const flags = { raw: false, join: false, compact: false, sort: false, slurp: false, exit: false, nothing: false, rawInput: false, ascii: false, tab: false, indent: 2 };
  /** @type {Record<string, string>} */ const long = { 'raw-output': 'r', 'join-output': 'j', 'compact-output': 'c', 'sort-keys': 'S', slurp: 's', 'exit-status': 'e', 'null-input': 'n', 'raw-input': 'R', 'ascii-output': 'a', tab: 't', 'color-output': 'C', 'monochrome-output': 'M' };
  /** @type {Record<string, keyof typeof flags>} */ const short = { r: 'raw', j: 'join', c: 'compact', S: 'sort', s: 'slurp', e: 'exit', n: 'nothing', R: 'rawInput', a: 'ascii', t: 'tab' };
  /** @type {Map<string, any>} */ const variables = new Map();
  const named = empty();
  /** @type {string[]} */ const words = [];
  /** @type {any[]} */ let positional = [];
  let source;
  const args = [...io.args];
  const take = (/** @type {string} */ option) => {
    const it = args.shift();
    if (it === undefined) throw new ToolError(`error: ${option} takes ${option === '--indent' || option === '-f' ? 'one parameter' : 'two parameters (e.g. --arg varname value)'}`, undefined, 2);
    return it;
  };
  while (args.length) {
    const word = /** @type {string} */ (args.shift());
    if (word === '--arg' || word === '--argjson' || word === '--slurpfile' || word === '--rawfile') {
      const name = take(word);
      const text = take(word);
      const value = word === '--arg' ? text : word === '--argjson' ? parseJson(text)[0] : word === '--rawfile' ? fileText(io, text) : parseJson(fileText(io, text));
      variables.set(`$${name}`, value);
      named[name] = value;
    } else if (word === '--args') positional = args.splice(0);
    else if (word === '--indent') flags.indent = Math.max(0, Math.min(7, Number(take(word)) || 0));
    else if (word === '-f' || word === '--from-file') source = fileText(io, take('-f'));
    else if (word.startsWith('--')) {
      const letter = long[word.slice(2)];
      if (!letter) throw new ToolError(`Unknown arguments\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq`, word, 2);
      if (short[letter]) Object.assign(flags, { [short[letter]]: true });
    } else if (/^-[a-zA-Z]+$/.test(word)) {
      for (const letter of word.slice(1)) {
        if (short[letter]) Object.assign(flags, { [short[letter]]: true });
        else if (!'CM'.includes(letter)) throw new ToolError(`Unknown arguments\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq`, `-${letter}`, 2);
      }
    } else words.push(word);
  }
  source ??= words.shift();
  source ??= '.';
  variables.set('$__prog_args', positional).set('$__loc__', { file: '<top-level>', line: 1 }).set('$ARGS', { positional, named });
  const node = new Parser(source).program();
  const text = () => (words.length ? words.map((it) => fileText(io, it)).join('') : io.stdin);
  const read = () => (flags.rawInput ? (flags.slurp ? [text()] : text().replace(/\n$/, '').split('\n')) : flags.slurp ? [parseJson(text())] : parseJson(text()));
  /** @type {any[] | undefined} */ let queue;
  const next = () => (queue ??= read()).shift();
  const runner = new Jq(io.variables, () => io.session.now(), () => {
    const it = next();
    return it === undefined ? fail('No more inputs') : it;
  });
  let exit = 0;
  let last;
  const print = (/** @type {any} */ it) => {
    last = it;
    const line = (flags.raw || flags.join) && typeof it === 'string' ? it : dump(it, { indent: flags.compact ? '' : flags.tab ? '\t' : ' '.repeat(flags.indent), sort: flags.sort, ascii: flags.ascii });
    io.out(flags.join ? line : `${line}\n`);
  };
  try {
    for (let it = flags.nothing ? null : next(); it !== undefined; it = flags.nothing ? undefined : next()) {
      try {
        for (const found of runner.values(node, { variables, functions: new Map() }, it)) print(found);
      } catch (error) {
        if (error instanceof Break) throw new ToolError('error: break', undefined, 5);
        if (!(error instanceof JqError)) throw error;
        io.err(`jq: error (at <stdin>:0): ${error.message}\n`);
        exit = 5;
      }
    }
  } catch (error) {
    if (error instanceof RangeError) throw new Limit('limit.calls', 500);
    if (error instanceof ParseError) {
      io.err(error.message);
      return 2;
    }
    throw error;
  }
  if (!exit && flags.exit) return last === undefined ? 4 : last === null || last === false ? 1 : 0;
  return exit;
});

export const PROGRAMS = { jq };
