// @ts-check
// A request as text in several spellings. The bytes are the request; all else is made from them, and writes back into them.

/** Start line, fields and body as far as the text has them: for editing, not for deciding. @param {string} request */
export function parts(request) {
  const end = /\r?\n\r?\n/.exec(request);
  const head = end ? request.slice(0, end.index) : request;
  const [start, ...lines] = head.split(/\r?\n/);
  const [, method, path, version] = /^(\S*) ?(.*?)(?: (HTTP\/\S*))?$/s.exec(start) ?? ['', start, '', ''];
  const fields = lines.map((line) => /** @type {[string, string]} */ ([line.split(':', 1)[0], line.slice(line.indexOf(':') + 1).trim()]));
  return { method, path, version, fields, body: end ? request.slice(end.index + end[0].length) : '' };
}

/** @param {string} request @param {string} name */
export const field = (request, name) => parts(request).fields.find(([it]) => it.toLowerCase() === name.toLowerCase())?.[1] ?? null;

/** The same request with another method and path. @param {string} request @param {{ method?: string, path?: string }} to */
export function withLine(request, to) {
  const { method, path, version } = { ...parts(request), ...to };
  return request.replace(/^[^\r\n]*/, () => `${method} ${path}${version ? ` ${version}` : ''}`);
}

/** The same request with a field set, or without it. @param {string} request @param {string} name @param {string | null} value */
export function withField(request, name, value) {
  const line = new RegExp(`^${name}:.*\\r?\\n`, 'im');
  const end = request.search(/\r?\n\r?\n/);
  const head = end < 0 ? request : request.slice(0, end + 2);
  const rest = end < 0 ? '' : request.slice(end + 2);
  const text = value === null ? '' : `${name}: ${value}\r\n`;
  return line.test(head) ? head.replace(line, () => text) + rest : head + text + rest;
}

/** Bytes as lines to edit: a line's end is CR LF, and what cannot be seen is escaped. @param {string} request */
export const toRaw = (request) =>
  request
    .split('\r\n')
    .map((line) => line.replace(/[^ -~]|\\/g, (it) => ({ '\\': '\\\\', '\r': '\\r', '\n': '\\n', '\t': '\\t' })[it] ?? `\\x${hexOf(it)}`))
    .join('\n');

/** The bytes of such lines; null where an escape is none. @param {string} raw */
export function fromRaw(raw) {
  let good = true;
  const text = new TextEncoder().encode(raw).reduce((all, byte) => all + String.fromCharCode(byte), '');
  const request = text.replace(/\r?\n|\\(x[0-9a-f]{2}|[rnt\\]|)/gi, (it, escape) => {
    if (escape === undefined) return '\r\n';
    if (!escape) good = false;
    return escape[0] === 'x' ? String.fromCharCode(parseInt(escape.slice(1), 16)) : /** @type {Record<string, string>} */ ({ r: '\r', n: '\n', t: '\t', '\\': '\\' })[escape] ?? '';
  });
  return good ? request : null;
}

const hexOf = (/** @type {string} */ byte) => byte.charCodeAt(0).toString(16).padStart(2, '0');

/** @param {string} request */
export const toHex = (request) => (request.match(/[^]{1,16}/g) ?? []).map((row) => Array.from(row, hexOf).join(' ')).join('\n');
/** Null where it is not pairs of digits. @param {string} text */
export const fromHex = (text) =>
  /^(\s*[0-9a-f]{2})*\s*$/i.test(text) ? (text.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => String.fromCharCode(parseInt(pair, 16))).join('') : null;

const quoted = (/** @type {string} */ text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The command that makes curl send exactly these bytes; null where none does. @param {string} request */
export function toCurl(request) {
  const { method, path, version, fields } = parts(request);
  if (!/^[A-Z]+$/.test(method) || !/^\/[!-~]*$/.test(path) || !/^HTTP\/1\.[01]$/.test(version)) return null;
  const own = [...fields];
  const take = (/** @type {string} */ name, /** @type {RegExp} */ value) => (own[0]?.[0] === name && value.test(own[0][1]) ? own.shift()?.[1] : undefined);
  const host = take('Host', /^[\w.:[\]-]+$/);
  const agent = take('User-Agent', /./);
  const accept = take('Accept', /^\*\/\*$/);
  const line = (/** @type {[string, string]} */ [name, value]) => `${name}:${value && ` ${value}`}\r\n`;
  // What curl would send must be what is there: another order, another spelling or a body are not.
  const first = [['Host', host], ['User-Agent', agent], ['Accept', accept]].filter(([, value]) => value !== undefined);
  const sent = `${method} ${path} ${version}\r\n${[...first, ...own].map((it) => line(/** @type {any} */ (it))).join('')}\r\n`;
  if (!host || sent !== request || own.some(([name]) => !/^[\w-]+$/.test(name) || /^(host|user-agent|content-length)$/i.test(name))) return null;
  const words = ['curl'];
  if (method === 'HEAD') words.push('-I');
  else if (method !== 'GET') words.push('-X', method);
  if (version === 'HTTP/1.0') words.push('-0');
  if (/\/\.\.?([/?]|$)/.test(path)) words.push('--path-as-is');
  if (/[[\]{}]/.test(path)) words.push('-g');
  if (agent === undefined) words.push('-H', "'User-Agent:'");
  else if (!agent.startsWith('curl/')) words.push('-A', quoted(agent));
  if (accept === undefined && !own.some(([name]) => /^accept$/i.test(name))) words.push('-H', "'Accept:'");
  for (const [name, value] of own) words.push('-H', value ? `"${`${name}: ${value}`.replace(/["\\$`]/g, '\\$&')}"` : quoted(`${name};`));
  return [...words, quoted(`http://${host}${path}`)].join(' ');
}

/** Those bytes for any shell. @param {string} request */
export const toPrintf = (request) =>
  `printf '${request.replace(/[^ -~]|[\\'%]/g, (it) => ({ '\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\', '%': '%%' })[it] ?? `\\${it.charCodeAt(0).toString(8).padStart(3, '0')}`)}' | nc 169.254.169.254 80`;
