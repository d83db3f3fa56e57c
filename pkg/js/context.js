// Validates the client and the time of a call.

import { invalidArgument } from './errors.js';

/** A time in milliseconds since 1970. */
export function readNow(now) {
  if (typeof now !== 'number' || !(now >= 0 && now <= Number.MAX_SAFE_INTEGER)) {
    invalidArgument('now', 'milliseconds since 1970, like Date.now()');
  }
  return now;
}

/** A string or undefined. */
export function readText(name, value) {
  if (value !== undefined && typeof value !== 'string') invalidArgument(name, 'a string');
  return value;
}

/** The module's arguments for a RequestContext. */
export function readContext(context, clock) {
  if (context === undefined) return { now: readNow(clock()), target: undefined, ipv6: false, hops: undefined, throttled: false };
  const { now, instance, hops, throttled = false } = context;
  if (hops !== undefined && !(Number.isInteger(hops) && hops >= 0 && hops <= 255)) invalidArgument('hops', 'an integer, 0 to 255');
  readText('instance', instance);
  readText('peer', context.peer);
  const peer = context.peer?.replace(/^::ffff:(?=\d+\.)/i, '');
  return { now: readNow(now ?? clock()), target: instance ?? peer, ipv6: peer?.includes(':') ?? false, hops, throttled };
}
