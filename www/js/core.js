// @ts-check
// The core alone, for the first screen. This and engine.js are the only files that import the
// package.

export { Imds } from '../../pkg/js/core-web.js';
