// @ts-check
// Separates a single curl command from text that only a shell can run.

import { parse } from './shell/parse.js';

/**
 * Whether the text has several commands, variables, substitutions, pipes or prompts. Such text must
 * not be reduced to its first curl command.
 * @param {string} text
 */
export function needsShell(text) {
  const line = text.trim().replace(/^[$#]\s/, '');
  if (/^\[[^\]\s]*@[^\]]*\][$#]/m.test(line)) return true;
  let list;
  try {
    list = parse(line);
  } catch {
    return false;
  }
  const commands = list.flatMap(({ pipe }) => pipe);
  const [first] = commands;
  const isPlain = commands.length === 1 && !list[0].not && !list[0].background && first.type === 'simple' && !first.assigns.length && !first.redirects.length
    && first.words.every((word) => word.every((part) => 'text' in part));
  return !isPlain && /\bcurl\b/.test(line);
}
