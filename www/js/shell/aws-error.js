// @ts-check

/** What the CLI says when it gives up, behind an empty line, and 255. `bare`: without that line. */
export class AwsError extends Error {
  /** @param {string} message @param {boolean} [bare] */
  constructor(message, bare = false) {
    super(message);
    this.bare = bare;
  }
}
/** What its argument parser says: behind the usage, and 2. */
export class UsageError extends Error {}
