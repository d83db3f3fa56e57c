// The lessons: their commands reach all goals, and each goal requires one of them.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { FLEET, golden } from './shell-common.mjs';
import { createSession } from '../js/session.js';
import { createShells } from '../js/shell/shell.js';
import { commandIn, LESSONS } from '../js/lessons/lessons.js';
import { createProgress } from '../js/lessons/progress.js';
import { stepsDone } from '../js/lessons/steps.js';
import de from '../strings/de/lessons.js';
import en from '../strings/en/lessons.js';

const memory = (items = {}) => ({ items, getItem: (key) => items[key] ?? null, setItem: (key, value) => (items[key] = value) });
const start = (store = null) => {
  const session = createSession({ fleet: FLEET });
  return { session, shells: createShells({ session }), progress: createProgress({ session, store }) };
};
const commands = ({ steps }) => steps.filter((step) => 'command' in step);
/** Runs a lesson's commands, and updates the progress after each change like the page. */
const type = async ({ session, shells, progress }, lesson, steps = commands(lesson)) => {
  const end = session.subscribe(() => progress.update(lesson));
  let text = '';
  for (const { host, command } of steps) {
    const { blocks } = await shells[host].run(command);
    for (const block of blocks) {
      text += `${block.prompt}${block.text}\n`;
      // A note starts a new line, as on the page.
      for (const it of block.output) text = it.stream === 'note' ? `${text.replace(/\n?$/, '\n')}${it.text.replace(/^/gm, '## ').replace(/## $/, '')}` : text + it.text;
      text = text.replace(/\n?$/, '\n');
    }
  }
  end();
  return text;
};

test('ten lessons have strings for every step and goal in both languages', () => {
  assert.equal(LESSONS.length, 10);
  const used = LESSONS.flatMap(({ id, steps, goals }) => ['title', 'end', 'challenge', 'hint', ...steps.map((_, at) => at + 1), ...Object.keys(goals)].map((it) => `${id}.${it}`));
  for (const strings of [en, de]) {
    for (const key of used) assert.ok(strings[key], key);
    for (const key of Object.keys(strings)) assert.ok(!/^(?!finale\.|later\.)\w+\.(?!confirm|test|required)/.test(key) || used.includes(key), `${key} is unused`);
  }
  for (const key of Object.keys(en)) assert.equal(en[key].split('`').length, de[key]?.split('`').length, `${key}: code`);
});

test('the commands of all lessons finish them in one session', async () => {
  const all = start();
  let text = '# What the lessons’ commands print. `##` is said by the shell itself, by the key of its words.\n';
  for (const lesson of LESSONS) {
    assert.ok(all.progress.isReady(lesson), lesson.id);
    text += `\n# ${lesson.id}\n${await type(all, lesson)}`;
    assert.equal(all.progress.state(lesson), 'done', `${lesson.id} reached ${all.progress.reached(lesson)}`);
  }
  if (process.env.BLESS) writeFileSync(new URL('golden/lessons.txt', import.meta.url), text);
  assert.equal(text, golden('lessons.txt'));
});

test('after a reset each lesson has no goals reached, and its commands finish it', async () => {
  for (const lesson of LESSONS) {
    const all = start();
    await all.progress.reset(lesson);
    assert.ok(all.progress.isReady(lesson), lesson.id);
    assert.deepEqual(all.progress.update(lesson), [], lesson.id);
    await type(all, lesson);
    assert.equal(all.progress.state(lesson), 'done', lesson.id);
  }
});

test('each goal requires one of the commands', async () => {
  for (const lesson of LESSONS) {
    const steps = commands(lesson);
    for (const goal of Object.keys(lesson.goals)) {
      const needed = [];
      for (const step of steps) {
        const all = start();
        await all.progress.reset(lesson);
        await type(all, lesson, steps.filter((it) => it !== step));
        if (!all.progress.reached(lesson).includes(goal)) needed.push(step);
      }
      assert.ok(needed.length, `${lesson.id}.${goal} requires none of the commands`);
    }
  }
});

test('the solution of each challenge solves it after the lesson, and nothing before does', async () => {
  for (const lesson of LESSONS) {
    const all = start();
    await all.progress.reset(lesson);
    await type(all, lesson);
    assert.ok(!all.progress.isSolved(lesson), `${lesson.id}: solved by the steps`);
    await type(all, lesson, lesson.challenge.solution);
    assert.ok(all.progress.isSolved(lesson), lesson.id);
    assert.equal(all.progress.state(lesson), 'done', lesson.id);
  }
});

test('a step is done in whatever form its command is typed, and so are the steps before it', () => {
  for (const { id, steps } of LESSONS) {
    const done = (reached, run) => stepsDone(steps, reached, run, (it) => it);
    assert.equal(done([], []), 0, id);
    steps.forEach((step, at) => {
      const before = steps.slice(0, at).flatMap(({ goal }) => goal ?? []);
      if (step.goal) assert.equal(done([step.goal], []), at + 1, id);
      else if (step.command && (at === 0 || steps[at - 1].goal)) assert.ok(done(before, [` ${step.command.replaceAll('\n', '\n> ')}  `]) > at, id);
    });
  }
});

test('each goal of a lesson belongs to at most one step, and each goal of a step exists', () => {
  for (const { id, steps, goals } of LESSONS) {
    const named = steps.flatMap(({ goal }) => goal ?? []);
    assert.equal(new Set(named).size, named.length, id);
    for (const goal of named) assert.ok(goals[goal], `${id}.${goal}`);
  }
});

test('progress survives a reload, and a reset of the lesson clears it', async () => {
  const store = memory();
  const all = start(store);
  await type(all, LESSONS[0]);
  all.progress.skip(LESSONS[1]);
  const later = start(store);
  assert.equal(later.progress.state(LESSONS[0]), 'done');
  assert.equal(later.progress.state(LESSONS[1]), 'skipped');
  await later.progress.reset(LESSONS[0]);
  assert.equal(start(store).progress.state(LESSONS[0]), 'new');
  later.progress.clear();
  assert.equal(start(store).progress.state(LESSONS[1]), 'new');
});

test('invalid stored progress is ignored', () => {
  for (const text of ['', '{', 'null', '[]', '7', '{"reached":{"metadata":["leaf","x",3],"no":["leaf"],"v1":"role"},"skipped":["v1","v1","no"]}', '{"reached":null,"skipped":{}}']) {
    const { progress } = start(memory({ 'imds.lessons': text }));
    for (const lesson of LESSONS) for (const goal of progress.reached(lesson)) assert.ok(Object.hasOwn(lesson.goals, goal));
  }
});

test('lessons with unmet requirements are not ready', async () => {
  const all = start();
  assert.deepEqual(LESSONS.filter((lesson) => !all.progress.isReady(lesson)).map(({ id }) => id), ['options', 'require', 'refused', 'expiry', 'hops']);
});

test('the set-up of a lesson uses the running test_instance, whatever its id', async () => {
  const all = start();
  const first = LESSONS.find(({ id }) => id === 'launch').steps[0].command;
  await all.shells.cli.run(first);
  await all.shells.cli.run('aws ec2 terminate-instances --instance-ids i-034109c70aaa4b055');
  await all.shells.cli.run(first);
  const { id } = all.session.hosts.test;
  assert.notEqual(id, 'i-034109c70aaa4b055');
  for (const lesson of LESSONS.slice(4)) {
    await all.progress.prepare(lesson);
    assert.ok(all.progress.isReady(lesson), lesson.id);
    assert.equal(all.session.hosts.test.id, id);
    for (const { host, command } of commands(lesson)) assert.ok(commandIn(command, all.session).includes(id) === command.includes('i-034109c70aaa4b055'), `${host}: ${command}`);
  }
});
