// @ts-check
// awk: patterns, BEGIN and END, fields, variables, arrays, the statements and functions of POSIX awk
// without I/O: no getline, no pipes, no redirections.

import { formatted } from '../builtins.js';
import { Pattern } from '../regex.js';
import { bounded, Limit } from '../state.js';
import { fileText, linesOf, tool, ToolError } from './options.js';

const MAX_STEPS = 1_000_000;
const KEYWORDS = ['BEGIN', 'END', 'if', 'else', 'while', 'for', 'do', 'in', 'print', 'printf', 'next', 'exit', 'break', 'continue', 'delete', 'function', 'return', 'getline'];

/** @typedef {{ type: string, text: string, space: boolean }} Token */
/** @typedef {any} Node */

/** @param {string} source @returns {Token[]} */
function tokens(source) {
  /** @type {Token[]} */ const list = [];
  const pattern = /([ \t\r]+|\\\n|#[^\n]*)|(\n|;)|("(?:\\[^]|[^"\\\n])*")|(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|([A-Za-z_]\w*)|(\+\+|--|&&|\|\||[-+*/%^]=|==|<=|>=|!=|!~|\*\*|[-+*/%^!<>=~?:,(){}[\]$|])/y;
  let space = false;
  for (let at = 0; at < source.length; ) {
    const last = list.at(-1);
    // A `/` where no operand ended starts a regular expression.
    if (source[at] === '/' && !(last && (['number', 'string', 'regex'].includes(last.type) || (last.type === 'name') || [')', ']', '$', '++', '--'].includes(last.text)))) {
      let end = at + 1;
      for (let bracket = false; source[end] !== '/' || bracket; end += 1) {
        if (source[end] === undefined || source[end] === '\n') throw new ToolError('syntax error: unterminated regexp');
        if (source[end] === '\\') end += 1;
        else if (source[end] === '[') bracket = true;
        else if (source[end] === ']') bracket = false;
      }
      list.push({ type: 'regex', text: source.slice(at + 1, end).replace(/\\\//g, '/'), space });
      at = end + 1;
      space = false;
      continue;
    }
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (!found) throw new ToolError(`syntax error at source line ${source.slice(0, at).split('\n').length}: unexpected character '${source[at]}'`);
    at = pattern.lastIndex;
    const [, blank, end, string, number, name, operator] = found;
    if (blank) {
      space = true;
      continue;
    }
    if (end) list.push({ type: 'end', text: ';', space });
    else if (string) list.push({ type: 'string', text: unquote(string.slice(1, -1)), space });
    else if (number) list.push({ type: 'number', text: number, space });
    else if (name) list.push({ type: KEYWORDS.includes(name) ? 'keyword' : 'name', text: name, space });
    else list.push({ type: 'operator', text: operator, space });
    // The newline after these does not end a statement.
    if (end === '\n' && ['{', '&&', '||', ',', 'do', 'else'].includes(last?.text ?? '') && last?.type !== 'string') list.pop();
    space = false;
  }
  return list;
}
/** @param {string} text */
const unquote = (text) => text.replace(/\\(n|t|r|\\|"|\/|[0-7]{1,3})/g, (_, it) => ({ n: '\n', t: '\t', r: '\r' })[/** @type {'n'} */ (it)] ?? (/\d/.test(it) ? String.fromCharCode(parseInt(it, 8)) : it));

class Parser {
  at = 0;
  depth = 0;
  /** @type {Map<string, { parameters: string[], body: Node }>} */ functions = new Map();
  /** @param {string} source */
  constructor(source) {
    this.tokens = tokens(source);
  }
  get token() {
    return this.tokens[this.at] ?? { type: 'none', text: '', space: false };
  }
  /** @param {string} text */
  is(text) {
    return this.token.text === text && this.token.type !== 'string' && this.token.type !== 'regex' && this.token.type !== 'none';
  }
  /** @param {string} text */
  take(text) {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }
  /** @param {string} text */
  expect(text) {
    if (!this.take(text)) throw this.fail();
  }
  fail() {
    return new ToolError(`syntax error: unexpected ${this.token.type === 'none' ? 'end of program' : `'${this.token.text}'`}`);
  }
  ends() {
    while (this.token.type === 'end') this.at += 1;
  }

  program() {
    const rules = [];
    for (this.ends(); this.token.type !== 'none'; this.ends()) {
      if (this.take('function')) {
        const name = this.tokens[this.at++]?.text ?? '';
        this.expect('(');
        const parameters = [];
        while (!this.take(')')) {
          parameters.push(this.tokens[this.at++]?.text ?? '');
          if (!this.is(')')) this.expect(',');
        }
        this.ends();
        this.functions.set(name, { parameters, body: this.block() });
        continue;
      }
      const special = this.take('BEGIN') ? 'BEGIN' : this.take('END') ? 'END' : '';
      const pattern = special || this.is('{') ? null : this.expression();
      const last = pattern && this.take(',') ? this.expression() : null;
      rules.push({ special, pattern, last, active: false, body: this.is('{') ? this.block() : { op: 'print', items: [] } });
    }
    return rules;
  }
  /** @returns {Node} */
  block() {
    if ((this.depth += 1) > 100) throw new ToolError('program too deeply nested');
    this.expect('{');
    const list = [];
    for (this.ends(); !this.take('}'); this.ends()) {
      if (this.token.type === 'none') throw this.fail();
      list.push(this.statement());
    }
    this.depth -= 1;
    return { op: 'block', list };
  }
  /** @returns {Node} */
  body() {
    this.skipNewlines();
    if (this.is('{')) return this.block();
    if (this.token.type === 'end') {
      this.at += 1;
      return { op: 'block', list: [] };
    }
    return this.statement();
  }
  skipNewlines() {
    // A newline after `)` or `else` does not end the statement; both are one kind of token here.
    if (this.token.type === 'end' && this.tokens[this.at + 1]?.text === '{') this.at += 1;
  }
  /** @returns {Node} */
  statement() {
    if (this.is('{')) return this.block();
    if (this.take('if')) {
      this.expect('(');
      const test = this.expression();
      this.expect(')');
      const yes = this.body();
      const before = this.at;
      this.ends();
      if (this.take('else')) return { op: 'if', test, yes, no: this.body() };
      this.at = before;
      return { op: 'if', test, yes };
    }
    if (this.take('while')) {
      this.expect('(');
      const test = this.expression();
      this.expect(')');
      return { op: 'while', test, body: this.body() };
    }
    if (this.take('do')) {
      const body = this.body();
      this.ends();
      this.expect('while');
      this.expect('(');
      const test = this.expression();
      this.expect(')');
      return { op: 'do', test, body };
    }
    if (this.take('for')) {
      this.expect('(');
      const [name, word, array, close] = this.tokens.slice(this.at, this.at + 4);
      if (name?.type === 'name' && word?.text === 'in' && array?.type === 'name' && close?.text === ')') {
        this.at += 4;
        return { op: 'each', name: name.text, array: array.text, body: this.body() };
      }
      const first = this.token.type === 'end' ? null : this.simple();
      this.semicolon();
      const test = this.token.type === 'end' ? null : this.expression();
      this.semicolon();
      const last = this.is(')') ? null : this.simple();
      this.expect(')');
      return { op: 'for', first, test, last, body: this.body() };
    }
    const node = this.simple();
    if (this.token.type === 'end') this.at += 1;
    else if (!this.is('}') && this.token.type !== 'none') throw this.fail();
    return node;
  }
  semicolon() {
    if (this.token.type !== 'end') throw this.fail();
    this.at += 1;
  }
  /** @returns {Node} */
  simple() {
    for (const op of ['next', 'break', 'continue']) if (this.take(op)) return { op };
    for (const op of ['exit', 'return']) if (this.take(op)) return { op, value: this.token.type === 'end' || this.is('}') || this.token.type === 'none' ? null : this.expression() };
    if (this.take('delete')) {
      const name = this.tokens[this.at++]?.text ?? '';
      return { op: 'delete', name, keys: this.take('[') ? this.list(']') : null };
    }
    for (const op of ['print', 'printf']) {
      if (!this.take(op)) continue;
      /** @type {Node[]} */ let items = [];
      const closed = this.is('(') && this.closesStatement();
      if (closed) {
        this.at += 1;
        items = this.list(')');
      } else if (this.token.type !== 'end' && !this.is('}') && this.token.type !== 'none') {
        this.noGreater = true;
        do items.push(this.expression()); while (this.take(','));
        this.noGreater = false;
      }
      if (this.is('>') || this.is('|')) throw new ToolError(`${op} to a file or a command is not supported`, `${op} ${this.token.text}`);
      return { op, items };
    }
    return { op: 'expression', value: this.expression() };
  }
  noGreater = false;
  /** Whether the parenthesis here closes at the end of the statement. */
  closesStatement() {
    let open = 0;
    for (let at = this.at; at < this.tokens.length; at += 1) {
      const { text, type } = this.tokens[at];
      if (type === 'operator' && text === '(') open += 1;
      else if (type === 'operator' && text === ')' && (open -= 1) === 0) {
        const next = this.tokens[at + 1];
        return !next || next.type === 'end' || next.text === '}' || next.text === '>' || next.text === '|';
      }
    }
    return false;
  }
  /** @param {string} end @returns {Node[]} */
  list(end) {
    const items = [];
    while (!this.take(end)) {
      items.push(this.expression());
      if (!this.is(end)) this.expect(',');
    }
    return items;
  }

  /** @returns {Node} */
  expression() {
    if ((this.depth += 1) > 100) throw new ToolError('program too deeply nested');
    const node = this.ternary();
    this.depth -= 1;
    if (['name', 'index', 'field'].includes(node.op) && /^(?:=|[-+*/%^]=)$/.test(this.token.text) && this.token.type === 'operator') {
      const op = this.tokens[this.at++].text;
      return { op: 'assign', to: node, by: op.slice(0, -1), value: this.expression() };
    }
    return node;
  }
  /** @returns {Node} */
  ternary() {
    const test = this.binary(0);
    if (!this.take('?')) return test;
    const yes = this.expression();
    this.expect(':');
    return { op: 'if?', test, yes, no: this.expression() };
  }
  /** @param {number} level @returns {Node} */
  binary(level) {
    const levels = [['||'], ['&&'], ['in'], ['~', '!~'], ['<', '<=', '!=', '==', '>', '>='], [' '], ['+', '-'], ['*', '/', '%']];
    if (level === levels.length) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const { text, type } = this.token;
      if (levels[level][0] === ' ') {
        const starts = ['number', 'string', 'name', 'regex'].includes(type) || (type === 'operator' && ['$', '!', '(', '-', '+', '++', '--'].includes(text));
        if (!starts || text === 'in' || ((text === '-' || text === '+') && type === 'operator')) return left;
        left = { op: 'join', left, right: this.binary(level + 1) };
        continue;
      }
      if ((type !== 'operator' && text !== 'in') || type === 'string' || type === 'regex' || !levels[level].includes(text) || (text === '>' && this.noGreater)) return left;
      this.at += 1;
      if (text === 'in') left = { op: 'in', key: left, array: this.tokens[this.at++]?.text ?? '' };
      else left = { op: text, left, right: this.binary(level + 1) };
    }
  }
  /** @returns {Node} */
  unary() {
    if ((this.depth += 1) > 100) throw new ToolError('program too deeply nested');
    try {
      if (this.take('!')) return { op: '!', value: this.unary() };
      if (this.take('-')) return { op: 'negative', value: this.unary() };
      if (this.take('+')) return { op: 'positive', value: this.unary() };
      const base = this.postfix();
      if (this.take('^') || this.take('**')) return { op: '^', left: base, right: this.unary() };
      return base;
    } finally {
      this.depth -= 1;
    }
  }
  /** @returns {Node} */
  postfix() {
    for (const [text, by] of [['++', '+'], ['--', '-']]) if (this.take(text)) return { op: 'assign', to: this.primary(), by, value: { op: 'number', value: 1 } };
    const node = this.primary();
    if (!['name', 'index', 'field'].includes(node.op)) return node;
    for (const [text, by] of [['++', 1], ['--', -1]]) if (this.take(/** @type {string} */ (text))) return { op: 'post', to: node, by };
    return node;
  }
  /** @returns {Node} */
  primary() {
    const { type, text } = this.token;
    this.at += 1;
    if (type === 'number') return { op: 'number', value: Number(text) };
    if (type === 'string') return { op: 'string', value: text };
    if (type === 'regex') return { op: 'regex', pattern: new Pattern(text, 'ere') };
    if (type === 'operator' && text === '$') return { op: 'field', value: this.take('++') ? { op: 'assign', to: this.primary(), by: '+', value: { op: 'number', value: 1 } } : this.take('-') ? { op: 'negative', value: this.primary() } : this.primary() };
    if (type === 'operator' && text === '(') {
      const { noGreater } = this;
      this.noGreater = false;
      const items = this.list(')');
      this.noGreater = noGreater;
      if (items.length > 1 && this.take('in')) return { op: 'in', key: { op: 'keys', items }, array: this.tokens[this.at++]?.text ?? '' };
      if (items.length !== 1) throw this.fail();
      return { op: 'group', value: items[0] };
    }
    if (type === 'name') {
      if (this.is('(') && (!this.token.space || FUNCTIONS[text])) {
        this.at += 1;
        return { op: 'call', name: text, args: this.list(')') };
      }
      if (FUNCTIONS[text] && text === 'length') return { op: 'call', name: text, args: [] };
      if (this.take('[')) return { op: 'index', name: text, keys: this.list(']') };
      return { op: 'name', name: text };
    }
    if (text === 'getline') throw new ToolError('getline is not supported', 'getline');
    this.at -= 1;
    throw this.fail();
  }
}

/** A string from the input, which is a number if it looks like one. */
class Input {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}
/** @typedef {string | number | Input | undefined} Value */

/** @param {Value} value */
const numberOf = (value) => (typeof value === 'number' ? value : value === undefined ? 0 : parseFloat(/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(value instanceof Input ? value.text : value)?.[0] ?? '0'));
/** @param {Value} value @param {string} [format] */
const textOf = (value, format = '%.6g') => {
  if (typeof value !== 'number') return value === undefined ? '' : value instanceof Input ? value.text : value;
  return Number.isInteger(value) ? `${value}` : formatted(format, [`${value}`], () => {}, true).text;
};
const looksNumeric = (/** @type {Value} */ it) => typeof it === 'number' || it === undefined || (it instanceof Input && /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(it.text));
/** @param {Value} value */
const truth = (value) => (looksNumeric(value) ? numberOf(value) !== 0 : textOf(value) !== '');

class Stop extends Error {
  /** @param {string} kind @param {Value} [value] */
  constructor(kind, value) {
    super(kind);
    this.value = value;
  }
}

/** @type {Record<string, (awk: Awk, args: Node[]) => Value>} */
const FUNCTIONS = {
  length: (awk, args) => (!args.length ? awk.record.length : args[0].op === 'name' && awk.arrays.has(args[0].name) ? awk.array(args[0].name).size : awk.text(args[0]).length),
  substr: (awk, args) => {
    const [text, from, count] = [awk.text(args[0]), Math.round(awk.number(args[1])), args[2] ? Math.round(awk.number(args[2])) : Infinity];
    return text.slice(Math.max(0, from - 1), Math.max(0, from - 1 + count));
  },
  index: (awk, args) => awk.text(args[0]).indexOf(awk.text(args[1])) + 1,
  tolower: (awk, args) => awk.text(args[0]).toLowerCase(),
  toupper: (awk, args) => awk.text(args[0]).toUpperCase(),
  int: (awk, args) => Math.trunc(awk.number(args[0])),
  sqrt: (awk, args) => Math.sqrt(awk.number(args[0])),
  sprintf: (awk, args) => awk.format(args),
  split: (awk, args) => {
    const separator = args[2] ? (args[2].op === 'regex' ? args[2].pattern : awk.text(args[2])) : awk.text({ op: 'name', name: 'FS' });
    const parts = awk.split(awk.text(args[0]), separator);
    const array = awk.array(args[1].name);
    array.clear();
    parts.forEach((/** @type {string} */ it, /** @type {number} */ at) => array.set(`${at + 1}`, new Input(it)));
    return parts.length;
  },
  match: (awk, args) => {
    const found = awk.pattern(args[1]).exec(awk.text(args[0]));
    awk.variables.set('RSTART', found ? found.at + 1 : 0);
    awk.variables.set('RLENGTH', found ? found.end - found.at : -1);
    if (found && args[2]) {
      const array = awk.array(args[2].name);
      array.clear();
      found.groups.forEach((/** @type {string | undefined} */ it, /** @type {number} */ at) => array.set(`${at}`, new Input(it ?? '')));
    }
    return found ? found.at + 1 : 0;
  },
  sub: (awk, args) => awk.substitute(args, false),
  gsub: (awk, args) => awk.substitute(args, true),
};

class Awk {
  /** @type {Map<string, Value>} */ variables = new Map(Object.entries({ FS: ' ', OFS: ' ', ORS: '\n', RS: '\n', SUBSEP: '\x1c', NR: 0, NF: 0, FNR: 0 }));
  /** @type {Map<string, Map<string, Value>>} */ arrays = new Map();
  /** @type {Map<string, Value>[]} */ frames = [];
  /** @type {Map<string, Pattern>} */ patterns = new Map();
  record = '';
  /** @type {string[]} */ fields = [];
  out = '';
  steps = 0;
  exit = 0;

  /** @param {Parser} parser @param {(message: string) => void} warn */
  constructor(parser, warn) {
    this.functions = parser.functions;
    this.warn = warn;
  }
  step() {
    if ((this.steps += 1) > MAX_STEPS) throw new Limit('limit.commands', MAX_STEPS);
  }
  /** @param {string} name @returns {Map<string, Value>} */
  array(name) {
    let array = this.arrays.get(name);
    if (!array) this.arrays.set(name, (array = new Map()));
    return array;
  }
  /** @param {string} text @param {string | Pattern} separator */
  split(text, separator) {
    if (separator === ' ') return text.trim() === '' ? [] : text.trim().split(/\s+/);
    if (text === '') return [];
    if (separator === '') return [...text];
    if (typeof separator === 'string' && separator.length === 1 && separator !== '\\') return text.split(separator);
    const pattern = typeof separator === 'string' ? new Pattern(separator, 'ere') : separator;
    const parts = [];
    let last = 0;
    for (const match of pattern.all(text)) {
      if (match.end === match.at) continue;
      parts.push(text.slice(last, match.at));
      last = match.end;
    }
    return [...parts, text.slice(last)];
  }
  /** @param {string} record */
  setRecord(record) {
    this.record = record;
    this.fields = this.split(record, textOf(this.variables.get('FS')));
    this.variables.set('NF', this.fields.length);
  }
  join() {
    this.record = bounded(this.fields.join(textOf(this.variables.get('OFS'))));
    this.variables.set('NF', this.fields.length);
  }
  /** @param {string} text */
  print(text) {
    this.out = bounded(this.out + text);
  }
  /** @param {Node} node */
  text(node) {
    return textOf(this.value(node), textOf(this.variables.get('CONVFMT') ?? '%.6g'));
  }
  /** @param {Node} node */
  number(node) {
    return numberOf(this.value(node));
  }
  /** @param {Node} node */
  pattern(node) {
    if (node.op === 'regex') return node.pattern;
    const source = this.text(node);
    const pattern = this.patterns.get(source) ?? new Pattern(source, 'ere');
    if (this.patterns.size < 1000) this.patterns.set(source, pattern);
    return pattern;
  }
  /** @param {Node[]} args */
  format(args) {
    const [format, ...rest] = args.map((it) => this.text(it));
    return formatted(format ?? '', rest, this.warn, true).text;
  }
  /** @param {Node[]} keys */
  key(keys) {
    return keys.map((it) => this.text(it)).join(textOf(this.variables.get('SUBSEP')));
  }

  /** @param {Node[]} args @param {boolean} all */
  substitute(args, all) {
    const pattern = this.pattern(args[0]);
    const replacement = this.text(args[1]);
    const target = args[2] ?? { op: 'field', value: { op: 'number', value: 0 } };
    const text = this.text(target);
    let result = '';
    let last = 0;
    let count = 0;
    let previous = -1;
    for (const match of pattern.all(text)) {
      if (match.at === match.end && match.at === previous) continue;
      previous = match.end;
      count += 1;
      result = bounded(result + text.slice(last, match.at) + replacement.replace(/\\(\\|&)|&/g, (it, escaped) => escaped ?? text.slice(match.at, match.end)));
      last = match.end;
      if (!all) break;
    }
    if (count) this.store(target, result + text.slice(last));
    return count;
  }

  /** @param {Node} to @param {Value} value @returns {Value} */
  store(to, value) {
    if (to.op === 'index') this.array(to.name).set(this.key(to.keys), value);
    else if (to.op === 'field') {
      const at = this.number(to.value);
      if (at < 0 || at > 10_000) throw new ToolError(`trying to access out of range field ${at}`);
      if (at === 0) this.setRecord(textOf(value));
      else {
        while (this.fields.length < at) this.fields.push('');
        this.fields[at - 1] = textOf(value);
        this.join();
      }
    } else {
      const frame = this.frames.at(-1);
      if (frame?.has(to.name)) frame.set(to.name, value);
      else this.variables.set(to.name, value);
      if (to.name === 'NF') {
        this.fields.length = Math.min(10_000, Math.max(0, numberOf(value)));
        this.fields = Array.from(this.fields, (it) => it ?? '');
        this.join();
      }
    }
    return value;
  }

  /** @param {Node} node @returns {Value} */
  value(node) {
    this.step();
    const truthOf = (/** @type {boolean} */ it) => (it ? 1 : 0);
    switch (node.op) {
      case 'number': case 'string': return node.value;
      case 'group': return this.value(node.value);
      case 'regex': return truthOf(node.pattern.test(this.record));
      case 'name': {
        const frame = this.frames.at(-1);
        return frame?.has(node.name) ? frame.get(node.name) : this.variables.get(node.name);
      }
      case 'field': {
        const at = this.number(node.value);
        if (at < 0) throw new ToolError(`trying to access out of range field ${at}`);
        return new Input(at === 0 ? this.record : this.fields[at - 1] ?? '');
      }
      case 'index': {
        const array = this.array(node.name);
        const key = this.key(node.keys);
        if (!array.has(key)) array.set(key, undefined);
        return array.get(key);
      }
      case 'in': return truthOf(this.array(node.array).has(node.key.op === 'keys' ? this.key(node.key.items) : this.text(node.key)));
      case 'assign': {
        const right = this.value(node.value);
        return this.store(node.to, node.by ? this.arithmetic(node.by, this.number(node.to), numberOf(right)) : right);
      }
      case 'post': {
        const before = this.number(node.to);
        this.store(node.to, before + node.by);
        return before;
      }
      case 'if?': return truth(this.value(node.test)) ? this.value(node.yes) : this.value(node.no);
      case '!': return truthOf(!truth(this.value(node.value)));
      case 'negative': return -this.number(node.value);
      case 'positive': return this.number(node.value);
      case '||': return truthOf(truth(this.value(node.left)) || truth(this.value(node.right)));
      case '&&': return truthOf(truth(this.value(node.left)) && truth(this.value(node.right)));
      case '~': return truthOf(this.pattern(node.right).test(this.text(node.left)));
      case '!~': return truthOf(!this.pattern(node.right).test(this.text(node.left)));
      case 'join': return bounded(this.text(node.left) + this.text(node.right));
      case '<': case '<=': case '!=': case '==': case '>': case '>=': {
        const [left, right] = [this.value(node.left), this.value(node.right)];
        const [a, b] = looksNumeric(left) && looksNumeric(right) ? [numberOf(left), numberOf(right)] : [textOf(left), textOf(right)];
        return truthOf(node.op === '<' ? a < b : node.op === '<=' ? a <= b : node.op === '!=' ? a !== b : node.op === '==' ? a === b : node.op === '>' ? a > b : a >= b);
      }
      case 'call': return this.call(node);
      default: return this.arithmetic(node.op, this.number(node.left), this.number(node.right));
    }
  }
  /** @param {string} op @param {number} a @param {number} b */
  arithmetic(op, a, b) {
    if (b === 0 && (op === '/' || op === '%')) throw new ToolError('division by zero');
    return op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : op === '/' ? a / b : op === '%' ? a % b : a ** b;
  }
  /** @param {Node} node @returns {Value} */
  call({ name, args }) {
    if (Object.hasOwn(FUNCTIONS, name)) return FUNCTIONS[name](this, args);
    const found = this.functions.get(name);
    if (!found) throw new ToolError(`calling undefined function ${name}`, `${name}()`);
    if (this.frames.length > 100) throw new Limit('limit.calls', 100);
    const values = args.map((/** @type {Node} */ it) => this.value(it));
    this.frames.push(new Map(found.parameters.map((it, at) => [it, values[at]])));
    try {
      this.run(found.body);
    } catch (error) {
      if (error instanceof Stop && error.message === 'return') return error.value;
      throw error;
    } finally {
      this.frames.pop();
    }
    return undefined;
  }

  /** @param {Node} node @returns {void} */
  run(node) {
    this.step();
    /** @param {() => boolean} test @param {() => void} [after] @param {boolean} [first] */
    const loop = (test, after = () => {}, first = false) => {
      while (first || test()) {
        first = false;
        this.step();
        try {
          this.run(node.body);
        } catch (error) {
          if (!(error instanceof Stop) || (error.message !== 'break' && error.message !== 'continue')) throw error;
          if (error.message === 'break') return;
        }
        after();
      }
    };
    switch (node.op) {
      case 'block': for (const it of node.list) this.run(it); break;
      case 'expression': this.value(node.value); break;
      case 'print': this.print((node.items.length ? node.items.map((/** @type {Node} */ it) => textOf(this.value(it), textOf(this.variables.get('OFMT') ?? '%.6g'))).join(textOf(this.variables.get('OFS'))) : this.record) + textOf(this.variables.get('ORS'))); break;
      case 'printf': this.print(this.format(node.items)); break;
      case 'if':
        if (truth(this.value(node.test))) this.run(node.yes);
        else if (node.no) this.run(node.no);
        break;
      case 'while': loop(() => truth(this.value(node.test))); break;
      case 'do': loop(() => truth(this.value(node.test)), () => {}, true); break;
      case 'for':
        if (node.first) this.run(node.first);
        loop(() => !node.test || truth(this.value(node.test)), () => node.last && this.run(node.last));
        break;
      case 'each': {
        const keys = [...this.array(node.array).keys()];
        let at = 0;
        loop(() => at < keys.length && (this.store({ op: 'name', name: node.name }, new Input(keys[at++])), true));
        break;
      }
      case 'delete':
        if (node.keys) this.array(node.name).delete(this.key(node.keys));
        else this.array(node.name).clear();
        break;
      case 'exit':
        if (node.value) this.exit = this.number(node.value) & 255;
        throw new Stop('exit');
      case 'return': throw new Stop('return', node.value ? this.value(node.value) : undefined);
      default: throw new Stop(node.op);
    }
  }

  /** @param {ReturnType<Parser['program']>} rules @param {() => string} read @param {() => void} assign */
  main(rules, read, assign) {
    const special = (/** @type {string} */ name) => rules.filter((it) => it.special === name);
    try {
      for (const { body } of special('BEGIN')) this.run(body);
      assign();
      if (rules.some((it) => it.special !== 'BEGIN')) {
        const separator = textOf(this.variables.get('RS'));
        const text = read();
        const records = separator === '\n' ? linesOf(text) : separator === '' ? text.trim().split(/\n\n+/) : text.replace(/\n$/, '').split(separator);
        for (const record of records) {
          this.variables.set('NR', numberOf(this.variables.get('NR')) + 1);
          this.variables.set('FNR', this.variables.get('NR'));
          this.setRecord(record);
          try {
            for (const rule of rules) if (!rule.special && this.selected(rule)) this.run(rule.body);
          } catch (error) {
            if (!(error instanceof Stop) || error.message !== 'next') throw error;
          }
        }
      }
    } catch (error) {
      if (!(error instanceof Stop) || error.message !== 'exit') throw error;
    }
    try {
      for (const { body } of special('END')) this.run(body);
    } catch (error) {
      if (!(error instanceof Stop) || error.message !== 'exit') throw error;
    }
  }
  /** @param {any} rule */
  selected(rule) {
    if (!rule.last) return !rule.pattern || truth(this.value(rule.pattern));
    if (!rule.active && !truth(this.value(rule.pattern))) return false;
    rule.active = !truth(this.value(rule.last));
    return true;
  }
}

const awk = tool('awk', 2, (io) => {
  const args = [...io.args];
  /** @type {[string, string][]} */ const assigns = [];
  let source = '';
  while (args[0]?.startsWith('-') && args[0].length > 1) {
    const word = /** @type {string} */ (args.shift());
    if (word === '--') break;
    const value = word.slice(2) || args.shift() || '';
    if (word.startsWith('-F')) assigns.push(['FS', value === 't' ? '\t' : unquote(value)]);
    else if (word.startsWith('-v') && /^\w+=/.test(value)) assigns.push([value.slice(0, value.indexOf('=')), unquote(value.slice(value.indexOf('=') + 1))]);
    else if (word.startsWith('-f')) source += fileText(io, value);
    else throw new ToolError(`not an option: ${word}`, word);
  }
  if (!source) {
    const word = args.shift();
    if (word === undefined) throw new ToolError("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]");
    source = word;
  }
  const parser = new Parser(source);
  const rules = parser.program();
  const program = new Awk(parser, (message) => io.err(`awk: ${message}\n`));
  for (const [name, value] of assigns) program.variables.set(name, /** @type {any} */ (new Input(value)));
  for (const [name, value] of io.variables) program.array('ENVIRON').set(name, new Input(value));
  const files = args.filter((it) => !/^[A-Za-z_]\w*=/.test(it));
  program.main(rules, () => (files.length ? files.map((it) => fileText(io, it)).join('') : io.stdin), () => {
    for (const it of args.filter((word) => !files.includes(word))) program.variables.set(it.slice(0, it.indexOf('=')), /** @type {any} */ (new Input(unquote(it.slice(it.indexOf('=') + 1)))));
  });
  io.out(program.out);
  return program.exit;
});

export const PROGRAMS = { awk, gawk: awk, mawk: awk };
