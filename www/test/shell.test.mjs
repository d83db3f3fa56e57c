// The shell: its grammar, what people paste, and curl and aws as they were.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { FLEET, golden, LAUNCH, START } from './shell-common.mjs';
import { createWorld } from '../js/world.js';
import { createShells } from '../js/shell/shell.js';

const fresh = (launch = true) => {
  const world = createWorld({ fleet: FLEET, seed: '2a', start: START });
  if (launch) world.imds.ec2(LAUNCH);
  return { world, ...createShells({ world }) };
};
const printed = (made, notes = false) => made.output.filter(({ stream }) => notes || stream !== 'note').map(({ text }) => text).join('');

test('curl prints what curl 7.61.1 printed', async () => {
  const blocks = golden('curl.txt').split(/^(?=(?:cli|test|far)\$ )/m).slice(1);
  assert.ok(blocks.length > 40);
  // What depends on how long it took.
  const timeless = (text) => text.replace(/^( *\d+ +\S+ +\d+ +\S+ +\d+ +\S+) .*$/gm, '$1 …').replace(/after \d+ milliseconds/g, 'after … milliseconds');
  const wrong = [];
  for (const block of blocks) {
    const [, who, command, expected] = /^(\w+)\$ (.*)\n([^]*)$/.exec(block);
    const { cli, test: inner } = fresh();
    const made = await (who === 'test' ? inner : cli).run(who === 'far' ? `docker run amazonlinux ${command}` : command);
    const text = printed(made);
    const actual = `${text}${text && !text.endsWith('\n') ? '\n\\ no newline\n' : ''}[${made.exit}]\n`;
    if (timeless(actual) !== timeless(expected)) wrong.push([`${who}$ ${command}`, timeless(actual), timeless(expected)]);
  }
  for (const [command, actual, expected] of wrong) assert.equal(actual, expected, `${command}, one of ${wrong.length}`);
});
