// @ts-check
// The options and inputs of the text tools.

/** @typedef {import('../shell.js').Io} Io */

/** An option that a tool does not have here, or a file that does not exist. */
export class ToolError extends Error {
  /** @param {string} message @param {string} [option] @param {number} [exit] */
  constructor(message, option, exit) {
    super(message);
    this.option = option;
    this.exit = exit;
  }
}

/**
 * Wraps a tool: errors become messages, and an unsupported option is rejected by its name.
 * @param {string} name
 * @param {number} failure the exit status of an error
 * @param {(io: Io) => number | Promise<number>} body
 */
export const tool = (name, failure, body) => async (/** @type {Io} */ io) => {
  try {
    return await body(io);
  } catch (error) {
    const { PatternError } = await import('../regex.js');
    if (!(error instanceof ToolError) && !(error instanceof PatternError)) throw error;
    io.err(`${name}: ${error.message}\n`);
    if (error instanceof ToolError && error.option) io.note('unknown.option', name, error.option);
    return (error instanceof ToolError && error.exit) || failure;
  }
};

/**
 * Reads options. In `short`, `:` follows letters with a value; `long` maps long options to a letter.
 * @param {readonly string[]} args
 * @param {string} short
 * @param {Record<string, string>} [long]
 */
export function readOptions(args, short, long = {}) {
  /** @type {Record<string, string | true>} */ const options = {};
  /** @type {Record<string, string[]>} */ const all = {};
  /** @type {string[]} */ const words = [];
  const takes = (/** @type {string} */ letter) => short[short.indexOf(letter) + 1] === ':';
  const set = (/** @type {string} */ letter, /** @type {string | true} */ value) => {
    options[letter] = value;
    if (value !== true) (all[letter] ??= []).push(value);
  };
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at];
    if (word === '--') {
      words.push(...args.slice(at + 1));
      break;
    }
    if (word.startsWith('--')) {
      const [name, inline] = [word.slice(2).split('=')[0], word.includes('=') ? word.slice(word.indexOf('=') + 1) : undefined];
      const letter = long[name];
      if (!letter) throw new ToolError(`unrecognized option '${word}'`, word);
      if (!takes(letter)) set(letter, inline ?? true);
      else if (inline === undefined && at + 1 >= args.length) throw new ToolError(`option '${word}' requires an argument`);
      else set(letter, inline ?? args[(at += 1)]);
    } else if (word[0] === '-' && word.length > 1) {
      for (let place = 1; place < word.length; place += 1) {
        const letter = word[place];
        if (letter === ':' || !short.includes(letter)) throw new ToolError(`invalid option -- '${letter}'`, `-${letter}`);
        if (!takes(letter)) set(letter, true);
        else {
          const rest = word.slice(place + 1);
          if (!rest && at + 1 >= args.length) throw new ToolError(`option requires an argument -- '${letter}'`);
          set(letter, rest || args[(at += 1)]);
          break;
        }
      }
    } else words.push(word);
  }
  return { options, all, words };
}

/** @param {Io} io @param {string} name */
export function fileText(io, name) {
  const text = name === '-' ? io.stdin : io.files.get(name);
  if (text === undefined) throw new ToolError(`${name}: ${io.files.isFolder(name) ? 'Is a directory' : 'No such file or directory'}`);
  return text;
}

/** The text of the files, or of stdin. @param {Io} io @param {readonly string[]} names */
export const textOf = (io, names) => (names.length ? names.map((name) => fileText(io, name)).join('') : io.stdin);
/** @param {string} text */
export const linesOf = (text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
/** @param {readonly string[]} lines */
export const joinLines = (lines) => lines.map((line) => `${line}\n`).join('');

/** @param {string | true} word @param {string} message */
export function integer(word, message) {
  if (word === true || !/^\d+$/.test(word)) throw new ToolError(`${message}: ‘${word}’`);
  return Number(word);
}
