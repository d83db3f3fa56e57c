// @ts-check
// Splits pasted text into commands: either plain commands, or a piece of a terminal with prompts,
// `> ` before continued lines, and output.

import { isIncomplete } from './parse.js';

/** For example `[root@ip-10-0-0-74 ~]# `, `user@host:~$ ` or `$ `. A lone `#` starts a comment. */
const PROMPT = /^(?:\[[^\]\s]*@([^\]\s]+)[^\]]*\][$#]|[\w.-]+@([\w.-]+):[^$#\s]*[$#]|\$)(?: |$)/;

/**
 * A command, the host in its prompt, and the number of output lines omitted after it.
 * @typedef {{ text: string, host: string | null, omitted: number }} Pasted
 */

/** @param {string} paste @param {(word: string) => boolean} isCommand @returns {Pasted[]} */
export function commandsOf(paste, isCommand) {
  const lines = paste.replace(/\r\n?/g, '\n').replace(/\u00a0/g, ' ').split('\n');
  const terminal = lines.some((line) => PROMPT.test(line));
  /** @type {Pasted[]} */ const commands = [];
  for (let at = 0; at < lines.length; at += 1) {
    const prompt = PROMPT.exec(lines[at]);
    const [, assigns, word] = /^\s*([A-Za-z_]\w*=)?(\S*)/.exec(lines[at]) ?? [];
    // The first line of a selection may lack its prompt.
    if (terminal && !prompt && (at > 0 || !(assigns || isCommand(word)))) {
      const last = commands.at(-1);
      if (last && lines[at].trim()) last.omitted += 1;
      continue;
    }
    let text = lines[at].slice(prompt?.[0].length ?? 0);
    while (isIncomplete(text) && at + 1 < lines.length && !PROMPT.test(lines[at + 1])) {
      at += 1;
      text += `\n${lines[at].replace(/^> ?/, '')}`;
    }
    if (text.trim()) commands.push({ text, host: prompt ? prompt[1] ?? prompt[2] ?? null : null, omitted: 0 });
  }
  return commands;
}

/** Whether the last command needs another line. @param {string} typed */
export function isUnfinished(typed) {
  const last = commandsOf(typed, () => true).at(-1);
  return !!last && isIncomplete(last.text);
}
