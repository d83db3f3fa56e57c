// The module as base64 in JavaScript, for hosts that can neither read files nor fetch.

import base64 from '../dist/inline.js';
import { loadSync } from './module.js';

loadSync(Uint8Array.fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));

export * from './imds.js';
