// imds/node on real sockets sends the bytes that handle() returns.

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

async function request(server, ...pieces) {
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

const expected = (imds, request) => Buffer.from(imds.handle(request).response).toString('latin1');

test('createServer sends the bytes of handle for any chunking', async (t) => {
  const server = await listening(createServer(fixed()));
  t.after(() => server.close());
  assert.equal(await request(server, PUT.slice(0, 9), PUT.slice(9)), expected(fixed(), PUT));
  const bad = 'GET  / HTTP/9.9\r\n\r\n';
  assert.equal(await request(server, bad), expected(fixed(), bad));
  assert.equal(await request(server, PUT + PUT.repeat(3)), expected(fixed({ nonce: 2n }), PUT), 'it closes after the first response');
});

test('a keep-alive connection answers each request', async (t) => {
  const server = await listening(createServer(fixed(), { keepAlive: true }));
  t.after(() => server.close());
  const responses = await request(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3) + 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.equal(responses.split('HTTP/1.1 200 OK').length - 1, 4);
});

test('invalid options throw at creation, and a connection that cannot be served is closed with a warning', async (t) => {
  for (const make of [createServer, requestListener]) {
    for (const options of [[], [{}], [fixed(), { hops: 999 }], [fixed(), { hops: 'x' }], [fixed(), { instance: 7 }]]) {
      assert.throws(() => make(...options), (error) => error instanceof ImdsError && error.code === 'input');
    }
  }
  const warnings = [];
  const onWarning = ({ name, message }) => name === 'ImdsWarning' && warnings.push(message);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const freed = fixed();
  freed.free();
  const failing = { hops: () => { throw new Error('unknown hops'); } };
  for (const server of [createServer(freed), createServer(fixed(), failing), createHttpServer(requestListener(fixed(), failing))]) {
    await listening(server);
    t.after(() => server.close());
    assert.equal(await request(server, PUT), '');
  }
  assert.deepEqual(warnings, ['this Imds is freed: create another one', 'unknown hops', 'unknown hops'].map((reason) => `connection closed: ${reason}`));
});

test('a response that would not reach the client is not sent', async (t) => {
  const server = await listening(createServer(fixed(), { hops: 2 }));
  t.after(() => server.close());
  const socket = connect(server.address().port, '127.0.0.1');
  socket.write(PUT);
  const received = await Promise.race([once(socket, 'data'), new Promise((done) => setTimeout(done, 100, 'nothing'))]);
  assert.equal(received, 'nothing');
  socket.destroy();
});

test('a connection with a slow head closes at its timeout', async (t) => {
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

test('requestListener sends the status, reason, headers and body of handle', async (t) => {
  const server = await listening(createHttpServer(requestListener(fixed())));
  t.after(() => server.close());
  const response = await request(server, PUT);
  assert.equal(response, expected(fixed(), PUT));
});
