// The package answers what the native build answers: VECTORS names the file that imds-dist writes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Imds, play } from 'imds';

const { stories, records, streams } = JSON.parse(readFileSync(process.env.VECTORS, 'utf8'));
const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (bytes) => Buffer.from(bytes).toString('latin1');
/** `EndOfInput` as the package spells it. */
const spelt = (reason) => reason?.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase() ?? null;

for (const chunking of ['whole', 'bytes', 'trailing']) {
  test(`every story brings what it brings natively, ${chunking}`, () => {
    for (const story of stories) {
      const played = play(story.story, { chunking, records });
      assert.deepEqual(played.differences, [], story.path);
      assert.equal(played.text, story[chunking], story.path);
    }
  });
}

test(`${streams.all.length} random streams bring the native bytes, rules and reasons to close`, () => {
  const { now, seed } = streams;
  const imds = new Imds({ seed, clock: () => now });
  let rules = 0;
  for (const [index, stream] of streams.all.entries()) {
    const connection = imds.connection({ keepAlive: stream.keepAlive });
    const exchanges = [];
    const sent = [];
    const send = () => {
      for (let transmit; (transmit = connection.transmit()); ) {
        sent.push(transmit.bytes);
        exchanges.push(...connection.transmitted(transmit.bytes.length));
      }
    };
    for (const chunk of stream.chunks) {
      exchanges.push(...connection.receive(bytes(chunk)));
      send();
    }
    exchanges.push(...connection.end());
    send();
    assert.equal(text(Buffer.concat(sent)), stream.bytes, `stream ${index}`);
    assert.equal(text(Buffer.concat(exchanges.map((exchange) => exchange.response))), stream.bytes, `stream ${index}`);
    assert.deepEqual(exchanges.map((exchange) => exchange.rule), stream.rules, `stream ${index}`);
    assert.equal(connection.closeReason, spelt(stream.close), `stream ${index}`);
    connection.free();
    rules += stream.rules.length;
  }
  assert.ok(rules > streams.all.length, 'there is something to compare');
});
