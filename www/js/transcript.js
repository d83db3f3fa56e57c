// @ts-check
// What was done, as a transcript that the core's own tests read, and as a Rust test of it.

import { latin1, play, readAnswer } from './engine.js';

const escaped = (/** @type {string} */ text) => text.replace(/[^ -~]|[\\{]/g, (it) => ({ '\\': '\\\\', '{': '\\{', '\t': '\\t', '\r': '\\r', '\n': '\\n' })[it] ?? `\\x${it.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** @param {import('./world.js').World} world @returns {{ text: string, replaced: boolean }} */
export function transcriptOf(world) {
  const iso = new Date(world.start).toISOString().replace('.000Z', 'Z');
  const lines = ['# What was done on the page of imds.', '', `clock ${iso}`, `seed ${world.seed}`, `fleet ${JSON.stringify(JSON.parse(world.fleet))}`, ''];
  const asked = world.exchanges[Symbol.iterator]();
  /** @type {string | undefined} */ let whom;
  let token = '';
  let replaced = false;
  const at = (/** @type {string | undefined} */ instance) => {
    const to = instance ?? world.imds.instances()[0].id;
    if (to !== whom) lines.push(`at ${to}`);
    whom = to;
  };
  for (const [what, ...rest] of world.log) {
    if (what === '+') lines.push(`wait ${rest[0]}ms`, '');
    else if (what === 'ec2') lines.push(`ec2 ${rest[0]}`, '');
    else if (what === 'modify') {
      at(rest[1]?.instance);
      lines.push(`modify ${typeof rest[0] === 'string' ? rest[0] : JSON.stringify(rest[0])} after 1s`, '');
    } else if (what !== '>') {
      replaced = true;
      lines.push(`# ${what}: a transcript has no word for it.`, '');
    } else {
      const { arrived, exchange, how } = /** @type {import('./world.js').Entry} */ (asked.next().value);
      if (!exchange || exchange.status === null) continue;
      at(how.instance);
      if (how.throttled) lines.push('throttled');
      const told = latin1(arrived).split('\r\n').map((line) => (token && line.includes(token) ? line.split(token).map(escaped).join('{token}') : escaped(line)));
      const last = told.pop();
      lines.push(...told.map((line) => `> ${line}`.trimEnd()), ...(last ? [`>- ${last}`] : []), '');
      if (exchange.rule === 'serve.token') token = latin1(readAnswer(exchange)?.body ?? new Uint8Array()) || token;
    }
  }
  return { text: play(lines.join('\n')).text, replaced };
}

/** @param {string} transcript */
export const rustOf = (transcript) => `// imds = { version = "0.1", features = ["control"] }
use imds::transcript::{Chunking, Transcript};

#[test]
fn the_story_brings_what_it_says() {
    let story = Transcript::parse(STORY).expect("a transcript");
    let run = story.run(Chunking::Whole, &|_| None).expect("it runs");
    assert!(run.differences.is_empty(), "{:#?}", run.differences);
}

const STORY: &str = r##"${transcript}"##;
`;
