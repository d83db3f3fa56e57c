// A world's log, played again in a new world, gives the same bytes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { loadSync } from '../../pkg/js/module.js';
import { latin1 } from '../js/engine.js';
import { createWorld } from '../js/world.js';

loadSync(readFileSync(new URL('../../pkg/dist/imds.wasm', import.meta.url)));
const fleet = readFileSync(new URL('../../examples/article-fleet.json', import.meta.url), 'utf8');
const put = 'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n';
const get = (token) => `GET /latest/meta-data/ HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token: ${token}\r\n\r\n`;
const told = (world) => JSON.stringify(world.exchanges.map(({ at, exchange }) => [at, exchange.rule, latin1(exchange.response ?? [])]));

test('the same log gives the same bytes', () => {
  const world = createWorld({ fleet });
  let changes = 0;
  world.subscribe(() => (changes += 1));
  world.send(put);
  world.imds.modify({ http_tokens: 'required' });
  world.advance(400);
  world.advance(600);
  world.send(get(world.tokens[0].token));
  world.imds.ec2('Action=RunInstances&Version=2016-11-15&ImageId=ami-0ce107ae7af2e92b5&MinCount=1&MaxCount=1');
  world.imds.handle(put);
  assert.equal(changes, 7);
  assert.deepEqual(world.log.map(([what]) => what), ['>', 'modify', '+', '>', 'ec2', '>']);
  const other = createWorld({ fleet });
  other.play(JSON.parse(JSON.stringify(world.log)));
  assert.equal(told(other), told(world));
  assert.equal(other.imds.snapshot(), world.imds.snapshot());
});

test('a token is held where it reached the asker, and its end is the answer’s', () => {
  const world = createWorld({ fleet });
  world.send(put, { hops: 2 });
  assert.deepEqual(world.tokens, []);
  world.send(put, { hops: 1 });
  const [{ token, expires }] = world.tokens;
  assert.equal(expires, world.now() + 60_000);
  world.advance(59_999);
  assert.equal(world.peek('/latest/meta-data/', { token }).status, 200);
  world.advance(1);
  assert.equal(world.peek('/latest/meta-data/', { token }).rule, 'token.expired');
  assert.equal(world.exchanges.length, 2);
});

test('a log that cannot be played changes nothing', () => {
  const world = createWorld({ fleet });
  world.send(put);
  const before = told(world);
  for (const log of [[['?']], [['>', put, { hops: 999 }]], [['modify', {}, { instance: 'i-0' }]], [['+', 5], ['replace', '{']]]) {
    assert.throws(() => world.play(log));
    assert.equal(told(world), before);
  }
});
