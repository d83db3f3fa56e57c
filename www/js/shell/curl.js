// @ts-check
// curl 7.61.1 as the article's hosts have it: what it prints, byte for byte, and on which stream.

import { latin1, toBytes } from '../engine.js';
import { AGENT, buildRequest, CurlError, readOptions, readUrl } from './request.js';

/** What a round trip takes here: the article's progress meter shows 56 bytes at 9333 a second in all, and at 11200 of late. */
const TOTAL_MS = 6;
const LATE_MS = 5;
const METER = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`;
const utf8 = new TextEncoder();
const text = (/** @type {string} */ bytes) => new TextDecoder().decode(toBytes(bytes));

/** @param {import('./shell.js').Io} io @returns {number} */
export function curl(io) {
  try {
    const asked = readOptions(io.args);
    if (asked.version) {
      io.out(`${AGENT.replace('/', ' ')} (x86_64-koji-linux-gnu) lib${AGENT} OpenSSL/1.0.2k zlib/1.2.7 libidn2/2.3.0 libssh2/1.4.3 nghttp2/1.39.2\n`);
      return 0;
    }
    if (asked.help) {
      io.note('curl.options');
      return 0;
    }
    if (!asked.url.length) throw new CurlError(2, io.args.length ? 'no URL specified!' : '');
    let exit = 0;
    asked.url.forEach((url, at) => (exit = transfer(io, asked, url, at)));
    return exit;
  } catch (error) {
    if (!(error instanceof CurlError)) throw error;
    io.err(`${error.message && `curl: ${error.message}\n`}${error.code === 2 ? "curl: try 'curl --help' or 'curl --manual' for more information\n" : ''}`);
    if (error.note) io.note('curl.options');
    return error.code;
  }
}

/** @param {import('./shell.js').Io} io @param {import('./request.js').Asked} asked @param {string} given @param {number} at which of the URLs @returns {number} */
function transfer(io, asked, given, at) {
  const quiet = asked.silent && !asked['show-error'];
  const file = asked.output[at] ?? (asked['remote-name'] ? given.split(/[?#]/)[0].split('/').pop() : undefined);
  const toFile = file !== undefined && file !== '-';
  let body = '';
  let kept = '';
  /** stdout: a terminal gets whole lines at once, and the rest at the end. @param {string} more */
  const print = (more) => {
    if (!io.tty) io.out(more);
    else {
      const all = kept + more.replace(/\r\n/g, '\n');
      const cut = all.lastIndexOf('\n') + 1;
      io.out(all.slice(0, cut));
      kept = all.slice(cut);
    }
  };
  const out = (/** @type {string} */ more) => (toFile ? (body += more) : print(more));
  const say = (/** @type {string} */ line) => asked.verbose && io.err(`* ${line}\n`);
  const meter = (/** @type {number} */ down, /** @type {number} */ up, /** @type {number} */ ms) => {
    if (!asked.silent && (toFile || !io.tty)) io.err(METER + progress(down, up, ms));
  };
  const end = (/** @type {number} */ code, /** @type {string} */ message = '') => {
    if (message && !quiet) io.err(`curl: (${code}) ${message}\n`);
    return code;
  };

  let url;
  try {
    url = readUrl(given, asked['path-as-is']);
  } catch (error) {
    return end(3, /** @type {Error} */ (error).message);
  }
  if (url.scheme !== 'http' && url.scheme !== 'https') return end(1, `Protocol "${url.scheme}" not supported or disabled in libcurl`);
  if (/[{}]|\[.*\]/.test(url.target) && !asked.globoff) io.note('curl.glob');
  if (url.rebuilt) say(`Rebuilt URL to: ${url.rebuilt}`);
  const ipv6 = url.host === '[fd00:ec2::254]';
  const address = url.host.replace(/^\[|\]$/g, '');
  if (!ipv6 && address !== '169.254.169.254') {
    io.note('curl.only');
    const name = !/^[\d.:a-f]+$/i.test(address);
    const message = name ? `Could not resolve host: ${address}` : `Failed to connect to ${address} port ${url.port}: Connection refused`;
    return end(name ? 6 : 7, message);
  }
  if (at > 0) say(`Hostname ${address} was found in DNS cache`);
  asked.verbose && io.err(`*   Trying ${address}...\n* TCP_NODELAY set\n`);
  if (url.port !== 80 || url.scheme === 'https') {
    const message = `Failed to connect to ${address} port ${url.port}: Connection refused`;
    say(`connect to ${address} port ${url.port} failed: Connection refused`);
    say(message);
    say(`Closing connection ${at}`);
    return end(7, message);
  }

  const data = asked.data.map((it) => (typeof it === 'string' ? it : dataOf(io, /** @type {any} */ (it))));
  const request = buildRequest(asked, url, data.length ? data.join('&') : null);
  const bytes = utf8.encode(request);
  const headEnd = request.indexOf('\r\n\r\n') + 4;
  const sent = bytes.length - utf8.encode(request.slice(0, headEnd)).length;
  const entry = io.send(bytes, { ipv6 });
  const { exchange } = entry;
  const nobody = exchange?.silence === 'nobody';
  if (asked.verbose && !nobody) {
    io.err(`* Connected to ${address} (${address}) port ${url.port} (#${at})\n`);
    const user = asked.user ?? url.user;
    if (user !== undefined) say(`Server auth using Basic with user '${user.split(':')[0]}'`);
    io.err(request.slice(0, headEnd - 2).replace(/\r\n/g, '\n').replace(/^/gm, '> ').replace(/> $/, '> \n'));
    if (sent) say(`upload completely sent off: ${sent} out of ${sent} bytes`);
  }

  if (!exchange?.response) {
    const limit = Number(asked['max-time'] ?? 0) * 1000;
    io.note(`silent.${exchange?.silence ?? 'way'}`);
    if (!limit) {
      io.note('curl.forever');
      io.err('^C\n');
      return 130;
    }
    io.world.advance(limit);
    meter(0, 0, limit);
    const message = nobody ? `Connection timed out after ${Math.round(limit)} milliseconds` : `Operation timed out after ${Math.round(limit)} milliseconds with 0 bytes received`;
    say(message);
    if (!nobody) say('stopped the pause stream!');
    say(`Closing connection ${at}`);
    if (asked['write-out']) writeOut(io, print, asked['write-out'], { given, url, bytes: bytes.length, head: '', body: '', ms: limit });
    if (kept) io.out(kept);
    return end(28, message);
  }

  const answer = latin1(exchange.response);
  const split = answer.indexOf('\r\n\r\n') + 4;
  const head = answer.slice(0, split);
  const content = answer.slice(split);
  const [status, ...fields] = head.slice(0, -4).split('\r\n');
  const failed = asked.fail && Number(status.split(' ')[1]) >= 400 ? `The requested URL returned error: ${status.slice(status.indexOf(' ') + 1)}` : '';
  if (failed) {
    say(failed);
    say('stopped the pause stream!');
    meter(0, 0, TOTAL_MS);
  } else {
    if (status.startsWith('HTTP/1.0')) say('HTTP 1.0, assume close after body');
    for (const line of [status, ...fields]) {
      if (asked.verbose) io.err(`< ${text(line)}\n`);
      if (asked.include || asked.head) out(`${text(line)}\r\n`);
    }
    // The empty line the other way round, as curl has it.
    if (asked.include || asked.head) out('\r\n');
    if (asked.verbose) io.err('< \n');
    meter(content.length, sent, TOTAL_MS);
    out(text(content));
  }
  say(`Closing connection ${at}`);
  if (asked['write-out']) writeOut(io, print, asked['write-out'], { given, url, bytes: bytes.length, head, body: content, ms: TOTAL_MS });
  if (kept) io.out(kept);
  if (toFile && !failed) io.files.set(file, body);
  if (exchange.rule === 'serve.v1' && io.world.imds.options({ instance: io.host.id }).state === 'pending') io.note('curl.pending');
  return end(failed ? 22 : 0, failed);
}

/** @param {import('./shell.js').Io} io @param {{ file: string, strip?: boolean }} data */
function dataOf(io, { file, strip }) {
  const found = file === '-' ? io.stdin : io.files.get(file);
  if (found === undefined) io.err(`Warning: Couldn't read data from file "${file}", this makes an empty POST.\n`);
  return strip ? (found ?? '').replace(/[\r\n]/g, '') : found ?? '';
}

/** The last state of the progress meter. @param {number} down bytes @param {number} up @param {number} ms */
function progress(down, up, ms) {
  const speed = (/** @type {number} */ bytes, /** @type {number} */ time) => short(Math.floor((bytes * 1000) / time));
  const percent = (/** @type {number} */ bytes) => `${bytes ? 100 : 0}`.padStart(3);
  const spent = Math.floor(ms / 1000);
  const clock = spent ? `${Math.floor(spent / 3600)}:${`${Math.floor(spent / 60) % 60}`.padStart(2, '0')}:${`${spent % 60}`.padStart(2, '0')}` : '--:--:--';
  const late = ms > TOTAL_MS ? '    0' : speed(down + up, LATE_MS);
  return `${percent(down + up)} ${short(down + up)}  ${percent(down)} ${short(down)}  ${percent(up)} ${short(up)}  ${speed(down, ms)}  ${speed(up, ms)} --:--:-- ${clock.padStart(8)} --:--:-- ${late}\n`;
}
const short = (/** @type {number} */ number) => (number < 100000 ? `${number}` : number < 10240000 ? `${Math.floor(number / 1024)}k` : `${(number / 1048576).toFixed(1)}M`).padStart(5);

/** `-w`. @param {import('./shell.js').Io} io @param {(text: string) => void} print @param {string} format @param {{ given: string, url: any, bytes: number, head: string, body: string, ms: number }} what */
function writeOut(io, print, format, { given, url, bytes, head, body, ms }) {
  const seconds = (/** @type {number} */ it) => (it / 1000).toFixed(6);
  const code = (head.split(' ')[1] ?? '').padStart(3, '0');
  const field = (/** @type {string} */ name) => new RegExp(`^${name}: *(.*?)\\r$`, 'im').exec(head)?.[1] ?? '';
  /** @type {Record<string, any>} */ const values = {
    url_effective: url.rebuilt ?? (given.includes('://') ? given : `${url.scheme}://${given}`), http_code: code, response_code: code, http_connect: '000',
    time_total: seconds(ms), time_namelookup: seconds(0), time_connect: seconds(1), time_appconnect: seconds(0), time_pretransfer: seconds(1),
    time_starttransfer: seconds(head ? ms : 0), time_redirect: seconds(0), size_header: head.length, size_request: bytes, size_download: body.length,
    size_upload: 0, speed_download: `${Math.floor((body.length * 1000) / ms)}.000`, speed_upload: '0.000', content_type: field('Content-Type'),
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
