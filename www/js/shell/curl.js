// @ts-check
// curl 7.61.1, the version on the article's hosts: its output byte for byte, and on which stream.

import { latin1, toBytes } from '../engine.js';
import { AGENT, buildRequest, CurlError, optionNames, readOptions, readUrl } from './request.js';

/**
 * The duration of a transfer: the article's progress meter shows 56 bytes at 9333 B/s on average
 * and 11200 B/s recently.
 */
const TOTAL_MS = 6;
const RECENT_MS = 5;
const METER = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`;
const utf8 = new TextEncoder();
const text = (/** @type {string} */ bytes) => new TextDecoder().decode(toBytes(bytes));

/** @param {import('./shell.js').Io} io @returns {number} */
export function curl(io) {
  try {
    const options = readOptions(io.args);
    if (options.version) {
      io.out(`${AGENT.replace('/', ' ')} (x86_64-koji-linux-gnu) lib${AGENT} OpenSSL/1.0.2k zlib/1.2.7 libidn2/2.3.0 libssh2/1.4.3 nghttp2/1.39.2\n`);
      return 0;
    }
    if (options.help) {
      io.note('curl.options', optionNames().join(' '));
      return 0;
    }
    if (!options.url.length) throw new CurlError(2, io.args.length ? 'no URL specified!' : '');
    let exit = 0;
    options.url.forEach((url, at) => (exit = transfer(io, options, url, at)));
    return exit;
  } catch (error) {
    if (!(error instanceof CurlError)) throw error;
    io.err(`${error.message && `curl: ${error.message}\n`}${error.code === 2 ? "curl: try 'curl --help' or 'curl --manual' for more information\n" : ''}`);
    if (error.note) io.note('unknown.option', 'curl', error.note);
    return error.code;
  }
}

/**
 * @param {import('./shell.js').Io} io
 * @param {import('./request.js').CurlOptions} options
 * @param {string} rawUrl
 * @param {number} at the index of the URL
 * @returns {number}
 */
function transfer(io, options, rawUrl, at) {
  const quiet = options.silent && !options['show-error'];
  const file = options.output[at] ?? (options['remote-name'] ? rawUrl.split(/[?#]/)[0].split('/').pop() : undefined);
  const toFile = file !== undefined && file !== '-';
  let body = '';
  let buffered = '';
  /** Prints to stdout, line-buffered on a terminal. @param {string} more */
  const print = (more) => {
    if (!io.tty) io.out(more);
    else {
      const all = buffered + more.replace(/\r\n/g, '\n');
      const cut = all.lastIndexOf('\n') + 1;
      io.out(all.slice(0, cut));
      buffered = all.slice(cut);
    }
  };
  const out = (/** @type {string} */ more) => (toFile ? (body += more) : print(more));
  const verbose = (/** @type {string} */ line) => options.verbose && io.err(`* ${line}\n`);
  const meter = (/** @type {number} */ down, /** @type {number} */ up, /** @type {number} */ ms) => {
    if (!options.silent && (toFile || !io.tty)) io.err(METER + progress(down, up, ms));
  };
  const end = (/** @type {number} */ code, /** @type {string} */ message = '') => {
    if (message && !quiet) io.err(`curl: (${code}) ${message}\n`);
    return code;
  };

  let url;
  try {
    url = readUrl(rawUrl, options['path-as-is']);
  } catch (error) {
    return end(3, /** @type {Error} */ (error).message);
  }
  if (url.scheme !== 'http' && url.scheme !== 'https') return end(1, `Protocol "${url.scheme}" not supported or disabled in libcurl`);
  if (/[{}]|\[.*\]/.test(url.target) && !options.globoff) io.note('curl.glob');
  if (url.rebuilt) verbose(`Rebuilt URL to: ${url.rebuilt}`);
  const ipv6 = url.host === '[fd00:ec2::254]';
  const address = url.host.replace(/^\[|\]$/g, '');
  if (!ipv6 && address !== '169.254.169.254') {
    io.note('curl.only');
    const name = !/^[\d.:a-f]+$/i.test(address);
    const message = name ? `Could not resolve host: ${address}` : `Failed to connect to ${address} port ${url.port}: Connection refused`;
    return end(name ? 6 : 7, message);
  }
  if (at > 0) verbose(`Hostname ${address} was found in DNS cache`);
  options.verbose && io.err(`*   Trying ${address}...\n* TCP_NODELAY set\n`);
  if (url.port !== 80 || url.scheme === 'https') {
    const message = `Failed to connect to ${address} port ${url.port}: Connection refused`;
    verbose(`connect to ${address} port ${url.port} failed: Connection refused`);
    verbose(message);
    verbose(`Closing connection ${at}`);
    return end(7, message);
  }

  const data = options.data.map((it) => (typeof it === 'string' ? it : dataOf(io, /** @type {any} */ (it))));
  const request = buildRequest(options, url, data.length ? data.join('&') : null);
  const bytes = utf8.encode(request);
  const headEnd = request.indexOf('\r\n\r\n') + 4;
  const sent = bytes.length - utf8.encode(request.slice(0, headEnd)).length;
  const entry = io.send(bytes, { ipv6 });
  const { exchange } = entry;
  const noInstance = exchange?.noResponse === 'no-instance';
  if (options.verbose && !noInstance) {
    io.err(`* Connected to ${address} (${address}) port ${url.port} (#${at})\n`);
    const user = options.user ?? url.user;
    if (user !== undefined) verbose(`Server auth using Basic with user '${user.split(':')[0]}'`);
    io.err(request.slice(0, headEnd - 2).replace(/\r\n/g, '\n').replace(/^/gm, '> ').replace(/> $/, '> \n'));
    if (sent) verbose(`upload completely sent off: ${sent} out of ${sent} bytes`);
  }

  if (!exchange?.response) {
    const limit = Number(options['max-time'] ?? 0) * 1000;
    io.note(`silent.${exchange?.noResponse ?? 'not-reached'}`);
    if (!limit) {
      io.note('curl.forever');
      io.err('^C\n');
      return 130;
    }
    io.session.advance(limit);
    meter(0, 0, limit);
    const message = noInstance ? `Connection timed out after ${Math.round(limit)} milliseconds` : `Operation timed out after ${Math.round(limit)} milliseconds with 0 bytes received`;
    verbose(message);
    if (!noInstance) verbose('stopped the pause stream!');
    verbose(`Closing connection ${at}`);
    if (options['write-out']) writeOut(io, print, options['write-out'], { rawUrl, url, bytes: bytes.length, head: '', body: '', ms: limit });
    if (buffered) io.out(buffered);
    return end(28, message);
  }

  const answer = latin1(exchange.response);
  const split = answer.indexOf('\r\n\r\n') + 4;
  const head = answer.slice(0, split);
  const content = answer.slice(split);
  const [status, ...fields] = head.slice(0, -4).split('\r\n');
  const failed = options.fail && Number(status.split(' ')[1]) >= 400 ? `The requested URL returned error: ${status.slice(status.indexOf(' ') + 1)}` : '';
  if (failed) {
    verbose(failed);
    verbose('stopped the pause stream!');
    meter(0, 0, TOTAL_MS);
  } else {
    if (status.startsWith('HTTP/1.0')) verbose('HTTP 1.0, assume close after body');
    for (const line of [status, ...fields]) {
      if (options.verbose) io.err(`< ${text(line)}\n`);
      if (options.include || options.head) out(`${text(line)}\r\n`);
    }
    // curl prints the last empty line with the streams in the opposite order.
    if (options.include || options.head) out('\r\n');
    if (options.verbose) io.err('< \n');
    meter(content.length, sent, TOTAL_MS);
    out(text(content));
  }
  verbose(`Closing connection ${at}`);
  if (options['write-out']) writeOut(io, print, options['write-out'], { rawUrl, url, bytes: bytes.length, head, body: content, ms: TOTAL_MS });
  if (buffered) io.out(buffered);
  if (toFile && !failed) io.files.set(file, body);
  if (exchange.rule === 'serve.v1' && io.session.imds.options({ instance: io.host.id }).state === 'pending') io.note('curl.pending');
  return end(failed ? 22 : 0, failed);
}

/** @param {import('./shell.js').Io} io @param {{ file: string, strip?: boolean }} data */
function dataOf(io, { file, strip }) {
  const found = file === '-' ? io.stdin : io.files.get(file);
  if (found === undefined) io.err(`Warning: Couldn't read data from file "${file}", this makes an empty POST.\n`);
  return strip ? (found ?? '').replace(/[\r\n]/g, '') : found ?? '';
}

/**
 * The final line of the progress meter.
 * @param {number} down bytes
 * @param {number} up
 * @param {number} ms
 */
function progress(down, up, ms) {
  const speed = (/** @type {number} */ bytes, /** @type {number} */ time) => short(Math.floor((bytes * 1000) / time));
  const percent = (/** @type {number} */ bytes) => `${bytes ? 100 : 0}`.padStart(3);
  const spent = Math.floor(ms / 1000);
  const clock = spent ? `${Math.floor(spent / 3600)}:${`${Math.floor(spent / 60) % 60}`.padStart(2, '0')}:${`${spent % 60}`.padStart(2, '0')}` : '--:--:--';
  const recent = ms > TOTAL_MS ? '    0' : speed(down + up, RECENT_MS);
  return `${percent(down + up)} ${short(down + up)}  ${percent(down)} ${short(down)}  ${percent(up)} ${short(up)}  ${speed(down, ms)}  ${speed(up, ms)} --:--:-- ${clock.padStart(8)} --:--:-- ${recent}\n`;
}
const short = (/** @type {number} */ number) => (number < 100000 ? `${number}` : number < 10240000 ? `${Math.floor(number / 1024)}k` : `${(number / 1048576).toFixed(1)}M`).padStart(5);

/**
 * The option `-w`.
 * @param {import('./shell.js').Io} io
 * @param {(text: string) => void} print
 * @param {string} format
 * @param {{ rawUrl: string, url: any, bytes: number, head: string, body: string, ms: number }} transfer
 */
function writeOut(io, print, format, { rawUrl, url, bytes, head, body, ms }) {
  const seconds = (/** @type {number} */ it) => (it / 1000).toFixed(6);
  const code = (head.split(' ')[1] ?? '').padStart(3, '0');
  const header = (/** @type {string} */ name) => new RegExp(`^${name}: *(.*?)\\r$`, 'im').exec(head)?.[1] ?? '';
  /** @type {Record<string, any>} */ const values = {
    url_effective: url.rebuilt ?? (rawUrl.includes('://') ? rawUrl : `${url.scheme}://${rawUrl}`), http_code: code, response_code: code, http_connect: '000',
    time_total: seconds(ms), time_namelookup: seconds(0), time_connect: seconds(1), time_appconnect: seconds(0), time_pretransfer: seconds(1),
    time_starttransfer: seconds(head ? ms : 0), time_redirect: seconds(0), size_header: head.length, size_request: bytes, size_download: body.length,
    size_upload: 0, speed_download: `${Math.floor((body.length * 1000) / ms)}.000`, speed_upload: '0.000', content_type: header('Content-Type'),
    num_connects: 1, num_redirects: 0, redirect_url: '', ssl_verify_result: 0, remote_ip: url.host, remote_port: url.port, local_ip: io.host.address,
    local_port: 45678, http_version: /^HTTP\/([\d.]+)/.exec(head)?.[1] ?? '0', scheme: 'HTTP',
  };
  for (const [all, name, escape] of format.matchAll(/%\{([^}]*)\}|%%|\\([nrt])|[^]/g)) {
    if (name !== undefined && !(name in values)) io.err(`curl: unknown --write-out variable: '${name}'\n`);
    else print(name === undefined ? (escape ? ESCAPES[escape] : all[0]) : `${values[name]}`);
  }
}
/** @type {Record<string, string>} */
const ESCAPES = { n: '\n', r: '\r', t: '\t' };
