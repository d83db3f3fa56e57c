// @ts-check
// Replays the recording against `imds/core`: the requests are answered in the page, and the outputs
// of EC2's API come from the recording.

import { GET, PUT } from '../requests.js';

/** @typedef {{ status: number, rule: string, passed: number }} Recorded */
/**
 * A command of the article. `output` is what EC2's API prints; `options` is the change that it
 * requests; `requests` are the requests that curl sends.
 * @typedef {{ host: 'cli' | 'test', command: string, at: number, output?: string, options?: import('../../../pkg/core.d.ts').MetadataOptionsChange, requests?: Recorded[] }} Command
 */
/** @typedef {{ seed: string, instance: any, steps: Command[] }} Recording */
/**
 * One exchange. `passed` is the number of rules before the one that decided.
 * @typedef {object} Message
 * @property {string} line the request line without the version
 * @property {boolean} token whether the request has a token
 * @property {number} status
 * @property {string} reason
 * @property {number} bytes the length of the body
 * @property {string} rule
 * @property {number} passed
 * @property {readonly import('../../../pkg/core.d.ts').Turn[]} turns
 */
/** @typedef {{ kind: 'out' | 'sent' | 'received', text: string }} Line */
/** @typedef {{ command: Command, lines: Line[], messages: Message[] }} Frame */

const decoder = new TextDecoder();

/**
 * Runs every command of the recording.
 * @param {Recording} recording
 * @param {(init: any) => { handle: Function, explain: Function, modify: Function }} create creates an instance
 * @returns {Frame[]}
 */
export function replay({ seed, instance, steps }, create) {
  let now = steps[0].at;
  const imds = create({ instance, seed, clock: () => now });
  return steps.map((command) => {
    now = command.at;
    if (command.options) imds.modify(command.options);
    /** @type {Frame} */ const frame = { command, lines: output(command), messages: [] };
    let token = '';
    for (const [place, recorded] of (command.requests ?? []).entries()) {
      const isPut = (command.requests?.length ?? 0) > 1 && place === 0;
      const request = isPut ? PUT : get(token);
      const exchange = imds.handle(request);
      const [head, body] = decoder.decode(exchange.response).split('\r\n\r\n');
      const [, status, reason] = /^\S+ (\d+) (.*)/.exec(head) ?? [];
      if (isPut) token = body;
      else if (token) frame.lines.push(...lines('sent', request, '> '), ...lines('received', head, '< '));
      if (!isPut) frame.lines.push(...lines('out', body, ''));
      frame.messages.push({
        line: request.slice(0, request.indexOf(' HTTP')), token: !isPut && token !== '', status: Number(status), reason, bytes: new TextEncoder().encode(body).length,
        rule: exchange.rule, passed: recorded.passed, turns: imds.explain(request),
      });
    }
    return frame;
  });
}

/** @param {Command} command */
const output = ({ output = '' }) => (output ? lines('out', output, '') : []);
/** @param {Line['kind']} kind @param {string} text @param {string} prefix @returns {Line[]} */
const lines = (kind, text, prefix) => text.trimEnd().split(/\r?\n/).map((line) => ({ kind, text: `${prefix}${line}` }));
/** @param {string} token */
const get = (token) => (token ? GET.replace(/\r\n$/, `X-aws-ec2-metadata-token: ${token}\r\n\r\n`) : GET);
