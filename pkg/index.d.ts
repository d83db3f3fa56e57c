import type { Fleet, InstanceRecord, MetadataOptionsChange } from './record.js';
import type { Answered, CallOptions, ClientContext, CloseReason, Connection, Millis } from './shared.js';

export * from './record.js';
export type { CallOptions, CloseReason, Millis, NoResponseReason } from './shared.js';

/** Unknown keys are rejected by name, here and in the options of every call. */
export interface ImdsInit {
  /**
   * The record of the first instance, or its JSON. Without `instance`, `fleet` and `snapshot`, the
   * default record.
   */
  instance?: InstanceRecord | string;
  /** Several instances and their account, or their JSON. */
  fleet?: Fleet | string;
  /** A string from `snapshot()`. It contains the seed. */
  snapshot?: string;
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
  /** The duration of a launch, start, stop or termination, in milliseconds. The default is 0. */
  transitionMillis?: number;
}

/** Options of a call about one instance. */
export interface InstanceCallOptions extends CallOptions {
  /** The instance's id. The default is the first instance. */
  instance?: string;
}

/** The client of a request, and the time of the request. */
export interface RequestContext extends ClientContext {
  /**
   * The id or address of the instance that answers. The default is the instance with the address
   * `peer`, or the first one.
   */
  instance?: string;
}

/** The verdict of one rule on a request. */
export interface Step {
  /** An id of `tables().rules`. */
  readonly rule: string;
  readonly verdict: 'passes' | 'does_not_apply' | 'decides';
}

/** A part of a message. Each byte is in exactly one span. */
export interface Span {
  readonly side: 'request' | 'response';
  /** The offset of the first byte. */
  readonly from: number;
  /** The offset behind the last byte. */
  readonly to: number;
  readonly part:
    | 'method'
    | 'path'
    | 'query'
    | 'version'
    | 'status'
    | 'reason'
    | 'field-name'
    | 'field-value'
    | 'separator'
    | 'line-end'
    | 'head-end'
    | 'body'
    | 'other';
}

/** Splits a request's or response's bytes into spans. Any bytes are accepted. */
export function spans(message: Uint8Array | string, side: Span['side']): Span[];

/** A response, and the decision that led to it. */
export class Exchange {
  private constructor();
  /** The verdicts of the rules up to the one that decided, in the order of `tables().rules`. */
  readonly trace: readonly Step[];
  /**
   * The spans of the request and the response, computed at the first read from the request's bytes
   * at that time. An exchange of a connection has only the response's spans.
   */
  readonly spans: readonly Span[];
}
export interface Exchange extends Answered {}

/** A single change that would turn a decision. */
export interface Turn {
  /** A stable id. */
  readonly change: string;
  /** The change in English. */
  readonly text: string;
  /** The id of the rule that would decide. */
  readonly rule: string;
  /** The status that the response would have. */
  readonly status: number;
  /** Whether the response would reach the client. */
  readonly reaches: boolean;
}

/** The metadata options of an instance, as in EC2's ModifyInstanceMetadataOptions. */
export type MetadataOptions = Required<MetadataOptionsChange>;

/** The metadata options as last requested, and whether they are in force. */
export interface OptionsWithState extends MetadataOptions {
  state: 'pending' | 'applied';
}

export type InstanceStateName = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** An instance of the fleet. */
export interface Instance {
  id: string;
  state: InstanceStateName;
  /** EC2's code of the state: 0, 16, 32, 48, 64 or 80. */
  state_code: number;
  instance_type: string;
  profile: 'nitro' | 'xen';
  launch_time: Millis;
  local_ipv4s: string[];
  ipv6s: string[];
  tags: Record<string, string>;
  /** A number that each start draws anew; 0 until the first stop. Tokens of another generation are invalid. */
  generation: number;
  /** The socket address of the server that serves this instance; always null in JavaScript. */
  endpoint: string | null;
  options: OptionsWithState;
}

/** A change of an instance. */
export interface FleetEvent {
  time: Millis;
  /** The instance's id. */
  instance: string;
  event:
    | 'launched'
    | 'modified'
    | 'applied'
    | 'replaced'
    | 'tagged'
    | 'stopped'
    | 'started'
    | 'terminated'
    | 'forgotten'
    | 'event-planned'
    | 'event-canceled'
    | 'rebalance-recommended'
    | 'spot-noticed'
    | 'spot-interrupted'
    | 'event-shown'
    | 'event-completed'
    | 'rebooted';
}

/** A response of EC2's API. */
export interface Ec2Response {
  status: number;
  requestId: string;
  /** The request's action; null if it is not supported. */
  action: string | null;
  /** The error code; null if the request succeeded. */
  error: string | null;
  /** XML. */
  body: string;
}

/** The options of `Imds.fetch`. */
export interface ImdsRequestInit extends RequestInit {
  imds?: RequestContext;
}

/**
 * A fleet of instances with their metadata services. Methods throw `ImdsError` and then change
 * nothing.
 */
export class Imds {
  /** Loads the module if necessary, and creates a fleet. */
  static create(init?: ImdsInit): Promise<Imds>;
  /** Restores a fleet from a string that `snapshot()` returned. */
  static restore(snapshot: string, init?: Omit<ImdsInit, 'snapshot' | 'instance' | 'fleet'>): Promise<Imds>;
  /**
   * Creates a fleet. The module must be loaded: it always is in Node, Bun, Deno, Workers and with
   * `imds/inline`; elsewhere call `Imds.create()` first.
   */
  constructor(init?: ImdsInit);

  /** Answers the first request in these bytes. */
  handle(request: Uint8Array | string, context?: RequestContext): Exchange;
  /** Opens a connection, without a socket. */
  connection(context?: RequestContext & { keepAlive?: boolean }): ImdsConnection;
  /**
   * Like the global `fetch`. A bare path refers to `http://169.254.169.254`. Rejects if there is no
   * response.
   */
  fetch(input: Request | URL | string, init?: ImdsRequestInit): Promise<Response>;
  /** The single changes that would turn the decision on a request. */
  explain(request: Uint8Array | string, context?: RequestContext): Turn[];

  /** EC2's Query API: takes a form, returns XML. */
  ec2(form: string | Uint8Array | URLSearchParams | Record<string, string>, options?: CallOptions): Ec2Response;
  /**
   * Launches instances of a record (or its JSON), or of the launch template, and returns their ids.
   */
  launch(record?: InstanceRecord | string | null, options?: CallOptions & { count?: number; publicAddress?: boolean }): string[];
  /** Requests a change of metadata options; omitted options stay as they are. */
  modify(change: MetadataOptionsChange | string, options?: InstanceCallOptions): OptionsWithState;
  /** Replaces an instance's record. Its id and its tokens stay valid. */
  replace(record: InstanceRecord | string, options?: InstanceCallOptions): void;
  /** An instance's metadata options. */
  options(options?: InstanceCallOptions): OptionsWithState;
  /** All instances, including terminated ones for as long as EC2 lists them. */
  instances(options?: CallOptions): Instance[];
  /** The events since the last call. */
  events(options?: CallOptions): FleetEvent[];
  /** The time of the next timed event; null if there is none. */
  readonly deadline: Millis | null;
  /**
   * The whole fleet as text. It contains the seed, from which all token keys derive: keep it
   * secret.
   */
  snapshot(): string;

  /** The clock's time. */
  now(): Millis;
  /**
   * Whether the module trapped. Then every call throws; `Imds.restore` creates a new `Imds` from a
   * snapshot.
   */
  readonly trapped: boolean;
  /** Frees the memory in the module at once. Otherwise the garbage collector frees it. */
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

/**
 * A handler for a Worker's `fetch`, for `Deno.serve` and for `Bun.serve`. It rejects if there is no
 * response.
 */
export function toFetchHandler(imds: Imds, context?: RequestContext): (request: Request) => Promise<Response>;

/** How a behaviour of EC2 is known. */
export interface Source {
  /**
   * `documented`, `inferred`, `chosen`, or how often it was observed; for example `seen 3 times`.
   */
  readonly certainty: string;
  /** The document or observation. */
  readonly reference: string;
}

/** The core's tables. They are frozen objects. */
export interface Tables {
  /** In order of evaluation; the first rule that decides ends it. */
  readonly rules: readonly ({
    readonly id: string;
    readonly name: string;
    /** The question that the rule answers. */
    readonly question: string;
    /** What the rule looks at: header names, metadata options and other facts. */
    readonly inputs: readonly string[];
    readonly status: number;
    readonly outcome: 'reject' | 'issue-token' | 'list-methods' | 'serve';
  } & Source)[];
  /** Metadata paths, each with the first version that has it. */
  readonly categories: readonly ({ readonly path: string; readonly since: string } & Source)[];
  /** Metadata versions, oldest first. */
  readonly versions: readonly string[];
  readonly statuses: readonly { readonly code: number; readonly reason: string }[];
  readonly limits: readonly {
    readonly name: string;
    readonly value: number;
    readonly unit: string;
    /** What happens when the limit is exceeded. */
    readonly effect: string;
    /** Software with a similar limit. */
    readonly precedent: string;
  }[];
  readonly closeReasons: readonly CloseReason[];
}

/**
 * The core's tables of rules, metadata categories, versions, statuses, limits and close reasons.
 */
export function tables(): Tables;

/** The result of running a transcript. */
export interface TranscriptRun {
  readonly claim: string;
  /** The transcript with the actual results in place of the expected ones. */
  readonly text: string;
  /** The ids of the rules that decided. */
  readonly rules: readonly string[];
  readonly differences: readonly { readonly line: number; readonly expected: string[]; readonly actual: string[] }[];
}

/**
 * Runs a transcript in a fleet of its own. `records` maps the names in the transcript to texts of
 * records. `chunking` selects how the request bytes are passed to the connection: whole, byte by
 * byte, or with trailing bytes.
 */
export function runTranscript(
  transcript: string,
  options?: { chunking?: 'whole' | 'bytes' | 'trailing'; records?: Record<string, string> },
): TranscriptRun;

/** An invalid argument, a failed operation or a trap of the module. */
export class ImdsError extends Error {
  constructor(code: string, message: string, path?: string);
  readonly name: 'ImdsError';
  /**
   * Stable; for example `record`, `seed`, `input`, `incomplete`, `no-response`, `no-such-instance`,
   * `wrong-state` or `trap`.
   */
  readonly code: string;
  /** The place in a record or transcript; for example `network_interfaces[0].mac`. */
  readonly path?: string;
}
