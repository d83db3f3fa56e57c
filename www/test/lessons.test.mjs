// The lessons: finished by their own commands, by nothing less, and begun anew where they begin.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { FLEET, golden } from './shell-common.mjs';
import { createWorld } from '../js/world.js';
import { createShells } from '../js/shell/shell.js';
import { commandIn, LESSONS } from '../js/lessons/lessons.js';
import { createProgress } from '../js/lessons/progress.js';
import de from '../strings/de/lessons.js';
import en from '../strings/en/lessons.js';

const memory = (kept = {}) => ({ kept, getItem: (key) => kept[key] ?? null, setItem: (key, value) => (kept[key] = value) });
const begin = (store = null) => {
  const world = createWorld({ fleet: FLEET });
  return { world, shells: createShells({ world }), progress: createProgress({ world, store }) };
};
const commands = ({ steps }) => steps.filter((step) => 'command' in step);
/** Types a lesson's commands, and looks after each change as the page does. */
const type = async ({ world, shells, progress }, lesson, steps = commands(lesson)) => {
  const end = world.subscribe(() => progress.look(lesson));
  let text = '';
  for (const { host, command } of steps) {
    const { blocks } = await shells[host].run(command);
    for (const block of blocks) {
      text += `${block.prompt}${block.text}\n`;
      // A note begins a line, as on the page.
      for (const it of block.output) text = it.stream === 'note' ? `${text.replace(/\n?$/, '\n')}${it.text.replace(/^/gm, '## ').replace(/## $/, '')}` : text + it.text;
      text = text.replace(/\n?$/, '\n');
    }
  }
  end();
  return text;
};

test('there are ten, each with words for all it has in both languages', () => {
  assert.equal(LESSONS.length, 10);
  const used = LESSONS.flatMap(({ id, steps, goals }) => ['title', 'end', ...steps.map((_, at) => at + 1), ...Object.keys(goals)].map((it) => `${id}.${it}`));
  for (const words of [en, de]) {
    for (const key of used) assert.ok(words[key], key);
    for (const key of Object.keys(words)) assert.ok(!/^\w+\.(?!hint|test|required)/.test(key) || used.includes(key), `${key} is said nowhere`);
  }
  for (const key of Object.keys(en)) assert.equal(en[key].split('`').length, de[key]?.split('`').length, `${key}: code`);
});

test('in one world, from the first to the last, all are finished by their commands', async () => {
  const all = begin();
  let text = '# What the lessons’ commands print. `##` is said by the shell itself, by the key of its words.\n';
  for (const lesson of LESSONS) {
    assert.ok(all.progress.ready(lesson), lesson.id);
    text += `\n# ${lesson.id}\n${await type(all, lesson)}`;
    assert.equal(all.progress.state(lesson), 'done', `${lesson.id} reached ${all.progress.reached(lesson)}`);
  }
  if (process.env.BLESS) writeFileSync(new URL('golden/lessons.txt', import.meta.url), text);
  assert.equal(text, golden('lessons.txt'));
});

test('each is finished by itself where it was begun anew, and no goal is reached before', async () => {
  for (const lesson of LESSONS) {
    const all = begin();
    await all.progress.begin(lesson);
    assert.ok(all.progress.ready(lesson), lesson.id);
    assert.deepEqual(all.progress.look(lesson), [], lesson.id);
    await type(all, lesson);
    assert.equal(all.progress.state(lesson), 'done', lesson.id);
  }
});

test('each goal is reached by one command, and without that command it is not', async () => {
  for (const lesson of LESSONS) {
    const steps = commands(lesson);
    for (const goal of Object.keys(lesson.goals)) {
      const needed = [];
      for (const step of steps) {
        const all = begin();
        await all.progress.begin(lesson);
        await type(all, lesson, steps.filter((it) => it !== step));
        if (!all.progress.reached(lesson).includes(goal)) needed.push(step);
      }
      assert.ok(needed.length, `${lesson.id}.${goal} does not need any one command`);
    }
  }
});

test('goals stay reached after a reload, and go when their lesson is begun anew', async () => {
  const store = memory();
  const all = begin(store);
  await type(all, LESSONS[0]);
  all.progress.skip(LESSONS[1]);
  const later = begin(store);
  assert.equal(later.progress.state(LESSONS[0]), 'done');
  assert.equal(later.progress.state(LESSONS[1]), 'skipped');
  await later.progress.begin(LESSONS[0]);
  assert.equal(begin(store).progress.state(LESSONS[0]), 'new');
  later.progress.forget();
  assert.equal(begin(store).progress.state(LESSONS[1]), 'new');
});

test('a progress that somebody else wrote is taken as far as it is one', () => {
  for (const text of ['', '{', 'null', '[]', '7', '{"reached":{"metadata":["leaf","x",3],"no":["leaf"],"v1":"role"},"skipped":["v1","v1","no"]}', '{"reached":null,"skipped":{}}']) {
    const { progress } = begin(memory({ 'imds.lessons': text }));
    for (const lesson of LESSONS) for (const goal of progress.reached(lesson)) assert.ok(Object.hasOwn(lesson.goals, goal));
  }
});

test('a lesson that lacks what it builds on says so', async () => {
  const all = begin();
  assert.deepEqual(LESSONS.filter((lesson) => !all.progress.ready(lesson)).map(({ id }) => id), ['options', 'require', 'refused', 'expiry', 'hops']);
});

test('what a lesson builds on is set up in the world as it is, whatever instance is the test_instance', async () => {
  const all = begin();
  const first = LESSONS.find(({ id }) => id === 'launch').steps[0].command;
  await all.shells.cli.run(first);
  await all.shells.cli.run('aws ec2 terminate-instances --instance-ids i-034109c70aaa4b055');
  await all.shells.cli.run(first);
  const { id } = all.world.hosts.test;
  assert.notEqual(id, 'i-034109c70aaa4b055');
  for (const lesson of LESSONS.slice(4)) {
    await all.progress.prepare(lesson);
    assert.ok(all.progress.ready(lesson), lesson.id);
    assert.equal(all.world.hosts.test.id, id);
    for (const { host, command } of commands(lesson)) assert.ok(commandIn(command, all.world).includes(id) === command.includes('i-034109c70aaa4b055'), `${host}: ${command}`);
  }
});
