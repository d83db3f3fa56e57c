export * from './index.js';

/** Loads the module from its bytes, compiled, from a URL or from a response. Once; again does nothing. */
export function init(
  module: WebAssembly.Module | BufferSource | Response | Request | URL | string | PromiseLike<Response>,
): Promise<void>;
/** The same at once. */
export function initSync(module: WebAssembly.Module | BufferSource): void;
