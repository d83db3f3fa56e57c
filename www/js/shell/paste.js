// @ts-check
// What people paste: commands alone, or a piece of a terminal with prompts, the `> ` of lines that go on, and output.

import { isIncomplete } from './parse.js';

/** `[root@ip-10-0-0-74 ~]# `, `user@host:~$ `, `$ `. The `#` alone begins a comment, not a command. */
const PROMPT = /^(?:\[[^\]\s]*@([^\]\s]+)[^\]]*\][$#]|[\w.-]+@([\w.-]+):[^$#\s]*[$#]|\$)(?: |$)/;

/** @typedef {{ text: string, host: string | null, left: number }} Pasted a command, whose prompt it came with, how many lines of output behind it were left out */

/** @param {string} paste @param {(word: string) => boolean} known whether there is a command of that name @returns {Pasted[]} */
export function commandsOf(paste, known) {
  const lines = paste.replace(/\r\n?/g, '\n').replace(/\u00a0/g, ' ').split('\n');
  const terminal = lines.some((line) => PROMPT.test(line));
  /** @type {Pasted[]} */ const commands = [];
  for (let at = 0; at < lines.length; at += 1) {
    const prompt = PROMPT.exec(lines[at]);
    const [, assigns, word] = /^\s*([A-Za-z_]\w*=)?(\S*)/.exec(lines[at]) ?? [];
    // The first line may have lost its prompt: it is a command where it looks like one.
    if (terminal && !prompt && (at > 0 || !(assigns || known(word)))) {
      const last = commands.at(-1);
      if (last && lines[at].trim()) last.left += 1;
      continue;
    }
    let text = lines[at].slice(prompt?.[0].length ?? 0);
    while (isIncomplete(text) && at + 1 < lines.length && !PROMPT.test(lines[at + 1])) {
      at += 1;
      text += `\n${lines[at].replace(/^> ?/, '')}`;
    }
    if (text.trim()) commands.push({ text, host: prompt ? prompt[1] ?? prompt[2] ?? null : null, left: 0 });
  }
  return commands;
}

/** Whether a shell would ask for another line before it ran that. @param {string} typed */
export function goesOn(typed) {
  const last = commandsOf(typed, () => true).at(-1);
  return !!last && isIncomplete(last.text);
}
