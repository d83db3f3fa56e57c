// @ts-check
// The AWS CLI of the article's cli_instance, aws-cli 1.18.107 on Python 2.7: its arguments, output
// and errors. The core's Query API answers the requests.

import { AwsError, UsageError } from './aws-error.js';
import { asTable, asText, asYaml } from './aws-output.js';
import { identity } from './aws-sts.js';
import { cliName, coerce, fromXml, membersOf, operations, readXml, textAt, toForm, toInt, validate } from './ec2-wire.js';
import { nearest } from './suggest.js';
import { dict, dumps } from './python2.js';
import { shorthand } from './shorthand.js';

const VERSION = 'aws-cli/1.18.107 Python/2.7.18 Linux/4.14.193-149.317.amzn2.x86_64 botocore/1.17.31\n';
const USAGE = `usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
To see help text, you can run:

  aws help
  aws <command> help
  aws <command> <subcommand> help
`;
/** The global options; `=` means that a value follows. */
const GLOBALS = Object.fromEntries(
  'debug endpoint-url= no-verify-ssl no-paginate output= query= profile= region= version color= no-sign-request ca-bundle= cli-read-timeout= cli-connect-timeout='
    .split(' ').map((it) => [`--${it.replace('=', '')}`, it]),
);
const PAGINATED = ['describe-instances', 'describe-tags'];

/**
 * `flag` is the value of a boolean option.
 * @typedef {{ option: string, name: string, kind: string, many: boolean, flag: boolean | null, required: boolean, newer: boolean }} Argument
 */

/** @param {string} command @returns {Argument[]} */
function argumentsOf(command) {
  /** @type {Pick<Argument, 'kind' | 'many' | 'flag' | 'required' | 'newer'>} */
  const plain = { kind: '', many: false, flag: null, required: false, newer: false };
  /** @type {Argument[]} */
  const list = membersOf(operations.get(command)?.input ?? '').flatMap(({ name, kind, required, newer }) => {
    const option = `--${cliName(name)}`;
    /** @type {Argument} */ const argument = { ...plain, option, name, kind, newer, many: kind[0] === '*', required };
    const off = option === '--disable-api-termination' ? '--enable-api-termination' : `--no-${option.slice(2)}`;
    return kind === '?' ? [{ ...argument, flag: true }, { ...argument, option: off, flag: false }] : [argument];
  });
  if (command === 'run-instances') {
    return [
      ...list.filter(({ name }) => name !== 'MinCount' && name !== 'MaxCount'),
      { ...plain, option: '--count', name: 'Count' },
      { ...plain, option: '--secondary-private-ip-addresses', name: 'Secondary', kind: '*', many: true },
      { ...plain, option: '--secondary-private-ip-address-count', name: 'SecondaryCount', kind: '#' },
      { ...plain, option: '--associate-public-ip-address', name: 'PublicIp', flag: true },
      { ...plain, option: '--no-associate-public-ip-address', name: 'PublicIp', flag: false },
    ];
  }
  if (!PAGINATED.includes(command)) return list;
  return [...list, ...['starting-token', 'page-size', 'max-items'].map((it) => ({ ...plain, option: `--${it}`, name: it, kind: it === 'starting-token' ? '' : '#' }))];
}

/** @param {import('./shell.js').Io} io @returns {Promise<number>} */
export async function aws(io) {
  try {
    return await command(io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${USAGE}aws: error: ${error.message}\n`);
      return 2;
    }
    if (!(error instanceof AwsError)) throw error;
    io.err(`${error.bare ? '' : '\n'}${error.message}\n`);
    return 255;
  }
}

/** @param {import('./shell.js').Io} io */
async function command(io) {
  /** @type {Record<string, string | true>} */ const globals = {};
  /** @type {string[]} */ const rest = [];
  for (let at = 0; at < io.args.length; at += 1) {
    const [, name, inline] = /^(--[\w-]+)(?:=([^]*))?$/.exec(io.args[at]) ?? [];
    const option = GLOBALS[name];
    if (!option) rest.push(io.args[at]);
    else if (!option.endsWith('=')) globals[name] = true;
    else {
      const value = inline ?? io.args[(at += 1)];
      if (value === undefined) throw new UsageError(`argument ${name}: expected one argument`);
      globals[name] = value;
    }
  }
  if (globals['--version']) {
    io.err(VERSION);
    return 0;
  }
  const [service, name, ...words] = rest;
  if (service === 'help' || name === 'help' || words[0] === 'help') {
    io.note('aws.help', awsCommands().join(', '));
    return 0;
  }
  if (!service || (['ec2', 'sts'].includes(service) && !name)) throw new UsageError('too few arguments');
  if (service !== 'ec2' && service !== 'sts') {
    io.note('aws.service', service);
    return 2;
  }
  const operation = operations.get(name);
  if (service === 'sts' ? name !== 'get-caller-identity' : !operation) {
    const near = nearest(name, service === 'sts' ? ['get-caller-identity'] : [...operations.keys()]);
    io.note(near ? 'aws.operation' : 'aws.operation.far', `${service} ${name}`, `${service} ${near}`);
    return 2;
  }
  const output = globals['--output'] ?? 'json';
  if (!['json', 'text', 'table', 'yaml'].includes(/** @type {string} */ (output))) {
    throw new UsageError(`argument --output: Invalid choice, valid choices are:\n\n${['json', 'text'].map((it) => it.padEnd(40)).join(' | ')}\n${'table'.padEnd(40)}`);
  }
  if (output === 'yaml') io.note('aws.newer', '--output yaml');
  checkGlobals(io, globals, service);
  const query = globals['--query'] === undefined ? null : await compileQuery(`${globals['--query']}`);
  const print = (/** @type {any} */ result, /** @type {string} */ action) => {
    const selected = query ? query(result) : result;
    if (output === 'text') io.out(asText(selected));
    else if (output === 'table') io.out(asTable(selected, action));
    else if (isEmpty(selected)) return 0;
    else io.out(output === 'yaml' ? asYaml(selected) : `${dumps(selected)}\n`);
    return 0;
  };
  if (service === 'sts') {
    readArguments(words, []);
    if (!isAuthorized(io, globals)) return 255;
    return print(identity(io), 'GetCallerIdentity');
  }
  const { action, input, newer } = /** @type {NonNullable<typeof operation>} */ (operation);
  const list = argumentsOf(name);
  const parameters = toParameters(io, readArguments(words, list), list, name);
  const paging = { size: parameters['page-size'], items: parameters['max-items'], token: parameters['starting-token'] };
  for (const it of ['page-size', 'max-items', 'starting-token']) delete parameters[it];
  const paginated = PAGINATED.includes(name) && !globals['--no-paginate'] && !('MaxResults' in parameters) && !('NextToken' in parameters);
  const used = Object.entries({ 'starting-token': paging.token, 'page-size': paging.size, 'max-items': paging.items }).filter(([, it]) => it !== undefined);
  if (!paginated && used.length) throw new AwsError(`Error during pagination: Cannot specify --no-paginate along with pagination arguments: ${used.map(([it]) => `--${it}`).join(', ')}`);
  if (name === 'run-instances') fixLaunch(io, parameters);
  for (const it of list) if (it.newer && it.name in parameters) io.note('aws.newer', it.option);
  if (newer) io.note('aws.newer', name);
  if (!isAuthorized(io, globals)) return 255;
  validate(parameters, input);

  return print(paginated ? paginate(io, operation, parameters, paging) : call(io, /** @type {any} */ (operation), parameters), action);
}

/**
 * Rejects a region, a profile and other global options that do not exist here.
 * @param {import('./shell.js').Io} io
 * @param {Record<string, string | true>} globals
 * @param {string} service
 */
function checkGlobals(io, globals, service) {
  const profile = globals['--profile'] ?? io.variables.get('AWS_PROFILE');
  if (profile !== undefined && profile !== 'default') throw new AwsError(`The config profile (${profile}) could not be found`, true);
  const home = regionOf(io);
  const region = globals['--region'] ?? io.variables.get('AWS_DEFAULT_REGION') ?? home;
  const invalid = !/^[a-z0-9-]{1,63}$/.test(`${region}`);
  if (region !== home) io.note('aws.region', region, home);
  if (region !== home) throw new AwsError(invalid ? `Invalid endpoint: https://${service}.${region}.amazonaws.com` : `Could not connect to the endpoint URL: "https://${service}.${region}.amazonaws.com/"`);
  for (const name of ['--endpoint-url', '--debug', '--ca-bundle']) {
    if (globals[name] === undefined) continue;
    io.note('unknown.option', 'aws', name);
    throw new AwsError(name === '--endpoint-url' ? `Could not connect to the endpoint URL: "${globals[name]}/"` : `${name} is not supported here`);
  }
  for (const name of ['--no-verify-ssl', '--color', '--cli-read-timeout', '--cli-connect-timeout']) if (globals[name] !== undefined) io.note('aws.no-effect', name);
}

/** The Region of the host. @param {import('./shell.js').Io} io */
const regionOf = (io) => `${io.session.record(io.host.id)?.availability_zone ?? 'ap-northeast-1a'}`.replace(/[a-z]$/, '');

/** @param {import('./shell.js').Io} io @param {Record<string, string | true>} globals */
function isAuthorized(io, globals) {
  if (globals['--no-sign-request'] || hasRole(io)) return true;
  io.err('Unable to locate credentials. You can configure credentials by running "aws configure".\n');
  io.note('aws.role');
  return false;
}

const isEmpty = (/** @type {any} */ value) => value !== null && typeof value === 'object' && !Array.isArray(value) && !Object.keys(value).length;

/**
 * Whether the host has role credentials, which the CLI reads from the metadata service.
 * @param {import('./shell.js').Io} io
 */
function hasRole(io) {
  const path = '/latest/meta-data/iam/security-credentials/';
  const { status } = io.session.peek(path, { instance: io.host.id });
  if (status !== 401) return status === 200;
  return io.session.imds.explain(`GET ${path} HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n`, { instance: io.host.id }).some((turn) => turn.rule === 'serve.v2' && turn.status === 200);
}

/** The visible behaviour of Python's argparse. @param {string[]} words @param {Argument[]} list */
function readArguments(words, list) {
  /** @type {Map<string, any>} */ const values = new Map();
  /** @type {string[]} */ const unknown = [];
  /** @type {string[]} */ const extra = [];
  const isOption = (/** @type {string} */ word) => /^-./.test(word) && !/^-\d+(\.\d+)?$/.test(word) && !word.includes(' ');
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (!isOption(word)) {
      extra.push(word);
      continue;
    }
    const [, name, value] = /^([^=]+)(?:=([^]*))?$/.exec(word) ?? [];
    const exact = list.find(({ option }) => option === name);
    const prefixed = exact || !name.startsWith('--') ? [] : list.filter(({ option, newer }) => !newer && option.startsWith(name));
    if (prefixed.length > 1) throw new UsageError(`ambiguous option: ${name} could match ${prefixed.map(({ option }) => option).join(', ')}`);
    const found = exact ?? prefixed[0];
    if (!found) {
      unknown.push(word);
      continue;
    }
    if (found.flag !== null) {
      if (value !== undefined) throw new UsageError(`argument ${found.option}: ignored explicit argument '${value}'`);
      values.set(found.name, { found, value: found.flag });
      continue;
    }
    /** @type {string[]} */ const own = value === undefined ? [] : [value];
    while (value === undefined && at + 1 < words.length && !isOption(words[at + 1]) && (found.many || !own.length)) own.push(words[(at += 1)]);
    if (!found.many && !own.length) throw new UsageError(`argument ${found.option}: expected one argument`);
    values.set(found.name, { found, value: found.many ? own : own[0] });
  }
  for (const it of list) if (it.required && !values.has(it.name)) throw new UsageError(`argument ${it.option} is required`);
  const unexpected = [...unknown, ...extra.slice(1), ...extra.slice(0, 1)];
  if (unexpected.length) throw new AwsError(`${USAGE}\nUnknown options: ${unexpected.join(', ')}`, true);
  return values;
}

/**
 * @param {import('./shell.js').Io} io
 * @param {Map<string, any>} values
 * @param {Argument[]} list
 * @param {string} command
 */
function toParameters(io, values, list, command) {
  /** @type {Record<string, any>} */ const parameters = {};
  for (const { name } of list) {
    if (!values.has(name) || name in parameters) continue;
    const { found, value } = values.get(name);
    const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
    const loaded = typeof one === 'string' && one.startsWith('file://') ? fromFile(io, one, found.option) : value;
    parameters[name] = found.flag === null ? unpack(loaded, found) : loaded;
  }
  if (command === 'run-instances') {
    const simple = ['Secondary', 'SecondaryCount', 'PublicIp'].filter((it) => parameters[it] !== undefined && parameters[it] !== false);
    if (parameters.NetworkInterfaces && simple.length) throw new AwsError('Mixing the --network-interfaces option with the simple, scalar options is not supported.');
  }
  return parameters;
}

/** @param {import('./shell.js').Io} io @param {string} url @param {string} option */
function fromFile(io, url, option) {
  const name = url.slice('file://'.length);
  const content = io.files.get(name);
  if (content === undefined) throw new AwsError(`Error parsing parameter '${option}': Unable to load paramfile ${url}: [Errno 2] No such file or directory: '${name}'`);
  return content;
}

/** @param {any} value @param {Argument} argument */
function unpack(value, { kind, option }) {
  const first = Array.isArray(value) ? value[0] ?? '' : value;
  const complex = kind[0] === '>' || kind.startsWith('*>');
  const json = (/** @type {string} */ text) => {
    try {
      return JSON.parse(text);
    } catch {
      throw new AwsError(`Error parsing parameter '${option}': Invalid JSON: ${text.trim()[0] === '{' || text.trim()[0] === '[' ? 'No JSON object could be decoded' : ''}\nJSON received: ${text}`);
    }
  };
  if ((complex || kind[0] === '*') && /^\s*[[{]/.test(first)) {
    if (!Array.isArray(value)) return json(value);
    return first.trim()[0] === '[' && value.length === 1 ? json(first) : value.map(json);
  }
  try {
    if (complex) return coerce(Array.isArray(value) ? value.map(shorthand) : shorthand(value), kind);
  } catch (error) {
    if (!(error instanceof AwsError) || error.message.startsWith('invalid literal')) throw error;
    throw new AwsError(`Error parsing parameter '${option}': ${error.message}`);
  }
  return kind === '#' ? toInt(value) : value;
}

/**
 * Follows awscli/customizations/ec2/runinstances.py and addcount.py, and botocore's additions.
 * @param {import('./shell.js').Io} io
 * @param {Record<string, any>} parameters
 */
function fixLaunch(io, parameters) {
  const { Count = '1', Secondary, SecondaryCount, PublicIp } = parameters;
  for (const name of ['Count', 'Secondary', 'SecondaryCount', 'PublicIp']) delete parameters[name];
  const [min, max = min] = Count.split(':');
  if (!/^\d+$/.test(min) || !/^\d+$/.test(max)) throw new AwsError('count parameter should be of form min[:max] (e.g. 1 or 1:10)');
  parameters.MinCount = Number(min);
  parameters.MaxCount = Number(max);
  const simple = {
    ...(Secondary?.length ? { PrivateIpAddresses: Secondary.map((/** @type {string} */ it) => ({ PrivateIpAddress: it, Primary: false })) } : {}),
    ...(SecondaryCount ? { SecondaryPrivateIpAddressCount: SecondaryCount } : {}),
    ...(PublicIp === undefined ? {} : { AssociatePublicIpAddress: PublicIp }),
  };
  if (Object.keys(simple).length) parameters.NetworkInterfaces = [{ DeviceIndex: 0, ...simple }];
  const face = parameters.NetworkInterfaces?.[0];
  if (face && ['PrivateIpAddresses', 'SecondaryPrivateIpAddressCount', 'AssociatePublicIpAddress'].some((it) => it in face)) {
    const move = (/** @type {string} */ from, /** @type {string} */ to, /** @type {(it: any) => any} */ convert = (it) => it) => {
      if (!(from in parameters)) return;
      face[to] = convert(parameters[from]);
      delete parameters[from];
    };
    move('SubnetId', 'SubnetId');
    move('SecurityGroupIds', 'Groups');
    move('PrivateIpAddress', 'PrivateIpAddresses', (it) => [{ PrivateIpAddress: it, Primary: true }]);
    move('Ipv6AddressCount', 'Ipv6AddressCount');
    move('Ipv6Addresses', 'Ipv6Addresses');
  }
  if (typeof parameters.UserData === 'string') parameters.UserData = btoa(String.fromCharCode(...new TextEncoder().encode(parameters.UserData)));
  parameters.ClientToken ??= generatedUuid(`${io.session.now()} ${io.session.log.length} ${io.shell.draw()}`);
}

/**
 * The CLI's client token is random; here it derives from the session, so that a replay launches the
 * same instances.
 * @param {string} from
 */
function generatedUuid(from) {
  let state = 0x811c9dc5;
  const word = () => {
    for (const character of from) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
    return (state >>> 0).toString(16).padStart(8, '0');
  };
  const digits = word() + word() + word() + word();
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}

/**
 * @param {import('./shell.js').Io} io
 * @param {{ action: string, input: string, output: string | undefined }} operation
 * @param {Record<string, any>} parameters
 */
function call(io, { action, input, output }, parameters) {
  const form = new URLSearchParams([['Action', action], ['Version', '2016-11-15'], ...toForm(parameters, input)]);
  const reply = io.session.imds.ec2(form.toString());
  const root = readXml(reply.body);
  if (reply.status >= 300) throw new AwsError(`An error occurred (${textAt(root, 'Response', 'Errors', 'Error', 'Code')}) when calling the ${action} operation: ${textAt(root, 'Response', 'Errors', 'Error', 'Message')}`);
  return output ? fromXml(root.children[root.children.length - 1], output, ['ResponseMetadata']) : {};
}

/**
 * All pages, or the first `items`.
 * @param {import('./shell.js').Io} io
 * @param {any} operation
 * @param {Record<string, any>} parameters
 * @param {{ size?: number, items?: number, token?: string }} paging
 */
function paginate(io, operation, parameters, { size, items, token }) {
  const key = operation.action === 'DescribeTags' ? 'Tags' : 'Reservations';
  /** @type {any[]} */ const all = [];
  let next = token;
  do {
    const page = call(io, operation, { ...parameters, ...(size ? { MaxResults: size } : {}), ...(next ? { NextToken: next } : {}) });
    all.push(...page[key]);
    next = page.NextToken;
  } while (next && (items === undefined || all.length < items));
  if (items !== undefined && all.length > items) io.note('aws.items');
  return dict({ [key]: items === undefined ? all : all.slice(0, items), ...(next ? { NextToken: next } : {}) });
}

/** @param {string} expression @returns {Promise<(value: any) => any>} */
async function compileQuery(expression) {
  const library = await import('../../vendor/jmespath.js');
  const { compile, search } = /** @type {{ compile(it: string): unknown, search(value: any, it: string): any }} */ (library.default);
  try {
    compile(expression);
  } catch (error) {
    const open = /\bEOF\b/.test(reason(error));
    throw new AwsError(`Bad value for --query ${expression}: ${open ? `Invalid jmespath expression: Incomplete expression:\n"${expression}"\n${' '.repeat(expression.length + 1)}^` : reason(error)}`);
  }
  return (value) => {
    try {
      return search(value, expression);
    } catch (error) {
      throw new AwsError(reason(error));
    }
  };
}

const reason = (/** @type {unknown} */ error) => (error instanceof Error ? error.message : `${error}`);

/** Completions. @param {string} text the command typed so far @returns {string[]} */
export function awsWords(text) {
  const global = ['--output', '--profile', '--query', '--region'];
  const name = /\baws\s+ec2\s+([\w-]+)\s/.exec(text)?.[1];
  if (/--output\s+\w*$/.test(text)) return ['json', 'table', 'text', 'yaml'];
  if (name) return [...argumentsOf(name).map(({ option }) => option), ...global];
  if (/\baws\s+sts\s/.test(text)) return ['get-caller-identity', ...global];
  return /\baws\s+ec2\s/.test(text) ? [...operations.keys()] : ['ec2', 'sts', 'help', '--version'];
}

/** The commands of this CLI. */
export const awsCommands = () => [...[...operations.keys()].map((it) => `ec2 ${it}`), 'sts get-caller-identity'];
