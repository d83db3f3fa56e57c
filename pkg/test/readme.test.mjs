// Each example of README.md runs in a process of its own.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const readme = readFileSync(new URL('README.md', import.meta.resolve('imds/package.json')), 'utf8');
const examples = [...readme.matchAll(/^## (.*?)\n.*?^```js\n(.*?)^```/gms)].map(([, title, code]) => ({ title, code }));

test('README.md has six examples', () => assert.equal(examples.length, 6));

for (const { title, code } of examples) {
  test(title, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stderr);
    // A comment after console.log has the output; `…` stands for any text.
    let rest = stdout;
    for (const [, comment] of code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)) {
      for (const word of comment.split(/[ ,]+/).filter((word) => word !== '…')) {
        const expected = word.replace('…', '');
        assert.ok(rest.includes(expected), `${expected} in ${stdout}`);
        rest = rest.slice(rest.indexOf(expected));
      }
    }
  });
}
