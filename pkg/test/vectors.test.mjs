// The package's responses equal the native build's. VECTORS is the file that imds-pkg-build writes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Imds, runTranscript } from 'imds';

const { transcripts, records, streams } = JSON.parse(readFileSync(process.env.VECTORS, 'utf8'));
const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (bytes) => Buffer.from(bytes).toString('latin1');
/** The package's name of a close reason; for example `end-of-input` for `EndOfInput`. */
const kebabCase = (reason) => reason?.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase() ?? null;

for (const chunking of ['whole', 'bytes', 'trailing']) {
  test(`every transcript has its native result, chunking ${chunking}`, () => {
    for (const transcript of transcripts) {
      const run = runTranscript(transcript.text, { chunking, records });
      assert.deepEqual(run.differences, [], transcript.path);
      assert.equal(run.text, transcript[chunking], transcript.path);
    }
  });
}

test(`${streams.all.length} random streams have the native bytes, rules and close reasons`, () => {
  const { now, seed } = streams;
  const imds = new Imds({ seed, clock: () => now });
  let rules = 0;
  for (const [index, stream] of streams.all.entries()) {
    const connection = imds.connection({ keepAlive: stream.keepAlive });
    const exchanges = [];
    const sent = [];
    const send = () => {
      for (let transmit; (transmit = connection.pollTransmit()); ) {
        sent.push(transmit.bytes);
        exchanges.push(...connection.advanceTransmit(transmit.bytes.length));
      }
    };
    for (const chunk of stream.chunks) {
      exchanges.push(...connection.receive(bytes(chunk)));
      send();
    }
    exchanges.push(...connection.receiveEof());
    send();
    assert.equal(text(Buffer.concat(sent)), stream.bytes, `stream ${index}`);
    assert.equal(text(Buffer.concat(exchanges.map((exchange) => exchange.response))), stream.bytes, `stream ${index}`);
    assert.deepEqual(exchanges.map((exchange) => exchange.rule), stream.rules, `stream ${index}`);
    assert.equal(connection.closeReason, kebabCase(stream.close), `stream ${index}`);
    connection.free();
    rules += stream.rules.length;
  }
  assert.ok(rules > streams.all.length, 'most streams have a request');
});
