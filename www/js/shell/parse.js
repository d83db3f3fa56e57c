// @ts-check
// A parser for the part of the POSIX shell grammar that people paste: quotes, substitutions,
// variables, && || ; |, comments, redirections.

/**
 * Text, a variable, a command's output.
 * @typedef {{ text: string, quoted: boolean } | { name: string, quoted: boolean } | { list: List, quoted: boolean }} Part
 */
/** @typedef {Part[]} Word */
/** @typedef {{ assigns: { name: string, word: Word }[], words: Word[], redirects: { fd: number, op: string, to: Word }[] }} Command */
/** @typedef {{ after: '' | ';' | '&&' | '||', not: boolean, pipe: Command[] }[]} List */

/** The input needs another line, for example to close a quote. */
export class Incomplete extends Error {}
/**
 * A syntax error. `word` is the token that bash names; without it, the message names a construct
 * that this shell does not support.
 */
export class Syntax extends Error {
  /** @param {string} message @param {string} [word] */
  constructor(message, word) {
    super(message);
    this.word = word;
  }
}

const RESERVED = ['if', 'then', 'for', 'while', 'until', 'case', 'do', 'done', 'function', 'select', '{', '}', '[[', 'time'];

/** @param {string} source @returns {List} */
export const parse = (source) => new Parser(source).list('');

/** Whether the input needs another line. @param {string} source */
export function isIncomplete(source) {
  try {
    parse(source);
    return false;
  } catch (error) {
    return error instanceof Incomplete;
  }
}

class Parser {
  /** @param {string} source */
  constructor(source) {
    this.source = source;
    this.at = 0;
  }

  get next() {
    return this.source[this.at];
  }
  /** @param {string} text */
  is(text) {
    return this.source.startsWith(text, this.at);
  }

  blanks() {
    for (;;) {
      if (this.is('\\\n')) this.at += 2;
      else if (this.next === ' ' || this.next === '\t') this.at += 1;
      else if (this.next === '#') {
        const end = this.source.indexOf('\n', this.at);
        this.at = end < 0 ? this.source.length : end;
      } else return;
    }
  }

  /**
   * Parses up to `end`: `)`, or the end of the input if empty.
   * @param {string} end
   * @returns {List}
   */
  list(end) {
    /** @type {List} */ const list = [];
    /** @type {'' | ';' | '&&' | '||'} */ let after = '';
    for (;;) {
      this.blanks();
      if (this.next === '\n') {
        this.at += 1;
        if (after === '') after = ';';
        continue;
      }
      if (this.next === undefined || (end && this.is(end))) break;
      let not = false;
      if (/^!\s/.test(this.source.slice(this.at, this.at + 2))) {
        not = true;
        this.at += 1;
      }
      const pipe = [this.command(end)];
      while (this.next === '|' && !this.is('||')) {
        this.at += 1;
        pipe.push(this.command(end));
      }
      list.push({ after: list.length ? after || ';' : '', not, pipe });
      after = '';
      const operator = ['&&', '||', ';', '\n'].find((it) => this.is(it));
      if (operator) {
        this.at += operator.length;
        after = operator === '\n' ? ';' : /** @type {any} */ (operator);
      } else if (this.next === '&') throw new Syntax('background', undefined);
      else if (this.next !== undefined && !(end && this.is(end))) throw new Syntax('', this.next);
    }
    if (end) {
      if (!this.is(end)) throw new Incomplete();
      this.at += end.length;
    }
    if (after === '&&' || after === '||') throw new Incomplete();
    return list;
  }

  /** @param {string} end @returns {Command} */
  command(end) {
    /** @type {Command} */ const command = { assigns: [], words: [], redirects: [] };
    for (;;) {
      this.blanks();
      while (this.next === '\n' && !command.words.length && !command.assigns.length && !command.redirects.length && this.at < this.source.length - 1) {
        this.at += 1;
        this.blanks();
      }
      const redirect = /^(\d?)(>>|>&|>|<<|<)/.exec(this.source.slice(this.at, this.at + 3));
      if (redirect) {
        const [all, fd, op] = redirect;
        if (op === '<<') throw new Syntax('here-document');
        this.at += all.length;
        this.blanks();
        const to = this.word();
        if (!to) throw new Syntax('', this.next ?? 'newline');
        command.redirects.push({ fd: fd ? Number(fd) : op === '<' ? 0 : 1, op, to });
        continue;
      }
      const start = this.at;
      const word = this.word();
      if (!word) break;
      const plain = word.length === 1 && 'text' in word[0] && !word[0].quoted ? word[0].text : '';
      const assign = !command.words.length && /^([A-Za-z_]\w*)=/.exec(this.source.slice(start));
      if (assign) {
        const [first, ...rest] = word;
        if ('text' in first) command.assigns.push({ name: assign[1], word: [{ text: first.text.slice(assign[0].length), quoted: true }, ...rest] });
        continue;
      }
      if (!command.words.length && RESERVED.includes(plain)) throw new Syntax(plain);
      command.words.push(word);
    }
    if (!command.words.length && !command.assigns.length && !command.redirects.length) {
      if (this.next === undefined) throw new Incomplete();
      if (this.next === '(') throw new Syntax('(');
      throw new Syntax('', ['&&', '||', ';;'].find((it) => this.is(it)) ?? (this.next === '\n' ? 'newline' : this.next));
    }
    return command;
  }

  /** @returns {Word | null} */
  word() {
    /** @type {Word} */ const word = [];
    const text = (/** @type {string} */ more, quoted = false) => {
      const last = word.at(-1);
      if (last && 'text' in last && last.quoted === quoted) last.text += more;
      else word.push({ text: more, quoted });
    };
    for (;;) {
      const character = this.next;
      if (character === undefined || ' \t\n;|&<>()'.includes(character)) break;
      if (character === '\\') {
        if (this.at + 1 >= this.source.length) throw new Incomplete();
        if (!this.is('\\\n')) text(this.source[this.at + 1], true);
        this.at += 2;
      } else if (character === "'") {
        const end = this.source.indexOf("'", this.at + 1);
        if (end < 0) throw new Incomplete();
        text(this.source.slice(this.at + 1, end), true);
        this.at = end + 1;
      } else if (character === '"') {
        this.at += 1;
        text('', true);
        while (this.next !== '"') {
          if (this.next === undefined) throw new Incomplete();
          if (this.next === '\\') {
            if (this.at + 1 >= this.source.length) throw new Incomplete();
            const escaped = this.source[this.at + 1];
            if (escaped !== '\n') text('$`"\\'.includes(escaped) ? escaped : `\\${escaped}`, true);
            this.at += 2;
          } else this.substitution(word, text, true);
        }
        this.at += 1;
      } else this.substitution(word, text, false);
    }
    return word.length ? word : null;
  }

  /**
   * Parses one `$…`, one `` `…` ``, or one character.
   * @param {Word} word
   * @param {(more: string, quoted?: boolean) => void} text
   * @param {boolean} quoted
   */
  substitution(word, text, quoted) {
    if (this.is('$((')) throw new Syntax('$((');
    if (this.is('$(')) {
      this.at += 2;
      word.push({ list: this.list(')'), quoted });
      return;
    }
    if (this.next === '`') {
      const [all, inner] = /^`((?:\\[^]|[^`\\])*)`/.exec(this.source.slice(this.at)) ?? [];
      if (all === undefined) throw new Incomplete();
      this.at += all.length;
      word.push({ list: parse(inner.replace(quoted ? /\\([$`"\\])/g : /\\([$`\\])/g, '$1')), quoted });
      return;
    }
    const variable = /^\$(?:(\w+|[?#$!])|\{(\w+|[?#$!])\})/.exec(this.source.slice(this.at));
    if (variable) {
      const [all, bare, braced] = variable;
      const name = braced ?? (/^\d/.test(bare) ? bare[0] : bare);
      this.at += braced === undefined ? 1 + name.length : all.length;
      word.push({ name, quoted });
      return;
    }
    if (this.is('${')) throw new Syntax('${');
    text(/** @type {string} */ (this.next), quoted);
    this.at += 1;
  }
}
