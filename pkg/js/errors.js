/** An invalid argument, a failed operation or a trap of the module. `code` is stable. */
export class ImdsError extends Error {
  constructor(code, message, path) {
    super(message);
    this.name = 'ImdsError';
    this.code = code;
    if (path) this.path = path;
  }
}

/**
 * Converts an error that the module threw: a string of code, path and reason on lines of their own.
 */
export function toImdsError(error) {
  if (typeof error !== 'string') return error;
  const [code, path, ...lines] = error.split('\n');
  const reason = lines.join('\n');
  return new ImdsError(code, path && path !== '.' ? `${path}: ${reason}` : reason, path);
}

/**
 * Whether the module trapped; its state is not usable afterwards. The glue throws a plain Error for
 * an inconsistency that it detects, and a stack overflow is a RangeError.
 */
export const isTrap = (error) =>
  error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.constructor === Error;

/** Throws the error of an invalid argument. */
export function invalidArgument(name, expected) {
  throw new ImdsError('input', `${name}: expected ${expected}`);
}

/** The error of a call on a freed object. */
export const freedError = (type) => new ImdsError('freed', `this ${type} is freed: create another one`);
