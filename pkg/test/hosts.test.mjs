// The package in hosts beside Node: HOSTS names a folder that has them.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import * as imds from 'imds';
import { digest } from './common.mjs';

const wanted = await digest(imds);
const program = (name, own) => {
  const file = `${process.env.HOSTS}/node_modules/${own}`;
  const { status } = spawnSync(file, ['--version']);
  return { name, file, missing: status === 0 ? false : `${name} is not here` };
};
const platform = `${process.platform}-${process.arch}`;
const hosts = {
  bun: program('Bun', `@oven/bun-${platform === 'linux-x64' ? 'linux-x64' : platform}/bin/bun`),
  deno: program('Deno', `@deno/${platform}-glibc/deno`),
  workerd: program('workerd', `@cloudflare/workerd-${process.platform}-${process.arch === 'x64' ? '64' : process.arch}/bin/workerd`),
};
const ci = ['1', 'true'].includes(process.env.CI);
const inHost = (host, title, body) => test(title, { skip: !ci && host.missing }, body);

function prints({ file }, ...args) {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 120_000, env: quiet });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

async function serves({ file }, args, body) {
  const child = spawn(file, args, { env: quiet });
  try {
    const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => assert.fail('it ended'))]);
    await body(Number(String(line).trim()));
  } finally {
    child.kill();
  }
}

async function answers(port) {
  const at = (path) => `http://127.0.0.1:${port}${path}`;
  const token = await fetch(at('/latest/api/token'), { method: 'PUT', headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' } });
  assert.equal(token.status, 200);
  const headers = { 'X-aws-ec2-metadata-token': await token.text() };
  assert.equal(await (await fetch(at('/latest/meta-data/instance-type'), { headers })).text(), 't3.micro');
  headers['X-aws-ec2-metadata-token'] = 'no';
  assert.equal((await fetch(at('/latest/meta-data/instance-type'), { headers })).status, 401);
}

inHost(hosts.bun, 'Bun: import', () => assert.equal(prints(hosts.bun, 'host.mjs'), wanted));
inHost(hosts.bun, 'Bun: require', () => assert.equal(prints(hosts.bun, 'host.cjs'), wanted));
inHost(hosts.bun, 'Bun.serve', () => serves(hosts.bun, ['served.mjs'], answers));
inHost(hosts.deno, 'Deno, without a permission', () => assert.equal(prints(hosts.deno, 'run', '--no-lock', '--node-modules-dir=manual', 'host.mjs'), wanted));
inHost(hosts.deno, 'Deno.serve', () => serves(hosts.deno, ['run', '--no-lock', '--node-modules-dir=manual', '--allow-net', 'served.mjs'], answers));

inHost(hosts.workerd, 'workerd: a Worker', async () => {
  mkdirSync('worker', { recursive: true });
  const own = 'node_modules/imds';
  const modules = ['worker/worker.mjs', 'common.mjs', `${own}/dist/glue.js`, ...readdirSync(`${own}/js`).filter((file) => !['inline.js', 'node.js', 'server.js', 'web.js'].includes(file)).map((file) => `${own}/js/${file}`)];
  const port = 20_000 + (process.pid % 20_000);
  writeFileSync(
    'worker.capnp',
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)], sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
const worker :Workerd.Worker = (compatibilityDate = "2026-01-01", modules = [
${modules.map((path) => `  (name = "${path}", esModule = embed "${path === 'worker/worker.mjs' ? 'worker.mjs' : path}"),`).join('\n')}
  (name = "${own}/dist/imds.wasm", wasm = embed "${own}/dist/imds.wasm"),
]);
`,
  );
  const child = spawn(hosts.workerd.file, ['serve', 'worker.capnp'], { stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    const patience = Date.now() + 60_000;
    const isUp = () => new Promise((done) => connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false)));
    while (!(await isUp())) {
      assert.ok(Date.now() < patience, 'workerd listens');
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/digest`)).text(), wanted);
    await answers(port);
  } finally {
    child.kill();
  }
});

const quiet = { PATH: process.env.PATH, HOME: process.cwd(), NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
