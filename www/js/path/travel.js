// @ts-check
// What happens to a request on its way to the service and to the answer on its way back. The service decides; here is only who
// stands between, what each does to the bytes, and how far a packet may go.

import { latin1, spansOf, toBytes } from '../engine.js';

/** Where the one who asks comes from, as proxies tell it: an address that RFC 5737 keeps for documentation. */
export const ASKER = '203.0.113.9';
/** What Linux gives a packet for which nothing else was asked. */
const USUAL_TTL = 64;
const SERVICE = '169.254.169.254';

/**
 * What may stand there, and what it does to a request: nothing but a hop (`true`), or other bytes, or a refusal of its own (null).
 * Whoever makes a request of its own also takes the answer, so that its hops count from there.
 * @type {Record<string, true | ((request: { method: string, target: string, text: string }) => string | null)>}
 */
const KINDS = {
  bridge: true,
  router: true,
  proxy: ({ text }) => forwarded(text),
  waf: ({ method, text }) => (['GET', 'HEAD', 'POST'].includes(method) ? text : null),
  getter: ({ method, target }) => (method === 'GET' ? own('GET', target) : null),
  caller: ({ method, target }) => own(method, target),
  relay: ({ text }) => text,
};
export const STAGES = Object.keys(KINDS);

/** @typedef {{ kind: string }} Stage */
/** @typedef {{ kind: string, did: 'hop' | 'same' | 'changed' | 'refused', request: Uint8Array | null, ttl: number | null }} Passed `ttl` is the answer's behind this stage, 0 where it ends here, null where no answer comes so far */
/** @typedef {{ arrived: Uint8Array | null, exchange: import('../../../pkg/index.d.ts').Exchange | null, way: Passed[], hops: number }} Told `hops` are those from the service to whoever asked it */

/**
 * Sends a request over stages, the asker's side first.
 * @param {import('../engine.js').Imds} imds @param {Uint8Array} bytes
 * @param {{ instance?: string, throttled?: boolean, now?: number, stages?: readonly Stage[] }} how
 * @returns {Told}
 */
export function travel(imds, bytes, { stages = [], ...context }) {
  /** @type {Passed[]} */ const way = [];
  let request = bytes;
  let hops = 1;
  for (const { kind } of stages) {
    const does = Object.hasOwn(KINDS, kind) ? KINDS[kind] : null;
    if (!does) throw new TypeError(`nothing on a way is called ${kind}`);
    if (does === true) {
      hops += 1;
      way.push({ kind, did: 'hop', request, ttl: null });
      continue;
    }
    const made = does(read(request));
    hops = 1;
    if (made === null) {
      way.push({ kind, did: 'refused', request: null, ttl: null });
      return { arrived: null, exchange: null, way, hops };
    }
    const next = toBytes(made);
    way.push({ kind, did: made === latin1(request) ? 'same' : 'changed', request: next, ttl: null });
    request = next;
  }
  const exchange = imds.handle(request, { ...context, hops });
  let ttl = exchange.hopLimit ?? USUAL_TTL;
  const answers = exchange.response !== null || exchange.silence === 'hop-limit';
  for (let place = way.length - 1; answers && place >= 0 && ttl > 0; place -= 1) {
    if (way[place].did === 'hop') way[place].ttl = ttl -= 1;
    else way[place].ttl = ttl = USUAL_TTL;
  }
  return { arrived: request, exchange, way, hops };
}

/** @param {Uint8Array} bytes */
function read(bytes) {
  const part = (/** @type {string} */ name) => {
    const span = spansOf(bytes, null).find((it) => it.part === name);
    return span ? latin1(bytes.subarray(span.from, span.to)) : '';
  };
  return { method: part('method'), target: part('path') + part('query'), text: latin1(bytes) };
}

/** A request of the program's own: whoever made it ask chose the method and the target, and no field. @param {string} method @param {string} target */
const own = (method, target) => `${method} ${target} HTTP/1.1\r\nHost: ${SERVICE}\r\nUser-Agent: thumbnails/1.0\r\nAccept: */*\r\n\r\n`;

/** With the asker in X-Forwarded-For, behind those who are there already. @param {string} text */
function forwarded(text) {
  const known = /^(x-forwarded-for:[ \t]*[^\r\n]*)/im;
  if (known.test(text)) return text.replace(known, `$1, ${ASKER}`);
  return text.replace(/\r?\n\r?\n/, (end) => `\r\nX-Forwarded-For: ${ASKER}${end}`);
}
