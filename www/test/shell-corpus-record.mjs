// Records the output of corpus/*.sh in corpus/*.out, with the real bash, curl, jq, grep, sed, awk,
// wget and AWS CLI 1.18.107, and a new server for each script. Requires root. Runs in a network
// namespace in which the server has the address 169.254.169.254:
//
//     unshare -n node www/test/shell-corpus-record.mjs IMDS AWS EC2_METADATA [NAME.sh…]
//
// IMDS is the server's program, AWS the one of the CLI, EC2_METADATA the script of
// amazonlinux/amazon-ec2-utils. The server has no STS: this file answers GetCallerIdentity.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { IDENTITY, LAUNCH, SEED } from './shell-common.mjs';

const [imds, aws, ec2Metadata, ...names] = process.argv.slice(2);
const corpus = fileURLToPath(new URL('corpus/', import.meta.url));
const fleet = fileURLToPath(new URL('../../examples/article-fleet.json', import.meta.url));
execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('ip', ['addr', 'add', '169.254.169.254/32', 'dev', 'lo']);

const sts = createServer((_, response) => {
  const members = Object.entries(IDENTITY).map(([name, value]) => `<${name}>${value}</${name}>`).join('');
  response.writeHead(200, { 'Content-Type': 'text/xml' }).end(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${members}</GetCallerIdentityResult></GetCallerIdentityResponse>`);
}).listen(1340, '127.0.0.1');

const programs = mkdtempSync(join(tmpdir(), 'programs-'));
writeFileSync(join(programs, 'aws'), `#!/bin/sh\nport=1339\nfor word; do if [ "$word" = sts ]; then port=1340; fi; done\nexec '${aws}' --endpoint-url http://127.0.0.1:$port "$@"\n`);
chmodSync(join(programs, 'aws'), 0o755);
symlinkSync(ec2Metadata, join(programs, 'ec2-metadata'));
const env = {
  PATH: `${programs}:${process.env.PATH}`, HOME: '/root', LC_ALL: 'C.UTF-8', AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_DEFAULT_REGION: 'ap-northeast-1',
  AWS_CONFIG_FILE: '/nonexistent', PYTHONWARNINGS: 'ignore',
};
const output = (program, args, options) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (more) => (text += more));
    child.on('close', (exit) => resolve({ text, exit }));
  });

for (const name of readdirSync(corpus).filter((it) => it.endsWith('.sh') && (!names.length || names.includes(it)))) {
  const server = spawn(imds, ['--fleet', fleet, '--seed', SEED, '--listen', '169.254.169.254:80', '--console', '127.0.0.1:1339'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let started = '';
  await new Promise((resolve) => server.stdout.on('data', (more) => (started += more).includes('console on') && resolve()));
  await fetch('http://127.0.0.1:1339/', { method: 'POST', body: LAUNCH, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  const { text, exit } = await output('bash', ['--norc', join(corpus, name)], { env, cwd: mkdtempSync(join(tmpdir(), 'corpus-')) });
  writeFileSync(join(corpus, name.replace('.sh', '.out')), `${text}[${exit}]\n`);
  const ended = new Promise((resolve) => server.on('exit', resolve));
  server.kill();
  await ended;
}
sts.close();
process.exit(0);
