// @ts-check
// Splits pasted text into commands: either plain commands, or a piece of a terminal with prompts,
// `> ` before continued lines, and output.

import { lineEnd } from './parse.js';

/** For example `[root@ip-10-0-0-74 ~]# `, `user@host:~$ ` or `$ `. A lone `#` starts a comment. */
const PROMPT = /^(?:\[[^\]\s]*@([^\]\s]+)[^\]]*\][$#]|[\w.-]+@([\w.-]+):[^$#\s]*[$#]|\$)(?: |$)/;

/**
 * A command, the host in its prompt, and the number of output lines omitted after it.
 * @typedef {{ text: string, host: string | null, omitted: number }} Pasted
 */

/** The command lines of a script. @param {string} text @returns {string[]} */
function linesOf(text) {
  const commands = [];
  for (let at = 0; at < text.length; ) {
    const { end } = lineEnd(text, at);
    commands.push(text.slice(at, end).replace(/\n+$/, '').replace(/^\n+/, ''));
    at = Math.max(end, at + 1);
  }
  return commands.filter((it) => it.trim());
}

/** @param {string} paste @param {(word: string) => boolean} isCommand @returns {Pasted[]} */
export function commandsOf(paste, isCommand) {
  const text = paste.replace(/\r\n?/g, '\n').replace(/\u00a0/g, ' ');
  const lines = text.split('\n');
  if (!lines.some((line) => PROMPT.test(line))) return linesOf(text).map((it) => ({ text: it, host: null, omitted: 0 }));
  /** @type {Pasted[]} */ const commands = [];
  for (let at = 0; at < lines.length; ) {
    const prompt = PROMPT.exec(lines[at]);
    let next = at + 1;
    while (next < lines.length && !PROMPT.test(lines[next])) next += 1;
    const [, assigns, word] = /^\s*([A-Za-z_]\w*=)?(\S*)/.exec(lines[at]) ?? [];
    // The first line of a selection may lack its prompt.
    if (prompt || assigns || isCommand(word)) {
      const first = lines[at].slice(prompt?.[0].length ?? 0);
      // The lines up to the next prompt are the rest of the command, then its output.
      const block = [first, ...lines.slice(at + 1, next).map((line) => line.replace(/^> ?/, ''))].join('\n');
      const { end } = lineEnd(block);
      const command = first.trim() ? block.slice(0, end).replace(/\n$/, '') : first;
      const used = command.split('\n').length;
      const omitted = lines.slice(at + used, next).filter((line) => line.trim()).length;
      if (command.trim()) commands.push({ text: command, host: prompt ? prompt[1] ?? prompt[2] ?? null : null, omitted });
      else if (commands.length) commands[commands.length - 1].omitted += omitted;
    }
    at = next;
  }
  return commands;
}

/** Whether the last command needs another line. @param {string} typed */
export function isUnfinished(typed) {
  const last = commandsOf(typed, () => true).at(-1);
  return !!last && lineEnd(last.text).incomplete;
}
