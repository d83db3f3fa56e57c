// @ts-check
// Applies a change that the core proposes ("what would change this") to the session and the request.

import { withHeader, withLine, withoutHeader } from './compose.js';
import { MAX_STAGES } from './path/simulate.js';
import { HOST, PUT } from './requests.js';

export const TOKEN = 'X-aws-ec2-metadata-token';
export const TTL = 'X-aws-ec2-metadata-token-ttl-seconds';
const ROUTERS = ['bridge', 'router'];
/** How long a change of the options is pending. */
const PENDING_MS = 1000;

/** @typedef {import('../../pkg/index.d.ts').Turn} Turn */
/** @typedef {import('./session.js').Session} Session */

/**
 * The newest token that is valid for an instance.
 * @param {Session} session @param {string} instance
 */
export const validToken = (session, instance) =>
  session.tokens.find((token) => token.expires > session.now() && (token.instance ?? session.imds.instances()[0].id) === instance
    && session.peek('/latest/meta-data/', { instance, token: token.token }).rule === 'serve.v2') ?? null;

/**
 * The stages with routers added or removed, so that the response takes `wanted` hops.
 * @param {number} wanted @param {any} how
 */
function stagesFor(wanted, { stages = [], hops }) {
  const out = [...stages];
  let count = hops;
  for (; count < wanted && out.length < MAX_STAGES; count += 1) out.push({ kind: 'router' });
  for (; count > wanted; count -= 1) {
    const at = out.findLastIndex(({ kind }) => ROUTERS.includes(kind));
    if (at < 0) break;
    out.splice(at, 1);
  }
  return count === wanted ? out : null;
}

/**
 * The function that applies a change and returns the new parts of the state; null if the page cannot
 * apply it.
 * @param {Session} session
 * @param {{ turn: Turn, entry: import('./session.js').Entry, request: string, instance: string }} what
 * @returns {(() => Partial<import('./store.js').State>) | null}
 */
export function turnAction(session, { turn, entry, request, instance }) {
  const { change, text } = turn;
  const value = text.split(' ').at(-1) ?? '';
  const option = (/** @type {any} */ to) => () => {
    session.imds.modify(to, { instance });
    session.advance(PENDING_MS);
    return {};
  };
  const edit = (/** @type {string} */ to) => () => ({ request: to });
  switch (change) {
    case 'option.http-endpoint': return option({ http_endpoint: value });
    case 'option.http-tokens': return option({ http_tokens: value });
    case 'option.instance-metadata-tags': return option({ instance_metadata_tags: value });
    case 'option.http-put-response-hop-limit': return option({ http_put_response_hop_limit: Number(value) });
    case 'clock': {
      const ms = Date.parse(value) - session.now();
      return ms > 0 ? () => (session.advance(ms), {}) : null;
    }
    case 'rate': return () => ({ throttled: false });
    case 'hops': {
      const stages = entry.how.stages ? stagesFor(Number(/\d+/.exec(text)?.[0]), entry.how) : null;
      return stages ? () => ({ stages }) : null;
    }
    case 'method.put': return edit(withLine(request, { method: 'PUT' }));
    case 'method.get': return edit(withLine(request, { method: 'GET' }));
    case 'path.token': return edit(withLine(request, { path: '/latest/api/token' }));
    case 'field.token.good': return () => {
      const token = validToken(session, instance)?.token ?? tokenOf(session, instance);
      return { request: withHeader(withoutHeader(request, TOKEN), TOKEN, token) };
    };
    case 'field.token.absent': return edit(withoutHeader(request, TOKEN));
    case 'field.ttl.good': return edit(withHeader(withoutHeader(request, TTL), TTL, '21600'));
    case 'field.forwarded.absent': return edit(withoutHeader(request, 'X-Forwarded-For'));
    case 'field.expect.absent': return edit(withoutHeader(request, 'Expect'));
    case 'field.host.one': return edit(withHeader(withoutHeader(request, 'Host'), 'Host', HOST));
    case 'body.none': return edit(withoutHeader(withoutHeader(request, 'Content-Length'), 'Transfer-Encoding'));
    default: return null;
  }
}

/** Requests a token on the instance itself. @param {Session} session @param {string} instance */
function tokenOf(session, instance) {
  session.send(PUT, { instance });
  return session.tokens[0]?.token ?? '';
}
