// The shell: its grammar, what people paste, and curl and aws as they were.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { FLEET, golden, LAUNCH, START } from './shell-common.mjs';
import { createWorld } from '../js/world.js';
import { createShells } from '../js/shell/shell.js';

const fresh = (launch = true) => {
  const world = createWorld({ fleet: FLEET, seed: '2a', start: START });
  if (launch) world.imds.ec2(LAUNCH);
  return { world, ...createShells({ world }) };
};
const printed = (made, notes = false) => made.output.filter(({ stream }) => notes || stream !== 'note').map(({ text }) => text).join('');

test('curl prints what curl 7.61.1 printed', async () => {
  const blocks = golden('curl.txt').split(/^(?=(?:cli|test|far)\$ )/m).slice(1);
  assert.ok(blocks.length > 40);
  // What depends on how long it took.
  const timeless = (text) => text.replace(/^( *\d+ +\S+ +\d+ +\S+ +\d+ +\S+) .*$/gm, '$1 …').replace(/after \d+ milliseconds/g, 'after … milliseconds');
  const wrong = [];
  for (const block of blocks) {
    const [, who, command, expected] = /^(\w+)\$ (.*)\n([^]*)$/.exec(block);
    const { cli, test: inner } = fresh();
    const made = await (who === 'test' ? inner : cli).run(who === 'far' ? `docker run amazonlinux ${command}` : command);
    const text = printed(made);
    const actual = `${text}${text && !text.endsWith('\n') ? '\n\\ no newline\n' : ''}[${made.exit}]\n`;
    if (timeless(actual) !== timeless(expected)) wrong.push([`${who}$ ${command}`, timeless(actual), timeless(expected)]);
  }
  for (const [command, actual, expected] of wrong) assert.equal(actual, expected, `${command}, one of ${wrong.length}`);
});

test('aws prints what aws-cli 1.18.107 printed', async () => {
  const blocks = golden('aws.txt').split(/^\$ (?=aws)/m).slice(1);
  assert.ok(blocks.length > 50);
  const hidden = (text) => text.replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'a client token');
  // What Python 3 says where Python 2.7 says something else.
  const in2 = (text) =>
    text.replace('the following arguments are required: operation', 'too few arguments').replace('the following arguments are required: command', 'too few arguments')
      .replace(/the following arguments are required: ([^,\n]*).*/, 'argument $1 is required')
      .replace("type: <class 'str'>, valid types: <class 'int'>", "type: <type 'unicode'>, valid types: <type 'int'>, <type 'long'>");
  for (const block of blocks) {
    const [, command, rest] = /^(.*)\n([^]*)$/.exec(block);
    const { exit, out, err } = JSON.parse(rest);
    const made = await fresh().cli.run(command);
    const of = (stream) => made.output.filter((it) => it.stream === stream).map(({ text }) => text).join('');
    assert.equal(of('err'), in2(err), command);
    assert.equal(made.exit, exit, command);
    if (/^[{[]/.test(out)) {
      assert.deepEqual(JSON.parse(hidden(of('out'))), JSON.parse(hidden(out)), command);
      // Python 2.7: a blank behind each comma at the end of a line, four blanks for each level, and nothing else that differs.
      assert.equal(of('out').replace(/, $/gm, ','), `${JSON.stringify(JSON.parse(of('out')), null, 4)}\n`, command);
    } else assert.equal(hidden(of('out')), hidden(out), command);
  }
});

test('a dict has the order that Python 2.7 showed', async () => {
  const { dictOrder } = await import('../js/shell/python2.js');
  // The article's, and an answer of 2018 that stands in a public notebook, as far as both have the same members.
  assert.deepEqual(dictOrder(['State', 'HttpTokens', 'HttpPutResponseHopLimit', 'HttpEndpoint']), ['State', 'HttpEndpoint', 'HttpTokens', 'HttpPutResponseHopLimit']);
  const { cli } = fresh();
  const { output } = await cli.run('aws ec2 describe-instances --filters Name=tag:Name,Values=cli_instance');
  const keys = [...output[0].text.matchAll(/^ {20}"(\w+)"/gm)].map(([, key]) => key);
  const seen = 'Monitoring PublicDnsName State EbsOptimized LaunchTime PublicIpAddress PrivateIpAddress ProductCodes VpcId StateTransitionReason InstanceId EnaSupport ImageId PrivateDnsName KeyName SecurityGroups ClientToken SubnetId InstanceType NetworkInterfaces';
  assert.equal(keys.slice(0, 20).join(' '), seen);
});
