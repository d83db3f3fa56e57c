// @ts-check

/** An error of the CLI: printed after an empty line unless `bare`, with exit status 255. */
export class AwsError extends Error {
  /** @param {string} message @param {boolean} [bare] */
  constructor(message, bare = false) {
    super(message);
    this.bare = bare;
  }
}
/** An error of the argument parser: printed after the usage, with exit status 2. */
export class UsageError extends Error {}
