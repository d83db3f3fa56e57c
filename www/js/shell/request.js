// @ts-check
// curl's command line, and the request that curl 7.61.1 sends for it. The order of headers follows
// lib/http.c.

import { latin1 } from '../engine.js';
import { parse } from './parse.js';

/** Pairs of short and long options; `=` means that a value follows. */
const OPTIONS = Object.fromEntries(
  `X request= H header= o output= w write-out= d data= A user-agent= m max-time= e referer= b cookie= u user= r range=
  v verbose s silent S show-error i include I head f fail L location k insecure g globoff G get 4 ipv4 6 ipv6 N no-buffer 0 http1.0
  O remote-name V version h help # progress-bar
  - url= - connect-timeout= - data-raw= - data-binary= - data-ascii= - retry= - retry-delay= - retry-max-time= - retry-connrefused
  - noproxy= - interface= - max-redirs= - http1.1 - compressed - path-as-is - fail-early - tcp-nodelay - keepalive`
    .split(/\s+/).reduce((pairs, it, at, all) => (at % 2 ? [...pairs, [all[at - 1], it]] : pairs), /** @type {string[][]} */ ([]))
    .flatMap(([short, long]) => (short === '-' ? [[`--${long.replace('=', '')}`, long]] : [[`-${short}`, long], [`--${long.replace('=', '')}`, long]])),
);
/** The options of curl: the short ones, and the long ones without a short form. */
export const optionNames = () => {
  const long = new Set(Object.entries(OPTIONS).flatMap(([name, it]) => (name[1] === '-' ? [] : [it])));
  return Object.entries(OPTIONS).flatMap(([name, it]) => (name[1] !== '-' || !long.has(it) ? [name] : []));
};
const REPEATABLE = ['header', 'data', 'url', 'output'];

/** An error of curl; with `note`, an option that the real curl has and this one does not. */
export class CurlError extends Error {
  /** @param {number} code @param {string} message @param {string} [note] */
  constructor(code, message, note) {
    super(message);
    this.code = code;
    this.note = note;
  }
}

/** @typedef {Record<string, any> & { header: string[], data: string[], url: string[], output: string[] }} CurlOptions */

/** @param {readonly string[]} words the arguments of `curl` @returns {CurlOptions} */
export function readOptions(words) {
  /** @type {CurlOptions} */ const options = { header: [], data: [], url: [], output: [] };
  const rest = [...words];
  const set = (/** @type {string} */ long, /** @type {string} */ typed) => {
    let name = long.replace('=', '');
    /** @type {any} */ let value = true;
    if (long.endsWith('=')) {
      if (!rest.length) throw new CurlError(2, `option ${typed}: requires parameter`);
      value = rest.shift();
      if (name === 'data' && value[0] === '@') value = { file: value.slice(1), strip: true };
      if (name.startsWith('data-')) {
        if (name === 'data-binary' && value[0] === '@') value = { file: value.slice(1) };
        name = 'data';
      }
      if (name === 'max-time' && !(Number(value) >= 0)) throw new CurlError(2, `option ${typed}: expected a proper numerical parameter`);
    }
    if (REPEATABLE.includes(name)) options[name].push(value);
    else options[name] = value;
  };
  let plain = false;
  while (rest.length) {
    const word = /** @type {string} */ (rest.shift());
    if (plain || word === '-' || word[0] !== '-') options.url.push(word);
    else if (word === '--') plain = true;
    else if (word.startsWith('--')) {
      const off = word.startsWith('--no-') && OPTIONS[`--${word.slice(5)}`];
      if (OPTIONS[word]) set(OPTIONS[word], word);
      else if (off && !off.endsWith('=')) delete options[off];
      else throw new CurlError(2, `option ${word}: is unknown`, word);
    } else {
      for (let at = 1; at < word.length; at += 1) {
        const long = OPTIONS[`-${word[at]}`];
        if (!long) throw new CurlError(2, `option ${word}: is unknown`, `-${word[at]}`);
        if (long.endsWith('=') && at + 1 < word.length) {
          rest.unshift(word.slice(at + 1));
          at = word.length;
        }
        set(long, word);
      }
    }
  }
  return options;
}

/** @param {string} url @param {boolean} [asIs] keep `.` and `..` segments */
export function readUrl(url, asIs = false) {
  const [, scheme = 'http', authority, rest] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)([^#]*)/i.exec(url) ?? [];
  const [, user, host, port] = /^(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority) ?? [];
  if (!host || /\s/.test(url)) throw new CurlError(3, '<url> malformed');
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  const [file, ...query] = path.split('?');
  const target = [asIs ? file : withoutDots(file), ...query].join('?');
  const standard = scheme.toLowerCase() === 'https' ? 443 : 80;
  return {
    scheme: scheme.toLowerCase(), user, host, port: Number(port) || standard, target,
    shownHost: host + (port && Number(port) !== standard ? `:${port}` : ''),
    rebuilt: rest.startsWith('/') && (asIs || withoutDots(file) === file) ? null : `${scheme.toLowerCase()}://${authority}${target}`,
  };
}

/** Removes dot segments like curl (RFC 3986 section 5.2.4). @param {string} path */
function withoutDots(path) {
  /** @type {string[]} */ const kept = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, at) => {
    const last = at === segments.length - 1;
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
    if (last && (segment === '.' || segment === '..')) kept.push('');
  });
  return `/${kept.join('/')}`;
}

/**
 * @param {CurlOptions} options @param {ReturnType<typeof readUrl>} url @param {string | null} body
 * @returns {string} the request, to be encoded in UTF-8
 */
export function buildRequest(options, url, body) {
  const custom = (/** @type {string} */ name) => options.header.find((it) => it.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  const method = options.request ?? (options.head ? 'HEAD' : body !== null && !options.get ? 'POST' : 'GET');
  const target = options.get && body !== null ? `${url.target}${url.target.includes('?') ? '&' : '?'}${body}` : url.target;
  const sent = options.get ? null : body;
  const host = custom('Host');
  const user = options.user ?? url.user;
  const length = sent === null ? 0 : new TextEncoder().encode(sent).length;
  const lines = [
    `${method} ${target} HTTP/${options['http1.0'] ? '1.0' : '1.1'}`,
    host === undefined ? `Host: ${url.shownHost}` : host.length > 5 && `Host:${host.slice(5)}`,
    user !== undefined && !custom('Authorization') && `Authorization: Basic ${btoa(user.includes(':') ? user : `${user}:`)}`,
    options.range !== undefined && !custom('Range') && `Range: bytes=${options.range}`,
    !custom('User-Agent') && (options['user-agent'] ?? AGENT) && `User-Agent: ${options['user-agent'] ?? AGENT}`,
    !custom('Accept') && 'Accept: */*',
    options.compressed && !custom('Accept-Encoding') && 'Accept-Encoding: deflate, gzip',
    options.referer !== undefined && !custom('Referer') && `Referer: ${options.referer}`,
    options.cookie !== undefined && `Cookie: ${options.cookie}`,
    ...options.header.map((it) => {
      const [, name, value] = /^([^:;]*):\s*(.*)$/s.exec(it) ?? [];
      if (name === undefined) return /^[^:;]+;\s*$/.test(it) && it.replace(/;\s*$/, ':');
      return value !== '' && name.toLowerCase() !== 'host' && it;
    }),
    sent !== null && !custom('Content-Length') && `Content-Length: ${length}`,
    sent !== null && !custom('Content-Type') && 'Content-Type: application/x-www-form-urlencoded',
    sent !== null && length > 1024 && !options['http1.0'] && !custom('Expect') && 'Expect: 100-continue',
  ];
  return `${lines.filter((line) => line).join('\r\n')}\r\n\r\n${sent ?? ''}`;
}
export const AGENT = 'curl/7.61.1';

/**
 * The request of a curl command, one character per byte; null if the line has no curl command.
 * Variables are empty.
 * @param {string} line
 * @returns {string | null}
 */
export function fromCurl(line) {
  /** @type {import('./parse.js').List} */ let list;
  try {
    list = parse(line.replace(/^\s*[$#]\s/, ''));
  } catch {
    return null;
  }
  const words = list.flatMap(({ pipe }) => pipe).map((command) => (command.type === 'simple' ? command.words : []).map((word) => word.map((part) => ('text' in part ? part.text : '')).join('')));
  const found = words.find(([name]) => name === 'curl');
  if (!found) return null;
  const options = readOptions(found.slice(1));
  if (!options.url.length) return null;
  const data = options.data.filter((it) => typeof it === 'string');
  const text = buildRequest(options, readUrl(options.url[0], options['path-as-is']), options.data.length ? data.join('&') : null);
  return latin1(new TextEncoder().encode(text));
}
