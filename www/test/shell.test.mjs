// The shell: its grammar, pasted text, and the output of curl and aws compared with recordings.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FLEET, golden, IDENTITY, LAUNCH, START } from './shell-common.mjs';
import { createSession } from '../js/session.js';
import { completed, searchBack } from '../js/shell/keys.js';
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

test('each script of the corpus prints the output recorded from the real programs', async () => {
  const corpus = new URL('corpus/', import.meta.url);
  const names = readdirSync(corpus).filter((it) => it.endsWith('.sh'));
  assert.ok(names.length >= 16);
  for (const name of names) {
    const { cli } = fresh();
    cli.files.set('script.sh', readFileSync(new URL(name, corpus), 'utf8'));
    const { exit, output } = await cli.run('bash script.sh');
    const out = output.filter(({ stream }) => stream === 'out').map(({ text }) => text).join('');
    assert.equal(`${out}[${exit}]\n`, readFileSync(new URL(name.replace('.sh', '.out'), corpus), 'utf8'), name);
  }
});

test('a script that is pasted prints the same as one that is run from a file', async () => {
  for (const name of ['aws-docs-identity', 'credentials-grep', 'motd', 'audit-table']) {
    const read = (end) => readFileSync(new URL(`corpus/${name}.${end}`, import.meta.url), 'utf8');
    const { output } = await fresh().cli.run(read('sh'));
    const out = output.filter(({ stream }) => stream === 'out').map(({ text }) => text).join('');
    assert.equal(out, read('out').replace(/\[\d+\]\n$/, ''), name);
  }
});

test('aws sts get-caller-identity names the role of the host', async () => {
  const { output } = await fresh().cli.run('aws sts get-caller-identity');
  assert.deepEqual(JSON.parse(output[0].text), IDENTITY);
});

test('syntax errors, unfinished lines and unsupported commands are reported', async () => {
  for (const [command, word] of [['&& a', '&&'], ['a ; ; b', ';'], ['| a', '|'], ['a > ;', ';'], ['a )', ')']]) {
    assert.match(printed(await fresh().cli.run(command)), new RegExp(`^-bash: syntax error near unexpected token \`${word.replace(/[|)]/, '\\$&')}'\n$`), command);
  }
  for (const open of ['echo "a', "echo 'a", 'echo `a', 'echo $(a', 'echo a \\', 'true &&', 'true ||', 'echo a |']) assert.ok(isUnfinished(open), open);
  for (const whole of ['echo a', '', '# "', "echo '\"'", 'echo a ;', '[root@ip-10-0-0-74 ~]# echo a']) assert.ok(!isUnfinished(whole), whole);
  for (const open of ['if true', 'for i in a', 'cat << E', 'while :; do', 'case a in', 'f() {', '[[ a']) assert.ok(isUnfinished(open), open);
  for (const command of ['select i in a; do :; done', 'coproc a', 'true &', 'echo ${a@Q}', 'ping a', 'nonsense', 'sort -Z', 'jq --stream .', 'yum install -y jq', 'aws s3 ls', 'aws ec2 describe-vpcs', 'curl --socks5 a b', 'docker ps']) {
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
  const pieces = ['if', 'then', 'fi', 'for x in', 'do', 'done', 'while', 'case', 'esac', '{', '}', '(', '((', '))', '[[', ']]', '[', ']', '${', '${x:-', '${x/', '$((', '=~', '<<E', '<<<', '{1..3}', 'x=(', 'f()', ';;', 'sed', 's/a/b/', 'awk', '{print $1}', 'jq', '.a[]', 'grep', '(a*)*', 'export', 'read x', 'printf', '%d', 'tr', 'cut -d:', 'exit', 'eval', 'set -e', 'local', 'trap', 'curl', 'aws', 'ec2', 'echo', '"', "'", '`', '$(', ')', '$', '&&', '||', ';', '|', '>', '<', '2>&1', '\\', '\n', ' ', '#', '-H', '-X', '--query', '[', '{', '=', 'http://169.254.169.254/', 'describe-instances', '--filters', 'Name=a,Values=b', '\0', 'ü', '\u{1f600}', '=[{', '> ', 'f'];
  let state = 7;
  const draw = (limit) => (state = (state * 1103515245 + 12345) % 2147483648) % limit;
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: 1 + draw(9) }, () => pieces[draw(pieces.length)] + (draw(2) ? ' ' : '')).join('');
    const made = await cli.run(text);
    assert.ok(Number.isInteger(made.exit), text);
    cli.complete(text);
  }
});

test('every note has strings in both languages, and every string is used', async () => {
  const [en, de] = await Promise.all(['en', 'de'].map(async (it) => (await import(`../strings/${it}/shell.js`)).default));
  assert.deepEqual(Object.keys(en), Object.keys(de));
  const sources = readdirSync(new URL('../js/shell/', import.meta.url), { recursive: true }).filter((it) => it.endsWith('.js')).map((it) => readFileSync(new URL(`../js/shell/${it}`, import.meta.url), 'utf8')).join('');
  const used = [...sources.matchAll(/\b(?:note|t)\(\s*(?:[^'`()]*\? )?'([\w.-]+)'(?: : '([\w.-]+)')?/g)].flatMap(([, ...keys]) => keys.filter(Boolean));
  for (const key of used) assert.ok(en[key], `${key} has no string`);
  for (const key of Object.keys(en)) assert.ok(used.includes(key) || sources.includes(`'${key}'`) || /^(silent|host|limit)\./.test(key), `${key} is unused`);
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

const notes = ({ output }) => output.filter(({ stream }) => stream === 'note').map(({ text }) => text).join('');

test('a pattern cannot freeze the page', async () => {
  const text = 'a'.repeat(20_000);
  const { cli } = fresh();
  cli.files.set('text', `${text}!\n`);
  cli.files.set('json', JSON.stringify(`${text}!`));
  const commands = [
    "grep -E '^(a+)+$' text", "grep -P '^(a|a)*$' text", "grep -P '^(?=(a+)+$)' text", "grep -E '(a*)*\\1b' text", "sed -E 's/(a|aa)+$/x/' text", "awk '/^(a+)+b/' text", "jq 'test(\"^(a+)+$\")' json",
    'X=$(cat text); [[ $X =~ ^(a+)+$ ]]', 'X=$(cat text); [[ $X == *a*a*a*a*a*b ]]', 'X=$(cat text); echo ${X%%*a*a*a*a*b} | wc -c', 'X=$(cat text); echo ${X//a*a*a*b/x} | wc -c', "grep -o a text | wc -l",
    "grep -E '((a{0,99}){0,99}){0,99}' text", "grep -E '(((((a{0,9}){0,9}){0,9}){0,9}){0,9}){0,9}' text",
  ];
  for (const command of commands) {
    const before = performance.now();
    await cli.run(command);
    assert.ok(performance.now() - before < 4_000, `${command}: ${Math.round(performance.now() - before)} ms`);
  }
});

test('loops, nesting, output and requests are bounded', async () => {
  const url = 'http://169.254.169.254/latest/meta-data/instance-id';
  for (const [command, key] of [
    ['while true; do :; done', 'limit.commands'], ['until false; do true; done', 'limit.commands'], ['for ((;;)); do :; done', 'limit.commands'], [`while curl -s ${url}; do :; done`, 'limit.requests'],
    ['f() { f; }; f', 'limit.calls'], ['eval() { builtin eval eval; }; eval x', 'limit.c'], ['X=aaaaaaaa; while true; do X=$X$X; done', 'limit.text'], ['echo {1..99999999}', 'limit.words'], ['echo {1..999}{1..999}{1..999}', 'limit.words'],
    ['seq 1 999999999', 'limit.words'], ["printf '%999999999d' 1", 'limit.text'], ["awk 'BEGIN { while (1) x++ }'", 'limit.commands'], ["echo a | sed ':a; s/a/b/; s/b/a/; ta'", 'limit.commands'], ["jq -n '[range(1e12)]'", 'limit.'], ["jq -n 'def f: f; f'", 'limit.calls'],
    ['while true; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done', 'limit.'], ['echo "while :; do . f; done" > f; . f', 'limit.calls'], ['sleep 999999999999999', 'limit.clock'],
  ]) {
    const made = await fresh().cli.run(command);
    assert.ok(notes(made).includes(key), `${command}: ${notes(made) || printed(made).slice(0, 200)}`);
  }
  const deep = (open, close) => open.repeat(5_000) + close.repeat(5_000);
  for (const text of [deep('(', ')'), deep('$(', ')'), deep('if true; then ', ' fi'), `echo ${deep('${x:-', '}')}`, `echo $((${deep('(', ')')}))`, `[[ ${deep('( ', ' )')} ]]`, `jq -n '${deep('[', ']')}'`, `awk 'BEGIN { print ${deep('(', ')')} }'`, `grep -E '${deep('(', ')')}' x`, `echo a | sed -n '${deep('{', '}')}'`]) {
    assert.ok(Number.isInteger((await fresh().cli.run(text)).exit), text.slice(0, 20));
  }
});

test('a running command can be interrupted', async () => {
  const { cli } = fresh();
  setTimeout(() => cli.interrupt(), 60);
  const made = await cli.run('while true; do sleep 1; x=$(seq 1 2000 | sort -r | wc -l); done');
  assert.equal(made.exit, 130);
  assert.match(notes(made), /limit\.(interrupted|commands)/);
});

test('a long paste is split in linear time', async () => {
  const { cli } = fresh();
  const before = performance.now();
  assert.ok(isUnfinished(`if true\n${'echo a\n'.repeat(20_000)}`));
  await cli.run(`: '${'x\n'.repeat(50_000)}'`);
  assert.ok(performance.now() - before < 4_000);
});

test('a second passes between pastes, so that the article can be pasted block by block', async () => {
  const { cli, test: inner } = fresh(false);
  const lines = golden('article-commands.txt').split(/\n(?=\[root@)/);
  let text = '';
  for (const line of lines) {
    const { blocks } = await cli.run(line, { pasted: true });
    text += blocks.map((it) => `${it.prompt}${it.text}\n${it.output.map((piece) => piece.text).join('')}`.replace(/\n?$/, '\n')).join('');
  }
  assert.equal(text, golden('article.txt'));
  assert.equal(inner.history.length, 4);
  // Without prompts too: only a paste advances the clock.
  const plain = fresh();
  await plain.cli.run('echo a');
  const start = plain.session.now();
  await plain.cli.run('echo b');
  assert.equal(plain.session.now(), start);
  await plain.cli.run('echo c', { pasted: true });
  assert.equal(plain.session.now(), start + 1000);
});

test('a block names the host on which it ran', async () => {
  const { blocks } = await fresh().cli.run('[root@ip-10-0-0-74 ~]# hostname -I\n[root@ip-10-0-0-68 ~]# hostname -I');
  assert.deepEqual(blocks.map(({ host }) => host), ['cli', 'test']);
});

test('a host keeps its terminal when its Name tag changes', async () => {
  const { cli, test: inner, session } = fresh();
  const { cli: before } = session.hosts;
  await cli.run(`aws ec2 create-tags --resources ${before.id} i-034109c70aaa4b055 --tags Key=Name,Value=renamed`);
  for (const shell of [cli, inner]) assert.equal((await shell.run('curl -s http://169.254.169.254/latest/meta-data/instance-id')).exit, 0);
  await cli.run(`aws ec2 delete-tags --resources ${before.id} --tags Key=Name`);
  assert.equal(session.hosts.cli?.id, before.id);
  // A replay, for example of a share link, ends in the same hosts.
  session.play(JSON.parse(JSON.stringify(session.log)));
  assert.equal(session.hosts.cli?.id, before.id);
});

test('completions are commands, options, metadata paths and variables', async () => {
  const { cli, session } = fresh();
  const starts = (text, expected) => assert.deepEqual(cli.complete(text).slice(0, expected.length), expected, text);
  starts('cur', ['curl']);
  starts('X=1; ech', ['echo']);
  starts('if ech', ['echo']);
  starts('aws ', ['--version', 'ec2', 'help', 'sts']);
  await cli.run('aws --version');
  starts('aws ec2 describe-instance', ['describe-instance-attribute', 'describe-instances']);
  starts('aws ec2 modify-instance-metadata-options --http-t', ['--http-tokens']);
  starts('aws ec2 describe-instances --output t', ['table', 'text']);
  starts('echo $HO', ['$HOME']);
  starts('curl http', ['http://169.254.169.254/']);
  starts('curl http://169.254.169.254/latest/meta-data/pl', ['http://169.254.169.254/latest/meta-data/placement/']);
  starts('curl http://169.254.169.254/latest/meta-data/iam/security-credentials/', ['http://169.254.169.254/latest/meta-data/iam/security-credentials/cli_role']);
  starts('curl "http://169.254.169.254/latest/a', ['http://169.254.169.254/latest/api/']);
  starts('cat /etc/sy', ['/etc/system-release']);
  assert.deepEqual(cli.complete('curl http://169.254.169.254/latest/meta-data/instance-id/'), []);
  // Options do not hide the paths, and completing sends nothing.
  session.imds.modify({ http_tokens: 'required' });
  session.advance(1000);
  const { length } = session.log;
  starts('curl http://169.254.169.254/latest/meta-data/pl', ['http://169.254.169.254/latest/meta-data/placement/']);
  assert.equal(session.log.length, length);
});

test('a completion and a reverse search change only what they should', () => {
  assert.equal(completed('cur', ['curl']), 'curl ');
  assert.equal(completed('aws ec2 desc', ['describe-instances', 'describe-tags']), 'aws ec2 describe-');
  assert.equal(completed('curl http://a/pl', ['http://a/placement/']), 'curl http://a/placement/');
  assert.equal(completed('x', []), 'x');
  const history = ['curl a', 'aws b', 'curl c'];
  assert.equal(searchBack(history, 'curl', Infinity), 2);
  assert.equal(searchBack(history, 'curl', 2), 0);
  assert.equal(searchBack(history, 'curl', 0), -1);
});

test('a Region and a profile mean something or are rejected by name', async () => {
  const ok = ['--region ap-northeast-1', '--profile default', '--output yaml', '--output table'];
  for (const option of ok) assert.equal((await fresh().cli.run(`aws ec2 describe-instances ${option}`)).exit, 0, option);
  for (const [command, message] of [
    ['aws ec2 describe-instances --region us-east-1', /Could not connect to the endpoint URL: "https:\/\/ec2\.us-east-1\.amazonaws\.com\/"/], ['AWS_DEFAULT_REGION=us-east-1 aws ec2 describe-instances', /us-east-1/],
    ['aws sts get-caller-identity --region us-east-1', /Could not connect to the endpoint URL: "https:\/\/sts\.us-east-1\./],
    ['aws ec2 describe-instances --region "a b"', /Invalid endpoint/], ['aws ec2 describe-instances --profile prod', /The config profile \(prod\) could not be found/], ['AWS_PROFILE=prod aws ec2 describe-instances', /prod/],
    ['aws ec2 describe-instances --endpoint-url http://a', /http:\/\/a/],
  ]) {
    const made = await fresh().cli.run(command);
    assert.equal(made.exit, 255, command);
    assert.match(printed(made), message);
  }
});

test('what is missing is named, with a suggestion only if one is near', async () => {
  assert.match(notes(await fresh().cli.run('crul a')), /^unknown crul curl\n$/);
  assert.match(notes(await fresh().cli.run('xyzzy')), /^unknown\.far xyzzy/);
  assert.match(notes(await fresh().cli.run('aws ec2 describe-instance')), /^aws\.operation ec2 describe-instance ec2 describe-instance/);
  assert.match(notes(await fresh().cli.run('aws ec2 zzz')), /^aws\.operation\.far ec2 zzz/);
  for (const [command, option] of [['grep -Z a', 'grep -Z'], ['jq --seq .', 'jq --seq'], ['sort --parallel=2', 'sort --parallel=2'], ['curl --socks5 a b', 'curl --socks5'], ["awk -i x ''", 'awk -i'], ['head -z', 'head -z']]) {
    assert.match(notes(await fresh().cli.run(`echo | ${command}`)), new RegExp(`unknown\\.option ${option}`), command);
  }
  // `help` prints the tables from which the shell is made.
  const help = notes(await fresh().cli.run('help'));
  for (const word of ['jq', 'ec2-metadata', 'mapfile', 'esac', '--path-as-is', 'sts get-caller-identity', 'ec2 run-instances']) assert.ok(help.includes(word), word);
});

test('exit and set -e end a pasted script, not the terminal', async () => {
  const { cli } = fresh();
  const made = await cli.run('set -e\necho a\nfalse\necho b\necho c');
  assert.equal(printed(made), 'a\n');
  assert.match(notes(made), /^ended 1 2\n$/);
  assert.equal(printed(await cli.run('false; echo d')), 'd\n');
  assert.match(notes(await cli.run('exit')), /^no\.ssh exit/);
  assert.equal(printed(await cli.run('trap "echo bye" EXIT\necho hi')), 'hi\nbye\n');
});

test('the output redirected by exec ends with the paste', async () => {
  const { cli } = fresh();
  assert.equal(printed(await cli.run('exec > >(tee log | cat) 2>&1\necho a\nuname -x')), "a\nuname: invalid option -- 'x'\nTry 'uname --help' for more information.\n");
  assert.equal(printed(await cli.run('cat log | head -n 1; echo b')), 'a\nb\n');
});
