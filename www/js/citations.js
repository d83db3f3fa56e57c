// @ts-check
// Citations: the core's tables have those of rules and categories, this file those of HTTP syntax
// and headers.

import { h } from './dom.js';
import { tables } from './engine.js';
import { t } from './view.js';

const AWS = 'AWS: Use the Instance Metadata Service';
/**
 * By key of the strings. A rule's id refers to the citation of that rule.
 * @type {Record<string, string>}
 */
const CITATIONS = {
  'wire.method': 'RFC 9110 section 9',
  'wire.path': 'RFC 9112 section 3.2',
  'wire.query': 'RFC 9112 section 3.2',
  'response.version': 'observed: HTTP/1.0 in 8 exchanges with Xen, HTTP/1.1 in 15 with Nitro',
  'wire.version': 'RFC 9112 section 2.3',
  'wire.status': 'RFC 9110 section 15',
  'wire.reason': 'RFC 9112 section 4',
  'wire.separator': 'RFC 9112 section 5.1',
  'wire.line-end': 'RFC 9112 section 2.2',
  'wire.head-end': 'RFC 9112 section 2.1',
  'wire.body': 'RFC 9112 section 6',
  'wire.other': 'RFC 9112 section 5',
  'wire.header': 'RFC 9110 section 5.1',
  'request.host': 'RFC 9112 section 3.2',
  'request.user-agent': 'RFC 9110 section 10.1.5',
  'request.accept': 'RFC 9110 section 12.5.1',
  'request.expect': 'RFC 9110 section 10.1.1',
  'request.content-length': 'RFC 9110 section 8.6',
  'request.transfer-encoding': 'RFC 9112 section 6.1',
  'response.accept-ranges': 'RFC 9110 section 14.3',
  'response.allow': 'RFC 9110 section 10.2.1',
  'response.connection': 'RFC 9112 section 9.6',
  'response.content-length': 'RFC 9110 section 8.6',
  'response.content-type': 'RFC 9110 section 8.3',
  'response.date': 'RFC 9110 section 6.6.1',
  'response.last-modified': 'RFC 9110 section 8.8.2',
  'response.server': 'RFC 9110 section 10.2.4',
  'response.x-aws-ec2-metadata-token-ttl-seconds': 'serve.v2',
  'request.x-forwarded-for': 'forwarded.session',
};
const AWS_PAGE = 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html';

/**
 * Translates a certainty of the core.
 * @param {string} core for example `chosen`, `seen once` or `seen 13 times`
 */
export function certainty(core) {
  const [, times] = /^seen (\d+) times$/.exec(core) ?? [];
  const key = times ? 'certainty.seen' : `certainty.${core}`;
  return t(key) === key ? core : t(key, times);
}

/**
 * A reference, linked if it is an RFC or an AWS page.
 * @param {string | { certainty: string, reference: string }} keyOrRow
 */
export function citation(keyOrRow) {
  const cited = tables().rules.find(({ id }) => id === (CITATIONS[/** @type {string} */ (keyOrRow)])) ?? keyOrRow;
  const text = typeof cited === 'string' ? (CITATIONS[cited] ?? AWS) : cited.reference;
  const rfc = /RFC (\d+)(?: section ([\d.]+\d))?/.exec(text);
  const href = rfc ? `https://www.rfc-editor.org/rfc/rfc${rfc[1]}${rfc[2] ? `#section-${rfc[2]}` : ''}` : text.startsWith('AWS') ? AWS_PAGE : null;
  const linked = href ? h('a', { href, target: '_blank', rel: 'noreferrer noopener' }, text) : text;
  return h('span', null, typeof cited === 'string' ? '' : h('em', null, `${certainty(cited.certainty)}: `), linked);
}
