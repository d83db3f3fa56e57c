// @ts-check
// The words of the shell's grammar: quotes, variables, substitutions.

/**
 * A `${…}`: the operator with its arguments, `#` for the length and `!` for an indirection.
 * @typedef {{ name: string, quoted: boolean, index?: Word, op?: string, args?: Word[], length?: boolean, indirect?: boolean }} Variable
 */
/**
 * Text, a variable, the output of commands, `$((…))`, `<(…)` or `>(…)`.
 * @typedef {{ text: string, quoted: boolean } | Variable | { list: import('./parse.js').List, quoted: boolean } | { arithmetic: Word, quoted: boolean } | { process: import('./parse.js').List, into: boolean, quoted: boolean }} Part
 */
/** @typedef {Part[]} Word */

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

/** @type {Record<string, string>} */
const ESCAPES = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', e: '\x1b', E: '\x1b', f: '\f', v: '\v', '\\': '\\', "'": "'", '"': '"', '?': '?' };
/** The escapes of `$'…'`, `printf` and `echo -e`. @param {string} text */
export const unescape = (text) =>
  text.replace(/\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|0?([0-7]{1,3})|([^]))/g, (all, hex, unicode, octal, letter) =>
    letter !== undefined ? ESCAPES[letter] ?? all : String.fromCodePoint(parseInt(hex ?? unicode ?? octal, octal ? 8 : 16)));

/** The deepest nesting of substitutions and groups. */
const MAX_DEPTH = 100;
let depth = 0;
/** @template T @param {() => T} body @returns {T} */
export function nested(body) {
  if (depth >= MAX_DEPTH) throw new Syntax('nesting');
  depth += 1;
  try {
    return body();
  } finally {
    depth -= 1;
  }
}

export class WordParser {
  /** @param {string} source @param {number} [at] */
  constructor(source, at = 0) {
    this.source = source;
    this.at = at;
  }

  get next() {
    return this.source[this.at];
  }
  /** @param {string} text */
  is(text) {
    return this.source.startsWith(text, this.at);
  }
  /** The match of a sticky pattern at this place, which is consumed. @param {RegExp} pattern */
  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found) this.at += found[0].length;
    return found;
  }
  /** A parser of another text. @param {string} text @returns {this} */
  inner(text) {
    return new /** @type {any} */ (this.constructor)(text);
  }
  /**
   * Commands up to one of the ends: parse.js implements it.
   * @param {string[]} ends @returns {import('./parse.js').List}
   */
  list(ends) {
    throw new Syntax(ends[0]);
  }
  /** All commands. @returns {import('./parse.js').List} */
  all() {
    return this.list([]);
  }

  /** Skips blanks, continued lines and comments. */
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

  /** @returns {Word | null} */
  word() {
    const word = this.until(' \t\n;|&<>()', false);
    return word.length ? word : null;
  }

  /** The text of a here-document or an arithmetic expression: only `$`, `` ` `` and `\` matter. */
  hereDocument() {
    /** @type {Word} */ const word = [];
    while (this.next !== undefined) {
      if (this.next === '\\' && this.at + 1 < this.source.length) {
        const escaped = this.source[this.at + 1];
        if (escaped !== '\n') add(word, '$`\\'.includes(escaped) ? escaped : `\\${escaped}`, true);
        this.at += 2;
      } else this.substitution(word, true);
    }
    return word;
  }

  /** The regular expression after `=~`. @returns {Word | null} */
  pattern() {
    /** @type {Word} */ const word = [];
    for (let open = 0; ;) {
      word.push(...this.until(' \t\n()', false));
      if (this.next === '(') open += 1;
      else if (this.next !== ')' || !open) break;
      else open -= 1;
      add(word, /** @type {string} */ (this.next), false);
      this.at += 1;
    }
    return word.length ? word : null;
  }

  /**
   * Parts up to one of the characters.
   * @param {string} ends
   * @param {boolean} quoted in double quotes
   * @returns {Word}
   */
  until(ends, quoted) {
    /** @type {Word} */ const word = [];
    for (;;) {
      const character = this.next;
      if (character === undefined) return word;
      if ((character === '<' || character === '>') && ends.includes('<') && this.source[this.at + 1] === '(' && !word.length) {
        this.at += 1;
        word.push({ process: this.substituted(), into: character === '>', quoted: true });
        continue;
      }
      if (ends.includes(character)) return word;
      if (character === '\\') {
        if (this.at + 1 >= this.source.length) throw new Incomplete();
        const escaped = this.source[this.at + 1];
        if (escaped !== '\n') add(word, quoted && !'$`"\\}'.includes(escaped) ? `\\${escaped}` : escaped, true);
        this.at += 2;
      } else if (character === "'" && !quoted) {
        const end = this.source.indexOf("'", this.at + 1);
        if (end < 0) throw new Incomplete();
        add(word, this.source.slice(this.at + 1, end), true);
        this.at = end + 1;
      } else if (this.is("$'") && !quoted) {
        const found = this.take(/\$'((?:\\[^]|[^\\'])*)'/y);
        if (!found) throw new Incomplete();
        add(word, unescape(found[1]), true);
      } else if (character === '"' || (this.is('$"') && !quoted)) {
        this.at += character === '"' ? 1 : 2;
        this.doubleQuoted(word);
      } else this.substitution(word, quoted);
    }
  }

  /** The rest of a double-quoted text. @param {Word} word */
  doubleQuoted(word) {
    add(word, '', true);
    while (this.next !== '"') {
      if (this.next === undefined) throw new Incomplete();
      if (this.next === '\\') {
        if (this.at + 1 >= this.source.length) throw new Incomplete();
        const escaped = this.source[this.at + 1];
        if (escaped !== '\n') add(word, '$`"\\'.includes(escaped) ? escaped : `\\${escaped}`, true);
        this.at += 2;
      } else this.substitution(word, true);
    }
    this.at += 1;
  }

  /** The commands of `(…)`, after `$`, `<` or `>`. */
  substituted() {
    this.at += 1;
    return nested(() => {
      const list = this.list([')']);
      this.at += 1;
      return list;
    });
  }

  /** The text of `((…))`, from its `((`. @param {number} skip */
  arithmetic(skip) {
    let at = this.at + skip;
    for (let open = 0; ; at += 1) {
      const character = this.source[at];
      if (character === undefined) throw new Incomplete();
      if (character === '(') open += 1;
      else if (character === ')' && !open) break;
      else if (character === ')') open -= 1;
    }
    if (this.source[at + 1] !== ')') throw new Syntax('', ')');
    const text = this.source.slice(this.at + skip, at);
    this.at = at + 2;
    return text;
  }

  /**
   * Parses one `$…`, one `` `…` ``, or text without them.
   * @param {Word} word
   * @param {boolean} quoted
   */
  substitution(word, quoted) {
    if (this.is('$((')) {
      const before = this.at;
      try {
        word.push({ arithmetic: this.inner(this.arithmetic(3)).hereDocument(), quoted });
        return;
      } catch (error) {
        if (!(error instanceof Syntax)) throw error;
        // `$((a); b)` is a command substitution.
        this.at = before;
      }
    }
    if (this.is('$(')) {
      this.at += 1;
      word.push({ list: this.substituted(), quoted });
      return;
    }
    if (this.next === '`') {
      const found = this.take(/`((?:\\[^]|[^`\\])*)`/y);
      if (!found) throw new Incomplete();
      word.push({ list: nested(() => this.inner(found[1].replace(quoted ? /\\([$`"\\])/g : /\\([$`\\])/g, '$1')).all()), quoted });
      return;
    }
    if (this.is('${')) {
      word.push(nested(() => this.braced(quoted)));
      return;
    }
    const variable = this.take(/\$([A-Za-z_]\w*|[\d?#$!@*-])/y);
    if (variable) {
      word.push({ name: variable[1], quoted });
      return;
    }
    const [text] = this.take(/[^\\$`"'\s;|&<>(){}/:,\]]+/y) ?? [this.source[this.at++]];
    add(word, text, quoted);
  }

  /** `${…}`. @param {boolean} quoted @returns {Variable} */
  braced(quoted) {
    const start = this.at;
    this.at += 2;
    const take = (/** @type {RegExp} */ pattern) => this.take(pattern)?.[0] ?? '';
    const length = !!take(/#(?=[\w@*?])/y);
    const indirect = !length && !!take(/!(?=\w)/y);
    const name = take(/[A-Za-z_]\w*|\d+|[?#$!@*-]/y);
    /** @type {Variable} */ const variable = { name, quoted, ...(length ? { length } : {}), ...(indirect ? { indirect } : {}) };
    const unsupported = () => (this.source.indexOf('}', start) < 0 ? new Incomplete() : new Syntax(`${this.source.slice(start, this.source.indexOf('}', start) + 1)}`));
    if (!name) throw unsupported();
    if (this.next === '[') {
      this.at += 1;
      variable.index = this.until(']', true);
      if (!this.is(']')) throw new Incomplete();
      this.at += 1;
    }
    if (this.next !== '}') {
      const op = take(/:[-=?+]|##|%%|\/\/|\/#|\/%|\^\^|,,|[-=?+#%/^,:]/y);
      if (!op || length) throw unsupported();
      const argument = (/** @type {string} */ ends) => this.until(ends, quoted && !/^[#%/^,]/.test(op));
      variable.op = op;
      variable.args = [argument(op[0] === '/' ? '/}' : op === ':' ? ':}' : '}')];
      if ((op[0] === '/' && this.next === '/') || (op === ':' && this.next === ':')) {
        this.at += 1;
        variable.args.push(argument('}'));
      }
    }
    if (this.next === undefined) throw new Incomplete();
    if (this.next !== '}') throw unsupported();
    this.at += 1;
    return variable;
  }
}

/** @param {Word} word @param {string} text @param {boolean} quoted */
function add(word, text, quoted) {
  const last = word.at(-1);
  if (last && 'text' in last && last.quoted === quoted) last.text += text;
  else word.push({ text, quoted });
}
