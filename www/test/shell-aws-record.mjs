// Records the output of the real aws-cli 1.18.107 for golden/aws-commands.txt in golden/aws.txt.
// Runs in a network namespace with a local EC2 API that uses the fleet, clock and seed of the
// shell's tests:
//
//     unshare -n node www/test/shell-aws-record.mjs DIRECTORY_OF_AWS
//
// It runs on Python 3 instead of the article's Python 2.7: shell.test.mjs maps the differences.

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { Imds } from '../../pkg/js/node.js';
import { FLEET, LAUNCH, START } from './shell-common.mjs';

const [directory] = process.argv.slice(2);
const golden = new URL('golden/', import.meta.url);
execFileSync('ip', ['link', 'set', 'lo', 'up']);
let imds;
const server = createServer(async (request, response) => {
  let form = '';
  for await (const more of request) form += more;
  const reply = imds.ec2(form);
  response.writeHead(reply.status, { 'Content-Type': 'text/xml;charset=UTF-8' }).end(reply.body);
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const env = {
  PATH: `${directory}:${process.env.PATH}`, HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_DEFAULT_REGION: 'ap-northeast-1',
  PYTHONWARNINGS: 'ignore', COLUMNS: '200',
};
const run = (command) =>
  new Promise((resolve) => {
    const child = spawn('bash', ['-c', `aws() { command aws --endpoint-url http://127.0.0.1:${server.address().port} "$@"; }; ${command}`], { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { out: '', err: '' };
    child.stdout.on('data', (more) => (output.out += more));
    child.stderr.on('data', (more) => (output.err += more));
    child.on('close', (exit) => resolve({ ...output, exit }));
  });

let text = '';
for (const command of readFileSync(new URL('aws-commands.txt', golden), 'utf8').trim().split('\n')) {
  imds = new Imds({ fleet: FLEET, seed: '2a', clock: () => START });
  imds.ec2(LAUNCH);
  const { out, err, exit } = await run(command);
  text += `$ ${command}\n${JSON.stringify({ exit, out, err }, null, 1)}\n`;
}
writeFileSync(new URL('aws.txt', golden), text);
server.close();
