// @ts-check
// The CLI's shorthand for structures, `Name=tag:Name,Values=a,b` and `Tags=[{Key=Name,Value=x}]`:
// awscli/shorthand.py.

import { AwsError } from './aws-error.js';

const WORD = "(?:(?:\\\\,)|[!#-&(-+\\--<>-Z\\\\-z|-\\uffff])";
const FIRST = new RegExp(`${WORD}(?:(?:\\\\,)|[\\s!#-&(-+\\--\\\\^-|~-\\uffff])*`, 'y');
const SECOND = new RegExp(`${WORD}(?:(?:\\\\,)|[\\s!#-&(-+\\--<>-\\uffff])*`, 'y');
const QUOTED = { "'": /'(?:\\\\|\\'|[^'])*'/y, '"': /"(?:\\\\|\\"|[^"])*"/y };

class Expected extends AwsError {}

/** @param {string} input @returns {Record<string, any>} */
export function shorthand(input) {
  let at = 0;
  const blanks = () => {
    while (/\s/.test(input[at] ?? '')) at += 1;
  };
  const here = () => {
    const from = input.lastIndexOf('\n', at - 1) + 1;
    const next = input.indexOf('\n', at);
    return `${next < 0 ? input : input.slice(0, next)}\n${' '.repeat(at - from)}^${next < 0 ? '' : input.slice(next)}`;
  };
  const unexpected = (/** @type {string} */ wanted, /** @type {string} */ got) => new Expected(`Expected: '${wanted}', received: '${got}' for input:\n${here()}`);
  const expect = (/** @type {string} */ character, around = false) => {
    if (around) blanks();
    if (input[at] !== character) throw unexpected(character, input[at] ?? 'EOF');
    at += 1;
    if (around) blanks();
  };
  const take = (/** @type {RegExp} */ pattern) => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(input) ?? [];
    if (found !== undefined) at += found.length;
    return found;
  };
  /** @param {RegExp} pattern @param {string} name its name in errors if it is required */
  const value = (pattern, name = '') => {
    const quote = input[at];
    if (quote === "'" || quote === '"') {
      const found = take(QUOTED[quote]);
      if (found === undefined) throw unexpected(`<${quote === '"' ? 'double' : 'singled'} quoted>`, '<none>');
      return found.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\');
    }
    const found = take(pattern);
    if (found === undefined && name) throw unexpected(`<${name}>`, '<none>');
    return (found ?? '').replaceAll('\\,', ',').trimEnd();
  };
  /** @returns {any} */
  const inner = () => {
    if (input[at] === '[') {
      expect('[', true);
      const values = [];
      while (input[at] !== ']') {
        values.push(inner());
        blanks();
        if (input[at] !== ']') expect(',', true);
      }
      at += 1;
      return values;
    }
    if (input[at] === '{') {
      expect('{', true);
      /** @type {Record<string, any>} */ const members = {};
      while (input[at] !== '}') {
        const name = key();
        expect('=', true);
        const it = inner();
        blanks();
        if (input[at] !== '}') expect(',', true);
        members[name] = it;
      }
      at += 1;
      return members;
    }
    return value(FIRST);
  };
  const key = () => take(/[\w\-.#/:]*/y) ?? '';
  const values = () => {
    if (at >= input.length) return '';
    if (input[at] === '[' || input[at] === '{') return inner();
    const first = value(FIRST);
    blanks();
    if (input[at] !== ',') return first;
    expect(',', true);
    const list = [first];
    for (;;) {
      try {
        const next = value(SECOND, 'second');
        blanks();
        if (at < input.length) expect(',', true);
        list.push(next);
        if (at >= input.length) break;
      } catch (error) {
        if (!(error instanceof Expected) || at >= input.length) throw error;
        while (input[at] !== ',') at -= 1;
        break;
      }
    }
    return list.length === 1 ? first : list;
  };
  /** @type {Record<string, any>} */ const members = {};
  for (let first = true; first || at < input.length; first = false) {
    if (!first) expect(',', true);
    const last = at;
    const name = key();
    expect('=', true);
    const it = values();
    if (name in members) {
      at = last;
      throw new AwsError(`Second instance of key "${name}" encountered for input:\n${here()}\nThis is often because there is a preceeding "," instead of a space.`);
    }
    members[name] = it;
  }
  return members;
}
