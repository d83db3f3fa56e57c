// @ts-check
// A parser for the part of bash's grammar that people type and paste: lists, pipelines, compound
// commands, functions, redirections, here-documents. Words are parsed in words.js.

import { Incomplete, nested, Syntax, WordParser } from './words.js';

export { Incomplete, Syntax };
/** @typedef {import('./words.js').Word} Word */
/** @typedef {{ fd: number, op: string, to: Word }} Redirect */
/** @typedef {{ name: string, index?: Word, word: Word, append: boolean, list?: Word[] }} Assign */
/**
 * An expression of `[[ … ]]`.
 * @typedef {{ op: string, words: Word[] } | { op: '!' | '&&' | '||', terms: Test[] }} Test
 */
/**
 * `simple` has words; the others are compound commands.
 * @typedef {{ redirects: Redirect[] } & (
 *   { type: 'simple', assigns: Assign[], words: Word[] }
 *   | { type: 'if', clauses: { test: List, body: List }[], otherwise: List | null }
 *   | { type: 'loop', until: boolean, test: List, body: List }
 *   | { type: 'for', name: string, words: Word[] | null, body: List }
 *   | { type: 'count', parts: Word[], body: List }
 *   | { type: 'case', word: Word, items: { patterns: Word[], body: List, end: string }[] }
 *   | { type: 'group' | 'subshell', body: List }
 *   | { type: 'function', name: string, body: Command }
 *   | { type: 'test', test: Test }
 *   | { type: 'arithmetic', text: Word }
 * )} Command
 */
/** @typedef {{ after: '' | ';' | '&&' | '||', not: boolean, background?: boolean, pipe: Command[] }[]} List */

/** What this shell supports, for `help`. */
export const CONSTRUCTS = [
  'A && B', 'A || B', 'A; B', 'A | B', '! A', 'if … then … elif … else … fi', 'for X in …; do … done', 'for ((…; …; …))', 'while …; do … done', 'until …; do … done', 'case … in …) … ;; esac',
  '{ …; }', '( … )', 'f() { …; }', '[ … ]', '[[ … ]]', '(( … ))', '$X ${X} ${#X} ${X:-…} ${X:=…} ${X:?…} ${X:+…} ${X#…} ${X%…} ${X/…/…} ${X:1:2} ${X^^} ${X,,} ${!X}', 'X=(…) ${X[@]}', '$(…) `…` $((…)) <(…) >(…)',
  '> >> < 2>&1 &> << <<- <<<', '* ? […] {a,b} {1..3} ~', "'…' \"…\" $'…'",
];
/** Words that bash reserves, at the start of a command. */
const RESERVED = ['if', 'then', 'elif', 'else', 'fi', 'for', 'while', 'until', 'case', 'esac', 'in', 'do', 'done', 'function', '{', '}', '[['];
const UNSUPPORTED = ['select', 'coproc'];
/** The words with which no command starts. */
const CLOSING = ['then', 'elif', 'else', 'fi', 'esac', 'do', 'done', '}', 'in'];
const NAME = /^[A-Za-z_]\w*/;
const ASSIGN = /([A-Za-z_]\w*)(?:\[([^\]\s]*)\])?(\+?)=/y;

/** @param {string} source @returns {List} */
export const parse = (source) => new Parser(source).all();

/**
 * Where the first complete command line of a text ends. A syntax error ends it with its line.
 * @param {string} source
 * @param {number} [at]
 * @returns {{ end: number, incomplete: boolean }}
 */
export function lineEnd(source, at = 0) {
  const parser = new Parser(source, at);
  try {
    parser.line();
    return { end: parser.at, incomplete: false };
  } catch (error) {
    if (error instanceof Incomplete) return { end: source.length, incomplete: true };
    const end = source.indexOf('\n', parser.at);
    return { end: end < 0 ? source.length : end + 1, incomplete: false };
  }
}

/** Whether the input needs another line. @param {string} source */
export function isIncomplete(source) {
  try {
    parse(source);
    return false;
  } catch (error) {
    return error instanceof Incomplete;
  }
}

class Parser extends WordParser {
  /** Here-documents whose text starts after the next newline. @type {{ redirect: Redirect, end: string, quoted: boolean, tabs: boolean }[]} */
  pending = [];

  atEnd() {
    this.blanks();
    while (this.next === '\n') {
      this.newline();
      this.blanks();
    }
    return this.next === undefined;
  }

  /** Consumes a newline, and the here-documents that follow it. */
  newline() {
    this.at += 1;
    for (const { redirect, end, quoted, tabs } of this.pending.splice(0)) {
      let text = '';
      for (;;) {
        if (this.at >= this.source.length) throw new Incomplete();
        const to = this.source.indexOf('\n', this.at);
        const whole = this.source.slice(this.at, to < 0 ? undefined : to);
        const line = tabs ? whole.replace(/^\t+/, '') : whole;
        this.at = to < 0 ? this.source.length : to + 1;
        if (line === end) break;
        text += `${line}\n`;
      }
      redirect.to = quoted ? [{ text, quoted: true }] : this.inner(text).hereDocument();
    }
  }

  /** @override */
  all() {
    /** @type {List} */ const list = [];
    while (!this.atEnd()) {
      const line = this.line();
      if (list.length && line.length) line[0].after = ';';
      list.push(...line);
    }
    return list;
  }

  /** A command line: up to a newline or the end. @returns {List} */
  line() {
    if (this.atEnd()) return [];
    const list = this.list([], true);
    if (this.pending.length) {
      if (this.next === undefined) throw new Incomplete();
      this.newline();
    }
    return list;
  }

  /** The reserved word at this place. */
  reserved() {
    const pattern = /(?:\[\[|[{}]|[a-z]+)(?=[\s;&|()<>]|$)/y;
    pattern.lastIndex = this.at;
    const [word] = pattern.exec(this.source) ?? [];
    return word && (RESERVED.includes(word) || UNSUPPORTED.includes(word)) ? word : '';
  }

  /**
   * Commands up to one of the ends, which is not consumed; an `oneLine` list ends at a newline.
   * @override
   * @param {string[]} ends
   * @param {boolean} [oneLine]
   * @returns {List}
   */
  list(ends, oneLine = false) {
    /** @type {List} */ const list = [];
    /** @type {'' | ';' | '&&' | '||'} */ let after = '';
    const isEnd = () => ends.some((end) => (/[a-z{}]/.test(end) ? this.reserved() === end : this.is(end)));
    for (;;) {
      this.blanks();
      if (this.next === '\n') {
        const joins = after === '&&' || after === '||';
        if (oneLine && !joins) {
          this.newline();
          return list;
        }
        this.newline();
        if (after === '' && list.length) after = ';';
        continue;
      }
      if (this.next === undefined) {
        if (ends.length || after === '&&' || after === '||') throw new Incomplete();
        return list;
      }
      if (isEnd()) {
        if (after === '&&' || after === '||' || (!list.length && !ends.includes(')'))) throw new Syntax('', this.token());
        return list;
      }
      if (list.length && after === '') throw new Syntax('', this.token());
      let not = false;
      while (/^!(?=\s)/.test(this.source.slice(this.at, this.at + 2))) {
        not = !not;
        this.at += 1;
        this.blanks();
      }
      const pipe = [this.command()];
      for (;;) {
        this.blanks();
        if (this.next !== '|' || this.is('||')) break;
        const both = this.is('|&');
        this.at += both ? 2 : 1;
        if (both) pipe[pipe.length - 1].redirects.push({ fd: 2, op: '>&', to: [{ text: '1', quoted: true }] });
        this.lines();
        pipe.push(this.command());
      }
      list.push({ after: list.length ? after || ';' : '', not, pipe });
      after = '';
      this.blanks();
      if (this.is(';;') || this.is(';&')) {
        if (isEnd()) return list;
        throw new Syntax('', ';;');
      }
      const operator = ['&&', '||', ';', '&'].find((it) => this.is(it));
      if (!operator) continue;
      this.at += operator.length;
      if (operator === '&') list[list.length - 1].background = true;
      after = operator === '&' ? ';' : /** @type {any} */ (operator);
      this.blanks();
      // `;` may end a list; the operators may not.
      if (after === ';' && (this.is(';') && !isEnd())) throw new Syntax('', this.is(';;') ? ';;' : ';');
    }
  }

  /** Skips blanks and newlines. */
  lines() {
    this.blanks();
    while (this.next === '\n') {
      this.newline();
      this.blanks();
    }
  }

  /** The token at this place, as bash names it in errors. */
  token() {
    const operator = ['&&', '||', ';;', '<<', '>>', '\n', ';', '|', '&', '(', ')', '<', '>'].find((it) => this.is(it));
    return operator ?? /^[^\s;&|()<>]*/.exec(this.source.slice(this.at))?.[0] ?? '';
  }

  /** Consumes a reserved word. @param {string} word */
  expect(word) {
    this.lines();
    if (this.next === undefined) throw new Incomplete();
    if (this.reserved() !== word) throw new Syntax('', this.token());
    this.at += word.length;
  }

  /** @param {string[]} ends @returns {List} */
  body(...ends) {
    return this.list(ends);
  }

  /** @returns {Command} */
  command() {
    this.blanks();
    if (this.next === undefined || (this.next === '\n' && this.at === this.source.length - 1)) throw new Incomplete();
    const word = this.reserved();
    if (UNSUPPORTED.includes(word)) throw new Syntax(word);
    if (CLOSING.includes(word)) throw new Syntax('', word);
    const compound = word ? nested(() => this.compound(word)) : this.next === '(' ? nested(() => this.parenthesis()) : this.definition();
    if (!compound) return this.simple();
    for (;;) {
      this.blanks();
      const redirect = this.redirect();
      if (!redirect) return compound;
      compound.redirects.push(redirect);
    }
  }

  /** @param {string} word @returns {Command} */
  compound(word) {
    this.at += word.length;
    /** @type {Redirect[]} */ const redirects = [];
    switch (word) {
      case 'if': {
        const clauses = [];
        /** @type {List | null} */ let otherwise = null;
        for (let keyword = 'if'; ;) {
          if (keyword === 'else') {
            otherwise = this.body('fi');
            this.expect('fi');
            break;
          }
          const test = this.body('then');
          this.expect('then');
          clauses.push({ test, body: this.body('elif', 'else', 'fi') });
          keyword = this.reserved();
          this.at += keyword.length;
          if (keyword === 'fi') break;
        }
        return { type: 'if', clauses, otherwise, redirects };
      }
      case 'while':
      case 'until': {
        const test = this.body('do');
        return { type: 'loop', until: word === 'until', test, body: this.doGroup(), redirects };
      }
      case 'for': {
        this.blanks();
        if (this.is('((')) {
          const parts = this.arithmetic(2).split(';').map((it) => this.inner(it).hereDocument());
          if (parts.length !== 3) throw new Syntax('', '((');
          this.blanks();
          if (this.next === ';') this.at += 1;
          return { type: 'count', parts, body: this.doGroup(), redirects };
        }
        const name = NAME.exec(this.source.slice(this.at))?.[0];
        if (!name) throw this.next === undefined ? new Incomplete() : new Syntax('', this.token());
        this.at += name.length;
        this.lines();
        /** @type {Word[] | null} */ let words = null;
        if (this.reserved() === 'in') {
          this.at += 2;
          words = this.words();
        }
        this.blanks();
        if (this.next === ';') this.at += 1;
        return { type: 'for', name, words, body: this.doGroup(), redirects };
      }
      case 'case':
        return this.caseOf();
      case '{': {
        const body = this.body('}');
        this.at += 1;
        return { type: 'group', body, redirects };
      }
      case '[[': {
        const test = this.test();
        this.blanks();
        if (!this.is(']]')) throw this.next === undefined ? new Incomplete() : new Syntax('', this.token());
        this.at += 2;
        return { type: 'test', test, redirects };
      }
      default: {
        this.blanks();
        const name = /^[^\s;&|()<>$`'"]+/.exec(this.source.slice(this.at))?.[0];
        if (!name) throw this.next === undefined ? new Incomplete() : new Syntax('', this.token());
        this.at += name.length;
        this.blanks();
        if (this.is('(')) this.parentheses();
        return this.functionBody(name);
      }
    }
  }

  /** The `()` of a function. */
  parentheses() {
    const [all] = /^\([ \t]*\)/.exec(this.source.slice(this.at)) ?? [];
    if (all === undefined) throw new Syntax('', this.token());
    this.at += all.length;
  }

  /** A function `name() …`. @returns {Command | null} */
  definition() {
    const [all, name] = /^([^\s;&|()<>$`'"=]+)[ \t]*\([ \t]*\)/.exec(this.source.slice(this.at, this.at + 200)) ?? [];
    if (all === undefined) return null;
    this.at += all.length;
    return this.functionBody(name);
  }

  /** @param {string} name @returns {Command} */
  functionBody(name) {
    this.lines();
    const body = this.command();
    if (body.type === 'simple') throw new Syntax('', this.token());
    return { type: 'function', name, body, redirects: [] };
  }

  doGroup() {
    this.expect('do');
    const body = this.body('done');
    this.at += 4;
    return body;
  }

  /** @returns {Command} */
  caseOf() {
    this.blanks();
    const word = this.word();
    if (!word) throw this.next === undefined ? new Incomplete() : new Syntax('', this.token());
    this.expect('in');
    /** @type {{ patterns: Word[], body: List, end: string }[]} */ const items = [];
    for (;;) {
      this.lines();
      if (this.next === undefined) throw new Incomplete();
      if (this.reserved() === 'esac') break;
      if (this.next === '(') this.at += 1;
      const patterns = [];
      for (;;) {
        this.blanks();
        const pattern = this.word();
        if (!pattern) throw this.next === undefined ? new Incomplete() : new Syntax('', this.token());
        patterns.push(pattern);
        this.blanks();
        if (this.next !== '|') break;
        this.at += 1;
      }
      if (this.next !== ')') throw this.next === undefined ? new Incomplete() : new Syntax('', this.token());
      this.at += 1;
      this.lines();
      const empty = this.is(';;') || this.is(';&') || this.reserved() === 'esac';
      const body = empty ? [] : this.body(';;', ';&', 'esac');
      const end = [';;&', ';;', ';&'].find((it) => this.is(it)) ?? '';
      this.at += end.length;
      items.push({ patterns, body, end });
    }
    this.at += 4;
    return { type: 'case', word, items, redirects: [] };
  }

  /** `( … )` or `(( … ))`. @returns {Command} */
  parenthesis() {
    if (this.is('((')) return { type: 'arithmetic', text: this.inner(this.arithmetic(2)).hereDocument(), redirects: [] };
    this.at += 1;
    const body = this.body(')');
    if (!body.length) throw new Syntax('', ')');
    this.at += 1;
    return { type: 'subshell', body, redirects: [] };
  }

  /** Words up to the end of the line. */
  words() {
    const words = [];
    for (;;) {
      this.blanks();
      const word = this.word();
      if (!word) return words;
      words.push(word);
    }
  }

  /** @returns {Redirect | null} */
  redirect() {
    const found = /^(\d?)(&>>|&>|>>|>&|>\||>|<<<|<<-|<<|<&|<>|<)/.exec(this.source.slice(this.at, this.at + 4));
    if (!found) return null;
    const [all, fd, op] = found;
    if (op[0] !== '&' && this.source[this.at + all.length] === '(') {
      if (!fd && (op === '<' || op === '>')) return null;
      throw new Syntax('', '(');
    }
    this.at += all.length;
    this.blanks();
    const start = this.at;
    const to = this.word();
    if (!to) throw this.next === undefined ? new Incomplete() : new Syntax('', this.token());
    const redirect = { fd: fd ? Number(fd) : op[0] === '<' ? 0 : 1, op, to };
    if (op === '<<' || op === '<<-') {
      const end = to.map((part) => ('text' in part ? part.text : '')).join('');
      this.pending.push({ redirect, end, quoted: /["'\\]/.test(this.source.slice(start, this.at)), tabs: op === '<<-' });
    }
    return redirect;
  }

  /** @returns {Command} */
  simple() {
    /** @type {Command & { type: 'simple' }} */ const command = { type: 'simple', assigns: [], words: [], redirects: [] };
    for (;;) {
      this.blanks();
      const redirect = this.redirect();
      if (redirect) {
        command.redirects.push(redirect);
        continue;
      }
      const assign = this.assignment(command.words);
      if (assign) {
        command.assigns.push(assign);
        continue;
      }
      const word = this.word();
      if (!word) break;
      command.words.push(word);
    }
    if (!command.words.length && !command.assigns.length && !command.redirects.length) {
      if (this.next === undefined) throw new Incomplete();
      throw new Syntax('', this.token());
    }
    return command;
  }

  /**
   * An assignment before the command, or an array after `declare` and the like.
   * @param {Word[]} words
   * @returns {Assign | null}
   */
  assignment(words) {
    const [all, name, index, append] = ASSIGN.exec((ASSIGN.lastIndex = this.at, this.source)) ?? [];
    if (all === undefined) return null;
    const isArray = this.source[this.at + all.length] === '(' && index === undefined;
    if (words.length && !isArray) return null;
    this.at += all.length;
    const base = { name, append: !!append, ...(index === undefined ? {} : { index: this.inner(index).hereDocument() }) };
    if (!isArray) return { ...base, word: this.word() ?? [] };
    this.at += 1;
    const list = [];
    for (;;) {
      this.lines();
      if (this.next === undefined) throw new Incomplete();
      if (this.next === ')') break;
      const word = this.word();
      if (!word) throw new Syntax('', this.token());
      list.push(word);
    }
    this.at += 1;
    return { ...base, word: [], list };
  }

  /** The expression in `[[ … ]]`: `||` binds weaker than `&&`. @returns {Test} */
  test() {
    return this.joined('||', () => this.joined('&&', () => this.term()));
  }

  /** @param {'&&' | '||'} op @param {() => Test} parse @returns {Test} */
  joined(op, parse) {
    const terms = [parse()];
    for (;;) {
      this.lines();
      if (!this.is(op)) return terms.length > 1 ? { op, terms } : terms[0];
      this.at += 2;
      terms.push(parse());
    }
  }

  /** @returns {Test} */
  term() {
    this.lines();
    if (this.next === undefined) throw new Incomplete();
    if (/^!\s/.test(this.source.slice(this.at, this.at + 2))) {
      this.at += 1;
      return { op: '!', terms: [this.term()] };
    }
    if (this.next === '(') {
      this.at += 1;
      const inner = nested(() => this.test());
      this.blanks();
      if (!this.is(')')) throw new Syntax('', this.token());
      this.at += 1;
      return inner;
    }
    const [unary] = /^-[a-zA-Z](?=\s)/.exec(this.source.slice(this.at, this.at + 3)) ?? [];
    const first = this.word();
    if (!first) throw new Syntax('', this.token());
    this.blanks();
    if (unary && !this.is(']]')) {
      const word = this.word();
      if (!word) throw new Syntax('', this.token());
      return { op: unary, words: [word] };
    }
    const [op] = /^(?:=~|==|!=|=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef)(?=\s))/.exec(this.source.slice(this.at, this.at + 4)) ?? [];
    if (!op) return { op: '-n', words: [first] };
    this.at += op.length;
    this.blanks();
    const second = op === '=~' ? this.pattern() : this.word();
    if (!second) throw this.next === undefined ? new Incomplete() : new Syntax('', this.token());
    return { op, words: [first, second] };
  }
}
