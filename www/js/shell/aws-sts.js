// @ts-check
// `aws sts get-caller-identity`: the session of the role of the CLI's host.

import { latin1 } from '../engine.js';
import { dict } from './python2.js';

/** @param {import('./shell.js').Io} io */
export function identity(io) {
  const role = roleOf(io);
  const account = `${io.session.record(io.host.id)?.account_id ?? '123456789012'}`;
  return dict({ UserId: `AROAEXAMPLEROLE123456:${io.host.id}`, Account: account, Arn: `arn:aws:sts::${account}:assumed-role/${role}/${io.host.id}` }, ['ResponseMetadata']);
}

/** The name of the host's role, from a copy of the fleet that requires no token. @param {import('./shell.js').Io} io */
function roleOf(io) {
  const copy = io.session.clone();
  try {
    copy.modify({ http_tokens: 'optional' }, { instance: io.host.id });
    const { response } = copy.handle('GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n', { instance: io.host.id });
    return response ? latin1(response).replace(/^[^]*?\r\n\r\n/, '').split('\n')[0] : '';
  } finally {
    copy.free();
  }
}
