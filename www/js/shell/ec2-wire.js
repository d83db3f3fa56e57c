// @ts-check
// EC2's Query API, driven by botocore's model: validates parameters, encodes them as a form, and
// decodes XML into the members that the CLI prints.

import { AwsError } from './aws-error.js';
import { OPERATIONS, SHAPES } from './ec2-model.js';
import { dict } from './python2.js';

/**
 * For `kind` see ec2-model.js.
 * @typedef {{ name: string, wire: string | undefined, kind: string, required: boolean, newer: boolean }} Member
 */

const lines = (/** @type {string} */ text) => text.trim().split('\n').map((line) => line.split(' '));
const shapes = new Map(lines(SHAPES).map(([name, ...members]) => [name, members]));

/**
 * By CLI name.
 * @type {Map<string, { action: string, input: string, output: string | undefined, newer: boolean }>}
 */
export const operations = new Map(
  lines(OPERATIONS).map(([name, input, output]) => {
    const action = name.replace('+', '');
    return [cliName(action), { action, input, output, newer: name !== action }];
  }),
);

/** `InstanceIds` → `instance-ids`. @param {string} name */
export function cliName(name) {
  return name.replace(/(.)([A-Z][a-z]+)/g, '$1-$2').replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

/** @param {string} shape @returns {Member[]} */
export const membersOf = (shape) =>
  (shapes.get(shape) ?? []).map((text) => {
    const [, newer, name, wire, kind, required] = /** @type {string[]} */ (/^(\+?)(\w+)(?:=(\w+))?([#?*>\w]*)(!?)$/.exec(text));
    return { name, wire, kind, required: !!required, newer: !!newer };
  });

/**
 * Converts strings from shorthand or the command line to the types of the model.
 * @param {any} value
 * @param {string} kind
 * @returns {any}
 */
export function coerce(value, kind) {
  if (kind[0] === '*') return (Array.isArray(value) ? value : [value]).map((it) => coerce(it, kind.slice(1)));
  if (kind[0] === '>') {
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    for (const member of membersOf(kind.slice(1))) if (member.name in value) value[member.name] = coerce(value[member.name], member.kind);
    return value;
  }
  if (typeof value !== 'string') return value;
  if (kind === '#') return toInt(value);
  if (kind === '?') return { true: true, false: false }[value.toLowerCase()] ?? value;
  return value;
}

/** Python's `int`. @param {string} value */
export function toInt(value) {
  if (!/^\s*[-+]?\d+\s*$/.test(value)) throw new AwsError(`invalid literal for int() with base 10: '${value}'`);
  return Number(value);
}

const TYPES = { string: 'unicode', number: 'int', boolean: 'bool' };
const typeOf = (/** @type {any} */ value) => (Array.isArray(value) ? 'list' : value === null ? 'NoneType' : TYPES[/** @type {'string'} */ (typeof value)] ?? 'dict');
/**
 * The accepted type, and the types that the error lists.
 * @type {Record<string, [string, string]>}
 */
const ACCEPTED = { '*': ['list', "<type 'list'>, <type 'tuple'>"], '>': ['dict', "<type 'dict'>"], '#': ['int', "<type 'int'>, <type 'long'>"], '?': ['bool', "<type 'bool'>"], '': ['unicode', "<type 'basestring'>"] };

/** @param {Record<string, any>} parameters @param {string} shape */
export function validate(parameters, shape) {
  /** @type {string[]} */ const errors = [];
  const check = (/** @type {any} */ value, /** @type {string} */ kind, /** @type {string} */ path) => {
    const [expected, types] = ACCEPTED[kind[0] ?? ''];
    if (typeOf(value) !== expected) {
      const shown = typeof value === 'object' ? JSON.stringify(value) : value === true ? 'True' : value === false ? 'False' : value;
      errors.push(`Invalid type for parameter ${path.replace(/^\./, '')}, value: ${shown}, type: <type '${typeOf(value)}'>, valid types: ${types}`);
    } else if (kind[0] === '*') value.forEach((/** @type {any} */ it, /** @type {number} */ at) => check(it, kind.slice(1), `${path}[${at}]`));
    else if (kind[0] === '>') {
      const members = membersOf(kind.slice(1));
      const where = path.replace(/^\./, '') || 'input';
      for (const { name, required } of members) if (required && !(name in value)) errors.push(`Missing required parameter in ${where}: "${name}"`);
      for (const name of Object.keys(value)) {
        if (!members.some((it) => it.name === name)) errors.push(`Unknown parameter in ${where}: "${name}", must be one of: ${members.filter((it) => !it.newer).map((it) => it.name).join(', ')}`);
      }
      for (const { name, kind: memberKind } of members) if (name in value) check(value[name], memberKind, `${path}.${name}`);
    }
  };
  check(parameters, `>${shape}`, '');
  if (errors.length) throw new AwsError(`Parameter validation failed:\n${errors.join('\n')}`);
}

/** @param {Record<string, any>} parameters @param {string} shape @returns {[string, string][]} */
export function toForm(parameters, shape) {
  /** @type {[string, string][]} */ const form = [];
  const write = (/** @type {any} */ value, /** @type {string} */ kind, /** @type {string} */ prefix) => {
    if (kind[0] === '*') value.forEach((/** @type {any} */ it, /** @type {number} */ at) => write(it, kind.slice(1), `${prefix}.${at + 1}`));
    else if (kind[0] === '>') {
      for (const { name, wire, kind: memberKind } of membersOf(kind.slice(1))) if (name in value) write(value[name], memberKind, (prefix && `${prefix}.`) + (wire ?? name));
    } else form.push([prefix, `${value}`]);
  };
  write(parameters, `>${shape}`, '');
  return form;
}

/** @typedef {{ name: string, text: string, children: Node[] }} Node */

/**
 * Parses elements and text, which is all that EC2's responses contain.
 * @param {string} xml
 * @returns {Node}
 */
export function readXml(xml) {
  /** @type {Node} */ const root = { name: '', text: '', children: [] };
  const open = [root];
  for (const [, close, name, empty, text] of xml.matchAll(/<(\/?)([\w:]+)[^>]*?(\/?)>|([^<]+)/g)) {
    const top = /** @type {Node} */ (open.at(-1));
    if (text !== undefined) top.text += text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, word) => (word ? ENTITIES[word] ?? '' : String.fromCodePoint(parseInt(hex ?? decimal, hex ? 16 : 10))));
    else if (close) open.pop();
    else {
      const node = { name, text: '', children: [] };
      top.children.push(node);
      if (!empty) open.push(node);
    }
  }
  return root;
}
/** @type {Record<string, string>} */
const ENTITIES = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** @param {Node | undefined} node @param {string} name */
const child = (node, name) => node?.children.find((it) => it.name === name);
/** @param {Node} node @param {...string} path */
export const textAt = (node, ...path) => path.reduce((/** @type {Node | undefined} */ at, name) => child(at, name), node)?.text ?? '';

/**
 * @param {Node} node
 * @param {string} shape
 * @param {string[]} [removed] keys that the CLI adds and removes again
 * @returns {Record<string, any>}
 */
export function fromXml(node, shape, removed) {
  /** @type {Record<string, any>} */ const members = {};
  for (const { name, wire, kind } of membersOf(shape)) {
    const found = child(node, wire ?? name[0].toLowerCase() + name.slice(1));
    if (found) members[name] = valueOf(found, kind);
  }
  return dict(members, removed);
}

/** @param {Node} node @param {string} kind @returns {any} */
function valueOf(node, kind) {
  if (kind[0] === '*') return node.children.map((it) => valueOf(it, kind.slice(1)));
  if (kind[0] === '>') return fromXml(node, kind.slice(1));
  if (kind === '#') return Number(node.text);
  return kind === '?' ? node.text === 'true' : node.text;
}
