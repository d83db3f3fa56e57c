// @ts-check
// Which steps of a lesson are done: in whatever terminal or view the reader took them.

/**
 * @typedef {import('./lessons.js').Lesson} Lesson
 * @typedef {import('./lessons.js').Step} Step
 */

/** A command without prompts of continued lines, and with single blanks. @param {string} text */
const plain = (text) => text.replace(/^> ?/gm, '').replace(/\\\n/g, ' ').replace(/\s+/g, ' ').trim();

/**
 * The number of steps that are done: all up to the last one whose goal is reached, and the commands
 * without a goal that were run directly after it.
 * @param {readonly Step[]} steps
 * @param {readonly string[]} reached the reached goals
 * @param {readonly string[]} commands what was run in the terminals
 * @param {(command: string) => string} actual the command with the ids of the session
 */
export function stepsDone(steps, reached, commands, actual) {
  const run = new Set(commands.map(plain));
  let done = steps.findLastIndex(({ goal }) => goal !== undefined && reached.includes(goal)) + 1;
  const isRun = (/** @type {Step | undefined} */ step) => step !== undefined && step.goal === undefined && 'command' in step && run.has(plain(actual(step.command)));
  while (isRun(steps[done])) done += 1;
  return done;
}
