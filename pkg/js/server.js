// `imds/node`: the service on sockets.

import { createServer as createNetServer } from 'node:net';
import process from 'node:process';
import { readContext } from './context.js';
import { refuse } from './errors.js';
import { readResponse } from './fetch.js';

/** What is asked of each peer: how many hops away it is. What can be wrong beforehand is said at once. */
function asker(imds, { instance, hops }) {
  if (typeof imds?.connection !== 'function') refuse('imds', 'an Imds');
  readContext({ instance, hops: typeof hops === 'function' ? undefined : hops }, () => 0);
  return typeof hops === 'function' ? hops : () => hops;
}

/** A server that sends the core's own bytes. Node cannot set a hop limit, so an answer that would not reach is not sent. */
export function createServer(imds, { instance, peers = false, hops, keepAlive = false } = {}) {
  const hopsOf = asker(imds, { instance, hops });
  return createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = socket.remoteAddress;
    try {
      const whom = peers ? undefined : instance ?? imds.instances()[0]?.id;
      serve(imds, socket, imds.connection({ instance: whom, peer, hops: hopsOf(socket), keepAlive }));
    } catch (error) {
      closed(socket, error);
    }
  });
}

/** Closes on a peer who cannot be served, and leaves the others alone: the `Imds` was freed, or `hops` threw. */
function closed(socket, error) {
  process.emitWarning(`a connection is closed: ${error?.message ?? error}`, 'ImdsWarning');
  socket.destroy();
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
  /** Does something with the connection, and then what follows from it. */
  const on = (step) => {
    try {
      step();
      go();
    } catch (error) {
      finish();
      closed(socket, error);
    }
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
      timer = setTimeout(() => on(() => connection.handleDeadline()), Math.max(0, deadline.at - imds.now()) + 1);
      timer.unref?.();
    }
  };
  socket.on('data', (bytes) => {
    if (!over) on(() => connection.receive(bytes));
  });
  socket.on('end', () => {
    if (over) return socket.end();
    on(() => connection.end());
  });
  socket.on('error', finish);
  socket.on('close', finish);
  on(() => {});
}

/** A listener for node:http. The answer's status, fields and body are the core's; what is around them is Node's. */
export function requestListener(imds, { instance, peers = false, hops } = {}) {
  const hopsOf = asker(imds, { instance, hops });
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
      let exchange;
      try {
        const whom = peers ? undefined : instance ?? imds.instances()[0]?.id;
        const context = { instance: whom, peer: socket.remoteAddress, hops: hopsOf(socket) };
        exchange = imds.handle(Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), ...body]), context);
      } catch (error) {
        closed(socket, error);
        return;
      }
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
