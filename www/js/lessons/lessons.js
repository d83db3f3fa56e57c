// @ts-check
// The ten lessons: first in the article's order, then beyond it. Their texts are in strings/; this
// file has the commands, and for each goal a check of the session. Lesson and goal ids are stored
// in the browser, so they are frozen.

import { latin1 } from '../engine.js';

/**
 * @typedef {import('../session.js').Session} Session
 * @typedef {import('../session.js').Entry} Entry
 * @typedef {'cli' | 'test'} HostName
 */
/**
 * A command (`sets`: later lessons depend on it; `goal`: the goal that it reaches), or a view to open.
 * @typedef {{ host: HostName, command: string, sets?: boolean, goal?: string } | { open: string, goal?: string }} Step
 */
/**
 * What happened since the lesson was started.
 * @typedef {{ session: Session, entries: readonly Entry[], log: readonly any[] }} Activity
 */
/**
 * A task without given commands. `solution` is one way to reach it.
 * @typedef {{ solution: { host: HostName, command: string }[], reached: (activity: Activity) => boolean }} Challenge
 */
/** @typedef {{ id: string, needs?: 'test' | 'required', steps: Step[], goals: Record<string, (activity: Activity) => boolean>, challenge: Challenge }} Lesson */

const SERVICE = 'http://169.254.169.254/latest';
const cli = (/** @type {string} */ command, sets = false) => ({ host: /** @type {const} */ ('cli'), command, sets });
const inside = (/** @type {string} */ command) => ({ host: /** @type {const} */ ('test'), command });
/** A step that reaches a goal. @param {string} goal @param {Extract<Step, { command: string }>} step */
const reaches = (goal, step) => ({ ...step, goal });

/** The article's command. */
export const LAUNCH = `aws ec2 run-instances \\
--image-id ami-0ce107ae7af2e92b5 \\
--instance-type t2.nano \\
--key-name key_file \\
--monitoring Enabled=false \\
--placement AvailabilityZone=ap-northeast-1a \\
--subnet-id subnet-03d74b8d6ab6c39f2 \\
--associate-public-ip-address \\
--security-group-ids sg-0a00ecb871bb15fb3 \\
--tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=test_instance}]'`;
const describe = (/** @type {string} */ member) => `aws ec2 describe-instances \\
--filters "Name=tag:Name,Values=test_instance" \\
--query Reservations[*].Instances[*].[${member}]`;
/** The id of the article's instance, and of the first instance launched in a session. */
const ARTICLES_ID = 'i-034109c70aaa4b055';
/**
 * A lesson's command with the id of the running test_instance.
 * @param {string} command
 * @param {Session} session
 */
export const commandIn = (command, session) => command.replaceAll(ARTICLES_ID, session.hosts.test?.id ?? ARTICLES_ID);
const REQUIRE = `aws ec2 modify-instance-metadata-options \\
--instance-id ${ARTICLES_ID} \\
--http-tokens required \\
--http-put-response-hop-limit 1 \\
--http-endpoint enabled`;
const SESSION = `TOKEN=\`curl -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"\` && curl -H "X-aws-ec2-metadata-token: $TOKEN" -v ${SERVICE}/meta-data/`;
const FAR = `docker run --rm curlimages/curl -s --max-time 2 -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"`;

/** Method and path of the request that reached the service. @param {Entry} entry */
const requestLine = ({ arrived }) => /** @type {string[]} */ (/^(\S*) (\S*)/.exec(latin1(arrived)) ?? ['', '', '']).slice(1);
/** The exchanges with a host. @param {Activity} activity @param {HostName} name */
const exchangesWith = ({ session, entries }, name) => {
  const { cli: first, test } = session.hosts;
  const host = name === 'test' ? test : first;
  return host ? entries.filter(({ how }) => (how.instance ?? first?.id) === host.id || how.instance === host.address) : [];
};
/**
 * Whether an exchange with a host matches.
 * @param {Activity} activity
 * @param {HostName} host
 * @param {(it: { method: string, path: string, status: number | null, rule: string | null, entry: Entry }) => boolean} matches
 */
const some = (activity, host, matches) =>
  exchangesWith(activity, host).some((entry) => {
    const [method, path] = requestLine(entry);
    const { status = null, rule = null } = entry.exchange ?? {};
    return matches({ method, path, status, rule, entry });
  });
const options = (/** @type {Session} */ session) => {
  const { test } = session.hosts;
  return test && session.imds.options({ instance: test.id });
};
/**
 * Whether EC2's API was called with an action, and with a parameter that contains `part`.
 * @param {Activity} activity @param {string} action @param {string} [part]
 */
const called = ({ log }, action, part = '') =>
  log.some(([step, form]) => {
    const parameters = step === 'ec2' ? [...new URLSearchParams(form)].map(([name, value]) => `${name}=${value}`) : [];
    return parameters.includes(`Action=${action}`) && parameters.some((it) => it.includes(part));
  });
/** The exchanges since the last change of options. @param {Activity} activity */
const sinceModified = ({ log, entries }) => {
  const changed = log.findLastIndex(([step, form]) => step === 'modify' || (step === 'ec2' && `${form}`.includes('Action=ModifyInstanceMetadataOptions')));
  const count = log.slice(changed + 1).filter(([step]) => step === '>').length;
  return changed < 0 || !count ? [] : entries.slice(-count);
};
const ROLE = /^\/latest\/meta-data\/iam\/security-credentials\/[^/]+$/;

/** @type {Lesson[]} */
export const LESSONS = [
  {
    id: 'metadata',
    steps: [cli('cat /etc/system-release'), reaches('leaf', cli(`curl ${SERVICE}/meta-data/instance-type/`)), reaches('listing', cli(`curl ${SERVICE}/meta-data/`))],
    goals: {
      leaf: (activity) => some(activity, 'cli', ({ path, status }) => status === 200 && /^\/latest\/meta-data\/instance-type\/?$/.test(path)),
      listing: (activity) => some(activity, 'cli', ({ path, status }) => status === 200 && /^\/latest\/meta-data\/?$/.test(path)),
    },
    challenge: {
      solution: [cli(`curl ${SERVICE}/meta-data/placement/availability-zone`)],
      reached: (activity) => some(activity, 'cli', ({ path, status }) => status === 200 && path.endsWith('/placement/availability-zone')),
    },
  },
  {
    id: 'v1',
    steps: [reaches('role', cli(`curl ${SERVICE}/meta-data/iam/security-credentials/`)), reaches('credentials', cli(`curl ${SERVICE}/meta-data/iam/security-credentials/cli_role`))],
    goals: {
      role: (activity) => some(activity, 'cli', ({ path, rule }) => rule === 'serve.v1' && path === '/latest/meta-data/iam/security-credentials/'),
      credentials: (activity) => some(activity, 'cli', ({ path, rule }) => rule === 'serve.v1' && ROLE.test(path)),
    },
    challenge: {
      solution: [cli(`curl ${SERVICE}/meta-data/iam/info`)],
      reached: (activity) => some(activity, 'cli', ({ path, rule }) => rule === 'serve.v1' && path.endsWith('/iam/info')),
    },
  },
  {
    id: 'v2',
    steps: [
      reaches('session', cli(SESSION)),
      reaches('bare', cli(`curl -i -X PUT "${SERVICE}/api/token"`)),
      reaches('forwarded', cli(`curl -i -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600" -H "X-Forwarded-For: 203.0.113.9"`)),
    ],
    goals: {
      token: (activity) => some(activity, 'cli', ({ rule }) => rule === 'serve.token'),
      session: (activity) => some(activity, 'cli', ({ rule }) => rule === 'serve.v2'),
      bare: (activity) => some(activity, 'cli', ({ rule }) => rule === 'ttl.missing'),
      forwarded: (activity) => some(activity, 'cli', ({ rule }) => rule === 'forwarded.put'),
    },
    challenge: {
      solution: [cli(`TOKEN=$(curl -s -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60") && curl -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/instance-id`)],
      reached: (activity) => activity.session.tokens.some(({ n, seconds }) => seconds === 60 && some(activity, 'cli', ({ path, rule, entry }) => rule === 'serve.v2' && path.endsWith('/instance-id') && entry.n > n)),
    },
  },
  {
    id: 'launch',
    steps: [reaches('running', cli(LAUNCH, true)), reaches('asked', inside(`curl ${SERVICE}/meta-data/`))],
    goals: {
      running: ({ session }) => session.hosts.test !== null,
      asked: (activity) => some(activity, 'test', ({ path, status }) => status === 200 && /^\/latest\/meta-data\/?$/.test(path)),
    },
    challenge: {
      solution: [cli('aws ec2 run-instances --image-id ami-0ce107ae7af2e92b5 --instance-type t3.micro --metadata-options HttpTokens=required')],
      reached: (activity) => called(activity, 'RunInstances', 'MetadataOptions.HttpTokens=required') && activity.session.imds.instances().some(({ id, options: { http_tokens } }) => http_tokens === 'required' && id !== activity.session.hosts.test?.id),
    },
  },
  {
    id: 'options',
    needs: 'test',
    steps: [reaches('described', cli(describe('MetadataOptions'))), reaches('both', inside(SESSION))],
    goals: {
      described: (activity) => activity.session.hosts.test !== null && called(activity, 'DescribeInstances'),
      both: (activity) => some(activity, 'test', ({ rule }) => rule === 'serve.v2') && options(activity.session)?.http_tokens === 'optional',
    },
    challenge: {
      solution: [
        cli(`aws ec2 modify-instance-metadata-options --instance-id ${ARTICLES_ID} --http-endpoint disabled`), cli('sleep 1'), inside(`curl -i ${SERVICE}/meta-data/`),
        cli(`aws ec2 modify-instance-metadata-options --instance-id ${ARTICLES_ID} --http-endpoint enabled`), cli('sleep 1'),
      ],
      reached: (activity) => some(activity, 'test', ({ rule }) => rule === 'endpoint.disabled') && options(activity.session)?.http_endpoint === 'enabled' && options(activity.session)?.state === 'applied',
    },
  },
  {
    id: 'require',
    needs: 'test',
    steps: [cli(describe('InstanceId')), reaches('pending', cli(REQUIRE, true)), reaches('meanwhile', inside(`curl ${SERVICE}/meta-data/`)), reaches('applied', cli('sleep 1', true)), cli(describe('MetadataOptions'))],
    goals: {
      pending: ({ session }) => options(session)?.http_tokens === 'required' && options(session)?.state === 'pending',
      meanwhile: (activity) => options(activity.session)?.state === 'pending' && some({ ...activity, entries: sinceModified(activity) }, 'test', ({ rule }) => rule === 'serve.v1'),
      applied: ({ session }) => options(session)?.http_tokens === 'required' && options(session)?.state === 'applied',
    },
    challenge: {
      solution: [cli('aws ec2 describe-instances --filters Name=metadata-options.http-tokens,Values=optional --query Reservations[*].Instances[*].[InstanceId]')],
      reached: (activity) => called(activity, 'DescribeInstances', 'metadata-options.http-tokens'),
    },
  },
  {
    id: 'refused',
    needs: 'required',
    steps: [reaches('refused', inside(`curl ${SERVICE}/meta-data/`)), reaches('session', inside(SESSION))],
    goals: {
      refused: (activity) => some(activity, 'test', ({ rule, status }) => rule === 'token.missing' && status === 401),
      session: (activity) => some({ ...activity, entries: called(activity, 'ModifyInstanceMetadataOptions') ? sinceModified(activity) : activity.entries }, 'test', ({ rule }) => rule === 'serve.v2') && options(activity.session)?.http_tokens === 'required',
    },
    challenge: {
      solution: [inside(`curl -i -H "X-aws-ec2-metadata-token: forged" ${SERVICE}/meta-data/`)],
      reached: (activity) => some(activity, 'test', ({ rule, status }) => status === 401 && rule !== 'token.missing'),
    },
  },
  {
    id: 'expiry',
    needs: 'required',
    steps: [
      reaches('short', inside(`TOKEN=\`curl -s -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60"\``)),
      reaches('used', inside(`curl -i -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/instance-id`)),
      inside('sleep 59'),
      inside(`curl -i -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/instance-id`),
      inside('sleep 1'),
      reaches('expired', inside(`curl -i -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/instance-id`)),
    ],
    goals: {
      short: ({ session }) => session.tokens.some(({ instance, seconds }) => instance === session.hosts.test?.id && seconds <= 60),
      used: (activity) => activity.session.tokens.some(({ n, seconds }) => seconds <= 60 && some(activity, 'test', ({ rule, entry }) => rule === 'serve.v2' && entry.n > n)),
      expired: (activity) => some(activity, 'test', ({ rule }) => rule === 'token.expired'),
    },
    challenge: {
      solution: [
        inside(`curl -s -o /dev/null -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"`),
        inside(`curl -i -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21601"`),
      ],
      reached: (activity) => some(activity, 'test', ({ method, status }) => method === 'PUT' && status === 400) && some(activity, 'test', ({ rule, entry }) => rule === 'serve.token' && /ttl-seconds: 21600\r/i.test(latin1(entry.request))),
    },
  },
  {
    id: 'hops',
    needs: 'required',
    steps: [
      reaches('lost', inside(FAR)),
      reaches('longer', cli(`aws ec2 modify-instance-metadata-options \\\n--instance-id ${ARTICLES_ID} \\\n--http-put-response-hop-limit 2`)),
      cli('sleep 1'),
      reaches('arrived', inside(FAR)),
    ],
    goals: {
      lost: (activity) => some(activity, 'test', ({ method, entry }) => method === 'PUT' && entry.exchange?.noResponse === 'hop-limit'),
      longer: ({ session }) => (options(session)?.http_put_response_hop_limit ?? 0) > 1 && options(session)?.state === 'applied',
      arrived: (activity) => some(activity, 'test', ({ rule, entry }) => rule === 'serve.token' && (entry.how.hops ?? 1) > 1 && !!entry.exchange?.response),
    },
    challenge: {
      solution: [cli(`aws ec2 modify-instance-metadata-options --instance-id ${ARTICLES_ID} --http-put-response-hop-limit 1`), cli('sleep 1'), inside(FAR)],
      reached: (activity) => {
        const container = exchangesWith(activity, 'test').filter(({ how }) => (how.hops ?? 1) > 1);
        const arrived = container.find(({ exchange }) => exchange?.rule === 'serve.token' && exchange.response);
        return !!arrived && container.some(({ n, exchange }) => n > arrived.n && exchange?.noResponse === 'hop-limit');
      },
    },
  },
  {
    id: 'lab',
    steps: [
      { open: '#/lab' },
      reaches('leaked', cli(`curl -H "X-Forwarded-For: 203.0.113.9" ${SERVICE}/meta-data/iam/security-credentials/cli_role`)),
      cli('aws ec2 modify-instance-metadata-options --instance-id i-0c11a7e9b2d04f3a6 --http-tokens required'),
      cli('sleep 1'),
      reaches('held', cli(`curl -i -H "X-Forwarded-For: 203.0.113.9" ${SERVICE}/meta-data/iam/security-credentials/cli_role`)),
      reaches('proxied', cli(`curl -i -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60" -H "X-Forwarded-For: 203.0.113.9"`)),
      reaches('remains', cli(`TOKEN=\`curl -s -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60"\` && curl -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/iam/security-credentials/cli_role`)),
    ],
    goals: {
      leaked: (activity) => some(activity, 'cli', ({ path, rule, entry }) => rule === 'serve.v1' && ROLE.test(path) && isForwarded(entry)),
      held: (activity) => some(activity, 'cli', ({ path, rule }) => rule === 'token.missing' && ROLE.test(path)),
      proxied: (activity) => some(activity, 'cli', ({ rule }) => rule === 'forwarded.put' || rule === 'forwarded.session'),
      remains: (activity) => some(activity, 'cli', ({ path, rule }) => rule === 'serve.v2' && ROLE.test(path)),
    },
    challenge: {
      solution: [
        cli('aws ec2 modify-instance-metadata-options --instance-id i-0c11a7e9b2d04f3a6 --http-endpoint disabled'), cli('sleep 1'),
        cli(`curl -i -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60"`),
      ],
      reached: (activity) => some(activity, 'cli', ({ method, rule }) => method === 'PUT' && rule === 'endpoint.disabled'),
    },
  },
];

/**
 * Whether the request came through a program on the host: over stages, or with a proxy's header.
 * @param {Entry} entry
 */
const isForwarded = ({ how, arrived }) => !!how.stages?.length || /^x-forwarded-for:/im.test(latin1(arrived));
