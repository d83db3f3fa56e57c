export * from './index.js';

/**
 * Loads the module from bytes, a compiled module, a URL or a response. Later calls have no effect.
 */
export function init(
  module: WebAssembly.Module | BufferSource | Response | Request | URL | string | PromiseLike<Response>,
): Promise<void>;
/** Like `init`, synchronously. */
export function initSync(module: WebAssembly.Module | BufferSource): void;
