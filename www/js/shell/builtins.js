// @ts-check
// The builtins of bash: commands that read or change the state of the shell.

import { evaluate } from './arithmetic.js';
import { test, TestError } from './conditions.js';
import { splitFields } from './expand.js';
import { rest, shown } from './interpret.js';
import { parse, Syntax, Incomplete } from './parse.js';
import { bounded, Leave, Limit } from './state.js';
import { unescape } from './words.js';

/**
 * `assign` sets the arrays that follow `declare` and the like.
 * @typedef {{ args: string[], sink: import('./interpret.js').Sink, interpreter: import('./interpret.js').Interpreter, assign: () => Promise<void> }} Call
 */
/** @typedef {(call: Call) => number | Promise<number>} Builtin */

const OPTIONS = { e: 'errexit', u: 'nounset', x: 'xtrace', f: 'noglob', a: 'allexport', v: 'verbose', n: 'noexec', E: 'errtrace', o: '', h: 'hashall', B: 'braceexpand', m: 'monitor', b: 'notify', T: 'functrace' };
const LONG = [...Object.values(OPTIONS).filter(Boolean), 'pipefail', 'posix', 'vi', 'emacs', 'history'];

/** @param {Call} call @param {string} name @param {string} message @param {number} [exit] */
function fail({ sink }, name, message, exit = 1) {
  sink.err(`-bash: ${name}: ${message}\n`);
  return exit;
}

/** The number of `exit`, `return`, `break`, `shift`. @param {Call} call @param {string} name @param {number} standard */
function count(call, name, standard) {
  const [word] = call.args;
  if (word === undefined) return standard;
  if (/^-?\d+$/.test(word)) return Number(word);
  fail(call, name, `${word}: numeric argument required`);
  return 2;
}

/** @param {'break' | 'continue'} kind @returns {Builtin} */
const leaveLoop = (kind) => (call) => {
  throw new Leave(kind, Math.max(1, count(call, kind, 1)));
};

/** `export`, `readonly`, `declare`, `local`. @param {string} command @returns {Builtin} */
const declare = (command) => async (call) => {
  const { interpreter, sink, args } = call;
  const { state } = interpreter;
  const flags = args.filter((it) => /^[-+][a-zA-Z]+$/.test(it)).join('');
  const words = args.filter((it) => !/^[-+][a-zA-Z]*$/.test(it));
  const isLocal = state.locals.length > 0 && (command === 'local' || (command === 'declare' && !flags.includes('g')));
  if (command === 'local' && !state.locals.length) return fail(call, 'local', 'can only be used in a function');
  if (!words.length && (flags.includes('p') || command === 'export')) {
    const names = command === 'export' ? [...state.exported] : [...state.variables.keys()];
    for (const name of names.sort()) {
      const value = state.variables.get(name);
      if (typeof value === 'string') sink.out(`declare ${state.exported.has(name) ? '-x' : '--'} ${name}="${value.replace(/[\\"$`]/g, '\\$&')}"\n`);
    }
  }
  const shadow = (/** @type {string} */ name) => {
    const frame = state.locals[state.locals.length - 1];
    if (!isLocal || frame.has(name)) return;
    frame.set(name, state.variables.get(name));
    state.variables.delete(name);
  };
  let exit = 0;
  /** @type {string[]} */ const names = [];
  for (const word of words) {
    const [, name, append, value] = /^([A-Za-z_]\w*)(?:(\+?)=([^]*))?$/.exec(word) ?? [];
    if (!name) {
      exit = fail(call, command, `\`${word}': not a valid identifier`);
      continue;
    }
    const before = append ? interpreter.get(name) : '';
    shadow(name);
    names.push(name);
    if (flags.includes('A')) state.variables.set(name, new Map());
    else if (flags.includes('a')) state.variables.set(name, []);
    if (value !== undefined) interpreter.assign(name, flags.includes('i') ? `${evaluate(value, interpreter)}` : flags.includes('u') ? value.toUpperCase() : flags.includes('l') ? value.toLowerCase() : before + value);
    else if (isLocal && !state.variables.has(name) && !flags.includes('A') && !flags.includes('a')) state.variables.set(name, '');
  }
  await call.assign();
  for (const name of names) {
    if (command === 'export' && flags.includes('n')) state.exported.delete(name);
    else if (command === 'export' || flags.includes('x')) state.exported.add(name);
    if (command === 'readonly' || flags.includes('r')) state.readonly.add(name);
  }
  return exit;
};

/** @param {Call} call @param {string} text */
async function evaluated(call, text) {
  const { interpreter, sink } = call;
  if ((interpreter.calls += 1) > 60) throw new Limit('limit.calls', 60);
  try {
    return await interpreter.list(parse(text), sink);
  } catch (error) {
    if (!(error instanceof Syntax) && !(error instanceof Incomplete)) throw error;
    return fail(call, 'eval', error instanceof Syntax && error.word !== undefined ? `syntax error near unexpected token \`${error.word}'` : 'syntax error: unexpected end of file');
  } finally {
    interpreter.calls -= 1;
  }
}

/** @param {Call} call @returns {Promise<number>} */
async function source(call) {
  const { interpreter, args } = call;
  const text = interpreter.files.get(args[0] ?? '');
  if (!args.length) return fail(call, 'source', 'filename argument required', 2);
  if (text === undefined) return fail(call, args[0], 'No such file or directory');
  const { state } = interpreter;
  const { positional } = state;
  if (args.length > 1) state.positional = args.slice(1);
  try {
    return await evaluated(call, text);
  } catch (error) {
    if (error instanceof Leave && error.kind === 'return') return error.count;
    throw error;
  } finally {
    state.positional = positional;
  }
}

/** @type {(name: string) => Builtin} */
const testAs = (name) => (call) => {
  const words = [...call.args];
  if (name === '[' && words.pop() !== ']') return fail(call, '[', "missing `]'", 2);
  try {
    return test(words, call.interpreter) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestError)) throw error;
    return fail(call, name, error.message, 2);
  }
};

/** @type {Builtin} */
function echo({ args, sink }) {
  const words = [...args];
  let line = true;
  let escapes = false;
  while (/^-[neE]+$/.test(words[0] ?? '')) {
    const flags = /** @type {string} */ (words.shift());
    if (flags.includes('n')) line = false;
    if (flags.includes('e')) escapes = true;
    if (flags.includes('E')) escapes = false;
  }
  const text = words.join(' ');
  const cut = escapes ? text.indexOf('\\c') : -1;
  sink.out(escapes ? unescape(cut < 0 ? text : text.slice(0, cut)) + (line && cut < 0 ? '\n' : '') : text + (line ? '\n' : ''));
  return 0;
}

/** @type {Builtin} */
function printf(call) {
  const { sink, interpreter } = call;
  const words = [...call.args];
  let variable = '';
  if (words[0] === '-v') [, variable] = words.splice(0, 2);
  if (words[0] === '--') words.shift();
  const format = words.shift();
  if (format === undefined) return fail(call, 'printf', 'usage: printf [-v var] format [arguments]', 2);
  const { text, exit } = formatted(format, words, (message) => fail(call, 'printf', message));
  if (variable) interpreter.assign(variable, text);
  else sink.out(text);
  return exit;
}

/**
 * The text of `printf`, also of awk's.
 * @param {string} format @param {string[]} words
 * @param {(message: string) => void} warn
 * @param {boolean} [once] do not repeat the format
 */
export function formatted(format, words, warn, once = false) {
  let text = '';
  let exit = 0;
  let stopped = false;
  let rounds = 0;
  const take = () => words.shift() ?? '';
  const number = (/** @type {string} */ word) => {
    if (/^['"]./.test(word)) return word.codePointAt(1) ?? 0;
    if (word === '') return 0;
    const value = Number(word);
    if (!Number.isNaN(value)) return value;
    if (!once) {
      warn(`${word}: invalid number`);
      exit = 1;
    }
    return parseFloat(word) || 0;
  };
  do {
    const before = words.length;
    text += format.replace(/\\c|\\(?:x[\da-fA-F]{1,2}|u[\da-fA-F]{1,4}|0?[0-7]{1,3}|[^])|%(?:%|([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z]?))|[^\\%]+/g, (all, flags, width, precision, letter) => {
      if (stopped) return '';
      if (all[0] === '\\') return unescape(all);
      if (all === '%%') return '%';
      if (all[0] !== '%') return all;
      let size = width === '*' ? Number(take()) : Number(width ?? 0);
      const hasDot = all.includes('.');
      const digits = precision === '*' ? Number(take()) : hasDot ? Number(precision ?? 0) : undefined;
      let left = flags.includes('-');
      if (size < 0) [left, size] = [true, -size];
      if (size > 10_000 || (digits ?? 0) > 10_000) throw new Limit('limit.text');
      let value;
      const signed = (/** @type {number} */ it) => (it >= 0 && flags.includes('+') ? '+' : it >= 0 && flags.includes(' ') ? ' ' : '');
      switch (letter) {
        case 's': value = take(); value = digits === undefined ? value : value.slice(0, digits); break;
        case 'c': value = take().slice(0, 1); break;
        case 'b': value = unescape(take()); break;
        case 'q': value = take().replace(/[^\w@%+=:,./-]/g, '\\$&') || "''"; break;
        case 'd': case 'i': {
          const it = Math.trunc(number(take()));
          value = signed(it) + (digits === undefined ? `${it}` : (it < 0 ? '-' : '') + `${Math.abs(it)}`.padStart(digits, '0'));
          break;
        }
        case 'u': value = `${Math.trunc(number(take()))}`; break;
        case 'x': value = (flags.includes('#') ? '0x' : '') + Math.trunc(number(take())).toString(16); break;
        case 'X': value = Math.trunc(number(take())).toString(16).toUpperCase(); break;
        case 'o': value = Math.trunc(number(take())).toString(8); break;
        case 'f': case 'F': { const it = number(take()); value = signed(it) + it.toFixed(Math.min(digits ?? 6, 100)); break; }
        case 'e': { const it = number(take()); value = it.toExponential(Math.min(digits ?? 6, 100)).replace(/e([-+])(\d)$/, 'e$10$2'); break; }
        case 'g': { const it = number(take()); value = `${Number(it.toPrecision(Math.min(digits || 6, 100)))}`; break; }
        default:
          warn(`\`${letter || all}': invalid format character`);
          exit = 1;
          stopped = true;
          return '';
      }
      if (left) return value.padEnd(size);
      if (!flags.includes('0') || 'scbq'.includes(letter)) return value.padStart(size);
      const sign = /^[-+]/.exec(value)?.[0] ?? '';
      return sign + value.slice(sign.length).padStart(size - sign.length, '0');
    });
    bounded(text);
    if (once || words.length === before) break;
  } while (words.length && !stopped && (rounds += 1) < 100_000);
  return { text, exit };
}

/** @type {Record<string, Builtin>} */
export const BUILTINS = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  echo,
  printf,
  test: testAs('test'),
  '[': testAs('['),
  '.': source,
  source,
  break: leaveLoop('break'),
  continue: leaveLoop('continue'),
  declare: declare('declare'),
  typeset: declare('declare'),
  export: declare('export'),
  local: declare('local'),
  readonly: declare('readonly'),
  eval: (call) => (call.args.length ? evaluated(call, call.args.join(' ')) : 0),
  exit(call) {
    throw new Leave('exit', count(call, 'exit', call.interpreter.state.exit) & 255);
  },
  return(call) {
    throw new Leave('return', count(call, 'return', call.interpreter.state.exit) & 255);
  },
  cd(call) {
    const { interpreter, args } = call;
    const { state, files } = interpreter;
    const to = args.filter((it) => it !== '--' && it !== '-P' && it !== '-L')[0] ?? interpreter.get('HOME');
    const path = to === '-' ? interpreter.get('OLDPWD') || state.cwd : files.resolve(to);
    if (files.has(path)) return fail(call, 'cd', `${to}: Not a directory`);
    if (!files.isFolder(path)) return fail(call, 'cd', `${to}: No such file or directory`);
    if (to === '-') call.sink.out(`${path}\n`);
    state.variables.set('OLDPWD', state.cwd);
    state.variables.set('PWD', path);
    state.cwd = path;
    return 0;
  },
  pwd({ sink, interpreter }) {
    sink.out(`${interpreter.state.cwd}\n`);
    return 0;
  },
  /** Runs a command without functions, or says what it is. */
  command(call) {
    const { args, sink, interpreter } = call;
    if (args[0] === '-v' || args[0] === '-V') return BUILTINS.type({ ...call, args: ['-c', ...args.slice(1)] });
    const words = args[0] === '-p' ? args.slice(1) : args;
    if (!words.length) return 0;
    const { functions } = interpreter.state;
    const body = functions.get(words[0]);
    functions.delete(words[0]);
    return interpreter.invoke(words, sink).finally(() => body && functions.set(words[0], body));
  },
  builtin: ({ args, sink, interpreter }) => (args.length ? interpreter.invoke(args, sink) : 0),
  type(call) {
    const { args, sink, interpreter } = call;
    // `command -v` prints names, `type -t` kinds.
    const how = ['-c', '-t'].indexOf(args[0]);
    const brief = how >= 0;
    let exit = 0;
    for (const name of args.filter((it) => !/^-/.test(it))) {
      const path = interpreter.programPath(name);
      if (interpreter.state.functions.has(name)) sink.out(`${[name, 'function', `${name} is a function`].at(how)}\n`);
      else if (Object.hasOwn(BUILTINS, name)) sink.out(`${[name, 'builtin', `${name} is a shell builtin`].at(how)}\n`);
      else if (path) sink.out(`${[path, 'file', `${name} is ${path}`].at(how)}\n`);
      else {
        if (!brief) fail(call, 'type', `${name}: not found`);
        exit = 1;
      }
    }
    return exit;
  },
  let: ({ args, interpreter }) => (args.map((it) => evaluate(it, interpreter)).at(-1) ? 0 : 1),
  /** Without a command, interpret.js keeps its redirections. */
  async exec({ args, sink, interpreter }) {
    if (!args.length) return 0;
    throw new Leave('exit', await interpreter.invoke(args, sink));
  },
  read(call) {
    const { interpreter, sink } = call;
    const { input } = sink;
    const args = [...call.args];
    let raw = false;
    let array = '';
    let end = '\n';
    let size = Infinity;
    while (/^-./.test(args[0] ?? '')) {
      const flag = /** @type {string} */ (args.shift());
      for (const [at, letter] of [...flag.slice(1)].entries()) {
        if (letter === 'r') raw = true;
        else if ('apdntu'.includes(letter)) {
          const value = flag.slice(at + 2) || args.shift() || '';
          if (letter === 'a') array = value;
          if (letter === 'd') end = value[0] ?? '\0';
          if (letter === 'n') size = Number(value) || 0;
          break;
        }
      }
    }
    if (input.at >= input.text.length) {
      for (const name of args.length ? args : ['REPLY']) interpreter.assign(name, '');
      return 1;
    }
    let line = '';
    let complete = false;
    while (input.at < input.text.length && line.length < size) {
      const to = input.text.indexOf(end, input.at);
      const piece = input.text.slice(input.at, to < 0 ? undefined : to).slice(0, size - line.length);
      input.at += piece.length;
      line += piece;
      if (line.length >= size) {
        complete = true;
        break;
      }
      if (to < 0) break;
      input.at += 1;
      if (!raw && /(?:^|[^\\])(?:\\\\)*\\$/.test(line) && end === '\n') {
        line = line.slice(0, -1);
        continue;
      }
      complete = true;
      break;
    }
    if (!raw) line = line.replace(/\\([^])/g, '$1');
    const ifs = interpreter.state.variables.get('IFS');
    const separators = typeof ifs === 'string' ? ifs : ' \t\n';
    if (array) interpreter.state.variables.set(array, splitFields(line, separators).fields);
    else if (!args.length) interpreter.assign('REPLY', line);
    else {
      const isBlank = (/** @type {string} */ it) => ' \t\n'.includes(it) && separators.includes(it);
      let from = 0;
      let to = line.length;
      const skip = () => {
        while (from < to && isBlank(line[from])) from += 1;
      };
      skip();
      while (to > from && isBlank(line[to - 1])) to -= 1;
      args.forEach((name, at) => {
        if (at === args.length - 1) return interpreter.assign(name, line.slice(from, to));
        const start = from;
        while (from < to && !separators.includes(line[from])) from += 1;
        interpreter.assign(name, line.slice(start, from));
        // A separator, with the blanks around it.
        skip();
        if (from < to && separators.includes(line[from]) && !isBlank(line[from])) from += 1;
        skip();
      });
    }
    return complete ? 0 : 1;
  },
  mapfile({ args, sink, interpreter }) {
    const name = args.filter((it) => it[0] !== '-').at(-1) ?? 'MAPFILE';
    const text = rest(sink.input);
    const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    interpreter.state.variables.set(name, args.some((it) => /^-\w*t/.test(it)) ? lines : lines.map((it) => `${it}\n`));
    return 0;
  },
  set(call) {
    const { args, interpreter, sink } = call;
    const { state } = interpreter;
    if (!args.length) sink.out([...state.variables].sort().map(([name, value]) => (typeof value === 'string' ? `${name}=${shown(value)}\n` : '')).join(''));
    for (let at = 0; at < args.length; at += 1) {
      const word = args[at];
      if (word === '--' || !/^[-+]./.test(word)) {
        state.positional = args.slice(word === '--' ? at + 1 : at);
        break;
      }
      for (const letter of word.slice(1)) {
        const name = letter === 'o' ? args[(at += 1)] : OPTIONS[/** @type {'e'} */ (letter)];
        if (name === undefined || !LONG.includes(name)) return fail(call, 'set', `${letter === 'o' ? name ?? '-o' : `-${letter}`}: invalid option${letter === 'o' ? ' name' : ''}`, 2);
        if (word[0] === '-') state.options.add(name);
        else state.options.delete(name);
      }
    }
    return 0;
  },
  shift(call) {
    const { positional } = call.interpreter.state;
    const number = count(call, 'shift', 1);
    if (number > positional.length) return 1;
    call.interpreter.state.positional = positional.slice(number);
    return 0;
  },
  trap({ args, interpreter }) {
    const [action, ...signals] = args.filter((it) => it !== '--');
    for (const signal of signals) {
      const name = signal === '0' ? 'EXIT' : signal.replace(/^SIG/, '');
      if (action === '-' || action === '') interpreter.state.traps.delete(name);
      else interpreter.state.traps.set(name, action);
    }
    return 0;
  },
  unset(call) {
    const { state } = call.interpreter;
    for (const word of call.args.filter((it) => it[0] !== '-')) {
      const [, name, key] = /^(\w+)(?:\[(.*)\])?$/.exec(word) ?? [];
      const value = state.variables.get(name);
      if (state.readonly.has(name)) return fail(call, 'unset', `${name}: cannot unset: readonly variable`);
      if (key !== undefined && Array.isArray(value)) delete value[Number(key)];
      else if (key !== undefined && value instanceof Map) value.delete(key);
      else {
        if (value === undefined || call.args.includes('-f')) state.functions.delete(name);
        if (!call.args.includes('-f')) state.variables.delete(name);
        state.exported.delete(name);
      }
    }
    return 0;
  },
  shopt: () => 0,
  umask: () => 0,
  wait: () => 0,
  alias: ({ args, sink }) => (args.length ? (sink.note('unknown.option', 'alias', args[0]), 1) : 0),
};
BUILTINS.readarray = BUILTINS.mapfile;
