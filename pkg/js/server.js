// `imds/node`: the service on sockets.

import { createServer as createNetServer } from 'node:net';
import { readResponse } from './fetch.js';

/** A server that sends the core's own bytes. Node cannot set a hop limit, so an answer that would not reach is not sent. */
export function createServer(imds, { instance, peers = false, hops, keepAlive = false } = {}) {
  const hopsOf = typeof hops === 'function' ? hops : () => hops;
  return createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = socket.remoteAddress;
    const whom = peers ? undefined : instance ?? imds.instances()[0]?.id;
    serve(imds, socket, imds.connection({ instance: whom, peer, hops: hopsOf(socket), keepAlive }));
  });
}

function serve(imds, socket, connection) {
  let timer;
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    connection.free();
  };
  /** Sends what there is, sets the timer, and ends what has ended. */
  const go = () => {
    for (;;) {
      const transmit = connection.transmit();
      if (!transmit) break;
      // What the socket has taken, it will send; how much waits there is bounded by who reads.
      socket.write(transmit.bytes);
      connection.transmitted(transmit.bytes.length);
    }
    clearTimeout(timer);
    const { state, deadline } = connection;
    if (state !== 'open') socket.end();
    if (state === 'closed') {
      finish();
      socket.resume();
      return;
    }
    if (deadline) {
      timer = setTimeout(() => {
        connection.handleDeadline();
        go();
      }, Math.max(0, deadline.at - imds.now()) + 1);
      timer.unref?.();
    }
  };
  socket.on('data', (bytes) => {
    if (over) return;
    connection.receive(bytes);
    go();
  });
  socket.on('end', () => {
    if (over) return socket.end();
    connection.end();
    go();
  });
  socket.on('error', finish);
  socket.on('close', finish);
  go();
}

/** A listener for node:http. The answer's status, fields and body are the core's; what is around them is Node's. */
export function requestListener(imds, { instance, peers = false, hops } = {}) {
  const hopsOf = typeof hops === 'function' ? hops : () => hops;
  return (request, response) => {
    const body = [];
    request.on('data', (chunk) => body.push(chunk));
    request.on('end', () => {
      let head = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
      for (let at = 0; at < request.rawHeaders.length; at += 2) {
        // Node has taken the chunks apart.
        const isCoding = request.rawHeaders[at].toLowerCase() === 'transfer-encoding';
        head += isCoding
          ? `Content-Length: ${Buffer.concat(body).length}\r\n`
          : `${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}\r\n`;
      }
      const { socket } = request;
      const whom = peers ? undefined : instance ?? imds.instances()[0]?.id;
      const context = { instance: whom, peer: socket.remoteAddress, hops: hopsOf(socket) };
      const exchange = imds.handle(Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), ...body]), context);
      if (exchange.response === null) {
        socket.destroy();
        return;
      }
      const { status, reason, fields, body: answer } = readResponse(exchange.response);
      response.sendDate = false;
      response.writeHead(status, reason, fields.flat());
      response.end(answer);
    });
  };
}
