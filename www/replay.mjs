// Writes js/start/recording.js, the data of the first screen: `node www/replay.mjs`, or `--check`.
// The first screen loads only `imds/core`. What EC2's API prints and what the rules are comes from
// the page's shell and the whole engine, which run the article's commands here.

import { readFileSync, writeFileSync } from 'node:fs';

import { loadSync } from '../pkg/js/module.js';
import { createSession, START } from './js/session.js';
import { createShells } from './js/shell/shell.js';

const FLEET = readFileSync(new URL('../examples/article-fleet.json', import.meta.url), 'utf8');
const FILE = new URL('js/start/recording.js', import.meta.url);
const SEED = '2a';
const URL_ = 'http://169.254.169.254/latest/meta-data/';
const DESCRIBE = 'aws ec2 describe-instances \\\n  --filters "Name=tag:Name,Values=test_instance" \\\n  --query Reservations[*].Instances[*].[MetadataOptions]';

/**
 * The article's commands on the way from the first request to the 401, each with its time. The
 * article shows the times of the launch, of the first request with a token and of the last one.
 */
const COMMANDS = [
  ['14:28:58', 'cli', `aws ec2 run-instances \\
  --image-id ami-0ce107ae7af2e92b5 \\
  --instance-type t2.nano \\
  --key-name key_file \\
  --monitoring Enabled=false \\
  --placement AvailabilityZone=ap-northeast-1a \\
  --subnet-id subnet-03d74b8d6ab6c39f2 \\
  --associate-public-ip-address \\
  --security-group-ids sg-0a00ecb871bb15fb3 \\
  --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=test_instance}]'`],
  ['14:29:58', 'cli', DESCRIBE],
  ['14:45:28', 'test', `curl ${URL_}`],
  ['14:45:29', 'test', `TOKEN=\`curl -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"\` && curl -H "X-aws-ec2-metadata-token: $TOKEN" -v ${URL_}`],
  ['15:01:43', 'cli', `aws ec2 modify-instance-metadata-options \\
  --instance-id i-034109c70aaa4b055 \\
  --http-tokens required \\
  --http-put-response-hop-limit 1 \\
  --http-endpoint enabled`],
  ['15:01:44', 'cli', DESCRIBE],
  ['15:01:45', 'test', `curl ${URL_}`],
];

/** The recording as the text of a module. */
export async function recorded() {
  const session = createSession({ fleet: FLEET, seed: SEED, start: START });
  const shells = createShells({ session });
  const steps = [];
  let instance;
  for (const [time, host, command] of COMMANDS) {
    session.advance(Date.parse(`2020-09-26T${time}Z`) - session.now());
    const before = session.exchanges.length;
    const { exit, output } = await shells[host].run(command);
    if (exit !== 0) throw new Error(`${command}: exit status ${exit}`);
    const of = (stream) => output.filter((it) => it.stream === stream).map(({ text }) => text).join('');
    const isApi = command.startsWith('aws');
    const step = { host, command, at: session.now() };
    if (isApi) step.output = of('out');
    if (command.includes('run-instances')) {
      instance = session.record(session.hosts.test.id);
      step.output = summary(step.output);
    }
    if (command.includes('modify-instance')) step.options = { http_tokens: 'required' };
    if (!isApi) {
      step.requests = session.exchanges.slice(before).map(({ exchange }) => ({
        status: exchange.status,
        rule: exchange.rule,
        passed: exchange.trace.findIndex(({ verdict }) => verdict === 'decides'),
      }));
    }
    steps.push(step);
  }
  return `// What the first screen replays. www/replay.mjs writes this file.\n\n/** @type {import('./replay.js').Recording} */\nexport default ${JSON.stringify({ seed: SEED, instance, steps }, null, 1)};\n`;
}

/** The members of the launch's output that the other commands use. @param {string} output */
function summary(output) {
  const wanted = output.split('\n').filter((line) => /^ {12}"(InstanceId|InstanceType|PrivateIpAddress)":/.test(line));
  return wanted.map((line) => `${line.trim().replace(/,$/, '')}\n`).join('');
}

loadSync(readFileSync(new URL('../pkg/dist/imds.wasm', import.meta.url)));
if (process.argv[1] === new URL(import.meta.url).pathname) {
  const text = await recorded();
  if (!process.argv.includes('--check')) writeFileSync(FILE, text);
  else if (readFileSync(FILE, 'utf8') !== text) {
    console.error('www/js/start/recording.js is outdated; run: node www/replay.mjs');
    process.exit(1);
  }
}
