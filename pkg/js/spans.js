// The parts of a message's bytes.

import { spans_of } from '../dist/glue.js';
import { invalidArgument } from './errors.js';
import { moduleError, requireLoaded } from './module.js';

export function spans(message, side) {
  if (side !== 'request' && side !== 'response') invalidArgument('side', "'request' or 'response'");
  const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message;
  if (!(bytes instanceof Uint8Array)) invalidArgument('message', 'a Uint8Array or a string');
  requireLoaded();
  let text;
  try {
    text = spans_of(bytes, side === 'response');
  } catch (error) {
    throw moduleError(error);
  }
  let to = 0;
  return text.split('\n').slice(0, -1).map((line) => {
    const [part, length] = line.split(' ');
    return { side, from: to, to: (to += Number(length)), part };
  });
}
