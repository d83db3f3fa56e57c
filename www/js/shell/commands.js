// @ts-check
// The programs of the shell. Those that the article does not use are loaded at first use.

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
 * Programs of a module that is loaded at first use.
 * @param {() => Promise<Record<string, any>>} load
 * @param {string} names
 * @returns {Record<string, Program>}
 */
const lazy = (load, names) => Object.fromEntries(names.split(' ').map((name) => [name, async (io) => (await load()).PROGRAMS[name](io)]));

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
    if (!inside.length) {
      io.note('docker.usage');
      return 127;
    }
    io.note(container ? 'docker.bridge' : 'docker.host');
    return io.run(inside, { container });
  },
  env(io) {
    const words = [...io.args];
    /** @type {Record<string, string>} */ const variables = {};
    while (/^[A-Za-z_]\w*=/.test(words[0] ?? '')) {
      const [all, name] = /** @type {RegExpExecArray} */ (/^(\w+)=/.exec(words[0]));
      variables[name] = /** @type {string} */ (words.shift()).slice(all.length);
    }
    if (words[0]?.startsWith('-')) {
      io.err(`env: invalid option -- '${words[0].slice(1)}'\n`);
      io.note('unknown.option', 'env', words[0]);
      return 125;
    }
    if (words.length) return io.run(words, { variables });
    io.out([...io.variables, ...Object.entries(variables)].map(([name, value]) => `${name}=${value}\n`).join(''));
    return 0;
  },
  /** Lists what this shell supports, from the tables that implement it. */
  async help(io) {
    const { help } = await import('./help.js');
    return help(io);
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
    const flags = io.args.join('').replace(/-/g, '');
    if (/[^ugn]/.test(flags)) io.note('unknown.option', 'id', io.args.join(' '));
    io.out(!flags ? 'uid=0(root) gid=0(root) groups=0(root)\n' : flags.includes('n') ? 'root\n' : '0\n');
    return 0;
  },
  sleep(io) {
    /** @type {Record<string, number>} */ const units = { s: 1, m: 60, h: 3600, d: 86400 };
    const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(io.args[0] ?? '') ?? [];
    if (!number) {
      io.err(io.args.length ? `sleep: invalid time interval ‘${io.args[0]}’\nTry 'sleep --help' for more information.\n` : "sleep: missing operand\nTry 'sleep --help' for more information.\n");
      return 1;
    }
    try {
      io.session.advance(Number(number) * (units[unit] ?? 1) * 1000);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      io.note('limit.clock');
      return 1;
    }
    io.note('sleep', new Date(io.session.now()).toISOString().slice(11, 19));
    return 0;
  },
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
  whoami(io) {
    io.out('root\n');
    return 0;
  },
};
Object.assign(
  COMMANDS,
  lazy(() => import('./tools/text.js'), 'base64 cut egrep fgrep grep head nl paste rev seq sort tac tail tee tr uniq wc xargs'),
  lazy(() => import('./tools/files.js'), 'basename chmod chown cp dirname find ls mkdir mktemp mv realpath rm touch'),
  lazy(() => import('./tools/sed.js'), 'sed'),
  lazy(() => import('./tools/awk.js'), 'awk gawk mawk'),
  lazy(() => import('./tools/jq.js'), 'jq'),
  lazy(() => import('./tools/ec2-metadata.js'), 'ec2-metadata ec2metadata'),
  lazy(() => import('./tools/system.js'), 'apt apt-get bash dnf logger nohup service sh sudo systemctl time timeout wget which yum'),
);
COMMANDS.curl.words = () => ['-X', '-H', '-v', '-s', '-i', '-I', '-o', '-w', '-d', '-f', '--max-time', 'PUT', 'http://169.254.169.254/latest/meta-data/', 'http://169.254.169.254/latest/api/token'];
COMMANDS.aws.words = (/** @type {string} */ text) => cli?.awsWords(text) ?? ['ec2', 'describe-instances', '--version'];
/** Loaded at first use. @type {typeof import('./aws.js') | undefined} */
let cli;

/** @param {Io} io */
const fullName = (io) => `${io.shell.hostname}.ap-northeast-1.compute.internal`;
