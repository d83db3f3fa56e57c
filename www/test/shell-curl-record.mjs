// Records what the real curl 7.61.1 prints for the commands of golden/curl-commands.txt, into golden/curl.txt. As root, for a
// network namespace of its own, in which 169.254.169.254 is served from the same fleet, clock and seed as the shell's tests:
//
//     unshare -n node www/test/shell-curl-record.mjs DIRECTORY_OF_CURL
//
// curl 7.61.1 is the article's; build it from its tag with HTTP alone. Lines of its `--version` are not compared.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Imds } from '../../pkg/js/node.js';
import { LAUNCH, START } from './shell-common.mjs';

const [directory] = process.argv.slice(2);
const golden = new URL('golden/', import.meta.url);
const fleet = readFileSync(new URL('../../examples/article-fleet.json', import.meta.url), 'utf8');
execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('ip', ['addr', 'add', '169.254.169.254/32', 'dev', 'lo']);

/** The context of the command that runs, and the fleet that answers: a new one for each. */
let context;
let imds;
const server = createServer((socket) => {
  let held = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (more) => {
    held = Buffer.concat([held, more]);
    const { response, silence } = imds.handle(new Uint8Array(held), context);
    if (response) socket.end(response);
    else if (silence !== 'incomplete') held = Buffer.alloc(0);
  });
}).listen(80, '169.254.169.254');
await new Promise((resolve) => server.once('listening', resolve));

/** Runs it in a terminal, and gives what is seen there. */
const inTerminal = (command) =>
  new Promise((resolve) => {
    const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: mkdtempSync(join(tmpdir(), 'curl-')), env: { PATH: `${directory}:${process.env.PATH}`, SHELL: '/bin/bash', TERM: 'dumb' }, stdio: ['ignore', 'pipe', 'inherit'] });
    let seen = '';
    child.stdout.on('data', (more) => (seen += more));
    child.on('close', (exit) => resolve({ seen, exit }));
  });

let text = `# ${execFileSync(join(directory, 'curl'), ['--version'], { encoding: 'utf8' }).split('\n')[0]}\n`;
for (const line of readFileSync(new URL('curl-commands.txt', golden), 'utf8').trim().split('\n')) {
  const [, who, command] = /^(\w+)\$ (.*)$/.exec(line);
  imds = new Imds({ fleet, seed: '2a', clock: () => START });
  imds.ec2(LAUNCH);
  context = { instance: who === 'test' ? '10.0.0.68' : '10.0.0.74', hops: who === 'far' ? 2 : 1 };
  const { seen, exit } = await inTerminal(command);
  // A carriage return begins the line anew: what was written before it is not seen.
  // A terminal shows the names of fields in bold; how letters look is not recorded.
  const shown = seen.replace(/\u001b\[[01]m/g, '').replace(/\r+\n/g, '\n').replace(/[^\n]*\r(?!\n)/g, '');
  text += `${line}\n${shown}${shown && !shown.endsWith('\n') ? '\n\\ no newline\n' : ''}[${exit}]\n`;
}
writeFileSync(new URL('curl.txt', golden), text);
server.close();
process.exit(0);
