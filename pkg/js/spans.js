// The parts of a message's bytes, by the core's names.

import { spans_of } from '../dist/glue.js';
import { refuse } from './errors.js';
import { failed, needed } from './module.js';

/** Each byte is in exactly one. */
export function spans(message, side) {
  if (side !== 'request' && side !== 'response') refuse('side', "'request' or 'response'");
  const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message;
  if (!(bytes instanceof Uint8Array)) refuse('message', 'a Uint8Array or a string');
  needed();
  let text;
  try {
    text = spans_of(bytes, side === 'response');
  } catch (error) {
    throw failed(error);
  }
  let to = 0;
  return text.split('\n').slice(0, -1).map((line) => {
    const [part, length] = line.split(' ');
    return { side, from: to, to: (to += Number(length)), part };
  });
}
