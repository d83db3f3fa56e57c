// The first screen's recording and its replay by `imds/core`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Imds } from '../../pkg/js/core-node.js';
import { recorded } from '../replay.mjs';
import recording from '../js/start/recording.js';
import { replay } from '../js/start/replay.js';
import de from '../strings/de/start.js';
import en from '../strings/en/start.js';

const golden = (name) => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
const frames = replay(recording, (init) => new Imds(init));
const messages = frames.flatMap(({ messages }) => messages);

test('the recording is what the shell and the whole engine give today', async () => {
  assert.equal(await recorded(), readFileSync(new URL('../js/start/recording.js', import.meta.url), 'utf8'));
});

test('the core in the page decides as the whole engine did', () => {
  const decisions = recording.steps.flatMap(({ requests }) => requests ?? []).map(({ status, rule }) => ({ status, rule }));
  assert.deepEqual(messages.map(({ status, rule }) => ({ status, rule })), decisions);
});

test('the replay goes from 200 and 313 bytes to 401 and 343 bytes', () => {
  assert.deepEqual(messages.map(({ line, token, status, bytes }) => [line, token, status, bytes]), [
    ['GET /latest/meta-data/', false, 200, 313],
    ['PUT /latest/api/token', false, 200, 56],
    ['GET /latest/meta-data/', true, 200, 313],
    ['GET /latest/meta-data/', false, 401, 343],
  ]);
});

test('its commands and its outputs are those of the article', () => {
  // Tokens and times differ, and so do the prompts of continued lines.
  const plain = (text) => text.replace(/\d\d:\d\d:\d\d GMT/, 'TIME').replace(/AQAA[\w-]{50}[\w=-]{2}/g, 'TOKEN').replace(/^(\[root@\S+ ~\]# |> |\s+)/, '').trimEnd();
  const linesOf = (name) => new Set(golden(name).split('\n').map(plain));
  const [commands, outputs] = [linesOf('article-commands.txt'), linesOf('article.txt')];
  for (const { command, lines } of frames) {
    for (const line of command.command.split('\n')) assert.ok(commands.has(plain(line)), line);
    // The article leaves out the launch's output.
    if (command.command.includes('run-instances')) continue;
    for (const { text } of lines) assert.ok(outputs.has(plain(text)), text);
  }
});

test('German has each string of the first screen', () => assert.deepEqual(Object.keys(de), Object.keys(en)));
