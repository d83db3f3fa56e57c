import type { RequestListener } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Imds } from './index.js';

export interface ServeOptions {
  /** The id or address of the instance that answers. The default is the first instance. */
  instance?: string;
  /**
   * Whether each client reaches the instance that has the client's address. The default is false.
   */
  peers?: boolean;
  /** The number of network hops to a client. A response with a lower hop limit is not sent. */
  hops?: number | ((socket: Socket) => number);
}

/**
 * A server that sends the core's exact bytes and applies its timeouts. Node cannot set the hop
 * limit of packets; the `imds` binary can. A connection that cannot be served closes with an
 * `ImdsWarning` on `process`.
 */
export function createServer(imds: Imds, options?: ServeOptions & { keepAlive?: boolean }): Server;

/**
 * A listener for `http.createServer`. Status, reason, headers and body are the core's. The HTTP
 * version of the response, the `Connection` and `Keep-Alive` headers, the timeouts, and requests
 * that Node rejects are Node's.
 */
export function requestListener(imds: Imds, options?: ServeOptions): RequestListener;
