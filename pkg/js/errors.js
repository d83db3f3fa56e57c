/** What is wrong with an argument, or with the module. `code` is stable, `path` says where in a record. */
export class ImdsError extends Error {
  constructor(code, message, path) {
    super(message);
    this.name = 'ImdsError';
    this.code = code;
    if (path) this.path = path;
  }
}

/** What the module threw: text of three parts, one a line, is an error of its own. */
export function told(error) {
  if (typeof error !== 'string') return error;
  const [code, path, ...reason] = error.split('\n');
  const words = reason.join('\n');
  return new ImdsError(code, path && path !== '.' ? `${path}: ${words}` : words, path);
}

/**
 * Whether the module ended in a trap: nothing that it holds can be trusted after that. What its glue finds out of order it
 * throws as a plain Error, and a stack that is too deep is a RangeError.
 */
export const isTrap = (error) =>
  error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.constructor === Error;

export function refuse(what, wanted) {
  throw new ImdsError('input', `${what}: ${wanted}`);
}
