// The forms in which bundlers inline a .wasm file.

import { ImdsError } from './errors.js';

/** Bytes or a compiled module as they are; base64 and a data: URL as bytes. */
export function toBytes(source) {
  if (typeof source !== 'string') return source;
  const data = source.replace(/^data:[^,]*;base64,/, '');
  try {
    return Uint8Array.fromBase64?.(data) ?? Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  } catch {
    throw new ImdsError('not-loaded', `expected the bytes of the .wasm file, found \`${source.slice(0, 80)}\`: let the bundler inline .wasm files as bytes, base64 or a data: URL`);
  }
}
