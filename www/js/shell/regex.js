// @ts-check
// Regular expressions for grep, sed, awk, jq and `[[ =~ ]]`, and the shell's patterns. JavaScript's
// own can take exponential time, and have neither POSIX's syntax nor its longest match. This matcher
// visits each pair of instruction and position at most once, so that its time is linear in the text;
// with lookaround and back-references, which cannot be linear, the number of its steps is bounded.

/** @typedef {'bre' | 'ere' | 'pcre' | 'glob'} Syntax */
/** A pattern that is invalid, too large, or too slow on its text. */
export class PatternError extends Error {}

/** @typedef {{ type: 'set', has: (code: number) => boolean } | { type: 'cat' | 'alt', items: Node[] } | { type: 'repeat', item: Node, min: number, max: number, lazy: boolean } | { type: 'group', item: Node, index: number } | { type: 'at', where: string } | { type: 'look', item: Node, behind: boolean, not: boolean } | { type: 'back', index: number }} Node */

const MAX_PROGRAM = 10_000;
/** For all matches in one text. */
const MAX_STEPS = 20_000_000;
/** For all texts of a pattern that is not linear. */
const MAX_SEARCH = 2_000_000;
/** The largest product of instructions and positions. */
const MAX_VISITED = 1 << 28;

const word = (/** @type {number} */ code) => (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
const blank = (/** @type {number} */ code) => code === 32 || (code >= 9 && code <= 13);
const digit = (/** @type {number} */ code) => code >= 48 && code <= 57;
/** @type {Record<string, (code: number) => boolean>} */
const NAMED = {
  alpha: (it) => (it >= 65 && it <= 90) || (it >= 97 && it <= 122) || (it > 127 && /\p{L}/u.test(String.fromCodePoint(it))), digit, alnum: (it) => NAMED.alpha(it) || digit(it),
  upper: (it) => it >= 65 && it <= 90, lower: (it) => it >= 97 && it <= 122, space: blank, blank: (it) => it === 32 || it === 9,
  punct: (it) => (it > 32 && it < 48) || (it > 57 && it < 65) || (it > 90 && it < 97) || (it > 122 && it < 127), xdigit: (it) => digit(it) || (it >= 65 && it <= 70) || (it >= 97 && it <= 102),
  cntrl: (it) => it < 32 || it === 127, print: (it) => it > 31 && it !== 127, graph: (it) => it > 32 && it !== 127,
};
/** @type {Record<string, (code: number) => boolean>} */
const CLASSES = { w: word, W: (it) => !word(it), s: blank, S: (it) => !blank(it), d: digit, D: (it) => !digit(it), h: NAMED.blank, N: (it) => it !== 10 };
/** @type {Record<string, string>} */
const CONTROLS = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07', e: '\x1b' };

class Parser {
  groups = 0;
  /** @type {Map<string, number>} */ names = new Map();
  fold = false;
  depth = 0;

  /** @param {string} source @param {Syntax} syntax */
  constructor(source, syntax) {
    this.source = source;
    this.syntax = syntax;
    this.at = 0;
  }
  get next() {
    return this.source[this.at];
  }
  /** Consumes a text. @param {string} text */
  take(text) {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }
  /** Whether an operator is here: `\(` in basic and `(` in extended syntax. @param {string} operator */
  operator(operator) {
    return this.source.startsWith(this.syntax === 'bre' ? `\\${operator}` : operator, this.at);
  }
  /** @param {string} operator */
  takeOperator(operator) {
    return this.operator(operator) && this.take(this.syntax === 'bre' ? `\\${operator}` : operator);
  }

  /** @returns {Node} */
  all() {
    if (this.syntax === 'glob') return this.glob();
    const node = this.alternatives();
    if (this.at < this.source.length) throw new PatternError('Unmatched ) or \\)');
    return node;
  }

  /** @returns {Node} */
  alternatives() {
    if ((this.depth += 1) > 100) throw new PatternError('Regular expression too big');
    const items = [this.sequence()];
    while (this.takeOperator('|')) items.push(this.sequence());
    this.depth -= 1;
    return items.length > 1 ? { type: 'alt', items } : items[0];
  }

  /** @returns {Node} */
  sequence() {
    /** @type {Node[]} */ const items = [];
    while (this.at < this.source.length && !this.operator('|') && !(this.operator(')') && (this.depth > 1 || this.syntax !== 'ere'))) {
      const atom = this.atom(!items.length);
      if (atom) items.push(this.repeated(atom));
    }
    return { type: 'cat', items };
  }

  /** @param {Node} node @returns {Node} */
  repeated(node) {
    for (;;) {
      /** @type {[number, number] | undefined} */ let range;
      if (this.take('*')) range = [0, Infinity];
      else if (this.takeOperator('+')) range = [1, Infinity];
      else if (this.takeOperator('?')) range = [0, 1];
      else if (this.operator('{')) {
        const [all, min, comma, max] = (this.syntax === 'bre' ? /^\\\{(\d*)(,?)(\d*)\\\}/ : /^\{(\d*)(,?)(\d*)\}/).exec(this.source.slice(this.at, this.at + 20)) ?? [];
        if (all === undefined || (!min && !max)) {
          if (this.syntax !== 'bre') return node;
          throw new PatternError('Invalid content of \\{\\}');
        }
        this.at += all.length;
        range = [Number(min), comma ? (max ? Number(max) : Infinity) : Number(min)];
        if (range[0] > range[1] || range[0] > 32767) throw new PatternError('Invalid content of \\{\\}');
      }
      if (!range) return node;
      const lazy = this.syntax === 'pcre' && this.take('?');
      if (this.syntax === 'pcre') this.take('+');
      node = { type: 'repeat', item: node, min: range[0], max: range[1], lazy };
    }
  }

  /** @param {boolean} first whether it starts an alternative @returns {Node | null} */
  atom(first) {
    if (this.takeOperator('(')) return this.group();
    const character = String.fromCodePoint(/** @type {number} */ (this.source.codePointAt(this.at)));
    this.at += character.length;
    const { syntax } = this;
    switch (character) {
      case '.':
        return { type: 'set', has: CLASSES.N };
      case '[':
        return this.brackets();
      case '^':
        if (syntax !== 'bre' || first) return { type: 'at', where: '^' };
        break;
      case '$':
        if (syntax !== 'bre' || this.at === this.source.length || this.operator(')') || this.operator('|')) return { type: 'at', where: '$' };
        break;
      case '*':
        if (syntax === 'pcre' || (syntax === 'ere' && !first)) throw new PatternError('Invalid preceding regular expression');
        break;
      case '+':
      case '?':
        if (syntax === 'pcre') throw new PatternError('Invalid preceding regular expression');
        break;
      case '\\':
        return this.escaped();
    }
    return this.literal(character);
  }

  /** @param {string} character @returns {Node} */
  literal(character) {
    const code = character.codePointAt(0);
    if (!this.fold) return { type: 'set', has: (it) => it === code };
    const codes = [character.toLowerCase(), character.toUpperCase()].map((it) => it.codePointAt(0));
    return { type: 'set', has: (it) => codes.includes(it) };
  }

  /** After a `\`. @returns {Node | null} */
  escaped() {
    const letter = this.source[this.at];
    if (letter === undefined) throw new PatternError('Trailing backslash');
    this.at += 1;
    if (/[1-9]/.test(letter)) {
      if (Number(letter) > this.groups) throw new PatternError('Invalid back reference');
      return { type: 'back', index: Number(letter) };
    }
    if ('bB<>`\'AzZK'.includes(letter) && (this.syntax === 'pcre' || !'AzZK'.includes(letter))) return { type: 'at', where: letter };
    if (CLASSES[letter] && (this.syntax === 'pcre' || 'wWsS'.includes(letter))) return { type: 'set', has: CLASSES[letter] };
    if (this.syntax === 'pcre' && letter === 'x') {
      const [all, digits] = /^\{?([\da-f]{1,6})\}?/i.exec(this.source.slice(this.at)) ?? ['', '0'];
      this.at += all.length;
      return this.literal(String.fromCodePoint(parseInt(digits, 16)));
    }
    return this.literal(CONTROLS[letter] ?? letter);
  }

  /** After an opening parenthesis. @returns {Node | null} */
  group() {
    const close = () => {
      if (!this.takeOperator(')')) throw new PatternError('Unmatched ( or \\(');
    };
    if (this.syntax === 'pcre' && this.take('?')) {
      const [all, flags] = /^([imsx]*)(?=\))/.exec(this.source.slice(this.at, this.at + 8)) ?? [];
      if (all) {
        this.at += all.length + 1;
        if (flags.includes('i')) this.fold = true;
        return null;
      }
      const look = ['<=', '<!', '=', '!'].find((it) => this.take(it));
      const name = look || this.take(':') ? undefined : /^P?<([A-Za-z_]\w*)>/.exec(this.source.slice(this.at, this.at + 80));
      if (look) {
        const item = this.alternatives();
        close();
        return { type: 'look', item, behind: look[0] === '<', not: look.endsWith('!') };
      }
      if (name) {
        this.at += name[0].length;
        this.names.set(name[1], this.groups + 1);
      } else {
        if (name === null) throw new PatternError('unrecognized character after (?');
        const item = this.alternatives();
        close();
        return item;
      }
    }
    const index = (this.groups += 1);
    const item = this.alternatives();
    close();
    return { type: 'group', item, index };
  }

  /** After `[`. @returns {Node} */
  brackets() {
    const negated = this.take('^') || (this.syntax === 'glob' && this.take('!'));
    /** @type {((code: number) => boolean)[]} */ const tests = [];
    const unmatched = () => new PatternError('Unmatched [, [^, [:, [., or [=');
    for (let first = true; first || this.next !== ']'; first = false) {
      if (this.at >= this.source.length) throw unmatched();
      const [named, name] = /^\[:([a-z]+):\]/.exec(this.source.slice(this.at, this.at + 12)) ?? [];
      if (named) {
        if (!NAMED[name]) throw new PatternError('Invalid character class name');
        tests.push(NAMED[name]);
        this.at += named.length;
        continue;
      }
      const from = this.bracketed();
      if (typeof from === 'function') {
        tests.push(from);
        continue;
      }
      let to = from;
      if (this.next === '-' && this.source[this.at + 1] !== ']' && this.at + 1 < this.source.length) {
        this.at += 1;
        const last = this.bracketed();
        if (typeof last === 'function' || last < from) throw new PatternError('Invalid range end');
        to = last;
      }
      tests.push((it) => it >= from && it <= to);
    }
    this.at += 1;
    const { fold } = this;
    const has = (/** @type {number} */ code) => {
      if (tests.some((it) => it(code))) return true;
      if (!fold) return false;
      const text = String.fromCodePoint(code);
      return [text.toLowerCase(), text.toUpperCase()].some((other) => tests.some((it) => it(/** @type {number} */ (other.codePointAt(0)))));
    };
    return { type: 'set', has: negated ? (code) => !has(code) : has };
  }

  /** A character in brackets, or a class. */
  bracketed() {
    if (this.next === '\\' && (this.syntax === 'pcre' || this.syntax === 'glob' || /[nt]/.test(this.source[this.at + 1] ?? ''))) {
      const letter = this.source[this.at + 1];
      if (letter === undefined) throw new PatternError('Trailing backslash');
      this.at += 2;
      if (this.syntax === 'pcre' && CLASSES[letter]) return CLASSES[letter];
      return /** @type {number} */ ((this.syntax === 'glob' ? letter : CONTROLS[letter] ?? letter).codePointAt(0));
    }
    const code = /** @type {number} */ (this.source.codePointAt(this.at));
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  /** A pattern of the shell. @returns {Node} */
  glob() {
    /** @type {Node[]} */ const items = [];
    while (this.at < this.source.length) {
      const character = String.fromCodePoint(/** @type {number} */ (this.source.codePointAt(this.at)));
      this.at += character.length;
      if (character === '*') items.push({ type: 'repeat', item: { type: 'set', has: () => true }, min: 0, max: Infinity, lazy: false });
      else if (character === '?') items.push({ type: 'set', has: () => true });
      else if (character === '[') {
        const before = this.at;
        try {
          items.push(this.brackets());
        } catch (error) {
          if (!(error instanceof PatternError)) throw error;
          this.at = before;
          items.push(this.literal('['));
        }
      } else if (character === '\\' && this.at < this.source.length) items.push(this.literal(this.source[this.at++]));
      else items.push(this.literal(character));
    }
    return { type: 'cat', items };
  }
}

/** @typedef {{ op: 'set', has: (code: number) => boolean } | { op: 'split', first: number, second: number } | { op: 'jump', to: number } | { op: 'save', slot: number } | { op: 'at', where: string } | { op: 'look', program: Instruction[], behind: boolean, not: boolean } | { op: 'back', index: number } | { op: 'match' }} Instruction */

/** @param {Node} node @returns {Instruction[]} */
function assemble(node) {
  /** @type {Instruction[]} */ const program = [];
  const add = (/** @type {Instruction} */ it) => {
    if (program.length >= MAX_PROGRAM) throw new PatternError('Regular expression too big');
    return program.push(it) - 1;
  };
  /** @param {Node} it */
  const emit = (it) => {
    switch (it.type) {
      case 'set': add({ op: 'set', has: it.has }); break;
      case 'at': add({ op: 'at', where: it.where }); break;
      case 'back': add({ op: 'back', index: it.index }); break;
      case 'look': add({ op: 'look', program: assemble(it.item), behind: it.behind, not: it.not }); break;
      case 'cat': it.items.forEach(emit); break;
      case 'group':
        add({ op: 'save', slot: it.index * 2 });
        emit(it.item);
        add({ op: 'save', slot: it.index * 2 + 1 });
        break;
      case 'alt': {
        /** @type {any[]} */ const jumps = [];
        it.items.forEach((item, at) => {
          if (at === it.items.length - 1) return emit(item);
          const split = /** @type {any} */ (program[add({ op: 'split', first: program.length + 1, second: 0 })]);
          emit(item);
          jumps.push(program[add({ op: 'jump', to: 0 })]);
          split.second = program.length;
        });
        for (const jump of jumps) jump.to = program.length;
        break;
      }
      case 'repeat': {
        for (let count = 0; count < it.min; count += 1) emit(it.item);
        const split = () => /** @type {any} */ (program[add({ op: 'split', first: 0, second: 0 })]);
        const aim = (/** @type {any} */ from, /** @type {number} */ into, /** @type {number} */ past) => Object.assign(from, it.lazy ? { first: past, second: into } : { first: into, second: past });
        if (it.max === Infinity) {
          const start = program.length;
          const from = split();
          emit(it.item);
          add({ op: 'jump', to: start });
          aim(from, start + 1, program.length);
        } else {
          const splits = [];
          for (let count = it.min; count < it.max; count += 1) {
            splits.push([split(), program.length]);
            emit(it.item);
          }
          for (const [from, into] of splits) aim(from, into, program.length);
        }
      }
    }
  };
  emit(node);
  add({ op: 'match' });
  return program;
}

/** @typedef {{ at: number, end: number, groups: (string | undefined)[], named: Record<string, string | undefined> }} Match */

export class Pattern {
  /**
   * @param {string} source
   * @param {Syntax} syntax
   * @param {{ fold?: boolean, lines?: boolean }} [options] `lines`: `^` and `$` match at each line
   */
  constructor(source, syntax, { fold = false, lines = false } = {}) {
    const parser = new Parser(source, syntax);
    parser.fold = fold;
    this.longest = syntax !== 'pcre';
    this.lines = lines;
    this.program = assemble(parser.all());
    this.searched = 0;
    this.groups = parser.groups;
    this.names = parser.names;
    this.linear = !this.program.some(({ op }) => op === 'look' || op === 'back');
  }

  /**
   * The leftmost match at or after a position.
   * @param {string} text
   * @param {number} [from]
   * @param {boolean} [anchored] only at `from`
   * @returns {Match | null}
   */
  exec(text, from = 0, anchored = false) {
    return this.find(new Run(this, text), from, anchored);
  }

  /** @param {Run} run @param {number} from @param {boolean} [anchored] @returns {Match | null} */
  find(run, from, anchored = false) {
    const { text } = run;
    for (let at = from; at <= text.length; at += 1) {
      const found = run.match(this.program, at, this.longest ? 'longest' : 'first');
      if (found) {
        const groups = Array.from({ length: this.groups + 1 }, (_, it) => (found[it * 2] < 0 || found[it * 2 + 1] < 0 ? undefined : text.slice(found[it * 2], found[it * 2 + 1])));
        return { at: found[0], end: found[1], groups, named: Object.fromEntries([...this.names].map(([name, it]) => [name, groups[it]])) };
      }
      if (anchored) return null;
    }
    return null;
  }

  /** @param {string} text */
  test(text) {
    return this.exec(text) !== null;
  }

  /** Whether the whole text matches. @param {string} text */
  matches(text) {
    return new Run(this, text).match(this.program, 0, 'first', text.length) !== null;
  }

  /**
   * All matches that do not overlap.
   * @param {string} text
   * @returns {Generator<Match, void>}
   */
  *all(text) {
    const run = new Run(this, text);
    for (let from = 0; from <= text.length; ) {
      const match = this.find(run, from);
      if (!match) return;
      run.forget();
      yield match;
      from = match.end > match.at ? match.end : match.end + 1;
    }
  }
}

/** The matches of one pattern in one text. */
class Run {
  steps = 0;

  /** @param {Pattern} pattern @param {string} text */
  constructor(pattern, text) {
    this.pattern = pattern;
    this.text = text;
    this.width = text.length + 1;
    const size = pattern.program.length * this.width;
    if (pattern.linear && size > MAX_VISITED) throw new PatternError('the text is too long for this pattern');
    /** The visited pairs; without a match they stay visited for later starts. */
    this.visited = pattern.linear ? new Uint8Array((size >> 3) + 1) : null;
    /** The changed bytes of `visited`. @type {number[]} */ this.touched = [];
  }

  /** Forgets the visited pairs, for a search after a match. */
  forget() {
    for (const at of this.touched.splice(0)) /** @type {Uint8Array} */ (this.visited)[at] = 0;
  }

  /**
   * @param {Instruction[]} program
   * @param {number} start
   * @param {'first' | 'longest' | 'shortest'} wanted
   * @param {number} [end] the required end
   * @returns {number[] | null} the positions of all groups
   */
  match(program, start, wanted, end) {
    const { text, visited, width } = this;
    const saved = Array((this.pattern.groups + 1) * 2).fill(-1);
    saved[0] = start;
    /** @type {number[] | null} */ let best = null;
    // Pairs of instruction and position; a negative instruction restores a saved position.
    const stack = [0, start];
    while (stack.length) {
      let at = /** @type {number} */ (stack.pop());
      let counter = /** @type {number} */ (stack.pop());
      if (counter < 0) {
        saved[-counter - 1] = at;
        continue;
      }
      for (;;) {
        if (visited) {
          const key = counter * width + at;
          if (visited[key >> 3] & (1 << (key & 7))) break;
          if (!visited[key >> 3]) this.touched.push(key >> 3);
          visited[key >> 3] |= 1 << (key & 7);
        }
        if (visited ? (this.steps += 1) > MAX_STEPS : (this.pattern.searched += 1) > MAX_SEARCH) throw new PatternError('this pattern needs too many steps on this text');
        const instruction = program[counter];
        if (instruction.op === 'match') {
          if (end !== undefined && at !== end) break;
          if (!best || (wanted === 'longest' ? at > best[1] : at < best[1])) best = saved.with(1, at);
          if (wanted === 'first' || end !== undefined) return best;
          break;
        }
        if (instruction.op === 'set') {
          if (at >= text.length) break;
          const code = /** @type {number} */ (text.codePointAt(at));
          if (!instruction.has(code)) break;
          at += code > 0xffff ? 2 : 1;
        } else if (instruction.op === 'split') {
          stack.push(instruction.second, at);
          counter = instruction.first;
          continue;
        } else if (instruction.op === 'jump') {
          counter = instruction.to;
          continue;
        } else if (instruction.op === 'save') {
          stack.push(-instruction.slot - 1, saved[instruction.slot]);
          saved[instruction.slot] = at;
        } else if (instruction.op === 'back') {
          const [from, to] = [saved[instruction.index * 2], saved[instruction.index * 2 + 1]];
          if (from < 0 || to < 0 || !text.startsWith(text.slice(from, to), at)) break;
          at += to - from;
        } else if (instruction.op === 'look') {
          if (this.looks(instruction, at) === instruction.not) break;
        } else if (instruction.where === 'K') {
          stack.push(-1, saved[0]);
          saved[0] = at;
        } else if (!this.isAt(instruction.where, at)) break;
        counter += 1;
      }
    }
    return best;
  }

  /** @param {{ program: Instruction[], behind: boolean }} look @param {number} at */
  looks({ program, behind }, at) {
    if (!behind) return this.match(program, at, 'first') !== null;
    for (let start = at; start >= 0; start -= 1) if (this.match(program, start, 'first', at)) return true;
    return false;
  }

  /** @param {string} where @param {number} at */
  isAt(where, at) {
    const { text } = this;
    const before = at > 0 && word(text.charCodeAt(at - 1));
    const after = at < text.length && word(text.charCodeAt(at));
    switch (where) {
      case '^': return at === 0 || (this.pattern.lines && text[at - 1] === '\n');
      case '$': return at === text.length || (this.pattern.lines && text[at] === '\n');
      case '`': case 'A': return at === 0;
      case "'": case 'z': case 'Z': return at === text.length;
      case 'b': return before !== after;
      case 'B': return before === after;
      case '<': return !before && after;
      default: return before && !after;
    }
  }
}

/** Compiled patterns of the shell. @type {Map<string, Pattern>} */
const globs = new Map();
/** A pattern of the shell: `*`, `?`, `[…]`. @param {string} source */
export function glob(source) {
  let pattern = globs.get(source);
  if (!pattern) {
    pattern = new Pattern(source, 'glob');
    if (globs.size > 200) globs.clear();
    globs.set(source, pattern);
  }
  return pattern;
}

/**
 * The end of the shortest or longest prefix that matches, or -1.
 * @param {Pattern} pattern @param {string} text @param {boolean} longest
 */
export function prefixEnd(pattern, text, longest) {
  return new Run(pattern, text).match(pattern.program, 0, longest ? 'longest' : 'shortest')?.[1] ?? -1;
}

/**
 * The start of the shortest or longest suffix that matches, or -1.
 * @param {Pattern} pattern @param {string} text @param {boolean} longest
 */
export function suffixStart(pattern, text, longest) {
  const run = new Run(pattern, text);
  const starts = Array.from({ length: text.length + 1 }, (_, at) => (longest ? at : text.length - at));
  return starts.find((at) => run.match(pattern.program, at, 'first', text.length)) ?? -1;
}
