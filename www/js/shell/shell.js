// @ts-check
// The shell of one of the article's two hosts: runs parsed commands in a session.

import { COMMANDS } from './commands.js';
import { ALTERNATIVES, nearest } from './suggest.js';
import { Incomplete, parse, Syntax } from './parse.js';
import { commandsOf } from './paste.js';

/**
 * @typedef {import('../session.js').Session} Session
 * @typedef {import('../session.js').Entry} Entry
 */
/** @typedef {{ id: string, name: string, address: string }} Host */
/**
 * A `note` is a remark of the page, which a real shell would not print.
 * @typedef {{ stream: 'out' | 'err' | 'note', text: string }} Output
 */
/**
 * A command with its output and exchanges; `omitted` counts the pasted output lines that were
 * ignored.
 * @typedef {{ prompt: string, text: string, output: Output[], exit: number, omitted: number, exchanges: Entry[] }} Block
 */
/**
 * @typedef {object} Io the environment of a command
 * @property {string[]} args
 * @property {string} stdin
 * @property {boolean} tty whether stdout is the terminal
 * @property {(text: string) => void} out
 * @property {(text: string) => void} err
 * @property {(key: string, ...values: any[]) => void} note
 * @property {Session} session
 * @property {Host} host
 * @property {Map<string, string>} files
 * @property {Map<string, string>} variables
 * @property {Shell} shell
 * @property {(bytes: Uint8Array, how: { ipv6: boolean }) => Entry} send sends a request to this
 *   host's metadata service
 * @property {(args: string[], how?: { container?: boolean }) => Promise<number>} run runs another
 *   command
 * @property {boolean} container
 */
/** @typedef {ReturnType<typeof createShell>} Shell */

const RELEASE = 'Amazon Linux release 2 (Karoo)\n';
/** The article's addresses, used while a host is not running. */
const ADDRESS = { cli: '10.0.0.74', test: '10.0.0.68' };

/**
 * @param {{ session: Session, host?: 'cli' | 'test', peer?: () => Shell, translate?: (key: string, ...values: any[]) => string }} init
 *   `peer` is the other host's shell, which runs commands pasted with its prompt; `translate`
 *   returns the text of a note
 */
export function createShell({ session, host = 'cli', peer, translate = (key, ...values) => [key, ...values].join(' ') }) {
  /** @type {string[]} */ const history = [];
  const variables = new Map([['HOME', '/root'], ['USER', 'root'], ['PWD', '/root'], ['SHELL', '/bin/bash'], ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/root/bin']]);
  const files = new Map([['/etc/system-release', RELEASE], ['/etc/os-release', 'NAME="Amazon Linux"\nVERSION="2"\nID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\nPRETTY_NAME="Amazon Linux 2"\n']]);
  let address = ADDRESS[host];
  let exit = 0;
  let draws = 0;
  /** @type {Entry[]} */ let exchanges = [];

  const currentHost = () => {
    const found = session.hosts[host];
    if (found) address = found.address;
    return found;
  };
  const hostname = () => `ip-${(currentHost()?.address ?? address).replace(/\./g, '-')}`;

  /**
   * @param {import('./parse.js').Word} word
   * @param {Sink} sink
   * @returns {Promise<string[]>} its fields
   */
  async function expand(word, sink) {
    /** @type {string[]} */ const fields = [];
    let current = '';
    let open = false;
    for (const part of word) {
      if ('text' in part) {
        current += part.text;
        open = true;
        continue;
      }
      let value = 'name' in part ? valueOf(part.name) : await captured(part.list, sink);
      if (part.quoted) {
        current += value;
        open = true;
        continue;
      }
      const pieces = value.split(/[ \t\n]+/);
      pieces.forEach((piece, at) => {
        if (at > 0 && open) {
          fields.push(current);
          current = '';
          open = false;
        }
        if (piece) {
          current += piece;
          open = true;
        }
      });
    }
    if (open) fields.push(current);
    return fields;
  }
  const joined = async (/** @type {import('./parse.js').Word} */ word, /** @type {Sink} */ sink) => {
    let text = '';
    for (const part of word) text += 'text' in part ? part.text : 'name' in part ? valueOf(part.name) : await captured(part.list, sink);
    return text;
  };
  const valueOf = (/** @type {string} */ name) => ({ '?': `${exit}`, '#': '0', $: '2871', '!': '', 0: '-bash', HOSTNAME: hostname() })[name] ?? variables.get(name) ?? '';
  const captured = async (/** @type {import('./parse.js').List} */ list, /** @type {Sink} */ sink) => {
    let text = '';
    exit = await runList(list, { ...sink, tty: false, out: (more) => (text += more) });
    return text.replace(/\n+$/, '');
  };

  /** @typedef {{ tty: boolean, out: (text: string) => void, err: (text: string) => void, note: (key: string, ...values: any[]) => void, container?: boolean }} Sink */

  /** @param {import('./parse.js').List} list @param {Sink} sink */
  async function runList(list, sink) {
    for (const { after, not, pipe } of list) {
      if ((after === '&&' && exit !== 0) || (after === '||' && exit === 0)) continue;
      let stdin = '';
      for (const [at, command] of pipe.entries()) {
        const last = at === pipe.length - 1;
        let piped = '';
        exit = await runCommand(command, stdin, last ? sink : { ...sink, tty: false, out: (more) => (piped += more) });
        stdin = piped;
      }
      if (not) exit = exit ? 0 : 1;
    }
    return exit;
  }

  /** @param {import('./parse.js').Command} command @param {string} stdin @param {Sink} sink */
  async function runCommand(command, stdin, sink) {
    /** @type {Sink} */ let to = sink;
    for (const { fd, op, to: word } of command.redirects) {
      const name = (await expand(word, sink)).join(' ');
      const before = to;
      if (op === '>&') {
        if (fd === 2) to = { ...before, err: before.out };
        else to = { ...before, out: before.err };
      } else if (op === '<') {
        if (!files.has(name)) {
          sink.err(`-bash: ${name}: No such file or directory\n`);
          return 1;
        }
        stdin = files.get(name) ?? '';
      } else {
        if (name !== '/dev/null' && op === '>') files.set(name, '');
        const write = (/** @type {string} */ more) => name !== '/dev/null' && files.set(name, (files.get(name) ?? '') + more);
        to = fd === 2 ? { ...before, err: write } : { ...before, out: write, tty: false };
      }
    }
    const args = [];
    for (const word of command.words) args.push(...(await expand(word, to)));
    const status = exit;
    if (!args.length) exit = 0;
    /** @type {[string, string | undefined][]} */ const before = [];
    for (const { name, word } of command.assigns) {
      before.push([name, variables.get(name)]);
      variables.set(name, await joined(word, to));
    }
    if (!args.length) return exit;
    exit = status;
    const result = await runArgs(args, stdin, to);
    for (const [name, value] of before) value === undefined ? variables.delete(name) : variables.set(name, value);
    return result;
  }

  /** @param {string[]} args @param {string} stdin @param {Sink} sink @returns {Promise<number>} */
  async function runArgs([name, ...args], stdin, sink) {
    const where = currentHost();
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) {
      sink.err(`-bash: ${name}: command not found\n`);
      sink.note(ALTERNATIVES[name] ?? 'unknown', name, nearest(name, Object.keys(COMMANDS)));
      return 127;
    }
    if (!where) {
      sink.note(`host.${host}`, address);
      return 255;
    }
    return command({
      args, stdin, tty: sink.tty, out: sink.out, err: sink.err, note: sink.note, session, host: where, files, variables, shell, container: !!sink.container,
      send(bytes, { ipv6 }) {
        const peer = ipv6 ? { peer: 'fd00:ec2::1' } : {};
        const entry = session.send(bytes, { instance: where.id, ...peer, ...(sink.container ? { hops: 2 } : {}) });
        exchanges.push(entry);
        return entry;
      },
      run: (words, how) => runArgs(words, stdin, { ...sink, ...how }),
    });
  }

  const shell = {
    host,
    get prompt() {
      return `[root@${hostname()} ~]# `;
    },
    get hostname() {
      return hostname();
    },
    /** The commands run so far, oldest first. */
    get history() {
      return history;
    },
    /** A new number on each call, in place of randomness. */
    draw: () => (draws += 1),
    /**
     * Runs typed or pasted text: one command or a piece of a terminal.
     * @param {string} text
     * @returns {Promise<{ exit: number, output: Output[], exchanges: Entry[], blocks: Block[] }>}
     */
    async run(text) {
      /** @type {Block[]} */ const blocks = [];
      for (const [place, { text: source, host: at, omitted }] of commandsOf(text, (word) => Object.hasOwn(COMMANDS, word)).entries()) {
        // A second passes between pasted commands.
        if (place > 0 && at) session.advance(1000);
        const other = at && at !== hostname() ? peer?.() : undefined;
        if (other && other.hostname === at) {
          const result = await other.run(source);
          blocks.push({ ...result.blocks[0], omitted });
          continue;
        }
        /** @type {Block} */ const block = { prompt: shell.prompt, text: source, output: [], exit: 0, omitted, exchanges: (exchanges = []) };
        const { output } = block;
        const add = (/** @type {Output['stream']} */ stream) => (/** @type {string} */ more) => {
          const last = output.at(-1);
          if (last?.stream === stream) last.text += more;
          else if (more) output.push({ stream, text: more });
        };
        const addNote = add('note');
        const sink = { tty: true, out: add('out'), err: add('err'), note: (/** @type {string} */ key, /** @type {any[]} */ ...values) => addNote(`${translate(key, ...values)}\n`) };
        if (history.at(-1) !== source) history.push(source);
        try {
          exit = await runList(parse(source), sink);
        } catch (error) {
          exit = 2;
          if (error instanceof Incomplete) sink.err('-bash: syntax error: unexpected end of file\n');
          else if (!(error instanceof Syntax)) throw error;
          else if (error.word !== undefined) sink.err(`-bash: syntax error near unexpected token \`${error.word === '\n' ? 'newline' : error.word}'\n`);
          else sink.note('syntax', error.message);
        }
        block.exit = exit;
        blocks.push(block);
      }
      return { exit: blocks.at(-1)?.exit ?? exit, output: blocks.flatMap(({ output }) => output), exchanges: blocks.flatMap((it) => it.exchanges), blocks };
    },
    /** Completions of the last word. @param {string} text @returns {string[]} */
    complete(text) {
      const word = /\S*$/.exec(text)?.[0] ?? '';
      const first = /(?:^|[;|&`(]|\n)\s*\S*$/.test(text);
      const candidates = first ? Object.keys(COMMANDS) : [...(COMMANDS[/(\w+)[^;|&`\n]*$/.exec(text.replace(/.*[;|&`(]\s*/s, ''))?.[1] ?? '']?.words?.(text) ?? []), ...files.keys()];
      return candidates.filter((it) => it.startsWith(word) && it !== word).sort();
    },
  };
  return shell;
}

/**
 * The shells of both hosts. A command pasted with the other host's prompt runs there.
 * @param {{ session: Session, translate?: (key: string, ...values: any[]) => string }} init
 */
export function createShells({ session, translate }) {
  /** @type {{ cli: Shell, test: Shell }} */
  const shells = {
    cli: createShell({ session, translate, host: 'cli', peer: () => shells.test }),
    test: createShell({ session, translate, host: 'test', peer: () => shells.cli }),
  };
  return shells;
}
