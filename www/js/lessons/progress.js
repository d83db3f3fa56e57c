// @ts-check
// Which goals were reached: once reached, a goal stays so until its lesson is begun anew. Kept in the browser.

import { createShells } from '../shell/shell.js';
import { commandIn, LAUNCH, LESSONS } from './lessons.js';

/** @typedef {import('./lessons.js').Lesson} Lesson @typedef {import('../world.js').World} World */
/** @typedef {{ getItem(key: string): string | null, setItem(key: string, value: string): void }} Store */
const KEY = 'imds.lessons';

/** @param {{ world: World, store?: Store | null }} init */
export function createProgress({ world, store = null }) {
  /** @type {Record<string, string[]>} */ let reached = {};
  /** @type {string[]} */ let skipped = [];
  /** From where a lesson counts. @type {Record<string, { exchanges: number, log: number }>} */ const from = {};
  try {
    const kept = JSON.parse(store?.getItem(KEY) ?? '{}');
    for (const { id, goals } of LESSONS) if (Array.isArray(kept.reached?.[id])) reached[id] = kept.reached[id].filter((/** @type {any} */ it) => Object.hasOwn(goals, it));
    if (Array.isArray(kept.skipped)) skipped = LESSONS.map(({ id }) => id).filter((id) => kept.skipped.includes(id));
  } catch {
    reached = {};
  }
  const keep = () => {
    try {
      store?.setItem(KEY, JSON.stringify({ reached, skipped }));
    } catch {
      // A full or forbidden store: the progress lasts as long as the page.
    }
  };

  const progress = {
    /** The goals that this lesson has reached. @param {Lesson} lesson */
    reached: ({ id }) => reached[id] ?? [],
    /** @param {Lesson} lesson @returns {'done' | 'skipped' | 'begun' | 'new'} */
    state(lesson) {
      const { length } = progress.reached(lesson);
      if (length === Object.keys(lesson.goals).length) return 'done';
      return skipped.includes(lesson.id) ? 'skipped' : length ? 'begun' : 'new';
    },
    /** Looks at the world, and gives the goals that are reached only now. @param {Lesson} lesson @returns {string[]} */
    look(lesson) {
      const start = from[lesson.id] ?? { exchanges: 0, log: 0 };
      if (start.exchanges > world.exchanges.length) start.exchanges = start.log = 0;
      const seen = { world, entries: world.exchanges.slice(start.exchanges), log: world.log.slice(start.log), before: world.log.slice(0, start.log) };
      const now = Object.keys(lesson.goals).filter((goal) => !progress.reached(lesson).includes(goal) && lesson.goals[goal](seen));
      if (now.length) {
        reached[lesson.id] = [...progress.reached(lesson), ...now];
        keep();
      }
      return now;
    },
    /** @param {Lesson} lesson */
    skip({ id }) {
      if (!skipped.includes(id)) skipped.push(id);
      keep();
    },
    /** Whether the world has what the lesson builds on. @param {Lesson} lesson */
    ready({ needs }) {
      const { test } = world.hosts;
      if (!needs) return true;
      return test !== null && (needs === 'test' || world.imds.options({ instance: test.id }).http_tokens === 'required');
    },
    /** Gives the world what the lesson builds on: what earlier ones set up is done, where it is not. @param {Lesson} lesson */
    async prepare(lesson) {
      const shells = createShells({ world });
      for (const { steps } of LESSONS.slice(0, LESSONS.indexOf(lesson))) {
        for (const step of steps) {
          const wanted = 'command' in step && step.sets && !(step.command === LAUNCH && world.hosts.test);
          if (wanted) await shells[step.host].run(commandIn(step.command, world));
        }
      }
    },
    /** Forgets what the lesson has reached, and brings the world to where it begins. @param {Lesson} lesson */
    async begin(lesson) {
      delete reached[lesson.id];
      skipped = skipped.filter((id) => id !== lesson.id);
      world.reset();
      await progress.prepare(lesson);
      from[lesson.id] = { exchanges: world.exchanges.length, log: world.log.length };
      keep();
    },
    /** Forgets everything. */
    forget() {
      reached = {};
      skipped = [];
      keep();
    },
  };
  return progress;
}
/** @typedef {ReturnType<typeof createProgress>} Progress */
