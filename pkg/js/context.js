// Validates the options, the client and the time of a call.

import { ImdsError, invalidArgument } from './errors.js';

const CONTEXT = ['now', 'instance', 'peer', 'hops', 'throttled'];
export const CONNECTION = [...CONTEXT, 'keepAlive'];

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

/** A boolean; false if it is undefined. */
export function readBoolean(name, value = false) {
  if (typeof value !== 'boolean') invalidArgument(name, 'a boolean');
  return value;
}

/** The options of a call, which are an object with only these keys, or undefined. */
export function readOptions(name, options, keys) {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null) invalidArgument(name, 'an object');
  for (const key in options) {
    if (!keys.includes(key)) throw new ImdsError('input', `${name}: unknown key \`${key}\`, expected ${keys.join(', ')}`);
  }
  return options;
}

/** The module's arguments for a RequestContext. */
export function readContext(context, clock, keys = CONTEXT) {
  if (context === undefined) return { now: readNow(clock()), target: undefined, ipv6: false, hops: undefined, throttled: false };
  const { now, instance, hops, throttled } = readOptions('context', context, keys);
  if (hops !== undefined && !(Number.isInteger(hops) && hops >= 0 && hops <= 255)) invalidArgument('hops', 'an integer, 0 to 255');
  readText('instance', instance);
  readText('peer', context.peer);
  const peer = context.peer?.replace(/^::ffff:(?=\d+\.)/i, '');
  return {
    now: readNow(now ?? clock()),
    target: instance ?? peer,
    ipv6: peer?.includes(':') ?? false,
    hops,
    throttled: readBoolean('throttled', throttled),
  };
}
