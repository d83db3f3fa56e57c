// @ts-check
// Programs that run other commands, and those of an instance that have no effect here.

import { readOptions, tool, ToolError } from './options.js';

/** @typedef {import('../shell.js').Io} Io */

/** `bash FILE …`, `bash -c TEXT …`, `bash -s` and a script on stdin. @param {Io} io */
async function shell(io) {
  const args = [...io.args];
  let before = '';
  while (/^[-+]./.test(args[0] ?? '') && args[0] !== '-c' && args[0] !== '-s' && args[0] !== '--') {
    const flag = /** @type {string} */ (args.shift());
    if (flag.endsWith('c') && /^-[euxl]*c$/.test(flag)) {
      args.unshift('-c');
      before += flag.length > 2 ? `set ${flag.slice(0, -1)}\n` : '';
      break;
    }
    if (/^-[eux]+$/.test(flag)) before += `set ${flag}\n`;
    else if (flag === '-o') before += `set -o ${args.shift()}\n`;
    else if (!/^--?(?:l|i|login|norc|noprofile|posix)$/.test(flag)) throw new ToolError(`${flag}: invalid option`, flag, 2);
  }
  if (args[0] === '-c') return io.script(before + (args[1] ?? ''), [args[2] ?? 'bash', ...args.slice(3)]);
  if (args[0] === '-s' || args[0] === '--' || !args.length) return io.script(before + io.stdin, ['bash', ...args.slice(1)]);
  const text = io.files.get(args[0]);
  if (text === undefined) throw new ToolError(`${args[0]}: No such file or directory`, undefined, 127);
  return io.script(before + text, args);
}

/** Runs the rest of the arguments. @param {string} name @param {string} short @param {number} [skip] words before the command */
const runs = (name, short, skip = 0) => tool(name, 1, async (io) => {
  let at = 0;
  while (io.args[at]?.startsWith('-')) {
    const word = io.args[at];
    if (!word.startsWith('--') && !short.includes(word[1])) throw new ToolError(`invalid option -- '${word[1]}'`, word);
    at += short[short.indexOf(word[1]) + 1] === ':' && word.length === 2 ? 2 : 1;
  }
  /** @type {Record<string, string>} */ const variables = {};
  while (name === 'sudo' && /^[A-Za-z_]\w*=/.test(io.args[at] ?? '')) {
    const [all, key] = /** @type {RegExpExecArray} */ (/^(\w+)=/.exec(io.args[at]));
    variables[key] = io.args[at].slice(all.length);
    at += 1;
  }
  const command = io.args.slice(at + skip);
  if (!command.length) return 0;
  return io.run(command, Object.keys(variables).length ? { variables } : {});
});

/** wget, as the request that curl sends for it. */
const wget = tool('wget', 1, async (io) => {
  const args = io.args.map((it) => it.replace(/^-nv$/, '-q'));
  const { options, all, words } = readOptions(args, 'qO:T:t:h:m:b:U:', { quiet: 'q', 'output-document': 'O', timeout: 'T', tries: 't', header: 'h', method: 'm', 'body-data': 'b', 'post-data': 'b', 'user-agent': 'U' });
  if (!words.length) throw new ToolError('missing URL');
  for (const url of words) {
    const file = options.O === undefined ? url.split(/[?#]/)[0].split('/').pop() || 'index.html' : `${options.O}`;
    const method = options.m ?? (options.b === undefined ? undefined : 'POST');
    const curl = ['curl', '-s', '-f', '-A', `${options.U ?? 'Wget/1.14 (linux-gnu)'}`, ...(method === undefined ? [] : ['-X', `${method}`]), ...(all.h ?? []).flatMap((it) => ['-H', it]),
      ...(options.b === undefined ? [] : ['--data-raw', `${options.b}`]), ...(options.T === undefined ? [] : ['--max-time', `${options.T}`]), ...(file === '-' ? [] : ['-o', file]), url];
    const exit = await io.run(curl);
    if (!options.q) io.note('wget.quiet');
    // The server answered with an error, or not at all.
    if (exit) return exit === 22 ? 8 : 4;
  }
  return 0;
});

/** There are no packages, services and logs here. @param {Io} io @param {string} name */
const nothing = (io, name) => {
  io.note('no.packages', name);
  return 0;
};

export const PROGRAMS = {
  bash: tool('bash', 2, shell),
  sh: tool('sh', 2, shell),
  sudo: runs('sudo', 'EHnu:iSg:'),
  nohup: runs('nohup', ''),
  wget,
  timeout: runs('timeout', 'k:s:', 1),
  time: tool('time', 1, async (io) => {
    const exit = io.args.length ? await io.run(io.args) : 0;
    io.err('\nreal\t0m0.006s\nuser\t0m0.003s\nsys\t0m0.002s\n');
    return exit;
  }),
  which: tool('which', 1, async (io) => {
    const { COMMANDS } = await import('../commands.js');
    let exit = 0;
    for (const name of io.args) {
      if (Object.hasOwn(COMMANDS, name)) io.out(`/usr/bin/${name}\n`);
      else {
        io.err(`/usr/bin/which: no ${name} in (${io.variables.get('PATH') ?? ''})\n`);
        exit = 1;
      }
    }
    return exit;
  }),
  ...Object.fromEntries(['apt', 'apt-get', 'dnf', 'logger', 'service', 'systemctl', 'yum'].map((name) => [name, (/** @type {Io} */ io) => nothing(io, name)])),
};
