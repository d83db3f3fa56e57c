// @ts-check
// Runs parsed commands: lists, pipelines, compound commands, functions, redirections.

import { ArithmeticError, evaluate } from './arithmetic.js';
import { BUILTINS } from './builtins.js';
import { Expander, ExpansionError } from './expand.js';
import { condition } from './conditions.js';
import { parse } from './parse.js';
import { glob, PatternError } from './regex.js';
import { bounded, cloneState, Leave, Limit, MAX_COMMANDS } from './state.js';

/** @typedef {import('./parse.js').Command} Command */
/** @typedef {import('./parse.js').List} List */
/** @typedef {import('./words.js').Word} Word */
/** An input that commands consume. @typedef {{ text: string, at: number }} Input */
/** @typedef {{ tty: boolean, out: (text: string) => void, err: (text: string) => void, note: (key: string, ...values: any[]) => void, input: Input, container?: boolean }} Sink */
/** Runs a program with its arguments. @typedef {(words: string[], sink: Sink) => Promise<number>} Program */

/** How long commands may run before the page gets its turn, in ms. */
const TURN = 40;
/** The builtins whose arguments are assignments: those are not split into fields. */
const DECLARING = ['export', 'local', 'declare', 'typeset', 'readonly'];
const MAX_CALLS = 60;

/** A word as `set -x` shows it. @param {string} word */
export const shown = (word) => (word === '' ? "''" : /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`);

export class Interpreter {
  /** Commands so far in this run. */
  commands = 0;
  /** Nested functions and scripts. */
  calls = 0;
  /** Nested conditions, in which a failure does not exit. */
  guarded = 0;
  interrupted = false;
  #turn = 0;
  #substitutions = 0;

  /** @param {{ state: import('./state.js').State, files: import('./state.js').Files, program: Program, programPath: (name: string) => string | undefined, special: (name: string) => string | undefined }} init */
  constructor({ state, files, program, programPath, special }) {
    this.state = state;
    this.files = files;
    this.program = program;
    this.programPath = programPath;
    this.special = special;
  }

  /** Starts a run: resets its limits. */
  begin() {
    this.commands = 0;
    this.calls = 0;
    this.guarded = 0;
    this.interrupted = false;
    this.#turn = performance.now();
    this.kept = [];
    this.waiting = [];
  }

  /** The redirections of `exec`, for the rest of the run. @type {import('./parse.js').Redirect[]} */ kept = [];
  /** The commands of `>(…)`, which read at the end of the run. @type {{ list: List, name: string }[]} */ waiting = [];

  // Variables.

  /** A variable, or an element of it. @param {string} name @param {string} [key] @returns {string | undefined} */
  lookup(name, key) {
    const { state } = this;
    if (/^\d+$/.test(name)) return name === '0' ? state.name : state.positional[Number(name) - 1];
    if (name === '?') return `${state.exit}`;
    if (name === '#') return `${state.positional.length}`;
    if (name === '-') return `${state.options.has('errexit') ? 'e' : ''}hi${state.options.has('xtrace') ? 'x' : ''}BH`;
    const special = this.special(name);
    if (special !== undefined) return special;
    const value = state.variables.get(name);
    if (value === undefined || typeof value === 'string') return key === undefined || key === '0' ? value : undefined;
    if (value instanceof Map) return value.get(key ?? '0');
    const index = key === undefined ? 0 : Number(evaluate(key, this));
    return value.at(index);
  }
  /** @param {string} name */
  get(name) {
    return this.lookup(name) ?? '';
  }
  /** @param {string} name @param {string} value @param {string} [key] */
  assign(name, value, key) {
    const { state } = this;
    if (state.readonly.has(name)) throw new ExpansionError(`${name}: readonly variable`);
    bounded(value);
    const before = state.variables.get(name);
    if (key === undefined && (before === undefined || typeof before === 'string')) {
      if (state.variables.size > 5000) throw new Limit('limit.text');
      state.variables.set(name, value);
    } else if (before instanceof Map) before.set(key ?? '0', value);
    else {
      const list = Array.isArray(before) ? before : before === undefined ? [] : [before];
      const index = Number(evaluate(key ?? '0', this));
      if (index > 100_000 || index < -list.length) throw new ExpansionError(`${name}[${key}]: bad array subscript`);
      list[index < 0 ? list.length + index : index] = value;
      state.variables.set(name, list);
    }
    if (state.options.has('allexport')) state.exported.add(name);
  }
  /** @param {string} name @param {string} value */
  set(name, value) {
    this.assign(name, value);
  }
  /** The environment of a program. */
  environment() {
    const { variables, exported } = this.state;
    return new Map([...exported].flatMap((name) => {
      const value = variables.get(name);
      return typeof value === 'string' ? [[name, value]] : [];
    }));
  }

  // Lists.

  /** @param {List} list @param {Sink} sink @returns {Promise<number>} */
  async list(list, sink) {
    for (const [at, { after, not, pipe, background }] of list.entries()) {
      const { state } = this;
      if ((after === '&&' && state.exit !== 0) || (after === '||' && state.exit === 0)) continue;
      const next = list[at + 1]?.after;
      const tested = not || next === '&&' || next === '||';
      if (tested) this.guarded += 1;
      try {
        state.exit = await this.pipeline(pipe, sink);
      } finally {
        if (tested) this.guarded -= 1;
      }
      if (not) state.exit = state.exit ? 0 : 1;
      if (background) {
        sink.note('background');
        state.exit = 0;
      } else if (state.exit && !tested && !this.guarded && state.options.has('errexit')) throw new Leave('exit', state.exit);
    }
    return this.state.exit;
  }

  /** @param {Command[]} pipe @param {Sink} sink */
  async pipeline(pipe, sink) {
    if (pipe.length === 1) return this.command(pipe[0], sink);
    let { input } = sink;
    /** @type {number[]} */ const exits = [];
    for (const [at, command] of pipe.entries()) {
      const last = at === pipe.length - 1;
      let piped = '';
      const to = last ? { ...sink, input } : { ...sink, input, tty: false, out: (/** @type {string} */ more) => void (piped = bounded(piped + more)) };
      exits.push(await this.subshell(() => this.command(command, to)));
      input = { text: piped, at: 0 };
    }
    this.state.variables.set('PIPESTATUS', exits.map(String));
    const failed = this.state.options.has('pipefail') ? exits.findLast((it) => it) : undefined;
    return failed ?? exits[exits.length - 1];
  }

  /** Runs with a copy of the state. @param {() => Promise<number>} body @returns {Promise<number>} */
  async subshell(body) {
    const { state, kept } = this;
    this.state = cloneState(state);
    this.kept = [...kept];
    try {
      return await body();
    } catch (error) {
      if (error instanceof Leave) return error.kind === 'break' || error.kind === 'continue' ? 0 : error.count;
      throw error;
    } finally {
      this.state = state;
      this.kept = kept;
    }
  }

  /** The output of commands. @param {List} list @param {Sink} sink */
  async captured(list, sink) {
    let text = '';
    const [only] = list;
    const command = list.length === 1 && only.pipe.length === 1 ? only.pipe[0] : undefined;
    if (command?.type === 'simple' && !command.words.length && command.redirects.length === 1 && command.redirects[0].op === '<') {
      const name = await new Expander(this, sink).text(command.redirects[0].to);
      const found = this.files.get(name);
      if (found === undefined) sink.err(`-bash: ${name}: No such file or directory\n`);
      this.state.exit = found === undefined ? 1 : 0;
      return (found ?? '').replace(/\n+$/, '');
    }
    const errexit = this.state.options.has('errexit');
    this.state.exit = await this.subshell(() => {
      if (errexit && !this.state.options.has('posix')) this.state.options.delete('errexit');
      return this.list(list, { ...sink, tty: false, out: (more) => void (text = bounded(text + more)) });
    });
    return text.replace(/\n+$/, '').replaceAll('\0', '');
  }

  /** A file with the output of commands, for `<(…)`. @param {List} list @param {Sink} sink */
  async substituted(list, sink) {
    let text = '';
    await this.subshell(() => this.list(list, { ...sink, tty: false, out: (more) => void (text = bounded(text + more)) }));
    const name = `/tmp/.fd${63 - (this.#substitutions++ % 50)}`;
    this.files.set(name, text);
    return name;
  }

  /** A file whose text commands read at the end of the run, for `>(…)`. @param {List} list */
  deferred(list) {
    const name = `/tmp/.fd${99 - (this.waiting.length % 30)}`;
    this.files.set(name, '');
    this.waiting.push({ list, name });
    return name;
  }
  /** Runs the commands of `>(…)`. @param {Sink} sink */
  async finish(sink) {
    for (const { list, name } of this.waiting.splice(0)) await this.subshell(() => this.list(list, { ...sink, input: { text: this.files.get(name) ?? '', at: 0 } }));
  }

  // Commands.

  /** Counts a command, and lets the page have its turn. @param {number} [count] */
  async step(count = 1) {
    this.commands += count;
    if (this.commands > MAX_COMMANDS) throw new Limit('limit.commands', MAX_COMMANDS);
    if (performance.now() - this.#turn > TURN) {
      await new Promise((resolve) => setTimeout(resolve));
      this.#turn = performance.now();
    }
    if (this.interrupted) throw new Limit('limit.interrupted');
  }

  /** @param {Command} command @param {Sink} sink @returns {Promise<number>} */
  async command(command, sink) {
    await this.step();
    if (command.type === 'simple') return this.simple(command, sink);
    if (command.type === 'function') {
      this.state.functions.set(command.name, command.body);
      return 0;
    }
    const to = await this.redirected(command, sink);
    if (!to) return 1;
    try {
      return await this.compound(command, to);
    } catch (error) {
      return this.failed(error, to);
    }
  }

  /** @param {unknown} error @param {Sink} sink @returns {number} */
  failed(error, sink) {
    if (error instanceof ArithmeticError || error instanceof ExpansionError) {
      sink.err(`-bash: ${error.message}\n`);
      // A failed expansion ends a script, and the line of a terminal.
      if (error instanceof ExpansionError) throw new Leave(this.state.name === '-bash' ? 'abort' : 'exit', 1);
      return 1;
    }
    if (error instanceof PatternError) {
      sink.err(`-bash: ${error.message}\n`);
      return 2;
    }
    throw error;
  }

  /** @param {Exclude<Command, { type: 'simple' | 'function' }>} command @param {Sink} sink @returns {Promise<number>} */
  async compound(command, sink) {
    const expander = new Expander(this, sink);
    switch (command.type) {
      case 'group':
        return this.list(command.body, sink);
      case 'subshell':
        return this.subshell(() => this.whole(command.body, { ...sink }));
      case 'arithmetic':
        return evaluate(await expander.text(command.text), this) ? 0 : 1;
      case 'test':
        return condition(command.test, this, expander);
      case 'if':
        for (const { test, body } of command.clauses) if ((await this.tested(test, sink)) === 0) return this.body(body, sink);
        return command.otherwise ? this.body(command.otherwise, sink) : 0;
      case 'loop': {
        let exit = 0;
        await this.loop(async () => {
          if (((await this.tested(command.test, sink)) === 0) === command.until) return false;
          exit = await this.body(command.body, sink);
          return true;
        });
        return exit;
      }
      case 'for': {
        const words = command.words ? await expander.fields(command.words) : [...this.state.positional];
        let exit = 0;
        await this.loop(async () => {
          const word = words.shift();
          if (word === undefined) return false;
          this.assign(command.name, word);
          exit = await this.body(command.body, sink);
          return true;
        });
        return exit;
      }
      case 'count': {
        const number = async (/** @type {Word} */ word) => evaluate(await expander.text(word), this);
        const [first, test, last] = command.parts;
        await number(first);
        let exit = 0;
        await this.loop(async () => {
          if (test.length && !(await number(test))) return false;
          exit = await this.body(command.body, sink);
          return true;
        }, () => number(last));
        return exit;
      }
      default: {
        const value = await expander.text(command.word);
        let exit = 0;
        let through = false;
        for (const { patterns, body, end } of command.items) {
          let found = through;
          for (const pattern of found ? [] : patterns) if ((found = glob(await expander.pattern(pattern)).matches(value))) break;
          if (!found) continue;
          exit = await this.body(body, sink);
          through = end === ';&';
          if (end !== ';&' && end !== ';;&') break;
        }
        return exit;
      }
    }
  }

  /** The body of a compound command: 0 if it is empty. @param {List} list @param {Sink} sink */
  async body(list, sink) {
    return list.length ? this.list(list, sink) : 0;
  }

  /** @param {List} list @param {Sink} sink */
  async tested(list, sink) {
    this.guarded += 1;
    try {
      return await this.list(list, sink);
    } finally {
      this.guarded -= 1;
    }
  }

  /**
   * Repeats `once` until it returns false.
   * @param {() => Promise<boolean>} once
   * @param {() => Promise<any>} [after] runs after each round, also after `continue`
   */
  async loop(once, after = async () => {}) {
    for (;;) {
      await this.step();
      try {
        if (!(await once())) return;
      } catch (error) {
        if (!(error instanceof Leave) || (error.kind !== 'break' && error.kind !== 'continue')) throw error;
        if (error.count > 1) throw new Leave(error.kind, error.count - 1);
        this.state.exit = 0;
        if (error.kind === 'break') return;
      }
      await after();
    }
  }

  /**
   * The sink after redirections; null after an error.
   * @param {{ redirects: import('./parse.js').Redirect[] }} command @param {Sink} sink
   * @param {boolean} [keep] for the rest of the run
   * @returns {Promise<Sink | null>}
   */
  async redirected({ redirects }, sink, keep = false) {
    let to = sink;
    for (const { fd, op, to: word } of redirects) {
      const expander = new Expander(this, sink);
      if (op === '<<' || op === '<<-' || op === '<<<') {
        to = { ...to, input: { text: (await expander.text(word)) + (op === '<<<' ? '\n' : ''), at: 0 } };
        continue;
      }
      const names = await expander.word(word);
      if (keep && names.length === 1) this.kept.push({ fd, op: op === '>' ? '>>' : op, to: [{ text: names[0], quoted: true }] });
      if (names.length !== 1) {
        sink.err(`-bash: ${names.join(' ') || '$…'}: ambiguous redirect\n`);
        return null;
      }
      const [name] = names;
      const before = to;
      const write = this.writer(name, op, sink, before);
      if (op === '<') {
        const text = this.files.get(name);
        if (text === undefined) {
          sink.err(`-bash: ${name}: ${this.files.isFolder(name) ? 'Is a directory' : 'No such file or directory'}\n`);
          return null;
        }
        to = { ...to, input: { text, at: 0 } };
      } else if (op === '<&' || (op === '>&' && /^(?:\d|-)$/.test(name))) {
        if (op === '<&') continue;
        const target = name === '1' ? before.out : name === '2' ? before.err : null;
        if (!target && name !== '-') {
          sink.err(`-bash: ${name}: Bad file descriptor\n`);
          return null;
        }
        const text = target ?? (() => {});
        to = fd === 2 ? { ...to, err: text } : { ...to, out: text, tty: name === '1' ? before.tty : false };
      } else if (!write) return null;
      else if (op[0] === '&' || op === '>&') to = { ...to, out: write, err: write, tty: false };
      else to = fd === 2 ? { ...to, err: write } : fd === 1 ? { ...to, out: write, tty: false } : to;
    }
    return to;
  }

  /**
   * What writes to a file; null after an error.
   * @param {string} name @param {string} op @param {Sink} sink @param {Sink} before
   */
  writer(name, op, sink, before) {
    if (op[0] === '<' && op !== '<>') return null;
    if (op === '>&' && /^(?:\d|-)$/.test(name)) return null;
    if (name === '/dev/stdout') return before.out;
    if (name === '/dev/stderr') return before.err;
    if (name === '/dev/tty' || name === '/dev/console') return sink.out;
    const reason = name === '/dev/null' ? '' : this.files.unwritable(name);
    if (reason) {
      sink.err(`-bash: ${name}: ${reason}\n`);
      return null;
    }
    if (!op.includes('>>')) this.files.set(name, '');
    return (/** @type {string} */ more) => void this.files.set(name, (this.files.get(name) ?? '') + more);
  }

  /** @param {Command & { type: 'simple' }} command @param {Sink} sink @returns {Promise<number>} */
  async simple(command, sink) {
    try {
      return await this.words(command, sink);
    } catch (error) {
      return this.failed(error, sink);
    }
  }

  /** @param {Command & { type: 'simple' }} command @param {Sink} sink @returns {Promise<number>} */
  async words(command, sink) {
    const { state } = this;
    const before = state.exit;
    const expander = new Expander(this, sink);
    const first = command.words[0]?.length === 1 && 'text' in command.words[0][0] ? command.words[0][0].text : '';
    /** @type {string[]} */ const args = [];
    for (const word of command.words) {
      const [start] = word;
      const assigns = DECLARING.includes(first) && 'text' in start && !start.quoted && /^[A-Za-z_]\w*\+?=/.test(start.text);
      args.push(...(assigns ? [await expander.text(word)] : await expander.fields([word])));
    }
    const lasting = args[0] === 'exec' && args.length === 1;
    const to = await this.redirected(command, sink, lasting);
    if (!to) return 1;
    if (lasting) Object.assign(sink, to);
    if (!args.length) {
      if (command.words.every((word) => !word.some((part) => 'list' in part))) state.exit = 0;
      for (const assign of command.assigns) await this.assignment(assign, expander);
      return state.exit;
    }
    state.exit = before;
    const declares = DECLARING.includes(args[0]);
    /** @type {[string, import('./state.js').Value | undefined, boolean][]} */ const temporary = [];
    if (!declares) {
      for (const assign of command.assigns) {
        temporary.push([assign.name, state.variables.get(assign.name), state.exported.has(assign.name)]);
        await this.assignment(assign, expander);
        state.exported.add(assign.name);
      }
    }
    if (state.options.has('xtrace')) sink.err(`+ ${args.map(shown).join(' ')}\n`);
    try {
      return await this.invoke(args, to, declares ? command.assigns : [], expander);
    } finally {
      for (const [name, value, exported] of temporary.reverse()) {
        if (value === undefined) this.state.variables.delete(name);
        else this.state.variables.set(name, value);
        if (!exported) this.state.exported.delete(name);
      }
    }
  }

  /** @param {import('./parse.js').Assign} assign @param {Expander} expander */
  async assignment({ name, index, word, append, list }, expander) {
    const { state } = this;
    if (list) {
      if (state.readonly.has(name)) throw new ExpansionError(`${name}: readonly variable`);
      const before = state.variables.get(name);
      if (before instanceof Map) {
        const map = append ? before : new Map();
        for (const item of list) {
          const [, key, value] = /^\[([^\]]*)\]=([^]*)$/.exec(await expander.text(item)) ?? [];
          if (key !== undefined) map.set(key, value);
        }
        state.variables.set(name, map);
        return;
      }
      const values = await expander.fields(list);
      state.variables.set(name, append ? [...(Array.isArray(before) ? before : before === undefined ? [] : [before]), ...values] : values);
      return;
    }
    const key = index ? await expander.text(index) : undefined;
    const value = await expander.text(word);
    if (state.options.has('xtrace')) expander.sink.err(`+ ${name}=${value === '' ? '' : shown(value)}\n`);
    this.assign(name, append ? (this.lookup(name, key) ?? '') + value : value, key);
  }

  /**
   * Runs a function, a builtin, a script or a program.
   * @param {string[]} args @param {Sink} sink
   * @param {import('./parse.js').Assign[]} [assigns] arrays of `declare` and the like
   * @param {Expander} [expander]
   * @returns {Promise<number>}
   */
  async invoke(args, sink, assigns = [], expander = new Expander(this, sink)) {
    const [name] = args;
    const body = this.state.functions.get(name);
    if (body) return this.call(body, args, sink);
    if (Object.hasOwn(BUILTINS, name)) {
      return BUILTINS[name]({ args: args.slice(1), sink, interpreter: this, assign: async () => {
        for (const it of assigns) await this.assignment(it, expander);
      } });
    }
    if (name.includes('/') && this.files.has(name)) return this.script(/** @type {string} */ (this.files.get(name)), args, sink);
    return this.program(args, sink);
  }

  /** Calls a function. @param {Command} body @param {string[]} args @param {Sink} sink */
  async call(body, args, sink) {
    const { state } = this;
    const { positional } = state;
    if ((this.calls += 1) > MAX_CALLS) throw new Limit('limit.calls', MAX_CALLS);
    state.positional = args.slice(1);
    state.locals.push(new Map());
    try {
      return await this.command(body, sink);
    } catch (error) {
      if (error instanceof Leave && error.kind === 'return') return error.count;
      throw error;
    } finally {
      this.calls -= 1;
      state.positional = positional;
      for (const [name, value] of state.locals.pop() ?? []) {
        if (value === undefined) state.variables.delete(name);
        else state.variables.set(name, value);
      }
    }
  }

  /** Runs the text of a script in a new shell, with the exported variables. @param {string} text @param {string[]} args @param {Sink} sink */
  async script(text, args, sink) {
    const environment = this.environment();
    if ((this.calls += 1) > MAX_CALLS) throw new Limit('limit.calls', MAX_CALLS);
    try {
      return await this.subshell(async () => {
        Object.assign(this.state, { variables: new Map(environment), exported: new Set(environment.keys()), functions: new Map(), options: new Set(), readonly: new Set(), locals: [], positional: args.slice(1), name: args[0], exit: 0 });
        return this.whole(parse(text), { ...sink });
      });
    } finally {
      this.calls -= 1;
    }
  }

  /** Runs a list, then the trap of `EXIT`. @param {List} list @param {Sink} sink */
  async whole(list, sink) {
    try {
      return await this.list(list, sink);
    } catch (error) {
      if (error instanceof Leave && error.kind === 'exit') this.state.exit = error.count;
      throw error;
    } finally {
      await this.leave(sink);
    }
  }

  /** Runs the trap of `EXIT`. @param {Sink} sink */
  async leave(sink) {
    const trap = this.state.traps.get('EXIT');
    this.state.traps.delete('EXIT');
    const { exit } = this.state;
    if (trap) await this.list(parse(trap), sink);
    this.state.exit = exit;
  }
}

/** The rest of an input. @param {Input} input */
export function rest(input) {
  const text = input.text.slice(input.at);
  input.at = input.text.length;
  return text;
}
