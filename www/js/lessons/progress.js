// @ts-check
// The goals reached so far, stored in the browser. A reached goal stays reached until its lesson is
// reset.

import { createShells } from '../shell/shell.js';
import { commandIn, LAUNCH, LESSONS } from './lessons.js';

/**
 * @typedef {import('./lessons.js').Lesson} Lesson
 * @typedef {import('../session.js').Session} Session
 */
/** @typedef {{ getItem(key: string): string | null, setItem(key: string, value: string): void }} Store */
const KEY = 'imds.lessons';
/** The goal under which a reached challenge is stored. */
export const CHALLENGE = 'challenge';
/** The goals of a lesson and its challenge. @param {Lesson} lesson @returns {Lesson['goals']} */
const checksOf = ({ goals, challenge }) => ({ ...goals, [CHALLENGE]: challenge.reached });

/** @param {{ session: Session, store?: Store | null }} init */
export function createProgress({ session, store = null }) {
  /** @type {Record<string, string[]>} */ let reached = {};
  /** @type {string[]} */ let skipped = [];
  /** Where the activity of a lesson starts. @type {Record<string, { exchanges: number, log: number }>} */ const from = {};
  try {
    const stored = JSON.parse(store?.getItem(KEY) ?? '{}');
    for (const lesson of LESSONS) if (Array.isArray(stored.reached?.[lesson.id])) reached[lesson.id] = stored.reached[lesson.id].filter((/** @type {any} */ it) => Object.hasOwn(checksOf(lesson), it));
    if (Array.isArray(stored.skipped)) skipped = LESSONS.map(({ id }) => id).filter((id) => stored.skipped.includes(id));
  } catch {
    reached = {};
  }
  const save = () => {
    try {
      store?.setItem(KEY, JSON.stringify({ reached, skipped }));
    } catch {
      // Without storage, progress lasts until the page is reloaded.
    }
  };

  const progress = {
    /** The reached goals of a lesson. @param {Lesson} lesson */
    reached: ({ id }) => reached[id] ?? [],
    /** Whether the challenge of a lesson is solved. @param {Lesson} lesson */
    isSolved: (lesson) => progress.reached(lesson).includes(CHALLENGE),
    /** The state of a lesson, whose challenge does not count. @param {Lesson} lesson @returns {'done' | 'skipped' | 'started' | 'new'} */
    state(lesson) {
      const { length } = progress.reached(lesson).filter((it) => it !== CHALLENGE);
      if (length === Object.keys(lesson.goals).length) return 'done';
      return skipped.includes(lesson.id) ? 'skipped' : length ? 'started' : 'new';
    },
    /**
     * Checks the goals of a lesson; returns the newly reached ones.
     * @param {Lesson} lesson
     * @returns {string[]}
     */
    update(lesson) {
      const start = from[lesson.id] ?? { exchanges: 0, log: 0 };
      if (start.exchanges > session.exchanges.length) start.exchanges = start.log = 0;
      const activity = { session, entries: session.exchanges.slice(start.exchanges), log: session.log.slice(start.log) };
      const checks = checksOf(lesson);
      const added = Object.keys(checks).filter((goal) => !progress.reached(lesson).includes(goal) && checks[goal](activity));
      if (added.length) {
        reached[lesson.id] = [...progress.reached(lesson), ...added];
        save();
      }
      return added;
    },
    /** The number of exchanges before the activity of a lesson. @param {Lesson} lesson */
    firstExchange: ({ id }) => Math.min(from[id]?.exchanges ?? 0, session.exchanges.length),
    /** @param {Lesson} lesson */
    skip({ id }) {
      if (!skipped.includes(id)) skipped.push(id);
      save();
    },
    /** Whether the session meets the lesson's requirements. @param {Lesson} lesson */
    isReady({ needs }) {
      const { test } = session.hosts;
      if (!needs) return true;
      return test !== null && (needs === 'test' || session.imds.options({ instance: test.id }).http_tokens === 'required');
    },
    /** Runs the commands of earlier lessons that this lesson requires. @param {Lesson} lesson */
    async prepare(lesson) {
      const shells = createShells({ session });
      for (const { steps } of LESSONS.slice(0, LESSONS.indexOf(lesson))) {
        for (const step of steps) {
          const isRequired = 'command' in step && step.sets && !(step.command === LAUNCH && session.hosts.test);
          if (isRequired) await shells[step.host].run(commandIn(step.command, session));
        }
      }
    },
    /**
     * Clears the lesson's goals, and resets the session to the start of the lesson.
     * @param {Lesson} lesson
     */
    async reset(lesson) {
      delete reached[lesson.id];
      skipped = skipped.filter((id) => id !== lesson.id);
      session.reset();
      await progress.prepare(lesson);
      from[lesson.id] = { exchanges: session.exchanges.length, log: session.log.length };
      save();
    },
    /** Clears the progress of all lessons. */
    clear() {
      reached = {};
      skipped = [];
      save();
    },
  };
  return progress;
}
/** @typedef {ReturnType<typeof createProgress>} Progress */
