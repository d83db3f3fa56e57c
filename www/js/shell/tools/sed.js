// @ts-check
// sed: the commands s, y, p, d, q, a, i, c, =, n, N, D, P, h, H, g, G, x, b, t and blocks.

import { Pattern } from '../regex.js';
import { bounded, Limit } from '../state.js';
import { fileText, linesOf, readOptions, tool, ToolError } from './options.js';

/** @typedef {{ line?: number, last?: boolean, pattern?: Pattern | null, step?: [number, number], plus?: number }} Address */
/** @typedef {{ from?: Address, to?: Address, not: boolean, name: string, active?: number | boolean, text?: string, pattern?: Pattern | null, replacement?: Piece[], flags?: { global: boolean, print: boolean, which: number, file?: string }, map?: Map<string, string>, block?: Command[], label?: string, exit?: number }} Command */
/** @typedef {string | number | { change: string }} Piece text, a group, or a change of case */

const MAX_STEPS = 1_000_000;

class Script {
  depth = 0;

  /** @param {string} source @param {boolean} extended */
  constructor(source, extended) {
    this.source = source;
    this.extended = extended;
    this.at = 0;
  }
  /** @param {string} message */
  fail(message) {
    return new ToolError(`-e expression #1, char ${this.at}: ${message}`);
  }
  blanks() {
    while (/[\s;]/.test(this.source[this.at] ?? '')) this.at += 1;
  }

  /** @param {boolean} [inner] @returns {Command[]} */
  commands(inner = false) {
    /** @type {Command[]} */ const list = [];
    for (;;) {
      this.blanks();
      if (this.source[this.at] === '#') {
        while (this.at < this.source.length && this.source[this.at] !== '\n') this.at += 1;
        continue;
      }
      if (this.at >= this.source.length) {
        if (inner) throw this.fail('unmatched `{\'');
        return list;
      }
      if (this.source[this.at] === '}') {
        this.at += 1;
        if (!inner) throw this.fail('unexpected `}\'');
        return list;
      }
      list.push(this.command());
    }
  }

  /** Text up to a delimiter; in it, `\` and the delimiter is the delimiter. @param {string} delimiter @param {boolean} [pattern] */
  delimited(delimiter, pattern = false) {
    let text = '';
    let bracket = false;
    for (;;) {
      const character = this.source[this.at];
      if (character === undefined) throw this.fail("unterminated `s' command");
      this.at += 1;
      if (character === delimiter && !bracket) return text;
      if (pattern && character === '[' && !bracket) {
        bracket = true;
        text += character;
        // A `]` that comes first is a member.
        const [first] = /^\^?\]?/.exec(this.source.slice(this.at, this.at + 2)) ?? [''];
        text += first;
        this.at += first.length;
        continue;
      }
      if (bracket && character === '[' && /[:.=]/.test(this.source[this.at] ?? '')) {
        const end = this.source.indexOf(`${this.source[this.at]}]`, this.at + 1);
        if (end > 0) {
          text += this.source.slice(this.at - 1, end + 2);
          this.at = end + 2;
          continue;
        }
      }
      if (bracket && character === ']') bracket = false;
      if (character === '\\' && !bracket) {
        const next = this.source[this.at];
        if (next === undefined) throw this.fail("unterminated `s' command");
        this.at += 1;
        text += next === delimiter ? (pattern && /[.*[\]^$|+?(){}]/.test(next) ? `\\${next}` : next === '&' || next === '\n' ? `\\${next}` : next) : `\\${next}`;
      } else text += character;
    }
  }

  /** @returns {Address | undefined} */
  address() {
    const [digits] = /^\d+/.exec(this.source.slice(this.at, this.at + 12)) ?? [];
    if (digits) {
      this.at += digits.length;
      if (this.source[this.at] === '~') {
        const [all, step] = /^~(\d+)/.exec(this.source.slice(this.at)) ?? ['', '0'];
        this.at += all.length;
        return { step: [Number(digits), Number(step)] };
      }
      return { line: Number(digits) };
    }
    const character = this.source[this.at];
    if (character === '$') {
      this.at += 1;
      return { last: true };
    }
    if (character !== '/' && character !== '\\') return undefined;
    this.at += character === '/' ? 1 : 2;
    const text = this.delimited(character === '/' ? '/' : this.source[this.at - 1], true);
    const fold = this.source[this.at] === 'I';
    if (fold) this.at += 1;
    return { pattern: this.pattern(text, fold) };
  }

  /** @param {string} text @param {boolean} fold @returns {Pattern | null} null for the last used */
  pattern(text, fold) {
    return text === '' ? null : new Pattern(text, this.extended ? 'ere' : 'bre', { fold });
  }

  /** @returns {Command} */
  command() {
    const from = this.address();
    this.blanksOnly();
    /** @type {Address | undefined} */ let to;
    if (from && this.source[this.at] === ',') {
      this.at += 1;
      this.blanksOnly();
      const [plus] = /^\+\d+/.exec(this.source.slice(this.at, this.at + 8)) ?? [];
      if (plus) this.at += plus.length;
      to = plus ? { plus: Number(plus) } : this.address();
      if (!to) throw this.fail('unexpected `,\'');
    }
    this.blanksOnly();
    let not = false;
    while (this.source[this.at] === '!') {
      not = true;
      this.at += 1;
      this.blanksOnly();
    }
    const name = this.source[this.at];
    if (name === undefined) throw this.fail('missing command');
    this.at += 1;
    /** @type {Command} */ const command = { from, to, not, name };
    switch (name) {
      case '{':
        if ((this.depth += 1) > 100) throw this.fail('blocks are nested too deep');
        command.block = this.commands(true);
        this.depth -= 1;
        return command;
      case 's': this.substitution(command); break;
      case 'y': {
        const delimiter = this.source[this.at++] ?? '';
        const sets = [this.delimited(delimiter), this.delimited(delimiter)].map((it) => [...it.replace(/\\n/g, '\n').replace(/\\\\/g, '\\')]);
        if (sets[0].length !== sets[1].length) throw this.fail("strings for `y' command are different lengths");
        command.map = new Map(sets[0].map((it, at) => [it, sets[1][at]]));
        break;
      }
      case 'a': case 'i': case 'c': {
        this.blanksOnly();
        if (this.source.startsWith('\\\n', this.at)) this.at += 2;
        else if (this.source[this.at] === '\\') this.at += 1;
        let text = '';
        while (this.at < this.source.length && this.source[this.at] !== '\n') {
          if (this.source[this.at] === '\\') this.at += 1;
          text += this.source[this.at++] ?? '';
        }
        command.text = text;
        return command;
      }
      case ':': case 'b': case 't': {
        this.blanksOnly();
        const [label] = /^[^\s;}]*/.exec(this.source.slice(this.at, this.at + 80)) ?? [''];
        this.at += label.length;
        command.label = label;
        break;
      }
      case 'q': case 'Q': {
        const [all] = /^\s*\d*/.exec(this.source.slice(this.at, this.at + 8)) ?? [''];
        this.at += all.length;
        command.exit = Number(all.trim() || 0);
        break;
      }
      default:
        if (!'pdDPnNhHgGx=l'.includes(name) || name === 'l') throw this.fail(`unknown command: \`${name}'`);
    }
    this.blanksOnly();
    const next = this.source[this.at];
    if (next !== undefined && !';\n}#'.includes(next)) throw this.fail('extra characters after command');
    return command;
  }
  blanksOnly() {
    while (this.source[this.at] === ' ' || this.source[this.at] === '\t') this.at += 1;
  }

  /** @param {Command} command */
  substitution(command) {
    const delimiter = this.source[this.at++];
    if (delimiter === undefined || delimiter === '\n' || delimiter === '\\') throw this.fail("unterminated `s' command");
    const source = this.delimited(delimiter, true);
    const replacement = this.delimited(delimiter);
    const [flags] = /^[gpiIe0-9mM]*/.exec(this.source.slice(this.at, this.at + 12)) ?? [''];
    this.at += flags.length;
    if (/[em]/i.test(flags)) throw this.fail("unknown option to `s'");
    command.pattern = this.pattern(source, /i/i.test(flags));
    command.flags = { global: flags.includes('g'), print: flags.includes('p'), which: Number(/\d+/.exec(flags)?.[0] ?? 1) };
    if (this.source[this.at] === 'w') throw this.fail("unknown option to `s'");
    /** @type {Piece[]} */ const pieces = [];
    for (const [, digit, change, escaped, amp, plain] of replacement.matchAll(/\\(\d)|\\([ULEul])|\\([^])|(&)|([^\\&]+|\\$)/g)) {
      if (digit !== undefined) pieces.push(Number(digit));
      else if (change) pieces.push({ change });
      else if (amp) pieces.push(0);
      else pieces.push(escaped !== undefined ? { n: '\n', t: '\t', r: '\r' }[escaped] ?? escaped : plain);
    }
    const most = Math.max(0, ...pieces.filter((it) => typeof it === 'number'));
    if (command.pattern && most > command.pattern.groups) throw this.fail(`invalid reference \\${most} on \`s' command's RHS`);
    command.replacement = pieces;
  }
}

/** @param {Piece[]} pieces @param {import('../regex.js').Match} match */
function replaced(pieces, match) {
  let text = '';
  let mode = '';
  let once = '';
  for (const piece of pieces) {
    if (typeof piece === 'object') {
      if (piece.change === 'u' || piece.change === 'l') once = piece.change;
      else mode = piece.change;
      continue;
    }
    let it = typeof piece === 'number' ? match.groups[piece] ?? '' : piece;
    if (mode === 'U') it = it.toUpperCase();
    if (mode === 'L') it = it.toLowerCase();
    if (once && it) {
      it = (once === 'u' ? it[0].toUpperCase() : it[0].toLowerCase()) + it.slice(1);
      once = '';
    }
    text += it;
  }
  return text;
}

class Sed {
  number = 0;
  hold = '';
  steps = 0;
  out = '';
  substituted = false;
  /** @type {Pattern | null} */ last = null;
  /** @type {number | null} */ exit = null;

  /** @param {string[]} lines @param {boolean} quiet @param {boolean} ended whether the last line ends with a newline */
  constructor(lines, quiet, ended) {
    this.lines = lines;
    this.quiet = quiet;
    this.ended = ended;
  }
  get isLast() {
    return this.number >= this.lines.length;
  }
  /** @param {string} text */
  print(text) {
    this.out = bounded(`${this.out}${text}\n`);
  }

  /** @param {Address} address @param {string} space */
  matches(address, space) {
    if (address.line !== undefined) return this.number === address.line;
    if (address.last) return this.isLast;
    if (address.step) return address.step[1] ? this.number >= address.step[0] && (this.number - address.step[0]) % address.step[1] === 0 : this.number === address.step[0];
    return this.regex(address.pattern).test(space);
  }
  /** @param {Pattern | null | undefined} pattern */
  regex(pattern) {
    const found = pattern ?? this.last;
    if (!found) throw new ToolError('no previous regular expression');
    this.last = found;
    return found;
  }

  /** @param {Command} command @param {string} space */
  selected(command, space) {
    const { from, to } = command;
    if (!from) return !command.not;
    if (!to) return this.matches(from, space) !== command.not;
    let inside = false;
    if (command.active) {
      inside = true;
      if (typeof command.active === 'number') {
        if (this.number >= command.active) command.active = false;
      } else if (this.matches(to, space)) command.active = false;
    } else if (this.matches(from, space)) {
      inside = true;
      if (to.line !== undefined) command.active = to.line > this.number ? to.line : false;
      else if (to.plus !== undefined) command.active = to.plus ? this.number + to.plus : false;
      else command.active = !(to.last && this.isLast);
    }
    return inside !== command.not;
  }

  /** @param {Command[]} commands */
  run(commands) {
    const labels = new Map(commands.map((it, at) => [it.name === ':' ? it.label : undefined, at]));
    while (this.exit === null && this.number < this.lines.length) {
      const state = { space: this.lines[this.number++], appended: /** @type {string[]} */ ([]) };
      this.substituted = false;
      const end = this.cycle(commands, state, labels);
      if (end !== 'd' && end !== 'Q' && !this.quiet) this.print(state.space);
      for (const text of state.appended) this.print(text);
    }
    return this.out;
  }

  /**
   * @param {Command[]} commands @param {{ space: string, appended: string[] }} state @param {Map<string | undefined, number>} labels
   * @returns {string} how the cycle ends
   */
  cycle(commands, state, labels) {
    for (let at = 0; at < commands.length; at += 1) {
      if ((this.steps += 1) > MAX_STEPS) throw new Limit('limit.commands', MAX_STEPS);
      const command = commands[at];
      if (!this.selected(command, state.space)) continue;
      switch (command.name) {
        case '{': {
          const end = this.cycle(/** @type {Command[]} */ (command.block), state, labels);
          if (end) return end;
          break;
        }
        case 's': this.substitute(command, state); break;
        case 'y': state.space = [...state.space].map((it) => command.map?.get(it) ?? it).join(''); break;
        case 'p': this.print(state.space); break;
        case 'P': this.print(state.space.split('\n')[0]); break;
        case '=': this.print(`${this.number}`); break;
        case 'd': return 'd';
        case 'D': return 'd';
        case 'q': case 'Q':
          this.exit = command.exit ?? 0;
          return command.name === 'Q' ? 'Q' : 'q';
        case 'a': state.appended.push(command.text ?? ''); break;
        case 'i': this.print(command.text ?? ''); break;
        case 'c':
          if (!command.to || !command.active) this.print(command.text ?? '');
          return 'd';
        case 'n':
          if (!this.quiet) this.print(state.space);
          if (this.number >= this.lines.length) return 'd';
          state.space = this.lines[this.number++];
          break;
        case 'N':
          if (this.number >= this.lines.length) return 'q';
          state.space = bounded(`${state.space}\n${this.lines[this.number++]}`);
          break;
        case 'h': this.hold = state.space; break;
        case 'H': this.hold = bounded(`${this.hold}\n${state.space}`); break;
        case 'g': state.space = this.hold; break;
        case 'G': state.space = bounded(`${state.space}\n${this.hold}`); break;
        case 'x': [state.space, this.hold] = [this.hold, state.space]; break;
        case 'b': case 't': {
          if (command.name === 't' && !this.substituted) break;
          this.substituted = false;
          if (!command.label) return 'b';
          const target = labels.get(command.label);
          if (target === undefined) throw new ToolError(`-e expression #1, char 0: can't find label for jump to \`${command.label}'`);
          at = target;
        }
      }
    }
    return '';
  }

  /** @param {Command} command @param {{ space: string }} state */
  substitute(command, state) {
    const { global, print, which } = /** @type {NonNullable<Command['flags']>} */ (command.flags);
    let text = '';
    let last = 0;
    let count = 0;
    let previous = -1;
    for (const match of this.regex(command.pattern).all(state.space)) {
      // No empty match directly after a match.
      if (match.at === match.end && match.at === previous) continue;
      previous = match.end;
      count += 1;
      if (count < which) continue;
      text = bounded(text + state.space.slice(last, match.at) + replaced(/** @type {Piece[]} */ (command.replacement), match));
      last = match.end;
      if (!global) break;
    }
    if (count < which) return;
    this.substituted = true;
    state.space = text + state.space.slice(last);
    if (print) this.print(state.space);
  }
}

export const PROGRAMS = {
  sed: tool('sed', 1, (io) => {
    // The suffix of -i is part of its word.
    const place = io.args.find((it) => /^-[nrE]*i/.test(it) || it.startsWith('--in-place'));
    const args = io.args.map((it) => (it === place ? it.replace(/^(-[nrE]*i).*/, '$1').replace(/^--in-place.*/, '-i') : it));
    const { options, all, words } = readOptions(args, 'nrEie:f:su', { quiet: 'n', silent: 'n', 'regexp-extended': 'E', expression: 'e', file: 'f' });
    const sources = [...(all.e ?? []), ...(all.f ?? []).map((it) => fileText(io, it))];
    if (!sources.length) {
      const first = words.shift();
      if (first === undefined) throw new ToolError('no script specified');
      sources.push(first);
    }
    const source = sources.join('\n');
    const compile = () => new Script(source, !!(options.E || options.r)).commands();
    const run = (/** @type {string} */ text) => {
      const sed = new Sed(linesOf(text), !!options.n, text.endsWith('\n'));
      let out = sed.run(compile());
      // The last line keeps its missing newline.
      if (text && !text.endsWith('\n') && out.endsWith('\n')) out = out.slice(0, -1);
      return { out, exit: sed.exit ?? 0 };
    };
    if (!options.i) {
      const { out, exit } = run(words.length ? words.map((it) => fileText(io, it)).join('') : io.stdin);
      io.out(out);
      return exit;
    }
    if (!words.length) throw new ToolError('no input files');
    for (const name of words) io.files.set(name, run(fileText(io, name)).out);
    return 0;
  }),
};
