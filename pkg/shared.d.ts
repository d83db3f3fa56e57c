// What the types of `imds` and `imds/core` share.

/** Milliseconds since 1970, like `Date.now()`. */
export type Millis = number;

/** Options of a call. */
export interface CallOptions {
  /** The time of the call. The default is the clock's. */
  now?: Millis;
}

/**
 * Why the client receives no response: no running instance matches, the hop limit is lower than the
 * number of hops, or the request is incomplete.
 */
export type NoResponseReason = 'no-instance' | 'hop-limit' | 'incomplete';

/** Why a connection closes. */
export type CloseReason =
  | 'answered'
  | 'asked'
  | 'unframed'
  | 'end-of-input'
  | 'truncated'
  | 'idle'
  | 'slow-head'
  | 'slow-body'
  | 'slow-reader'
  | 'shutdown';

/** The client of a request, and the time of the request. */
export interface ClientContext extends CallOptions {
  /** The client's address. An IPv6 client is answered only if `http_protocol_ipv6` is `enabled`. */
  peer?: string;
  /**
   * The number of network hops to the client. A response with a lower hop limit does not reach it.
   */
  hops?: number;
  /** Set by the caller's rate limiter to reject the request with 503. */
  throttled?: boolean;
}

/** A response, and the decision that led to it. */
export interface Answered {
  /**
   * The response's bytes; null if the client receives none. They do not change, but their `buffer`
   * is shared with other responses: to transfer it, use `response.slice().buffer`.
   */
  readonly response: Uint8Array | null;
  /** Why `response` is null. */
  readonly noResponse: NoResponseReason | null;
  /** The IP TTL of the packets that carry the response; null for the host's default. */
  readonly hopLimit: number | null;
  /** The response's status; null if no request was answered. */
  readonly status: number | null;
  /** The version of IMDS that the request uses. */
  readonly protocol: 'v1' | 'v2' | null;
  /** The id of the rule that decided. */
  readonly rule: string | null;
  /** Why the connection closes after the response; null if it stays open. */
  readonly closeReason: CloseReason | null;
}

/**
 * One connection of a client. Pass it the received bytes, send what `pollTransmit` returns, and
 * call `handleTimeout` at `deadline`.
 */
export interface Connection<E> {
  /** Receives bytes and answers each complete request. */
  receive(bytes: Uint8Array | string, options?: CallOptions & { throttled?: boolean }): E[];
  /** Reports that the client sends no more bytes. */
  receiveEof(options?: CallOptions): E[];
  /**
   * The bytes to send next, with their hop limit; null if there are none, or if they would not
   * reach the client.
   */
  pollTransmit(): { bytes: Uint8Array; hopLimit: number | null } | null;
  /** Marks `bytes` of the offered bytes as sent, and answers requests that waited for that. */
  advanceTransmit(bytes: number, options?: CallOptions): E[];
  /** Handles the timeouts that are due. Calls that are early or repeated have no effect. */
  handleTimeout(options?: CallOptions): void;
  /** Answers the requests that have begun, then closes. */
  shutDown(): void;
  /** The next timeout; null if there is none. */
  readonly deadline: { at: Millis; kind: 'idle' | 'head' | 'body' | 'send' | 'drain' } | null;
  readonly state: 'open' | 'draining' | 'closed';
  readonly closeReason: CloseReason | null;
  /** Whether it has room for more bytes. */
  readonly wantsRead: boolean;
  /** Frees the memory in the module at once. Otherwise the garbage collector frees it. */
  free(): void;
  [Symbol.dispose](): void;
}
