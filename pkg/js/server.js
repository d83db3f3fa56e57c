// `imds/node`: servers on Node's sockets.

import { createServer as createNetServer } from 'node:net';
import process from 'node:process';
import { readBoolean, readContext, readOptions } from './context.js';
import { invalidArgument } from './errors.js';
import { readResponse } from './fetch.js';

const REQUEST_LISTENER = ['instance', 'peers', 'hops'];
const CREATE_SERVER = [...REQUEST_LISTENER, 'keepAlive'];

/** Validates the options, and returns the function that gives the RequestContext of a socket. */
function contextOf(imds, { instance, peers, hops }) {
  if (typeof imds?.connection !== 'function') invalidArgument('imds', 'an Imds');
  const byPeer = readBoolean('peers', peers);
  const isPerSocket = typeof hops === 'function';
  readContext({ instance, hops: isPerSocket ? undefined : hops }, () => 0);
  return (socket) => ({
    instance: byPeer ? undefined : instance ?? imds.instances()[0]?.id,
    peer: socket.remoteAddress,
    hops: isPerSocket ? hops(socket) : hops,
  });
}

export function createServer(imds, options) {
  const read = readOptions('options', options, CREATE_SERVER);
  const context = contextOf(imds, read);
  const keepAlive = readBoolean('keepAlive', read.keepAlive);
  return createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    try {
      serve(imds, socket, imds.connection({ ...context(socket), keepAlive }));
    } catch (error) {
      abort(socket, error);
    }
  });
}

/** Closes one connection that cannot be served, because the `Imds` is freed or `hops` threw. */
function abort(socket, error) {
  process.emitWarning(`connection closed: ${error?.message ?? error}`, 'ImdsWarning');
  socket.destroy();
}

function serve(imds, socket, connection) {
  let timer;
  let isFinished = false;
  const finish = () => {
    if (isFinished) return;
    isFinished = true;
    clearTimeout(timer);
    connection.free();
  };
  /** Changes the connection, then sends, sets the timer or closes as its new state requires. */
  const advance = (change) => {
    try {
      change();
      update();
    } catch (error) {
      finish();
      abort(socket, error);
    }
  };
  const update = () => {
    for (;;) {
      const transmit = connection.pollTransmit();
      if (!transmit) break;
      // The socket sends all that it accepts. The client's reading bounds what it buffers.
      socket.write(transmit.bytes);
      connection.advanceTransmit(transmit.bytes.length);
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
      timer = setTimeout(() => advance(() => connection.handleTimeout()), Math.max(0, deadline.at - imds.now()) + 1);
      timer.unref?.();
    }
  };
  socket.on('data', (bytes) => {
    if (!isFinished) advance(() => connection.receive(bytes));
  });
  socket.on('end', () => {
    if (isFinished) return socket.end();
    advance(() => connection.receiveEof());
  });
  socket.on('error', finish);
  socket.on('close', finish);
  advance(() => {});
}

export function requestListener(imds, options) {
  const context = contextOf(imds, readOptions('options', options, REQUEST_LISTENER));
  return (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      let exchange;
      try {
        exchange = imds.handle(requestBytes(request, Buffer.concat(chunks)), context(request.socket));
      } catch (error) {
        abort(request.socket, error);
        return;
      }
      if (exchange.response === null) {
        request.socket.destroy();
        return;
      }
      const { status, reason, headers, body } = readResponse(exchange.response);
      response.sendDate = false;
      response.writeHead(status, reason, headers.flat());
      response.end(body);
    });
  };
}

/** The bytes of a request that node:http has parsed. */
function requestBytes({ method, url, httpVersion, rawHeaders }, body) {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    // Node has already decoded the transfer coding.
    const isCoding = rawHeaders[at].toLowerCase() === 'transfer-encoding';
    head += isCoding ? `Content-Length: ${body.length}\r\n` : `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  }
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body]);
}
