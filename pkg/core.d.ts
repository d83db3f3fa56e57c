// imds/core: one instance and its metadata service, in a module half the size. Fleets, EC2's
// API, snapshots, transcripts and tables are in `imds`.

import { ImdsError } from './index.js';
import type { OptionsWithState, Turn } from './index.js';
import type { InstanceRecord, MetadataOptionsChange } from './record.js';
import type { Answered, CallOptions, ClientContext, Connection, Millis } from './shared.js';

export { ImdsError };
export type { CallOptions, CloseReason, Millis, NoResponseReason } from './shared.js';
export type { MetadataOptionsChange, OptionsWithState, Turn };

export interface ImdsInit {
  /** The record of the instance, or its JSON. The default is a `t3.micro` with a role. */
  instance?: InstanceRecord | string;
  /**
   * The source of all keys and generated values: up to 32 bytes, or hexadecimal digits. The default
   * is random.
   */
  seed?: string | Uint8Array;
  /**
   * The first nonce; it makes each token unique. The default is 0 if `seed` is set, otherwise
   * random.
   */
  nonce?: bigint;
  /** The default is `Date.now`. */
  clock?: () => Millis;
  /** How long a change of metadata options stays pending, in milliseconds. The default is 1000. */
  modifyMillis?: number;
}

/** The client of a request, and the time of the request. */
export type RequestContext = ClientContext;

/** A response, and the decision that led to it. */
export class Exchange {
  private constructor();
}
export interface Exchange extends Answered {}

/** An instance with its metadata service. Methods throw `ImdsError` and then change nothing. */
export class Imds {
  /** Loads the module if necessary, and launches an instance. */
  static create(init?: ImdsInit): Promise<Imds>;
  /**
   * Launches an instance. The module must be loaded: it always is in Node, Bun, Deno, Workers and
   * with `imds/core/inline`; elsewhere call `Imds.create()` first.
   */
  constructor(init?: ImdsInit);

  /** Answers the first request in these bytes. */
  handle(request: Uint8Array | string, context?: RequestContext): Exchange;
  /** Opens a connection, without a socket. */
  connection(context?: RequestContext & { keepAlive?: boolean }): ImdsConnection;
  /** The single changes that would turn the decision on a request. */
  explain(request: Uint8Array | string, context?: RequestContext): Turn[];
  /**
   * Requests a change of metadata options; omitted options stay as they are. It takes effect at
   * `effective`, or after `modifyMillis`.
   */
  modify(change: MetadataOptionsChange | string, options?: CallOptions & { effective?: Millis }): OptionsWithState;
  /** The metadata options as last requested. */
  options(options?: CallOptions): OptionsWithState;
  /** Makes all tokens of other generations invalid. The default generation is random. */
  voidTokens(generation?: bigint): void;
  /** The clock's time. */
  now(): Millis;
  /** Whether the module trapped. Then every call throws; create another `Imds`. */
  readonly trapped: boolean;
  /** Releases the module's memory to the garbage collector. Later calls throw. */
  free(): void;
  [Symbol.dispose](): void;
}

/**
 * One connection of a client. Pass it the received bytes, send what `pollTransmit` returns, and
 * call `handleTimeout` at `deadline`.
 */
export class ImdsConnection {
  private constructor();
}
export interface ImdsConnection extends Connection<Exchange> {}
