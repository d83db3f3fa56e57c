// @ts-check
// `help`: what the terminal supports, from the tables that implement it.

import { awsCommands } from './aws.js';
import { BUILTINS } from './builtins.js';
import { COMMANDS } from './commands.js';
import { CONSTRUCTS } from './parse.js';
import { optionNames } from './request.js';

/** @param {import('./shell.js').Io} io */
export function help(io) {
  io.note('help', Object.keys(COMMANDS).sort().join(' '), Object.keys(BUILTINS).sort().join(' '));
  io.note('help.syntax', CONSTRUCTS.join('  '));
  io.note('help.curl', optionNames().join(' '));
  io.note('help.aws', awsCommands().join(', '));
  return 0;
}
