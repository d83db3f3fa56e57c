// Everything in JavaScript: where there is no file to read and nothing to fetch.

import base64 from '../dist/inline.js';
import { loadSync } from './module.js';

loadSync(Uint8Array.fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));

export * from './imds.js';
