// A session: replaying its log in a new session gives the same bytes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { loadSync } from '../../pkg/js/module.js';
import { latin1 } from '../js/engine.js';
import { createSession } from '../js/session.js';

loadSync(readFileSync(new URL('../../pkg/dist/imds.wasm', import.meta.url)));
const fleet = readFileSync(new URL('../../examples/article-fleet.json', import.meta.url), 'utf8');
const put = 'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n';
const get = (token) => `GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: ${token}\r\n\r\n`;
const bytesOf = (session) => JSON.stringify(session.exchanges.map(({ at, exchange }) => [at, exchange.rule, latin1(exchange.response ?? [])]));

test('replaying a log gives the same bytes', () => {
  const session = createSession({ fleet });
  let changes = 0;
  session.subscribe(() => (changes += 1));
  session.send(put);
  session.imds.modify({ http_tokens: 'required' });
  session.advance(400);
  session.advance(600);
  session.send(get(session.tokens[0].token));
  session.imds.ec2('Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1');
  session.imds.handle(put);
  assert.equal(changes, 7);
  assert.deepEqual(session.log.map(([kind]) => kind), ['>', 'modify', '+', '>', 'ec2', '>']);
  const other = createSession({ fleet });
  other.play(JSON.parse(JSON.stringify(session.log)));
  assert.equal(bytesOf(other), bytesOf(session));
  assert.equal(other.imds.snapshot(), session.imds.snapshot());
});

test('a token is recorded if it reached the client, and expires as the response says', () => {
  const session = createSession({ fleet });
  session.send(put, { hops: 2 });
  assert.deepEqual(session.tokens, []);
  session.send(put, { hops: 1 });
  const [{ token, expires }] = session.tokens;
  assert.equal(expires, session.now() + 60_000);
  session.advance(59_999);
  assert.equal(session.peek('/latest/meta-data/', { token }).status, 200);
  session.advance(1);
  assert.equal(session.peek('/latest/meta-data/', { token }).rule, 'token.expired');
  assert.equal(session.exchanges.length, 2);
});

test('a log with an invalid step leaves the session unchanged', () => {
  const session = createSession({ fleet });
  session.send(put);
  const before = bytesOf(session);
  for (const log of [[['?']], [['>', put, { hops: 999 }]], [['modify', {}, { instance: 'i-0' }]], [['+', 5], ['replace', '{']]]) {
    assert.throws(() => session.play(log));
    assert.equal(bytesOf(session), before);
  }
});
