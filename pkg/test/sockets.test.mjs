// imds/node on real sockets: byte for byte what handle gives.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Imds, ImdsError } from 'imds';
import { createServer, requestListener } from 'imds/node';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const PUT = 'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n';
const fixed = (init) => new Imds({ seed: '2a', clock: () => NOW, ...init });

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function ask(server, ...pieces) {
  const socket = connect(server.address().port, '127.0.0.1');
  const received = [];
  socket.on('data', (bytes) => received.push(bytes));
  const closed = once(socket, 'close');
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((done) => setTimeout(done, 5));
  }
  await closed;
  return Buffer.concat(received).toString('latin1');
}

const wire = (imds, request) => Buffer.from(imds.handle(request).response).toString('latin1');

test('a net server sends the core’s bytes, whatever the pieces', async (t) => {
  const server = await listening(createServer(fixed()));
  t.after(() => server.close());
  assert.equal(await ask(server, PUT.slice(0, 9), PUT.slice(9)), wire(fixed(), PUT));
  const bad = 'GET  / HTTP/9.9\r\n\r\n';
  assert.equal(await ask(server, bad), wire(fixed(), bad));
  assert.equal(await ask(server, PUT + PUT.repeat(3)), wire(fixed({ nonce: 2n }), PUT), 'it closes behind the first');
});

test('kept connections are answered request by request', async (t) => {
  const server = await listening(createServer(fixed(), { keepAlive: true }));
  t.after(() => server.close());
  const answers = await ask(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3) + 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.equal(answers.split('HTTP/1.1 200 OK').length - 1, 4);
});

test('what can be wrong is said where the server is made, and a peer who cannot be served is closed on', async (t) => {
  for (const make of [createServer, requestListener]) {
    for (const options of [[], [{}], [fixed(), { hops: 999 }], [fixed(), { hops: 'x' }], [fixed(), { instance: 7 }]]) {
      assert.throws(() => make(...options), (error) => error instanceof ImdsError && error.code === 'input');
    }
  }
  const warnings = [];
  const heard = ({ name, message }) => name === 'ImdsWarning' && warnings.push(message);
  process.on('warning', heard);
  t.after(() => process.off('warning', heard));
  const freed = fixed();
  freed.free();
  const failing = { hops: () => { throw new Error('who knows'); } };
  for (const server of [createServer(freed), createServer(fixed(), failing), createHttpServer(requestListener(fixed(), failing))]) {
    await listening(server);
    t.after(() => server.close());
    assert.equal(await ask(server, PUT), '');
  }
  assert.deepEqual(warnings, ['it was freed', 'who knows', 'who knows'].map((why) => `a connection is closed: ${why}`));
});

test('what would not arrive is not sent', async (t) => {
  const server = await listening(createServer(fixed(), { hops: 2 }));
  t.after(() => server.close());
  const socket = connect(server.address().port, '127.0.0.1');
  socket.write(PUT);
  const heard = await Promise.race([once(socket, 'data'), new Promise((done) => setTimeout(done, 100, 'nothing'))]);
  assert.equal(heard, 'nothing');
  socket.destroy();
});

test('a slow head is cut at its deadline', async (t) => {
  let late = 0;
  const server = await listening(createServer(new Imds({ clock: () => Date.now() + late })));
  t.after(() => server.close());
  const socket = connect(server.address().port, '127.0.0.1');
  socket.write('GET /');
  await new Promise((done) => setTimeout(done, 20));
  late = 9_900;
  socket.write('x');
  await once(socket, 'close');
});

test('a node:http listener keeps the status, the reason, the fields and the body', async (t) => {
  const server = await listening(createHttpServer(requestListener(fixed())));
  t.after(() => server.close());
  const answer = await ask(server, PUT);
  assert.equal(answer, wire(fixed(), PUT));
});
