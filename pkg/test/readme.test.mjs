// The examples of README.md run, each by itself.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const readme = readFileSync(new URL('README.md', import.meta.resolve('imds/package.json')), 'utf8');
const examples = [...readme.matchAll(/^## (.*?)\n.*?^```js\n(.*?)^```/gms)].map(([, title, code]) => ({ title, code }));

test('there are five of them', () => assert.equal(examples.length, 5));

for (const { title, code } of examples) {
  test(title, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stderr);
    // What the comments behind console.log say is printed, `…` standing for anything.
    let rest = stdout;
    for (const [, said] of code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)) {
      for (const word of said.split(/[ ,]+/).filter((word) => word !== '…')) {
        const wanted = word.replace('…', '');
        assert.ok(rest.includes(wanted), `${wanted} in ${stdout}`);
        rest = rest.slice(rest.indexOf(wanted));
      }
    }
  });
}
