// @ts-check
// Exports the session as a transcript for the conformance tests, and as a Rust test.

import { latin1, readResponse, runTranscript } from './engine.js';

const escaped = (/** @type {string} */ text) => text.replace(/[^ -~]|[\\{]/g, (it) => ({ '\\': '\\\\', '{': '\\{', '\t': '\\t', '\r': '\\r', '\n': '\\n' })[it] ?? `\\x${it.charCodeAt(0).toString(16).padStart(2, '0')}`);

/**
 * @param {import('./session.js').Session} session
 * @returns {{ text: string, replaced: boolean }}
 */
export function transcriptOf(session) {
  const iso = new Date(session.start).toISOString().replace('.000Z', 'Z');
  const lines = ['# A session of the imds page.', '', `clock ${iso}`, `seed ${session.seed}`, `fleet ${JSON.stringify(JSON.parse(session.fleet))}`, ''];
  const exchanges = session.exchanges[Symbol.iterator]();
  /** @type {string | undefined} */ let current;
  let token = '';
  let replaced = false;
  const at = (/** @type {string | undefined} */ instance) => {
    const to = instance ?? session.imds.instances()[0].id;
    if (to !== current) lines.push(`at ${to}`);
    current = to;
  };
  for (const [step, ...rest] of session.log) {
    if (step === '+') lines.push(`wait ${rest[0]}ms`, '');
    else if (step === 'ec2') lines.push(`ec2 ${rest[0]}`, '');
    else if (step === 'modify') {
      at(rest[1]?.instance);
      lines.push(`modify ${typeof rest[0] === 'string' ? rest[0] : JSON.stringify(rest[0])} after 1s`, '');
    } else if (step !== '>') {
      replaced = true;
      lines.push(`# ${step}: transcripts cannot express this step.`, '');
    } else {
      const { arrived, exchange, how } = /** @type {import('./session.js').Entry} */ (exchanges.next().value);
      if (!exchange || exchange.status === null) continue;
      at(how.instance);
      if (how.throttled) lines.push('throttled');
      const request = latin1(arrived).split('\r\n').map((line) => (token && line.includes(token) ? line.split(token).map(escaped).join('{token}') : escaped(line)));
      const last = request.pop();
      lines.push(...request.map((line) => `> ${line}`.trimEnd()), ...(last ? [`>- ${last}`] : []), '');
      if (exchange.rule === 'serve.token') token = latin1(readResponse(exchange)?.body ?? new Uint8Array()) || token;
    }
  }
  return { text: runTranscript(lines.join('\n')).text, replaced };
}

/** @param {string} transcript */
export const rustOf = (transcript) => `// imds-conformance = "0.1"
use imds_conformance::transcript::{Chunking, Transcript};

#[test]
fn the_transcript_has_no_differences() {
    let transcript = Transcript::parse(TRANSCRIPT).expect("a transcript");
    let run = transcript.run(Chunking::Whole, &|_| None).expect("a run");
    assert!(run.differences.is_empty(), "{:#?}", run.differences);
}

const TRANSCRIPT: &str = r##"${transcript}"##;
`;
