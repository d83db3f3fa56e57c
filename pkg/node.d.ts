import type { RequestListener } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Imds } from './index.js';

export interface ServeOptions {
  /** Whom everybody asks, by id or address. The default is the first instance. */
  instance?: string;
  /** Whether everybody asks the instance that has his own address. */
  peers?: boolean;
  /** How many network hops away who asks is, where that is known: an answer with a lower hop limit is not sent. */
  hops?: number | ((socket: Socket) => number);
}

/**
 * Byte for byte what the core sends, with its deadlines. What Node cannot do is set the hop limit of a connection's packets:
 * whoever needs it uses the binary.
 */
export function createServer(imds: Imds, options?: ServeOptions & { keepAlive?: boolean }): Server;

/**
 * For `http.createServer`. The status, the reason, the fields and the body are the core's. Not kept are the version of the
 * status line, requests that Node itself refuses, `Connection` and `Keep-Alive`, and the deadlines, which are Node's.
 */
export function requestListener(imds: Imds, options?: ServeOptions): RequestListener;
