// Tests the package in hosts other than Node. HOSTS is the folder that they are installed in.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import * as imds from 'imds';
import { digest } from './common.mjs';

const expected = await digest(imds);
const program = (name, path) => {
  const file = `${process.env.HOSTS}/node_modules/${path}`;
  const { status } = spawnSync(file, ['--version']);
  return { name, file, missing: status === 0 ? false : `${name} is not installed in ${process.env.HOSTS}` };
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
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 120_000, env: ENVIRONMENT });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

async function serves({ file }, args, body) {
  const child = spawn(file, args, { env: ENVIRONMENT });
  try {
    const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => assert.fail('the server exited before it printed its port'))]);
    await body(Number(String(line).trim()));
  } finally {
    child.kill();
  }
}

async function checkResponses(port) {
  const at = (path) => `http://127.0.0.1:${port}${path}`;
  const token = await fetch(at('/latest/api/token'), { method: 'PUT', headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' } });
  assert.equal(token.status, 200);
  const headers = { 'X-aws-ec2-metadata-token': await token.text() };
  assert.equal(await (await fetch(at('/latest/meta-data/instance-type'), { headers })).text(), 't3.micro');
  headers['X-aws-ec2-metadata-token'] = 'no';
  assert.equal((await fetch(at('/latest/meta-data/instance-type'), { headers })).status, 401);
}

inHost(hosts.bun, 'Bun: import', () => assert.equal(prints(hosts.bun, 'host.mjs'), expected));
inHost(hosts.bun, 'Bun: require', () => assert.equal(prints(hosts.bun, 'host.cjs'), expected));
inHost(hosts.bun, 'Bun.serve', () => serves(hosts.bun, ['served.mjs'], checkResponses));
inHost(hosts.deno, 'Deno: import without permissions', () => assert.equal(prints(hosts.deno, 'run', '--no-lock', '--node-modules-dir=manual', 'host.mjs'), expected));
inHost(hosts.deno, 'Deno: imds/core without permissions', () => assert.equal(prints(hosts.deno, 'run', '--no-lock', '--node-modules-dir=manual', 'core-host.mjs'), '200'));
inHost(hosts.deno, 'Deno.serve', () => serves(hosts.deno, ['run', '--no-lock', '--node-modules-dir=manual', '--allow-net', 'served.mjs'], checkResponses));

inHost(hosts.workerd, 'workerd: a Worker', async () => {
  mkdirSync('worker', { recursive: true });
  const folder = 'node_modules/imds';
  const modules = ['worker/worker.mjs', 'common.mjs', `${folder}/dist/glue.js`, ...readdirSync(`${folder}/js`).filter((file) => !file.startsWith('core') && !['deno.js', 'inline.js', 'node.js', 'server.js', 'web.js'].includes(file)).map((file) => `${folder}/js/${file}`)];
  const port = 20_000 + (process.pid % 20_000);
  writeFileSync(
    'worker.capnp',
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)], sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
const worker :Workerd.Worker = (compatibilityDate = "2026-01-01", modules = [
${modules.map((path) => `  (name = "${path}", esModule = embed "${path === 'worker/worker.mjs' ? 'worker.mjs' : path}"),`).join('\n')}
  (name = "${folder}/dist/imds.wasm", wasm = embed "${folder}/dist/imds.wasm"),
]);
`,
  );
  const child = spawn(hosts.workerd.file, ['serve', 'worker.capnp'], { stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    const deadline = Date.now() + 60_000;
    const isUp = () => new Promise((done) => connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false)));
    while (!(await isUp())) {
      assert.ok(Date.now() < deadline, 'workerd does not listen after 60 s');
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/digest`)).text(), expected);
    await checkResponses(port);
  } finally {
    child.kill();
  }
});

const ENVIRONMENT = { PATH: process.env.PATH, HOME: process.cwd(), NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
