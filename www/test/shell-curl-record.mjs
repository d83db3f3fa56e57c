// Records the output of the real curl 7.61.1 for golden/curl-commands.txt in golden/curl.txt.
// Requires root. Runs in a network namespace with a local service at 169.254.169.254 that uses the
// fleet, clock and seed of the shell's tests:
//
//     unshare -n node www/test/shell-curl-record.mjs DIRECTORY_OF_CURL
//
// Build curl 7.61.1, the article's version, from its tag with only HTTP enabled. The output of
// `--version` is not compared.

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

/** The context and the fleet of the running command. */
let context;
let imds;
const server = createServer((socket) => {
  let received = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (more) => {
    received = Buffer.concat([received, more]);
    const { response, noResponse } = imds.handle(new Uint8Array(received), context);
    if (response) socket.end(response);
    else if (noResponse !== 'incomplete') received = Buffer.alloc(0);
  });
}).listen(80, '169.254.169.254');
await new Promise((resolve) => server.once('listening', resolve));

/** Runs a command in a terminal and returns its output. */
const inTerminal = (command) =>
  new Promise((resolve) => {
    const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: mkdtempSync(join(tmpdir(), 'curl-')), env: { PATH: `${directory}:${process.env.PATH}`, SHELL: '/bin/bash', TERM: 'dumb' }, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (more) => (output += more));
    child.on('close', (exit) => resolve({ output, exit }));
  });

let text = `# ${execFileSync(join(directory, 'curl'), ['--version'], { encoding: 'utf8' }).split('\n')[0]}\n`;
for (const line of readFileSync(new URL('curl-commands.txt', golden), 'utf8').trim().split('\n')) {
  const [, who, command] = /^(\w+)\$ (.*)$/.exec(line);
  imds = new Imds({ fleet, seed: '2a', clock: () => START });
  imds.ec2(LAUNCH);
  context = { instance: who === 'test' ? '10.0.0.68' : '10.0.0.74', hops: who === 'far' ? 2 : 1 };
  const { output, exit } = await inTerminal(command);
  // A carriage return overwrites the line. Bold text, as in header names, is not recorded.
  const shown = output.replace(/\u001b\[[01]m/g, '').replace(/\r+\n/g, '\n').replace(/[^\n]*\r(?!\n)/g, '');
  text += `${line}\n${shown}${shown && !shown.endsWith('\n') ? '\n\\ no newline\n' : ''}[${exit}]\n`;
}
writeFileSync(new URL('curl.txt', golden), text);
server.close();
process.exit(0);
