// Who asks, and when.

import { refuse } from './errors.js';

/** A time in milliseconds since 1970, as Date.now gives it. */
export function readNow(now) {
  if (typeof now !== 'number' || !(now >= 0 && now <= Number.MAX_SAFE_INTEGER)) {
    refuse('now', 'milliseconds since 1970, as Date.now gives them');
  }
  return now;
}

/** A text, where there is something at all. */
export function readText(what, value) {
  if (value !== undefined && typeof value !== 'string') refuse(what, 'a text');
  return value;
}

/** What the module is told of an asker. */
export function readContext(context, clock) {
  if (context === undefined) return { now: readNow(clock()), whom: undefined, ipv6: false, hops: undefined, throttled: false };
  const { now, instance, hops, throttled = false } = context;
  if (hops !== undefined && !(Number.isInteger(hops) && hops >= 0 && hops <= 255)) refuse('hops', 'a whole number, 0 to 255');
  readText('instance', instance);
  readText('peer', context.peer);
  const peer = context.peer?.replace(/^::ffff:(?=\d+\.)/i, '');
  return { now: readNow(now ?? clock()), whom: instance ?? peer, ipv6: peer?.includes(':') ?? false, hops, throttled };
}
