// @ts-check
// The inputs of each rule, shown beside its verdict. The core evaluates the rule itself.

import { parts } from './compose.js';
import { latin1, tables } from './engine.js';

/** Inputs by prefix of the rule's id; the longest prefix wins. @type {Record<string, string[]>} */
const INPUTS = {
  'head.line': ['line'],
  'head.target-length': ['target-bytes'],
  'head.size': ['head-bytes'],
  'head.field-count': ['headers'],
  'head.version': ['version'],
  'endpoint.disabled': ['http_endpoint'],
  'field.syntax': ['headers'],
  'field.host': ['Host', 'version'],
  'field.content-length': ['Content-Length'],
  'field.length-and-encoding': ['Content-Length', 'Transfer-Encoding'],
  throttle: ['throttled'],
  'forwarded.put': ['method', 'X-Forwarded-For'],
  'forwarded.session': ['X-aws-ec2-metadata-token', 'X-Forwarded-For'],
  expect: ['Expect'],
  'put.path': ['method', 'path'],
  'token.method': ['method', 'path'],
  'tree.method': ['method', 'path'],
  'body.encoded': ['Transfer-Encoding'],
  'body.size': ['Content-Length'],
  ttl: ['method', 'X-aws-ec2-metadata-token-ttl-seconds'],
  'token.missing': ['http_tokens', 'X-aws-ec2-metadata-token'],
  'token.expired': ['X-aws-ec2-metadata-token', 'clock'],
  'token.other-instance': ['X-aws-ec2-metadata-token', 'instance'],
  token: ['X-aws-ec2-metadata-token'],
  'tree.unknown': ['path', 'instance_metadata_tags'],
  'serve.methods': ['method'],
  'serve.token': ['method', 'X-aws-ec2-metadata-token-ttl-seconds', 'http_put_response_hop_limit'],
  serve: ['http_tokens', 'X-aws-ec2-metadata-token'],
};

/**
 * @param {string} rule @param {import('./session.js').Entry} entry
 * @returns {[name: string, value: string | null][]} null for an absent input
 */
export function ruleInputs(rule, { arrived, options, how, at }) {
  const key = Object.keys(INPUTS).filter((it) => rule.startsWith(it)).sort((a, b) => b.length - a.length)[0];
  const request = latin1(arrived);
  const { method, path, version, headers } = parts(request);
  const limit = (/** @type {string} */ name) => tables().limits.find((it) => it.name === name)?.value;
  const end = request.search(/\r?\n\r?\n/);
  /** @type {Record<string, string | null>} */
  const facts = {
    line: request.split(/\r?\n/, 1)[0],
    'target-bytes': `${path.length} / ${limit('target-bytes')}`,
    'head-bytes': `${end < 0 ? request.length : end + 4} / ${limit('head-bytes')}`,
    headers: `${headers.length} / ${limit('fields')}`,
    version: version || null,
    method,
    path,
    throttled: how.throttled ? '1' : null,
    clock: new Date(at).toISOString(),
    instance: how.instance ?? null,
  };
  return (INPUTS[key] ?? []).map((name) => {
    if (name in facts) return [name, facts[name]];
    if (options && name in options) return [name, `${/** @type {any} */ (options)[name]}`];
    const found = headers.filter(([it]) => it.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
    return [name, found.length ? found.join(', ') : null];
  });
}
/** @param {string} rule */
export const hasInputs = (rule) => Object.keys(INPUTS).some((it) => rule.startsWith(it));
