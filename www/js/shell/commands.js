// @ts-check
// The commands of the shell.

import { curl } from './curl.js';

/**
 * @typedef {import('./shell.js').Io} Io
 * @typedef {((io: Io) => number | Promise<number>) & { words?: (text: string) => string[] }} Program
 */

const KERNEL = ['Linux', '4.14.193-149.317.amzn2.x86_64', '#1 SMP Thu Sep 3 19:04:44 UTC 2020'];

/**
 * @param {string} stamp for example `Sat, 26 Sep 2020 14:28:58 GMT`
 * @returns {string[]} its parts
 */
const dateParts = (stamp) => /** @type {string[]} */ (/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(stamp)).slice(1);

/**
 * The lines of the files, or of stdin.
 * @param {Io} io
 * @param {string[]} names
 * @param {string} command for errors
 */
function linesOf(io, names, command) {
  let text = names.length ? '' : io.stdin;
  for (const name of names) {
    if (!io.files.has(name)) {
      io.err(`${command}: ${name}: No such file or directory\n`);
      return null;
    }
    text += io.files.get(name);
  }
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/**
 * `head` and `tail`, with `-n 3`, `-n3` or `-3`.
 * @param {'head' | 'tail'} command
 * @returns {Program}
 */
const headOrTail = (command) => (io) => {
  let count = 10;
  const names = [];
  for (let at = 0; at < io.args.length; at += 1) {
    const [, number] = /^-n?(\d+)$/.exec(io.args[at]) ?? [];
    if (number) count = Number(number);
    else if (io.args[at] === '-n') count = Number(io.args[(at += 1)]) || 0;
    else names.push(io.args[at]);
  }
  const lines = linesOf(io, names, command);
  if (!lines) return 1;
  const kept = command === 'head' ? lines.slice(0, count) : count ? lines.slice(-count) : [];
  io.out(kept.map((line) => `${line}\n`).join(''));
  return 0;
};

/** @type {Record<string, Program>} */
export const COMMANDS = {
  async aws(io) {
    cli ??= await import('./aws.js');
    return cli.aws(io);
  },
  curl,
  cat(io) {
    if (!io.args.length) io.out(io.stdin);
    let exit = 0;
    for (const name of io.args) {
      const found = name === '-' ? io.stdin : io.files.get(name);
      if (found === undefined) {
        io.err(`cat: ${name}: No such file or directory\n`);
        exit = 1;
      } else io.out(found);
    }
    return exit;
  },
  cd(io) {
    if (!io.args.length || ['/root', '~', '.'].includes(io.args[0])) return 0;
    io.note('no.files', 'cd');
    return 1;
  },
  clear(io) {
    io.out('\u001b[H\u001b[2J');
    return 0;
  },
  date(io) {
    const [format] = io.args.filter((it) => it.startsWith('+'));
    const now = new Date(io.session.now());
    const [week, day, month, year, time] = dateParts(now.toUTCString());
    const iso = now.toISOString();
    /** @type {Record<string, string>} */ const parts = { s: `${Math.floor(io.session.now() / 1000)}`, F: iso.slice(0, 10), T: time, Y: year, m: iso.slice(5, 7), d: day, H: time.slice(0, 2), M: time.slice(3, 5), S: time.slice(6), Z: 'UTC', z: '+0000', a: week, b: month, '%': '%' };
    if (format && /%[^sFTYmdHMSZzab%]/.test(format)) io.note('unknown.option', 'date', format);
    io.out(`${format ? format.slice(1).replace(/%(.)/g, (all, letter) => parts[letter] ?? all) : `${week} ${month} ${day.replace(/^0/, ' ')} ${time} UTC ${year}`}\n`);
    return 0;
  },
  /** Runs a command in a container: one more network hop, unless it uses the host's network. */
  docker(io) {
    const [run, ...rest] = io.args;
    const words = run === 'run' ? rest : [];
    let container = true;
    while (words[0]?.startsWith('-')) {
      const word = /** @type {string} */ (words.shift());
      const [name, inline] = word.split('=');
      if (['--network', '--net', '--name', '-e', '--env'].includes(name)) {
        const value = inline ?? words.shift();
        if (name.startsWith('--net')) container = value !== 'host';
      }
    }
    const [image, ...command] = words;
    if (!image) {
      io.note('docker.usage');
      return 1;
    }
    const isCurlImage = /(^|\/)curl(:|$)/.test(image);
    const inside = isCurlImage && command[0] !== 'curl' ? ['curl', ...command] : command;
    if (!['curl', 'cat', 'echo', 'date', 'uname', 'hostname', 'true', 'false'].includes(inside[0])) {
      io.note('docker.usage');
      return 127;
    }
    io.note(container ? 'docker.bridge' : 'docker.host');
    return io.run(inside, { container });
  },
  echo(io) {
    const plain = io.args[0] === '-n' || io.args[0] === '-e';
    const text = (plain ? io.args.slice(1) : io.args).join(' ');
    io.out(`${io.args[0] === '-e' ? text.replace(/\\([nt])/g, (_, it) => (it === 'n' ? '\n' : '\t')) : text}${io.args[0] === '-n' ? '' : '\n'}`);
    return 0;
  },
  env(io) {
    io.out([...io.variables].map(([name, value]) => `${name}=${value}\n`).join(''));
    return 0;
  },
  export(io) {
    for (const word of io.args) {
      const [, name, value] = /^([A-Za-z_]\w*)(?:=([^]*))?$/.exec(word) ?? [];
      if (!name && word !== '-p') {
        io.err(`-bash: export: \`${word}': not a valid identifier\n`);
        return 1;
      }
      if (value !== undefined) io.variables.set(name, value);
    }
    return 0;
  },
  false: () => 1,
  grep(io) {
    const flags = io.args.filter((it) => it[0] === '-').join('');
    const [pattern, ...names] = io.args.filter((it) => it[0] !== '-');
    let expression;
    try {
      expression = new RegExp(pattern ?? '', flags.includes('i') ? 'i' : '');
    } catch {
      io.err('grep: Invalid regular expression\n');
      return 2;
    }
    const lines = linesOf(io, names, 'grep');
    if (!lines) return 2;
    const found = lines.filter((line) => expression.test(line) !== flags.includes('v'));
    if (!flags.includes('q')) io.out(flags.includes('c') ? `${found.length}\n` : found.map((line) => `${line}\n`).join(''));
    return found.length ? 0 : 1;
  },
  head: headOrTail('head'),
  help(io) {
    io.note('help', Object.keys(COMMANDS).sort().join(', '));
    return 0;
  },
  history(io) {
    io.out(io.shell.history.map((line, at) => `${`${at + 1}`.padStart(5)}  ${line}\n`).join(''));
    return 0;
  },
  hostname(io) {
    io.out(io.args[0] === '-I' ? `${io.host.address} \n` : `${fullName(io)}\n`);
    return 0;
  },
  id(io) {
    io.out('uid=0(root) gid=0(root) groups=0(root)\n');
    return 0;
  },
  ls(io) {
    const names = [...io.files.keys()].filter((name) => !name.startsWith('/')).sort();
    io.out(names.map((name) => `${name}\n`).join(''));
    return 0;
  },
  pwd(io) {
    io.out('/root\n');
    return 0;
  },
  sleep(io) {
    /** @type {Record<string, number>} */ const units = { s: 1, m: 60, h: 3600, d: 86400 };
    const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(io.args[0] ?? '') ?? [];
    if (!number) {
      io.err(io.args.length ? `sleep: invalid time interval ‘${io.args[0]}’\nTry 'sleep --help' for more information.\n` : "sleep: missing operand\nTry 'sleep --help' for more information.\n");
      return 1;
    }
    io.session.advance(Number(number) * (units[unit] ?? 1) * 1000);
    io.note('sleep', new Date(io.session.now()).toISOString().slice(11, 19));
    return 0;
  },
  sort(io) {
    const lines = linesOf(io, io.args.filter((it) => it[0] !== '-'), 'sort');
    if (!lines) return 2;
    io.out(lines.sort().map((line) => `${line}\n`).join(''));
    return 0;
  },
  tail: headOrTail('tail'),
  true: () => 0,
  ':': () => 0,
  uname(io) {
    const [system, release, version] = KERNEL;
    /** @type {Record<string, string>} */ const parts = { s: system, n: fullName(io), r: release, v: version, m: 'x86_64', p: 'x86_64', i: 'x86_64', o: 'GNU/Linux' };
    const flags = io.args.join('').replace(/-/g, '') || 's';
    const invalid = [...flags].find((letter) => letter !== 'a' && !parts[letter]);
    if (invalid) {
      io.err(`uname: invalid option -- '${invalid}'\nTry 'uname --help' for more information.\n`);
      return 1;
    }
    io.out(`${[...'snrvmpio'].filter((letter) => flags.includes('a') || flags.includes(letter)).map((letter) => parts[letter]).join(' ')}\n`);
    return 0;
  },
  unset(io) {
    io.args.forEach((name) => io.variables.delete(name));
    return 0;
  },
  wc(io) {
    const text = io.stdin || io.args.filter((it) => it[0] !== '-').map((name) => io.files.get(name) ?? '').join('');
    const counts = { l: text.split('\n').length - 1, w: text.split(/\s+/).filter(Boolean).length, c: new TextEncoder().encode(text).length };
    const flags = io.args.filter((it) => it[0] === '-').join('').replace(/-/g, '');
    io.out(flags ? `${[...'lwc'].filter((it) => flags.includes(it)).map((it) => counts[/** @type {'l'} */ (it)]).join(' ')}\n` : `${[counts.l, counts.w, counts.c].map((it) => `${it}`.padStart(7)).join(' ')}\n`);
    return 0;
  },
  whoami(io) {
    io.out('root\n');
    return 0;
  },
};
COMMANDS.curl.words = () => ['-X', '-H', '-v', '-s', '-i', '-I', '-o', '-w', '-d', '-f', '--max-time', 'PUT', 'http://169.254.169.254/latest/meta-data/', 'http://169.254.169.254/latest/api/token'];
COMMANDS.aws.words = (/** @type {string} */ text) => cli?.awsWords(text) ?? ['ec2', 'describe-instances', '--version'];
/** Loaded at first use. @type {typeof import('./aws.js') | undefined} */
let cli;

/** @param {Io} io */
const fullName = (io) => `${io.shell.hostname}.ap-northeast-1.compute.internal`;
