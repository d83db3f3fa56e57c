export * from './core.js';

/** Loads the module from bytes, a compiled module, a URL or a response. */
export function init(
  module: WebAssembly.Module | BufferSource | Response | Request | URL | string | PromiseLike<Response>,
): Promise<void>;
/** Like `init`, synchronously. */
export function initSync(module: WebAssembly.Module | BufferSource): void;
