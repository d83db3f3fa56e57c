// @ts-check
// ls, mkdir, rm and the like, on the files of the shell.

import { joinLines, readOptions, tool, ToolError } from './options.js';

/** @typedef {import('../shell.js').Io} Io */

const baseName = (/** @type {string} */ path) => path.replace(/(.)\/+$/, '$1').replace(/^.*\/(?=.)/, '');
const folderName = (/** @type {string} */ path) => {
  const cut = path.replace(/(.)\/+$/, '$1').lastIndexOf('/');
  return cut < 0 ? '.' : path.slice(0, cut) || '/';
};
/** The target of a copy: a folder takes the file's name. @param {Io} io @param {string} from @param {string} to */
const target = (io, from, to) => (io.files.isFolder(to) ? `${to.replace(/\/$/, '')}/${baseName(from)}` : to);

/** @param {'cp' | 'mv'} name */
const copy = (name) => tool(name, 1, (io) => {
  const { words } = readOptions(io.args, 'afrRpvn');
  const to = words.pop();
  if (to === undefined || !words.length) throw new ToolError(words.length || to ? `missing destination file operand after ‘${to}’` : 'missing file operand');
  for (const from of words) {
    const text = io.files.get(from);
    if (text === undefined) throw new ToolError(`cannot stat ‘${from}’: No such file or directory`);
    const path = target(io, from, to);
    const reason = io.files.unwritable(path);
    if (reason) throw new ToolError(`cannot create regular file ‘${path}’: ${reason}`);
    io.files.set(path, text);
    if (name === 'mv' && io.files.resolve(from) !== io.files.resolve(path)) io.files.delete(from);
  }
  return 0;
});

/** Accepts the names of existing files: there are no permissions and owners here. @param {string} name @param {number} skip */
const attribute = (name, skip) => tool(name, 1, (io) => {
  const words = io.args.filter((it) => !/^-[Rvf]+$/.test(it)).slice(skip);
  if (!words.length) throw new ToolError('missing operand');
  for (const word of words) if (!io.files.has(word) && !io.files.isFolder(word)) throw new ToolError(`cannot access ‘${word}’: No such file or directory`);
  return 0;
});

export const PROGRAMS = {
  basename(/** @type {Io} */ io) {
    const [path = '', suffix = ''] = io.args;
    const name = baseName(path);
    io.out(`${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
    return 0;
  },
  dirname(/** @type {Io} */ io) {
    io.out(joinLines(io.args.map(folderName)));
    return 0;
  },
  realpath(/** @type {Io} */ io) {
    io.out(joinLines(io.args.map((it) => io.files.resolve(it))));
    return 0;
  },
  cp: copy('cp'),
  mv: copy('mv'),
  chmod: attribute('chmod', 1),
  chown: attribute('chown', 1),
  ls: tool('ls', 2, (io) => {
    const { options, words } = readOptions(io.args, 'lahAd1rtRF');
    let exit = 0;
    // Files come before folders.
    const all = words.length ? [...words].sort() : ['.'];
    let printed = 0;
    for (const name of [...all.filter((it) => !io.files.isFolder(it)), ...all.filter((it) => io.files.isFolder(it))]) {
      if (!io.files.has(name) && !io.files.isFolder(name)) {
        io.err(`ls: cannot access ${name}: No such file or directory\n`);
        exit = 2;
        continue;
      }
      const names = io.files.has(name) || options.d ? [name] : io.files.list(name).filter((it) => options.a || options.A || !it.startsWith('.'));
      if (words.length > 1 && !io.files.has(name)) io.out(`${printed ? '\n' : ''}${name}:\n`);
      printed += 1;
      const path = (/** @type {string} */ it) => (io.files.has(name) || options.d ? it : `${name}/${it}`);
      const size = (/** @type {string} */ it) => new TextEncoder().encode(io.files.get(path(it)) ?? '').length;
      const stamp = new Date(io.session.now()).toUTCString().replace(/^\w+, (\d+) (\w+) \d+ (\d+:\d+).*/, '$2 $1 $3');
      io.out(joinLines(names.map((it) => (options.l ? `${io.files.isFolder(path(it)) ? 'drwxr-xr-x 2' : '-rw-r--r-- 1'} root root ${`${size(it)}`.padStart(5)} ${stamp} ${it}` : it))));
    }
    return exit;
  }),
  mkdir: tool('mkdir', 1, (io) => {
    const { options, words } = readOptions(io.args, 'pvm:');
    if (!words.length) throw new ToolError('missing operand');
    for (const name of words) {
      if (!options.p && (io.files.has(name) || io.files.isFolder(name))) throw new ToolError(`cannot create directory ‘${name}’: File exists`);
      if (!options.p && !io.files.isFolder(folderName(io.files.resolve(name)))) throw new ToolError(`cannot create directory ‘${name}’: No such file or directory`);
      io.files.makeFolder(name);
    }
    return 0;
  }),
  mktemp: tool('mktemp', 1, (io) => {
    const { options, words } = readOptions(io.args, 'dtp:q');
    const name = (words[0] ?? '/tmp/tmp.XXXXXXXXXX').replace(/X{3,}/, (all) => (io.shell.draw() * 48271 + 1e9).toString(36).padStart(all.length, 'a').slice(-all.length));
    if (options.d) io.files.makeFolder(name);
    else io.files.set(name, '');
    io.out(`${name}\n`);
    return 0;
  }),
  rm: tool('rm', 1, (io) => {
    const { options, words } = readOptions(io.args, 'rRfv');
    if (!words.length && !options.f) throw new ToolError('missing operand');
    for (const name of words) {
      if (io.files.has(name)) io.files.delete(name);
      else if (io.files.isFolder(name)) {
        if (!options.r && !options.R) throw new ToolError(`cannot remove ‘${name}’: Is a directory`);
        io.files.deleteFolder(name);
      } else if (!options.f) throw new ToolError(`cannot remove ‘${name}’: No such file or directory`);
    }
    return 0;
  }),
  touch: tool('touch', 1, (io) => {
    const { words } = readOptions(io.args, 'acm');
    for (const name of words) if (!io.files.has(name) && !io.files.isFolder(name)) io.files.set(name, '');
    return 0;
  }),
  find: tool('find', 1, async (io) => {
    const { glob } = await import('../regex.js');
    const [folder = '.', ...tests] = io.args[0]?.startsWith('-') ? ['.', ...io.args] : io.args;
    const name = tests[0] === '-name' ? tests[1] : tests[0] === '-type' && tests[2] === '-name' ? tests[3] : undefined;
    if (tests.length && name === undefined) throw new ToolError(`unknown predicate ‘${tests[0]}’`, tests[0]);
    const root = io.files.resolve(folder).replace(/\/$/, '');
    const found = io.files.keys().map((it) => io.files.resolve(it)).filter((it) => it.startsWith(`${root}/`) && (name === undefined || glob(name).matches(baseName(it)))).sort();
    io.out(joinLines(found.map((it) => folder.replace(/\/$/, '') + it.slice(root.length))));
    return 0;
  }),
};
