// The shell: its grammar, pasted text, and the output of curl and aws compared with recordings.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FLEET, golden, LAUNCH, START } from './shell-common.mjs';
import { createSession } from '../js/session.js';
import { isUnfinished } from '../js/shell/paste.js';
import { createShells } from '../js/shell/shell.js';

const fresh = (launch = true) => {
  const session = createSession({ fleet: FLEET, seed: '2a', start: START });
  if (launch) session.imds.ec2(LAUNCH);
  return { session, ...createShells({ session }) };
};
const printed = (made, notes = false) => made.output.filter(({ stream }) => notes || stream !== 'note').map(({ text }) => text).join('');

test('curl prints the recorded output of curl 7.61.1', async () => {
  const blocks = golden('curl.txt').split(/^(?=(?:cli|test|far)\$ )/m).slice(1);
  assert.ok(blocks.length > 40);
  // Durations differ.
  const timeless = (text) => text.replace(/^( *\d+ +\S+ +\d+ +\S+ +\d+ +\S+) .*$/gm, '$1 …').replace(/after \d+ milliseconds/g, 'after … milliseconds');
  const failures = [];
  for (const block of blocks) {
    const [, who, command, expected] = /^(\w+)\$ (.*)\n([^]*)$/.exec(block);
    const { cli, test: inner } = fresh();
    const made = await (who === 'test' ? inner : cli).run(who === 'far' ? `docker run amazonlinux ${command}` : command);
    const text = printed(made);
    const actual = `${text}${text && !text.endsWith('\n') ? '\n\\ no newline\n' : ''}[${made.exit}]\n`;
    if (timeless(actual) !== timeless(expected)) failures.push([`${who}$ ${command}`, timeless(actual), timeless(expected)]);
  }
  for (const [command, actual, expected] of failures) assert.equal(actual, expected, `${command}, one of ${failures.length}`);
});

test('aws prints the recorded output of aws-cli 1.18.107', async () => {
  const blocks = golden('aws.txt').split(/^\$ (?=aws)/m).slice(1);
  assert.ok(blocks.length > 50);
  const hidden = (text) => text.replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'a client token');
  // Converts messages of Python 3 to those of Python 2.7.
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
      // Python 2.7 differs only in a space after the comma at the end of a line.
      assert.equal(of('out').replace(/, $/gm, ','), `${JSON.stringify(JSON.parse(of('out')), null, 4)}\n`, command);
    } else assert.equal(hidden(of('out')), hidden(out), command);
  }
});

test('a dict has the order of Python 2.7', async () => {
  const { dictOrder } = await import('../js/shell/python2.js');
  // From the article, and from output of 2018 in a public notebook, limited to the members in both.
  assert.deepEqual(dictOrder(['State', 'HttpTokens', 'HttpPutResponseHopLimit', 'HttpEndpoint']), ['State', 'HttpEndpoint', 'HttpTokens', 'HttpPutResponseHopLimit']);
  const { cli } = fresh();
  const { output } = await cli.run('aws ec2 describe-instances --filters Name=tag:Name,Values=cli_instance');
  const keys = [...output[0].text.matchAll(/^ {20}"(\w+)"/gm)].map(([, key]) => key);
  const expected = 'Monitoring PublicDnsName State EbsOptimized LaunchTime PublicIpAddress PrivateIpAddress ProductCodes VpcId StateTransitionReason InstanceId EnaSupport ImageId PrivateDnsName KeyName SecurityGroups ClientToken SubnetId InstanceType NetworkInterfaces';
  assert.equal(keys.slice(0, 20).join(' '), expected);
});

test('the shell’s output and exit status equal bash’s', async () => {
  // Continued lines belong to the previous command.
  const commands = golden('bash.txt').trim().split(/\n(?!two|b'|echo b \|\||echo c$)/);
  assert.ok(commands.length > 55);
  for (const command of commands.filter((it) => !it.includes("$'x'"))) {
    const real = spawnSync('bash', ['--norc', '-c', command], { cwd: mkdtempSync(join(tmpdir(), 'shell-')), env: { PATH: process.env.PATH, HOME: '/root' }, encoding: 'utf8' });
    const made = await fresh().cli.run(command);
    const out = made.output.filter(({ stream }) => stream === 'out').map(({ text }) => text).join('');
    assert.equal(out, real.stdout, command);
    assert.equal(made.exit, real.status, command);
  }
});

test('syntax errors, unfinished lines and unsupported commands are reported', async () => {
  for (const [command, word] of [['&& a', '&&'], ['a ; ; b', ';'], ['| a', '|'], ['a > ;', ';'], ['a )', ')']]) {
    assert.match(printed(await fresh().cli.run(command)), new RegExp(`^-bash: syntax error near unexpected token \`${word.replace(/[|)]/, '\\$&')}'\n$`), command);
  }
  for (const open of ['echo "a', "echo 'a", 'echo `a', 'echo $(a', 'echo a \\', 'true &&', 'true ||', 'echo a |']) assert.ok(isUnfinished(open), open);
  for (const whole of ['echo a', '', '# "', "echo '\"'", 'echo a ;', '[root@ip-10-0-0-74 ~]# echo a']) assert.ok(!isUnfinished(whole), whole);
  for (const command of ['if true', 'for i in a', 'cat << E', '(a)', 'a &', 'echo $((1))', 'echo ${a:-b}', 'jq .', 'nonsense', 'aws s3 ls', 'aws ec2 describe-vpcs', 'curl --socks5 a b', 'docker ps']) {
    const { output } = await fresh().cli.run(command);
    assert.ok(output.some(({ stream }) => stream === 'note'), command);
  }
});

test('pasted prompts, secondary prompts and output are recognized', async () => {
  const { cli } = fresh();
  const paste = ['[root@ip-10-0-0-74 ~]# echo one \\', '> two "three', '> four"', 'one two three', 'four', '[root@ip-10-0-0-74 ~]# ', '[root@ip-10-0-0-74 ~]# # a comment', '[root@ip-10-0-0-68 ~]# hostname -I', '10.0.0.68 '];
  const { blocks } = await cli.run(paste.join('\n'));
  assert.deepEqual(blocks.map(({ text, omitted }) => [text, omitted]), [['echo one \\\ntwo "three\nfour"', 2], ['# a comment', 0], ['hostname -I', 1]]);
  assert.equal(blocks[0].output[0].text, 'one two three\nfour\n');
  assert.equal(blocks[2].prompt + blocks[2].output[0].text, '[root@ip-10-0-0-68 ~]# 10.0.0.68 \n');
  // Without prompts each line is a command, and CR LF is a line end.
  assert.equal(printed(await cli.run('echo a\r\necho b\r\n')), 'a\nb\n');
  assert.equal(printed(await cli.run('$ echo a\na\n$ echo b')), 'a\nb\n');
  assert.deepEqual(cli.history.slice(0, 2), ['echo one \\\ntwo "three\nfour"', '# a comment']);
});

test('pasting the whole article reproduces its output', async () => {
  const { cli, session } = fresh(false);
  const { blocks, exchanges } = await cli.run(golden('article-commands.txt'));
  const text = blocks.map(({ prompt, text, output }) => `${prompt}${text}\n${output.map((it) => it.text).join('')}`.replace(/\n?$/, '\n')).join('');
  if (process.env.BLESS) writeFileSync(new URL('golden/article.txt', import.meta.url), text);
  assert.equal(text, golden('article.txt'));
  // The body of the 401 equals the article's byte for byte.
  const page = readFileSync(new URL('../../tests/golden/xen-article.txt', import.meta.url), 'utf8').split('\n').filter((line) => line.startsWith('< '));
  const from = page.findIndex((line) => line.startsWith('< <?xml'));
  const expected = page.slice(from, page.indexOf('< </html>') + 1).map((line) => `${line.slice(2)}\n`).join('');
  const rejected = exchanges.filter(({ exchange }) => exchange.status === 401);
  assert.equal(rejected.length, 1);
  const bytes = Buffer.from(rejected[0].exchange.response).toString('latin1');
  assert.equal(bytes.slice(bytes.indexOf('\r\n\r\n') + 4), expected);
  assert.equal(expected.length, 343);
  assert.deepEqual(exchanges.map(({ exchange }) => exchange.rule), ['serve.v1', 'serve.v1', 'serve.token', 'serve.v2', 'token.missing', 'serve.token', 'serve.v2']);
  assert.equal(session.exchanges.length, 7);
  // A replay of the log gives the same responses.
  const again = createSession({ fleet: FLEET, seed: '2a', start: START });
  again.play(JSON.parse(JSON.stringify(session.log)));
  assert.deepEqual(again.exchanges.map(({ exchange }) => exchange.response), session.exchanges.map(({ exchange }) => exchange.response));
});

test('random input never crashes the shell', async () => {
  const { cli } = fresh();
  const pieces = ['curl', 'aws', 'ec2', 'echo', '"', "'", '`', '$(', ')', '$', '&&', '||', ';', '|', '>', '<', '2>&1', '\\', '\n', ' ', '#', '-H', '-X', '--query', '[', '{', '=', 'http://169.254.169.254/', 'describe-instances', '--filters', 'Name=a,Values=b', '\0', 'ü', '\u{1f600}', '=[{', '> ', 'f'];
  let state = 7;
  const draw = (limit) => (state = (state * 1103515245 + 12345) % 2147483648) % limit;
  for (let round = 0; round < 1500; round += 1) {
    const text = Array.from({ length: 1 + draw(9) }, () => pieces[draw(pieces.length)] + (draw(2) ? ' ' : '')).join('');
    const made = await cli.run(text);
    assert.ok(Number.isInteger(made.exit), text);
    cli.complete(text);
  }
});

test('every note has strings in both languages, and every string is used', async () => {
  const [en, de] = await Promise.all(['en', 'de'].map(async (it) => (await import(`../strings/${it}/shell.js`)).default));
  assert.deepEqual(Object.keys(en), Object.keys(de));
  const sources = readdirSync(new URL('../js/shell/', import.meta.url)).map((it) => readFileSync(new URL(`../js/shell/${it}`, import.meta.url), 'utf8')).join('');
  const used = [...sources.matchAll(/\b(?:note|t)\(\s*(?:[^'`()]*\? )?'([\w.-]+)'(?: : '([\w.-]+)')?/g)].flatMap(([, ...keys]) => keys.filter(Boolean));
  for (const key of used) assert.ok(en[key], `${key} has no string`);
  for (const key of Object.keys(en)) assert.ok(used.includes(key) || sources.includes(`'${key}'`) || /^(silent|host)\./.test(key), `${key} is unused`);
  for (const key of Object.keys(en)) assert.deepEqual(en[key].match(/\{\d\}/g)?.sort(), de[key].match(/\{\d\}/g)?.sort(), key);
});

test('aws has no credentials on a host without a role, and commands fail on a stopped host', async () => {
  const { cli, test: inner, session } = fresh();
  assert.match(printed(await inner.run('aws ec2 describe-instances')), /^Unable to locate credentials/);
  session.imds.modify({ http_tokens: 'required' });
  session.advance(1000);
  assert.equal((await cli.run('aws ec2 describe-instances --query Reservations[0].OwnerId')).exit, 0);
  session.imds.modify({ http_endpoint: 'disabled' });
  session.advance(1000);
  assert.match(printed(await cli.run('aws ec2 describe-instances')), /^Unable to locate credentials/);
  session.imds.ec2('Action=StopInstances&Version=2016-11-15&InstanceId.1=i-034109c70aaa4b055');
  assert.equal((await inner.run('curl http://169.254.169.254/')).exit, 255);
});
