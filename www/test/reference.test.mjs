// The reference: its answers, and its tables against the engine.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FLEET } from './shell-common.mjs';
import { tables } from '../js/engine.js';
import { createSession } from '../js/session.js';
import { OPTIONS } from '../js/views/options.js';
import de from '../strings/de/reference.js';
import en from '../strings/en/reference.js';

test('the reference has the same strings in both languages, and German has the limits, too', () => {
  const shared = (strings) => Object.keys(strings).filter((key) => !key.startsWith('limit.'));
  assert.deepEqual(shared(de), shared(en));
  for (const key of shared(en)) assert.equal(de[key].split('`').length, en[key].split('`').length, `${key}: code`);
  // A status alone needs no translation.
  const worded = tables().limits.filter(({ effect }) => /[a-z]/.test(effect)).map(({ name }) => `limit.${name}`);
  assert.deepEqual(Object.keys(de).filter((key) => key.startsWith('limit.')).sort(), worded.sort());
});

test('the five questions are answered with the rules, options and metrics that decide', () => {
  const facts = {
    401: ['HttpTokens', 'required', 'token.missing', 'PUT'],
    timeout: ['IP', 'HttpPutResponseHopLimit', '2', 'Token|token', 'Host|host'],
    forwarded: ['403', 'forwarded.put', 'forwarded.session', 'IMDSv1', 'optional'],
    limits: ['Code|code', 'Header|headers', 'HttpEndpoint', '169.254.169.254'],
    rollout: ['MetadataNoToken`', 'MetadataNoTokenRejected', 'optional', '2'],
  };
  for (const strings of [en, de]) {
    for (const [question, all] of Object.entries(facts)) {
      assert.match(strings[`${question}.q`], /\?$/);
      for (const fact of all) assert.match(strings[`${question}.a`], new RegExp(fact), question);
    }
  }
  const ids = tables().rules.map(({ id }) => id);
  for (const [, id] of Object.values(en).join(' ').matchAll(/`((?:token|forwarded|ttl|serve)\.[\w-]+)`/g)) assert.ok(ids.includes(id), id);
});

test('the table of options has every option, and the engine accepts exactly its values', () => {
  const session = createSession({ fleet: FLEET });
  const instance = session.hosts.cli.id;
  const { state, ...initial } = session.imds.options({ instance });
  assert.equal(state, 'applied');
  assert.deepEqual(Object.fromEntries(OPTIONS.map(({ key, initial: value }) => [key, value])), initial);
  for (const { name, key, values } of OPTIONS) {
    const [accepted, rejected] = typeof values[0] === 'number' ? [values, [values[0] - 1, values[1] + 1]] : [values, ['', values[0].toUpperCase(), 'on']];
    for (const value of accepted) assert.equal(session.imds.modify({ [key]: value }, { instance })[key], value);
    for (const value of rejected) assert.throws(() => session.imds.modify({ [key]: value }, { instance }), new RegExp(key), `${name} ${value}`);
    for (const strings of [en, de]) assert.ok(strings[`option.${name}`], name);
  }
});
