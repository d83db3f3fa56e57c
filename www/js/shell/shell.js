// @ts-check
// The shell of one of the article's two hosts: runs typed and pasted text in a session.

import { BUILTINS } from './builtins.js';
import { COMMANDS } from './commands.js';
import { completions } from './complete.js';
import { Interpreter, rest } from './interpret.js';
import { commandsOf } from './paste.js';
import { Incomplete, parse, Syntax } from './parse.js';
import { PatternError } from './regex.js';
import { createState, Files, Leave, Limit, MAX_REQUESTS } from './state.js';
import { ALTERNATIVES, nearest } from './suggest.js';

/**
 * @typedef {import('../session.js').Session} Session
 * @typedef {import('../session.js').Entry} Entry
 */
/** @typedef {'cli' | 'test'} HostName */
/** @typedef {{ id: string, name: string, address: string }} Host */
/**
 * A `note` is a remark of the page, which a real shell would not print.
 * @typedef {{ stream: 'out' | 'err' | 'note', text: string }} Output
 */
/**
 * A command with its output and exchanges; `omitted` counts the pasted output lines that were
 * ignored.
 * @typedef {{ host: HostName, prompt: string, text: string, output: Output[], exit: number, omitted: number, exchanges: Entry[] }} Block
 */
/**
 * @typedef {object} Io the environment of a command
 * @property {string[]} args
 * @property {string} stdin the rest of the input, which it consumes
 * @property {boolean} tty whether stdout is the terminal
 * @property {(text: string) => void} out
 * @property {(text: string) => void} err
 * @property {(key: string, ...values: any[]) => void} note
 * @property {Session} session
 * @property {Host} host
 * @property {Files} files
 * @property {Map<string, string>} variables the exported variables
 * @property {Shell} shell
 * @property {(bytes: Uint8Array, how: { ipv6: boolean }) => Entry} send sends a request to this
 *   host's metadata service
 * @property {(args: string[], how?: { container?: boolean, input?: string, out?: (text: string) => void, variables?: Record<string, string> }) => Promise<number>} run
 *   runs another command
 * @property {(text: string, args: string[]) => Promise<number>} script runs the text of a script
 * @property {boolean} container
 */
/** @typedef {ReturnType<typeof createShell>} Shell */

const FILES = {
  '/etc/system-release': 'Amazon Linux release 2 (Karoo)\n',
  '/etc/os-release': 'NAME="Amazon Linux"\nVERSION="2"\nID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\nPRETTY_NAME="Amazon Linux 2"\n',
};
/** The article's addresses, used while a host is not running. */
const ADDRESS = { cli: '10.0.0.74', test: '10.0.0.68' };

/**
 * @param {{ session: Session, host?: HostName, peer?: () => Shell, translate?: (key: string, ...values: any[]) => string }} init
 *   `peer` is the other host's shell, which runs commands pasted with its prompt; `translate`
 *   returns the text of a note
 */
export function createShell({ session, host = 'cli', peer, translate = (key, ...values) => [key, ...values].join(' ') }) {
  /** @type {string[]} */ const history = [];
  let address = ADDRESS[host];
  let draws = 0;
  let requests = 0;
  /** @type {Entry[]} */ let exchanges = [];

  const currentHost = () => {
    const found = session.hosts[host];
    if (found) address = found.address;
    return found;
  };
  const hostname = () => `ip-${(currentHost()?.address ?? address).replace(/\./g, '-')}`;
  const isKnown = (/** @type {string} */ name) => Object.hasOwn(COMMANDS, name) || Object.hasOwn(BUILTINS, name);
  /** The name of a program without its folder. @param {string} name */
  const programName = (name) => name.replace(/^(?:\/usr(?:\/local)?)?\/s?bin\/(?=[^/]+$)/, '');

  /** @param {string[]} words @param {import('./interpret.js').Sink} sink @returns {Promise<number>} */
  async function program([typed, ...args], sink) {
    const name = programName(typed);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    const where = currentHost();
    if (!command) {
      const missing = name.includes('/');
      sink.err(`-bash: ${typed}: ${missing ? 'No such file or directory' : 'command not found'}\n`);
      const near = nearest(name, [...Object.keys(COMMANDS), ...Object.keys(BUILTINS)]);
      if (ALTERNATIVES[name]) sink.note(ALTERNATIVES[name], name);
      else if (!missing) sink.note(near ? 'unknown' : 'unknown.far', name, near);
      return 127;
    }
    if (!where) {
      sink.note(`host.${host}`, address);
      return 255;
    }
    const { state } = interpreter;
    /** @type {Io} */ const io = {
      args, tty: sink.tty, out: sink.out, err: sink.err, note: sink.note, session, host: where, files, shell, container: !!sink.container,
      variables: interpreter.environment(),
      get stdin() {
        return rest(sink.input);
      },
      send(bytes, { ipv6 }) {
        if ((requests += 1) > MAX_REQUESTS) throw new Limit('limit.requests', MAX_REQUESTS);
        const peerAddress = ipv6 ? { peer: 'fd00:ec2::1' } : {};
        const entry = session.send(bytes, { instance: where.id, ...peerAddress, ...(sink.container ? { hops: 2 } : {}) });
        exchanges.push(entry);
        return entry;
      },
      async run(words, { input, out, variables, ...how } = {}) {
        await interpreter.step();
        const to = { ...sink, ...how, ...(out ? { out, tty: false } : {}), ...(input === undefined ? {} : { input: { text: input, at: 0 } }) };
        if (!variables) return interpreter.invoke(words, to);
        return interpreter.subshell(() => {
          for (const [it, value] of Object.entries(variables)) {
            interpreter.state.variables.set(it, value);
            interpreter.state.exported.add(it);
          }
          return interpreter.invoke(words, to);
        });
      },
      script: (text, words) => interpreter.script(text, words, sink),
    };
    const exit = await command(io);
    state.cwd = interpreter.state.cwd;
    return exit;
  }

  /** @type {Files} */ const files = new Files(FILES, () => interpreter.state.cwd);
  const interpreter = new Interpreter({
    state: createState(), files, program,
    programPath: (name) => (Object.hasOwn(COMMANDS, programName(name)) ? `/usr/bin/${programName(name)}` : undefined),
    special: (name) => ({ $: '2871', '!': '', HOSTNAME: hostname(), RANDOM: name === 'RANDOM' ? `${((shell.draw() * 16807) % 32768)}` : undefined, EPOCHSECONDS: `${Math.floor(session.now() / 1000)}`, SECONDS: `${Math.floor((session.now() - session.start) / 1000)}`, UID: '0', EUID: '0', LINENO: '1' })[name],
  });

  /** Where the output of a block goes. @param {Block} block @returns {import('./interpret.js').Sink} */
  function sinkOf(block) {
    const add = (/** @type {Output['stream']} */ stream) => (/** @type {string} */ more) => {
      const last = block.output.at(-1);
      if (last?.stream === stream) {
        if (last.text.length + more.length > (1 << 20)) throw new Limit('limit.text');
        last.text += more;
      } else if (more) block.output.push({ stream, text: more });
    };
    const addNote = add('note');
    /** @type {Set<string>} */ const notes = new Set();
    return {
      tty: true, out: add('out'), err: add('err'), input: { text: '', at: 0 },
      // A loop repeats its notes: each is shown once.
      note: (/** @type {string} */ key, /** @type {any[]} */ ...values) => {
        const text = `${translate(key, ...values)}\n`;
        if (!notes.has(text)) addNote(text);
        notes.add(text);
      },
    };
  }

  /**
   * Runs one command line and adds its output to the block.
   * @param {string} source @param {Block} block
   * @returns {Promise<boolean>} false after `exit`
   */
  async function runLine(source, block) {
    const sink = sinkOf(block);
    const { state } = interpreter;
    try {
      await interpreter.list(parse(source), (await interpreter.redirected({ redirects: [...interpreter.kept] }, sink)) ?? sink);
      return true;
    } catch (error) {
      interpreter.state = state;
      state.exit = 2;
      if (error instanceof Incomplete) sink.err('-bash: syntax error: unexpected end of file\n');
      else if (error instanceof Syntax && error.word !== undefined) sink.err(`-bash: syntax error near unexpected token \`${error.word === '\n' || error.word === '' ? 'newline' : error.word}'\n`);
      else if (error instanceof Syntax) sink.note('syntax', error.message);
      else if (error instanceof PatternError) sink.err(`-bash: ${error.message}\n`);
      else if (error instanceof Limit) {
        state.exit = 130;
        sink.note(error.message, ...error.values);
        return error.message !== 'limit.interrupted';
      } else if (error instanceof Leave) {
        if (error.kind === 'abort') {
          state.exit = error.count;
          return true;
        }
        if (error.kind !== 'exit') {
          sink.err(`-bash: ${error.kind}: ${error.kind === 'return' ? "can only `return' from a function or sourced script" : "only meaningful in a `for', `while', or `until' loop"}\n`);
          state.exit = error.kind === 'return' ? 1 : 0;
          return true;
        }
        state.exit = error.count;
        return false;
      } else throw error;
      return true;
    } finally {
      block.exit = state.exit;
    }
  }

  const shell = {
    host,
    get prompt() {
      const { cwd } = interpreter.state;
      return `[root@${hostname()} ${cwd === '/root' ? '~' : cwd.split('/').pop() || '/'}]# `;
    },
    get hostname() {
      return hostname();
    },
    /** The commands run so far, oldest first. */
    get history() {
      return history;
    },
    files,
    /** The names of the shell's variables. */
    get variables() {
      return [...interpreter.state.variables.keys()];
    },
    /** The commands that a line can start with. */
    get commands() {
      return [...new Set([...Object.keys(COMMANDS), ...Object.keys(BUILTINS), ...interpreter.state.functions.keys()])].sort();
    },
    /** A new number on each call, in place of randomness. */
    draw: () => (draws += 1),
    /** Stops the running command, as Ctrl + C does. */
    interrupt() {
      interpreter.interrupted = true;
    },
    /**
     * Runs typed or pasted text: one command or a piece of a terminal.
     * @param {string} text
     * @param {{ pasted?: boolean }} [how] a second passes before text that was pasted
     * @returns {Promise<{ exit: number, output: Output[], exchanges: Entry[], blocks: Block[] }>}
     */
    async run(text, { pasted = false } = {}) {
      /** @type {Block[]} */ const blocks = [];
      interpreter.begin();
      requests = 0;
      const lines = commandsOf(text, isKnown);
      for (const [place, { text: source, host: at, omitted }] of lines.entries()) {
        // A second passes between the commands of a pasted terminal, and between pastes.
        if (place > 0 ? at : (at || pasted) && (history.length || peer?.().history.length)) session.advance(1000);
        const other = at && at !== hostname() ? peer?.() : undefined;
        if (other && other.hostname === at) {
          const result = await other.run(source);
          blocks.push({ ...result.blocks[0], omitted });
          continue;
        }
        if (history.at(-1) !== source) history.push(source);
        /** @type {Block} */ const block = { host, prompt: shell.prompt, text: source, output: [], exit: 0, omitted, exchanges: (exchanges = []) };
        blocks.push(block);
        if (!currentHost()) {
          block.output.push({ stream: 'note', text: `${translate(`host.${host}`, address)}\n` });
          block.exit = interpreter.state.exit = 255;
          continue;
        }
        if (await runLine(source, block)) continue;
        // `exit` and `set -e` end a pasted script, not the terminal.
        interpreter.state.options.delete('errexit');
        if (lines.length > 1 || block.exit) block.output.push({ stream: 'note', text: `${translate('ended', block.exit, lines.length - place - 1)}\n` });
        else block.output.push({ stream: 'note', text: `${translate('no.ssh', 'exit')}\n` });
        break;
      }
      interpreter.state.options.delete('errexit');
      const last = blocks.at(-1);
      // A trap of EXIT runs at the end of the pasted text.
      if (last && interpreter.state.traps.has('EXIT')) {
        const trap = /** @type {string} */ (interpreter.state.traps.get('EXIT'));
        interpreter.state.traps.delete('EXIT');
        const { exit } = last;
        await runLine(trap, last);
        last.exit = interpreter.state.exit = exit;
      }
      if (last) await interpreter.finish(sinkOf(last));
      return { exit: blocks.at(-1)?.exit ?? interpreter.state.exit, output: blocks.flatMap(({ output }) => output), exchanges: blocks.flatMap((it) => it.exchanges), blocks };
    },
    /** Completions of the last word. @param {string} text @returns {string[]} */
    complete: (text) => completions(text, shell, currentHost(), session),
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
