// @ts-check
// Formats of a request: raw lines, hex, curl, printf. The bytes are the source; each format is
// derived from them and parsed back into them.

/**
 * Start line, headers and body, leniently parsed for editing. Only the core decides.
 * @param {string} request
 */
export function parts(request) {
  const end = /\r?\n\r?\n/.exec(request);
  const head = end ? request.slice(0, end.index) : request;
  const [start, ...lines] = head.split(/\r?\n/);
  const [, method, path, version] = /^(\S*) ?(.*?)(?: (HTTP\/\S*))?$/s.exec(start) ?? ['', start, '', ''];
  const headers = lines.map((line) => /** @type {[string, string]} */ ([line.split(':', 1)[0], line.slice(line.indexOf(':') + 1).trim()]));
  return { method, path, version, headers, body: end ? request.slice(end.index + end[0].length) : '' };
}

/** @param {string} request @param {string} name */
export const headerOf = (request, name) => parts(request).headers.find(([it]) => it.toLowerCase() === name.toLowerCase())?.[1] ?? null;

/**
 * Replaces the method or the path.
 * @param {string} request
 * @param {{ method?: string, path?: string }} to
 */
export function withLine(request, to) {
  const { method, path, version } = { ...parts(request), ...to };
  return request.replace(/^[^\r\n]*/, () => `${method} ${path}${version ? ` ${version}` : ''}`);
}

/**
 * Sets a header, or removes it with null.
 * @param {string} request
 * @param {string} name
 * @param {string | null} value
 */
export function withHeader(request, name, value) {
  const line = new RegExp(`^${name}:.*\\r?\\n`, 'im');
  const end = request.search(/\r?\n\r?\n/);
  const head = end < 0 ? request : request.slice(0, end + 2);
  const rest = end < 0 ? '' : request.slice(end + 2);
  const text = value === null ? '' : `${name}: ${value}\r\n`;
  return line.test(head) ? head.replace(line, () => text) + rest : head + text + rest;
}

/** Removes every header of this name. @param {string} request @param {string} name */
export function withoutHeader(request, name) {
  for (let before = ''; before !== request; ) {
    before = request;
    request = withHeader(request, name, null);
  }
  return request;
}

/**
 * Converts a request to editable lines: a line ends with CR LF, other invisible bytes are escaped.
 * @param {string} request
 */
export const toRaw = (request) =>
  request
    .split('\r\n')
    .map((line) => line.replace(/[^ -~]|\\/g, (it) => ({ '\\': '\\\\', '\r': '\\r', '\n': '\\n', '\t': '\\t' })[it] ?? `\\x${hexOf(it)}`))
    .join('\n');

/** The inverse of {@link toRaw}; null for an invalid escape. @param {string} raw */
export function fromRaw(raw) {
  let valid = true;
  const text = new TextEncoder().encode(raw).reduce((all, byte) => all + String.fromCharCode(byte), '');
  const request = text.replace(/\r?\n|\\(x[0-9a-f]{2}|[rnt\\]|)/gi, (it, escape) => {
    if (escape === undefined) return '\r\n';
    if (!escape) valid = false;
    return escape[0] === 'x' ? String.fromCharCode(parseInt(escape.slice(1), 16)) : /** @type {Record<string, string>} */ ({ r: '\r', n: '\n', t: '\t', '\\': '\\' })[escape] ?? '';
  });
  return valid ? request : null;
}

const hexOf = (/** @type {string} */ byte) => byte.charCodeAt(0).toString(16).padStart(2, '0');

/** @param {string} request */
export const toHex = (request) => (request.match(/[^]{1,16}/g) ?? []).map((row) => Array.from(row, hexOf).join(' ')).join('\n');
/** Null unless the text consists of pairs of hexadecimal digits. @param {string} text */
export const fromHex = (text) =>
  /^(\s*[0-9a-f]{2})*\s*$/i.test(text) ? (text.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => String.fromCharCode(parseInt(pair, 16))).join('') : null;

const quoted = (/** @type {string} */ text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/**
 * The command that makes curl send exactly these bytes; null if there is none.
 * @param {string} request
 */
export function toCurl(request) {
  const { method, path, version, headers } = parts(request);
  if (!/^[A-Z]+$/.test(method) || !/^\/[!-~]*$/.test(path) || !/^HTTP\/1\.[01]$/.test(version)) return null;
  const rest = [...headers];
  const take = (/** @type {string} */ name, /** @type {RegExp} */ value) => (rest[0]?.[0] === name && value.test(rest[0][1]) ? rest.shift()?.[1] : undefined);
  const host = take('Host', /^[\w.:[\]-]+$/);
  const agent = take('User-Agent', /./);
  const accept = take('Accept', /^\*\/\*$/);
  const line = (/** @type {[string, string]} */ [name, value]) => `${name}:${value && ` ${value}`}\r\n`;
  // curl sends its own headers first, in this order and spelling, and no body.
  const first = [['Host', host], ['User-Agent', agent], ['Accept', accept]].filter(([, value]) => value !== undefined);
  const sent = `${method} ${path} ${version}\r\n${[...first, ...rest].map((it) => line(/** @type {any} */ (it))).join('')}\r\n`;
  if (!host || sent !== request || rest.some(([name]) => !/^[\w-]+$/.test(name) || /^(host|user-agent|content-length)$/i.test(name))) return null;
  const words = ['curl'];
  if (method === 'HEAD') words.push('-I');
  else if (method !== 'GET') words.push('-X', method);
  if (version === 'HTTP/1.0') words.push('-0');
  if (/\/\.\.?([/?]|$)/.test(path)) words.push('--path-as-is');
  if (/[[\]{}]/.test(path)) words.push('-g');
  if (agent === undefined) words.push('-H', "'User-Agent:'");
  else if (!agent.startsWith('curl/')) words.push('-A', quoted(agent));
  if (accept === undefined && !rest.some(([name]) => /^accept$/i.test(name))) words.push('-H', "'Accept:'");
  for (const [name, value] of rest) words.push('-H', value ? `"${`${name}: ${value}`.replace(/["\\$`]/g, '\\$&')}"` : quoted(`${name};`));
  return [...words, quoted(`http://${host}${path}`)].join(' ');
}

/** A shell command that sends the bytes with printf and nc. @param {string} request */
export const toPrintf = (request) =>
  `printf '${request.replace(/[^ -~]|[\\'%]/g, (it) => ({ '\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\', '%': '%%' })[it] ?? `\\${it.charCodeAt(0).toString(8).padStart(3, '0')}`)}' | nc 169.254.169.254 80`;
