// @ts-check
// grep, cut, tr, sort and the like, as GNU's tools with the options that scripts use.

import { Pattern } from '../regex.js';
import { bounded, Limit } from '../state.js';
import { fileText, integer, joinLines, linesOf, readOptions, textOf, tool, ToolError } from './options.js';

/** @typedef {import('../shell.js').Io} Io */

const GREP = { 'extended-regexp': 'E', 'fixed-strings': 'F', 'perl-regexp': 'P', 'basic-regexp': 'G', 'ignore-case': 'i', 'only-matching': 'o', quiet: 'q', silent: 'q', 'invert-match': 'v', count: 'c', 'line-number': 'n', 'word-regexp': 'w', 'line-regexp': 'x', 'files-with-matches': 'l', 'no-messages': 's', 'no-filename': 'h', 'with-filename': 'H', 'max-count': 'm', regexp: 'e', file: 'f', 'after-context': 'A', 'before-context': 'B', context: 'C', color: 'z', colour: 'z', 'line-buffered': 'u', text: 'a' };

/** @param {string} [syntax] */
const grep = (syntax = 'G') => tool('grep', 2, (io) => {
  const { options, all, words } = readOptions(io.args, 'EFPGioqvcnwxlshHm:e:f:A:B:C:zua0123456789', GREP);
  const kind = ['P', 'F', 'E', 'G'].find((it) => options[it]) ?? syntax;
  const sources = [...(all.e ?? []), ...(all.f ?? []).flatMap((name) => linesOf(fileText(io, name)))];
  if (!options.e && !options.f) {
    const word = words.shift();
    if (word === undefined) throw new ToolError('Usage: grep [OPTION]... PATTERNS [FILE]...');
    sources.push(...word.split('\n'));
  }
  const wrap = (/** @type {string} */ it) => {
    const text = kind === 'F' ? it.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&') : it;
    const [open, close] = kind === 'G' ? ['\\(', '\\)'] : ['(', ')'];
    return options.x ? `^${open}${text}${close}$` : options.w ? `\\b${open}${text}${close}\\b` : text;
  };
  const patterns = sources.map((it) => new Pattern(wrap(it), kind === 'P' ? 'pcre' : kind === 'G' ? 'bre' : 'ere', { fold: !!options.i }));
  const before = integer(options.B ?? options.C ?? '0', 'invalid context length');
  const after = integer(options.A ?? options.C ?? '0', 'invalid context length');
  const most = options.m === undefined ? Infinity : integer(options.m, 'invalid max count');
  const named = !options.h && (!!options.H || words.length > 1);
  let found = false;
  let failed = false;
  for (const name of words.length ? words : ['-']) {
    let text;
    try {
      text = fileText(io, name);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      if (!options.s) io.err(`grep: ${error.message}\n`);
      failed = true;
      continue;
    }
    const lines = linesOf(text);
    let count = 0;
    let printed = -1;
    let until = -1;
    let output = '';
    const prefix = (/** @type {number} */ at, /** @type {string} */ mark) => (named ? `${name === '-' ? '(standard input)' : name}${mark}` : '') + (options.n ? `${at + 1}${mark}` : '');
    for (const [at, line] of lines.entries()) {
      const matches = patterns.some((it) => it.test(line)) !== !!options.v;
      if (matches && count < most) {
        count += 1;
        if (options.q || options.c || options.l) {
          if (options.q) break;
          continue;
        }
        if (options.o) {
          if (options.v) continue;
          const pieces = patterns.flatMap((it) => [...it.all(line)]).sort((a, b) => a.at - b.at || b.end - a.end);
          let last = 0;
          for (const { at: from, end } of pieces) {
            if (from < last || from === end) continue;
            output += `${prefix(at, ':')}${line.slice(from, end)}\n`;
            last = end;
          }
          continue;
        }
        const first = Math.max(printed + 1, at - before);
        if ((before || after) && printed >= 0 && first > printed + 1) output += '--\n';
        for (let it = first; it < at; it += 1) output += `${prefix(it, '-')}${lines[it]}\n`;
        output += `${prefix(at, ':')}${line}\n`;
        printed = at;
        until = at + after;
      } else if (at <= until && !options.o && !options.c) {
        output += `${prefix(at, '-')}${line}\n`;
        printed = at;
      }
    }
    if (count) found = true;
    if (options.c && !options.q) output = `${named ? `${name}:` : ''}${count}\n`;
    if (options.l && !options.q) output = count ? `${name}\n` : '';
    if (!options.q) io.out(output);
    if (options.q && found) return 0;
  }
  return failed ? 2 : found ? 0 : 1;
});

/** `1,3-5,7-` as a test of a number from 1. @param {string} list */
function ranges(list) {
  const parts = list.split(',').map((it) => {
    const [all, from, dash, to] = /^(\d*)(-?)(\d*)$/.exec(it) ?? [];
    if (!all || (!from && !to)) throw new ToolError('invalid field value ‘' + it + '’');
    if (from === '0') throw new ToolError('fields are numbered from 1');
    return [Number(from || 1), dash ? Number(to || Infinity) : Number(from)];
  });
  return (/** @type {number} */ at) => parts.some(([from, to]) => at >= from && at <= to);
}

const cut = tool('cut', 1, (io) => {
  const { options, words } = readOptions(io.args, 'd:f:c:b:sn', { delimiter: 'd', fields: 'f', characters: 'c', bytes: 'b', 'only-delimited': 's', 'output-delimiter': 'd', complement: 'n' });
  if (options.n) throw new ToolError("unrecognized option '--complement'", '--complement');
  const list = options.f ?? options.c ?? options.b;
  if (list === undefined) throw new ToolError('you must specify a list of bytes, characters, or fields');
  const wanted = ranges(`${list}`);
  const delimiter = options.d === undefined ? '\t' : `${options.d}`;
  if (options.f !== undefined && delimiter.length > 1) throw new ToolError('the delimiter must be a single character');
  const lines = linesOf(textOf(io, words));
  io.out(joinLines(lines.flatMap((line) => {
    if (options.f === undefined) return [[...line].filter((_, at) => wanted(at + 1)).join('')];
    if (!line.includes(delimiter)) return options.s ? [] : [line];
    return [line.split(delimiter).filter((_, at) => wanted(at + 1)).join(delimiter)];
  })));
  return 0;
});

/** The characters of a set of tr. @param {string} set */
function characters(set) {
  /** @type {Record<string, string>} */ const named = { upper: 'A-Z', lower: 'a-z', digit: '0-9', alpha: 'A-Za-z', alnum: 'A-Za-z0-9', space: ' \\t\\n\\r\\f\\v', blank: ' \\t', punct: '!-/:-@[-`{-~', xdigit: '0-9A-Fa-f', cntrl: '\\001-\\037\\177', print: ' -~', graph: '!-~' };
  const text = set.replace(/\[:([a-z]+):\]/g, (all, name) => named[name] ?? all);
  /** @type {Record<string, string>} */ const escapes = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07', b: '\b' };
  /** @type {string[]} */ const list = [];
  const pieces = [...text.matchAll(/\\([0-7]{1,3})|\\([^])|([^])/gu)].map(([, octal, escaped, plain]) => ({ text: octal ? String.fromCharCode(parseInt(octal, 8)) : escaped ? escapes[escaped] ?? escaped : plain, plain: !octal && !escaped }));
  for (let at = 0; at < pieces.length; at += 1) {
    if (pieces[at + 1]?.text === '-' && pieces[at + 1].plain && pieces[at + 2]) {
      const [from, to] = [pieces[at].text.codePointAt(0) ?? 0, pieces[at + 2].text.codePointAt(0) ?? 0];
      if (to < from) throw new ToolError(`range-endpoints of '${pieces[at].text}-${pieces[at + 2].text}' are in reverse collating sequence order`);
      if (to - from > 0xffff) throw new Limit('limit.text');
      for (let code = from; code <= to; code += 1) list.push(String.fromCodePoint(code));
      at += 2;
    } else list.push(pieces[at].text);
  }
  return list;
}

const tr = tool('tr', 1, (io) => {
  const { options, words } = readOptions(io.args, 'cCdst', { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' });
  if (words.length < (options.d || options.s ? 1 : 2)) throw new ToolError(words.length ? `missing operand after ‘${words[0]}’` : 'missing operand');
  const [first, second = []] = words.map(characters);
  const complement = !!(options.c || options.C);
  const set = new Set(first);
  const has = (/** @type {string} */ it) => set.has(it) !== complement;
  const map = new Map(first.map((it, at) => [it, second[Math.min(at, second.length - 1)]]));
  const squeezed = options.s ? new Set(words.length > 1 ? second : first) : null;
  let text = '';
  let last = '';
  for (const character of io.stdin) {
    if (options.d && has(character)) continue;
    const to = !options.d && second.length && has(character) ? (complement ? second[second.length - 1] : map.get(character) ?? character) : character;
    if (squeezed && to === last && (words.length > 1 ? squeezed.has(to) : has(to))) continue;
    text += to;
    last = to;
  }
  io.out(text);
  return 0;
});

/** @param {string} line */
const leadingNumber = (line) => Number(/^\s*(-?\d*\.?\d+)/.exec(line)?.[1] ?? 0);

const sort = tool('sort', 2, (io) => {
  const { options, all, words } = readOptions(io.args, 'nrufk:t:bVhso:', { 'numeric-sort': 'n', reverse: 'r', unique: 'u', 'ignore-case': 'f', key: 'k', 'field-separator': 't', 'version-sort': 'V', 'human-numeric-sort': 'h', stable: 's', output: 'o' });
  const keys = (all.k ?? []).map((it) => {
    const [, from, , flags, to] = /^(\d+)(\.\d+)?([a-zA-Z]*)(?:,(\d+)[a-zA-Z.\d]*)?$/.exec(it) ?? [];
    if (!from) throw new ToolError(`invalid number at field start: invalid count at start of ‘${it}’`);
    return { from: Number(from) - 1, to: to === undefined ? undefined : Number(to), flags: flags + (/,\d+([a-zA-Z]*)$/.exec(it)?.[1] ?? '') };
  });
  const fields = (/** @type {string} */ line) => (options.t === undefined ? line.trim().split(/\s+/) : line.split(`${options.t}`));
  const separator = options.t === undefined ? ' ' : `${options.t}`;
  const compareText = (/** @type {string} */ a, /** @type {string} */ b) => (a < b ? -1 : a > b ? 1 : 0);
  const compare = (/** @type {string} */ a, /** @type {string} */ b, /** @type {string} */ flags) => {
    const has = (/** @type {string} */ it) => flags.includes(it) || !!options[it];
    if (has('n') || has('h')) return leadingNumber(a) - leadingNumber(b);
    if (has('V')) return a.localeCompare(b, 'en', { numeric: true });
    return has('f') ? compareText(a.toUpperCase(), b.toUpperCase()) : compareText(a, b);
  };
  const order = (/** @type {string} */ a, /** @type {string} */ b) => {
    for (const { from, to, flags } of keys.length ? keys : [{ from: 0, to: undefined, flags: '' }]) {
      const key = (/** @type {string} */ line) => (keys.length ? fields(line).slice(from, to).join(separator) : line);
      const found = compare(key(a), key(b), flags);
      if (found) return options.r || flags.includes('r') ? -found : found;
    }
    return 0;
  };
  const lines = linesOf(textOf(io, words)).sort((a, b) => order(a, b) || (options.u || options.s ? 0 : options.r ? compareText(b, a) : compareText(a, b)));
  const text = joinLines(options.u ? lines.filter((line, at) => !at || order(lines[at - 1], line) !== 0) : lines);
  if (options.o === undefined) io.out(text);
  else io.files.set(`${options.o}`, text);
  return 0;
});

const uniq = tool('uniq', 1, (io) => {
  const { options, words } = readOptions(io.args, 'cdui', { count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i' });
  /** @type {{ line: string, count: number }[]} */ const groups = [];
  const key = (/** @type {string} */ line) => (options.i ? line.toLowerCase() : line);
  for (const line of linesOf(textOf(io, words))) {
    const last = groups.at(-1);
    if (last && key(last.line) === key(line)) last.count += 1;
    else groups.push({ line, count: 1 });
  }
  const kept = groups.filter(({ count }) => (!options.d || count > 1) && (!options.u || count === 1));
  io.out(joinLines(kept.map(({ line, count }) => (options.c ? `${`${count}`.padStart(7)} ` : '') + line)));
  return 0;
});

const wc = tool('wc', 1, (io) => {
  const { options, words } = readOptions(io.args, 'lwcmL', { lines: 'l', words: 'w', bytes: 'c', chars: 'm', 'max-line-length': 'L' });
  const order = [...'lwmcL'].filter((it) => options[it]);
  const wanted = order.length ? order : [...'lwc'];
  const rows = (words.length ? words : ['-']).map((name) => {
    const text = fileText(io, name);
    /** @type {Record<string, number>} */ const counts = { l: text.split('\n').length - 1, w: text.split(/\s+/).filter(Boolean).length, c: new TextEncoder().encode(text).length, m: [...text].length, L: Math.max(0, ...linesOf(text).slice(0, 10_000).map((line) => line.length)) };
    return { name, counts: wanted.map((it) => counts[it]) };
  });
  if (rows.length > 1) rows.push({ name: 'total', counts: wanted.map((_, at) => rows.reduce((sum, it) => sum + it.counts[at], 0)) });
  const total = rows.reduce((sum, { counts }) => Math.max(sum, ...counts), 0);
  const width = words.length === 0 && wanted.length > 1 ? 7 : wanted.length > 1 || rows.length > 1 ? `${total}`.length : 1;
  io.out(joinLines(rows.map(({ name, counts }) => counts.map((it) => `${it}`.padStart(width)).join(' ') + (words.length ? ` ${name}` : ''))));
  return 0;
});

/** @param {'head' | 'tail'} name */
const headOrTail = (name) => tool(name, 1, (io) => {
  const args = io.args.map((it, at) => (/^-[nc]$/.test(io.args[at - 1] ?? '') ? it : it.replace(/^-(\d+)$/, '-n$1').replace(/^\+(\d+)$/, name === 'tail' ? '-n+$1' : '$&')));
  const { options, words } = readOptions(args, 'n:c:qvf', { lines: 'n', bytes: 'c', quiet: 'q', silent: 'q', follow: 'f' });
  if (options.f && name === 'head') throw new ToolError("invalid option -- 'f'", '-f');
  const size = `${options.c ?? options.n ?? '10'}`;
  const [, sign, digits] = /^([-+]?)(\d+)$/.exec(size) ?? [];
  if (digits === undefined) throw new ToolError(`invalid number of ${options.c ? 'bytes' : 'lines'}: ‘${size}’`);
  const count = Number(digits);
  const pick = (/** @type {any} */ list) => (name === 'head' ? (sign === '-' ? list.slice(0, Math.max(0, list.length - count)) : list.slice(0, count)) : sign === '+' ? list.slice(Math.max(0, count - 1)) : count ? list.slice(-count) : list.slice(list.length));
  (words.length ? words : ['-']).forEach((file, at) => {
    const text = fileText(io, file);
    if (words.length > 1 && !options.q) io.out(`${at ? '\n' : ''}==> ${file} <==\n`);
    const lines = text.split(/(?<=\n)/);
    io.out(options.c ? pick(text) : pick(text === '' ? [] : lines).join(''));
  });
  return 0;
});

const tee = tool('tee', 1, (io) => {
  const { options, words } = readOptions(io.args, 'ai', { append: 'a' });
  const text = io.stdin;
  for (const name of words) {
    const reason = io.files.unwritable(name);
    if (reason && !name.startsWith('/dev/')) throw new ToolError(`${name}: ${reason}`);
    io.files.set(name, (options.a ? io.files.get(name) ?? '' : '') + text);
  }
  io.out(text);
  return 0;
});

const seq = tool('seq', 1, (io) => {
  const { options, words } = readOptions(io.args.map((it) => (/^-\d/.test(it) ? `\0${it}` : it)), 's:w', { separator: 's', 'equal-width': 'w' });
  const numbers = words.map((it) => {
    const value = Number(it.replace('\0', ''));
    if (Number.isNaN(value) || it === '') throw new ToolError(`invalid floating point argument: ‘${it}’`);
    return value;
  });
  if (!numbers.length) throw new ToolError('missing operand');
  const [from, by, to] = numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers;
  if (!by) throw new ToolError('invalid Zero increment value: ‘0’');
  const count = Math.floor((to - from) / by + 1e-9) + 1;
  if (count > 100_000) throw new Limit('limit.words');
  const list = Array.from({ length: Math.max(0, count) }, (_, at) => `${Number((from + at * by).toPrecision(12))}`);
  const width = options.w ? Math.max(...list.map((it) => it.length)) : 0;
  if (list.length) io.out(`${list.map((it) => it.padStart(width, '0')).join(options.s === undefined ? '\n' : `${options.s}`)}\n`);
  return 0;
});

const base64 = tool('base64', 1, (io) => {
  const { options, words } = readOptions(io.args, 'dDiw:', { decode: 'd', wrap: 'w', 'ignore-garbage': 'i' });
  const text = textOf(io, words);
  if (options.d || options.D) {
    try {
      io.out(new TextDecoder().decode(Uint8Array.from(atob(text.replace(/\s/g, '')), (it) => it.charCodeAt(0))));
      return 0;
    } catch {
      throw new ToolError('invalid input');
    }
  }
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  const encoded = btoa(binary);
  const width = options.w === undefined ? 76 : integer(options.w, 'invalid wrap size');
  io.out(width ? joinLines(encoded.match(new RegExp(`.{1,${Math.min(width, 60000)}}`, 'g')) ?? []) : encoded);
  return 0;
});

const xargs = tool('xargs', 1, async (io) => {
  const at = io.args.findIndex((it, index) => !it.startsWith('-') && !/^-(?:[nIPLd]|-max-args|-max-procs)$/.test(io.args[index - 1] ?? ''));
  const own = at < 0 ? io.args : io.args.slice(0, at);
  const command = at < 0 ? ['echo'] : io.args.slice(at);
  const { options } = readOptions(own, 'n:I:P:L:rt0d:', { 'no-run-if-empty': 'r', 'max-args': 'n', 'max-procs': 'P', null: '0' });
  const text = io.stdin;
  const words = options.I !== undefined || options.L !== undefined ? linesOf(text).map((it) => it.trim()).filter(Boolean) : options[0] ? text.split('\0').filter(Boolean) : options.d !== undefined ? text.replace(/\n$/, '').split(`${options.d}`) : text.split(/\s+/).filter(Boolean).map((it) => it.replace(/["']/g, ''));
  if (!words.length && options.r) return 0;
  const size = options.I !== undefined || options.L !== undefined ? 1 : options.n !== undefined ? integer(options.n, 'invalid number') : words.length || 1;
  let exit = 0;
  for (let from = 0; from < Math.max(1, words.length); from += Math.max(1, size)) {
    const group = words.slice(from, from + size);
    const run = options.I === undefined ? [...command, ...group] : command.map((it) => bounded(it.replaceAll(`${options.I}`, group[0] ?? '')));
    if (await io.run(run, { input: '' })) exit = 123;
  }
  return exit;
});

/** @param {string} name @param {(lines: string[], io: Io) => string[]} change */
const byLine = (name, change) => tool(name, 1, (io) => {
  const { words } = readOptions(io.args, '');
  io.out(joinLines(change(linesOf(textOf(io, words)), io)));
  return 0;
});

const paste = tool('paste', 1, (io) => {
  const { options, words } = readOptions(io.args, 'sd:', { serial: 's', delimiters: 'd' });
  const delimiter = options.d === undefined ? '\t' : `${options.d}`.replace('\\n', '\n').replace('\\t', '\t')[0] ?? '';
  const columns = (words.length ? words : ['-']).map((name) => linesOf(fileText(io, name)));
  if (options.s) io.out(joinLines(columns.map((it) => it.join(delimiter))));
  else io.out(joinLines(Array.from({ length: Math.max(...columns.map((it) => it.length)) }, (_, at) => columns.map((it) => it[at] ?? '').join(delimiter))));
  return 0;
});

export const PROGRAMS = {
  grep: grep(), egrep: grep('E'), fgrep: grep('F'), cut, tr, sort, uniq, wc, tee, seq, base64, xargs, paste, head: headOrTail('head'), tail: headOrTail('tail'),
  rev: byLine('rev', (lines) => lines.map((it) => [...it].reverse().join(''))),
  tac: byLine('tac', (lines) => lines.reverse()),
  nl: byLine('nl', (lines) => lines.map((it, at) => `${`${at + 1}`.padStart(6)}\t${it}`)),
};
