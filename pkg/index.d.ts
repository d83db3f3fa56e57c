/** Milliseconds since 1970, as `Date.now()` gives them. */
export type Millis = number;

/** A record, a fleet or options as JSON: the text, or what `JSON.stringify` makes it of. The keys are in `docs/record.md` of the repository. */
export type Json = string | object;

export interface ImdsInit {
  /** The record of the first instance. Without it, and without `fleet` and `snapshot`, the default one. */
  instance?: Json;
  /** Many instances. */
  fleet?: Json;
  /** What `snapshot()` gave. It brings its own seed. */
  snapshot?: string;
  /** What all keys and made-up values derive from: up to 32 bytes, or hexadecimal digits. The default is drawn by `crypto.getRandomValues`. */
  seed?: string | Uint8Array;
  /** The number that makes the next token another than the one before. With a seed it begins at 0, else anywhere. */
  nonce?: bigint;
  /** The default is `Date.now`. */
  clock?: () => Millis;
  /** How long a change of options is pending. The default is 1000. */
  modifyMillis?: Millis;
  /** How long a launch, a start, a stop and a termination take. The default is 0. */
  transitionMillis?: Millis;
}

/** When something is done, where not when the clock says. */
export interface At {
  now?: Millis;
}

/** Which instance something is about, by its id. The default is the first. */
export interface Whose extends At {
  instance?: string;
}

/** Who asks, and when. */
export interface Context extends At {
  /** The instance that is asked, by id or address. The default is the one at `peer`, or the first. */
  instance?: string;
  /** The address that the asker has. One of IPv6 is answered where `http_protocol_ipv6` is enabled. */
  peer?: string;
  /** How many network hops the asker is away; an answer with a lower hop limit does not arrive. */
  hops?: number;
  /** Whether this is a request too many. */
  throttled?: boolean;
}

/** Why an asker gets nothing: no instance answers there, the answer does not travel so far, or the request is not whole. */
export type Silence = 'nobody' | 'hop-limit' | 'incomplete';

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

/** What a rule said of a request. */
export interface Step {
  readonly rule: string;
  readonly verdict: 'passes' | 'does_not_apply' | 'decides';
}

/** A part of a message. Every byte is in exactly one. */
export interface Span {
  readonly side: 'request' | 'response';
  /** The first byte. */
  readonly from: number;
  /** The byte behind the last. */
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

/** The parts of a request's or a response's bytes, whatever they are. */
export function spans(message: Uint8Array | string, side: Span['side']): Span[];

/** One answer, and why it is this one. */
export class Exchange {
  private constructor();
  /**
   * The bytes as they are sent; null where the asker gets nothing. Nothing changes them later, but their `buffer` is that of other
   * answers too: whoever wants it, to transfer it say, takes that of `response.slice()`.
   */
  readonly response: Uint8Array | null;
  readonly silence: Silence | null;
  /** The IP time to live of the packets that carry the answer. */
  readonly hopLimit: number | null;
  readonly status: number | null;
  /** The version of the protocol that the request speaks. */
  readonly protocol: 'v1' | 'v2' | null;
  /** The rule that decided: an id of `tables().rules`. */
  readonly rule: string | null;
  /** The rules that were asked, in their order. */
  readonly trace: readonly Step[];
  /**
   * The parts of the request and of the response, found when first asked for: of the request's bytes as they are then. Of a
   * connection's exchanges they are those of the response.
   */
  readonly spans: readonly Span[];
  /** Why the connection ends behind the answer. */
  readonly close: CloseReason | null;
}

/** A single fact whose change would turn the decision. */
export interface Turn {
  /** Stable name. */
  readonly change: string;
  /** The change in words. */
  readonly text: string;
  /** What decides then. */
  readonly rule: string;
  readonly status: number;
  /** Whether the answer reaches the asker then. */
  readonly reaches: boolean;
}

export interface MetadataOptions {
  http_tokens: 'optional' | 'required';
  /** 1 to 64. */
  http_put_response_hop_limit: number;
  http_endpoint: 'enabled' | 'disabled';
  http_protocol_ipv6: 'enabled' | 'disabled';
  instance_metadata_tags: 'enabled' | 'disabled';
}

/** The options as they were last asked for, and whether they are in force. */
export interface OptionsWithState extends MetadataOptions {
  state: 'pending' | 'applied';
}

export type InstanceStateName = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface Instance {
  id: string;
  state: InstanceStateName;
  state_code: number;
  instance_type: string;
  profile: 'nitro' | 'xen';
  launch_time: Millis;
  local_ipv4s: string[];
  ipv6s: string[];
  tags: Record<string, string>;
  /** How many lives it had before this one. */
  generation: number;
  endpoint: string | null;
  options: OptionsWithState;
}

export interface Event {
  time: Millis;
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
    | 'forgotten';
}

/** An answer of EC2's API. */
export interface Ec2Reply {
  status: number;
  requestId: string;
  /** The action, where there is one of that name. */
  action: string | null;
  /** The error's code, where it is refused. */
  error: string | null;
  /** XML. */
  body: string;
}

/** What `fetch` takes beside what the platform's takes. */
export interface ImdsRequestInit extends RequestInit {
  imds?: Context;
}

export class Imds {
  /** Loads the module where it is not loaded yet. */
  static create(init?: ImdsInit): Promise<Imds>;
  /** Goes on from a snapshot. */
  static restore(snapshot: string, init?: Omit<ImdsInit, 'snapshot' | 'instance' | 'fleet'>): Promise<Imds>;
  /** At once, where the module is loaded: always in Node, Bun, Deno and Workers, and by `imds/inline`; elsewhere after the first `create`. */
  constructor(init?: ImdsInit);

  /** Answers one request as it is on the wire. */
  handle(request: Uint8Array | string, context?: Context): Exchange;
  /** A stream of requests, without a socket. */
  connection(context?: Context & { keepAlive?: boolean }): ImdsConnection;
  /** As the platform's own. A path alone is asked at 169.254.169.254; where nothing is answered it rejects. */
  fetch(input: Request | URL | string, init?: ImdsRequestInit): Promise<Response>;
  /** The smallest single facts whose change would turn the decision on a request. */
  explain(request: Uint8Array | string, context?: Context): Turn[];

  /** EC2's Query API: a form in, XML out. */
  ec2(form: string | Uint8Array | URLSearchParams | Record<string, string>, at?: At): Ec2Reply;
  /** Launches instances of a record, or of the launch template; gives their ids. */
  launch(record?: Json | null, how?: At & { count?: number; publicAddress?: boolean }): string[];
  /** Asks for other metadata options: what is left out stays. */
  modify(change: Partial<MetadataOptions> | string, whose?: Whose): OptionsWithState;
  /** Makes an instance another one, under its own id and tokens. */
  replace(record: Json, whose?: Whose): void;
  options(whose?: Whose): OptionsWithState;
  /** All instances, terminated ones for as long as EC2 shows them. */
  instances(at?: At): Instance[];
  /** What happened to instances since the last call. */
  events(at?: At): Event[];
  /** When time alone changes something next. */
  readonly deadline: Millis | null;
  /** All of it as text. It holds the seed, from which every token's key derives: keep it secret. */
  snapshot(): string;

  /** What the clock shows. */
  now(): Millis;
  /** Whether the module ended in a trap: then every call throws, and `Imds.restore` goes on from a snapshot. */
  readonly trapped: boolean;
  /** Gives back its memory. Without it, the collector does. */
  free(): void;
  [Symbol.dispose](): void;
}

export class ImdsConnection {
  private constructor();
  /** Takes bytes from the peer, in any pieces, and answers what is whole. */
  receive(bytes: Uint8Array | string, how?: At & { throttled?: boolean }): Exchange[];
  /** The peer sends no more. */
  end(at?: At): Exchange[];
  /** What to send next, and with which hop limit; null where there is nothing, or it would not arrive. */
  transmit(): { bytes: Uint8Array; hopLimit: number | null } | null;
  /** So many of those bytes are sent. */
  transmitted(bytes: number, at?: At): Exchange[];
  /** Ends what has run out. Early or twice is harmless. */
  handleDeadline(at?: At): void;
  /** The service is stopping: what has begun is answered. */
  shutDown(): void;
  readonly deadline: { at: Millis; kind: 'idle' | 'head' | 'body' | 'send' | 'drain' } | null;
  readonly state: 'open' | 'draining' | 'closed';
  readonly closeReason: CloseReason | null;
  /** Whether it would take a byte. */
  readonly wantsInput: boolean;
  free(): void;
  [Symbol.dispose](): void;
}

/** A handler for a Worker's `fetch`, for `Deno.serve` and for `Bun.serve`. Where nothing is answered it rejects. */
export function toFetchHandler(imds: Imds, context?: Context): (request: Request) => Promise<Response>;

/** How something is known. */
export interface Known {
  readonly certainty: string;
  readonly reference: string;
}

export interface Tables {
  /** In the order in which they are asked. */
  readonly rules: readonly ({
    readonly id: string;
    readonly name: string;
    readonly asks: string;
    readonly status: number;
    readonly outcome: 'refuse' | 'issue-token' | 'list-methods' | 'serve';
  } & Known)[];
  readonly categories: readonly ({ readonly path: string; readonly since: string } & Known)[];
  readonly versions: readonly string[];
  readonly statuses: readonly { readonly code: number; readonly reason: string }[];
  readonly limits: readonly {
    readonly name: string;
    readonly value: number;
    readonly unit: string;
    readonly past: string;
    readonly precedent: string;
  }[];
  readonly closeReasons: readonly CloseReason[];
}

/** The core's own tables. */
export function tables(): Tables;

export interface Played {
  readonly claim: string;
  /** The story with what it brought. */
  readonly text: string;
  readonly rules: readonly string[];
  readonly differences: readonly { readonly line: number; readonly expected: string[]; readonly actual: string[] }[];
}

/** Plays a transcript in a fleet of its own. `records` are the texts of the records that it names. */
export function play(
  story: string,
  how?: { chunking?: 'whole' | 'bytes' | 'trailing'; records?: Record<string, string> },
): Played;

/** What is wrong with an argument, or with the module. */
export class ImdsError extends Error {
  constructor(code: string, message: string, path?: string);
  readonly name: 'ImdsError';
  /** As `record`, `seed`, `input`, `incomplete`, `no-such-instance`, `wrong-state`, `trap`. */
  readonly code: string;
  /** Where in a record, as `network_interfaces[0].mac`. */
  readonly path?: string;
}
