// @ts-check
// `test`, `[ … ]` and `[[ … ]]`.

import { evaluate } from './arithmetic.js';
import { glob, Pattern } from './regex.js';

/** @typedef {import('./interpret.js').Interpreter} Interpreter */

/** @type {Record<string, (a: bigint, b: bigint) => boolean>} */
const NUMBERS = { '-eq': (a, b) => a === b, '-ne': (a, b) => a !== b, '-lt': (a, b) => a < b, '-le': (a, b) => a <= b, '-gt': (a, b) => a > b, '-ge': (a, b) => a >= b };
const UNARY = ['-n', '-z', '-e', '-f', '-d', '-r', '-w', '-x', '-s', '-v', '-h', '-L', '-a', '-o', '-t', '-p', '-S'];

/** @param {string} op @param {string} word @param {Interpreter} interpreter */
function unary(op, word, { files, state }) {
  switch (op) {
    case '-n': return word !== '';
    case '-z': return word === '';
    case '-f': case '-r': case '-w': case '-x': return files.has(word) || (op !== '-f' && files.isFolder(word));
    case '-e': case '-a': return files.has(word) || files.isFolder(word);
    case '-d': return files.isFolder(word) && !files.has(word);
    case '-s': return !!files.get(word);
    case '-v': return state.variables.has(word);
    case '-t': return word === '0';
    default: return false;
  }
}

/**
 * `[[ … ]]`.
 * @param {import('./parse.js').Test} test
 * @param {Interpreter} interpreter
 * @param {import('./expand.js').Expander} expander
 * @returns {Promise<number>}
 */
export async function condition(test, interpreter, expander) {
  if ('terms' in test) {
    const { op, terms } = test;
    if (op === '!') return (await condition(terms[0], interpreter, expander)) ? 0 : 1;
    for (const term of terms) {
      const exit = await condition(term, interpreter, expander);
      if ((exit === 0) === (op === '||')) return exit;
    }
    return op === '&&' ? 0 : 1;
  }
  const { op, words } = test;
  const first = await expander.text(words[0]);
  const truth = (/** @type {boolean} */ it) => (it ? 0 : 1);
  if (words.length === 1) return truth(unary(op, first, interpreter));
  if (op === '==' || op === '=' || op === '!=') return truth(glob(await expander.pattern(words[1])).matches(first) === (op !== '!='));
  if (op === '=~') {
    const match = new Pattern(await expander.expression(words[1]), 'ere').exec(first);
    interpreter.state.variables.set('BASH_REMATCH', match ? match.groups.map((it) => it ?? '') : []);
    return truth(!!match);
  }
  const second = await expander.text(words[1]);
  if (NUMBERS[op]) return truth(NUMBERS[op](evaluate(first, interpreter), evaluate(second, interpreter)));
  return truth(op === '<' ? first < second : op === '>' ? first > second : false);
}

/** An error of `test`, with exit status 2. */
export class TestError extends Error {}

/**
 * `test` and `[`.
 * @param {string[]} words
 * @param {Interpreter} interpreter
 */
export function test(words, interpreter) {
  let at = 0;
  const number = (/** @type {string} */ word) => {
    if (!/^\s*[-+]?\d+\s*$/.test(word)) throw new TestError(`${word}: integer expression expected`);
    return BigInt(word.trim().replace('+', ''));
  };
  const isBinary = (/** @type {string | undefined} */ word) => word !== undefined && (['=', '==', '!=', '<', '>'].includes(word) || word in NUMBERS);
  /** @returns {boolean} */
  const or = () => {
    let value = and();
    while (words[at] === '-o') {
      at += 1;
      const right = and();
      value ||= right;
    }
    return value;
  };
  /** @returns {boolean} */
  const and = () => {
    let value = term();
    while (words[at] === '-a') {
      at += 1;
      const right = term();
      value &&= right;
    }
    return value;
  };
  /** @returns {boolean} */
  const term = () => {
    const word = words[at];
    if (word === undefined) throw new TestError('argument expected');
    if (isBinary(words[at + 1]) && at + 2 < words.length) {
      const [a, op, b] = words.slice(at, at + 3);
      at += 3;
      if (NUMBERS[op]) return NUMBERS[op](number(a), number(b));
      return op === '!=' ? a !== b : op === '<' ? a < b : op === '>' ? a > b : a === b;
    }
    if (word === '!' && at + 1 < words.length) {
      at += 1;
      return !term();
    }
    if (word === '(' && at + 1 < words.length) {
      at += 1;
      const value = or();
      if (words[at] !== ')') throw new TestError("`)' expected");
      at += 1;
      return value;
    }
    if (UNARY.includes(word) && at + 1 < words.length) {
      at += 2;
      return unary(word, words[at - 1], interpreter);
    }
    at += 1;
    return word !== '';
  };
  if (!words.length) return false;
  const value = or();
  if (at < words.length) throw new TestError(words.length > at + 1 || isBinary(words[at]) ? 'too many arguments' : `${words[at - 1]}: unary operator expected`);
  return value;
}
