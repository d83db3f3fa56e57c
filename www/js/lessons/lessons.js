// @ts-check
// The ten lessons, in the article's order and then beyond. Their words are in strings/; here is what is typed, and how it is
// known that a goal is reached: by the world's state and its exchanges.

import { latin1 } from '../engine.js';

/** @typedef {import('../world.js').World} World @typedef {import('../world.js').Entry} Entry @typedef {'cli' | 'test'} HostName */
/** @typedef {{ host: HostName, command: string, sets?: boolean } | { open: string }} Step a command (`sets`: later lessons build on it), or a view to open */
/** @typedef {{ world: World, entries: readonly Entry[], log: readonly any[], before: readonly any[] }} Seen what was done since the lesson began; `before` came earlier */
/** @typedef {{ id: string, needs?: 'test' | 'required', steps: Step[], goals: Record<string, (seen: Seen) => boolean> }} Lesson */

const SERVICE = 'http://169.254.169.254/latest';
const cli = (/** @type {string} */ command, sets = false) => ({ host: /** @type {const} */ ('cli'), command, sets });
const inside = (/** @type {string} */ command) => ({ host: /** @type {const} */ ('test'), command });

/** The article's own. */
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
/** Which id the article's instance has, and in this world its first launch. A later one gets another. */
const ARTICLES_ID = 'i-034109c70aaa4b055';
/** A lesson's command for the test_instance that runs. @param {string} command @param {World} world */
export const commandIn = (command, world) => command.replaceAll(ARTICLES_ID, world.hosts.test?.id ?? ARTICLES_ID);
const REQUIRE = `aws ec2 modify-instance-metadata-options \\
--instance-id ${ARTICLES_ID} \\
--http-tokens required \\
--http-put-response-hop-limit 1 \\
--http-endpoint enabled`;
const SESSION = `TOKEN=\`curl -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"\` && curl -H "X-aws-ec2-metadata-token: $TOKEN" -v ${SERVICE}/meta-data/`;
const FAR = `docker run --rm curlimages/curl -s --max-time 2 -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"`;

/** What the service was asked, whoever passed it on. @param {Entry} entry */
const asked = ({ arrived }) => /** @type {string[]} */ (/^(\S*) (\S*)/.exec(latin1(arrived)) ?? ['', '', '']).slice(1);
/** Which exchanges there were with a host. @param {Seen} seen @param {HostName} host */
const of = ({ world, entries }, host) => {
  const { cli: first, test } = world.hosts;
  const own = host === 'test' ? test : first;
  return own ? entries.filter(({ how }) => (how.instance ?? first?.id) === own.id || how.instance === own.address) : [];
};
/** @param {Seen} seen @param {HostName} host @param {(it: { method: string, path: string, status: number | null, rule: string | null, protocol: string | null, entry: Entry }) => boolean} is */
const some = (seen, host, is) =>
  of(seen, host).some((entry) => {
    const [method, path] = asked(entry);
    const { status = null, rule = null, protocol = null } = entry.exchange ?? {};
    return is({ method, path, status, rule, protocol, entry });
  });
const options = (/** @type {World} */ world) => {
  const { test } = world.hosts;
  return test && world.imds.options({ instance: test.id });
};
const called = (/** @type {Seen} */ { log }, /** @type {string} */ action) => log.some(([what, form]) => what === 'ec2' && new URLSearchParams(form).get('Action') === action);
/** What was asked since options were last changed. @param {Seen} seen */
const sinceModified = ({ log, entries }) => {
  const changed = log.findLastIndex(([what, form]) => what === 'modify' || (what === 'ec2' && `${form}`.includes('Action=ModifyInstanceMetadataOptions')));
  const asked = log.slice(changed + 1).filter(([what]) => what === '>').length;
  return changed < 0 || !asked ? [] : entries.slice(-asked);
};
const ROLE = /^\/latest\/meta-data\/iam\/security-credentials\/[^/]+$/;

/** @type {Lesson[]} */
export const LESSONS = [
  {
    id: 'metadata',
    steps: [cli('cat /etc/system-release'), cli(`curl ${SERVICE}/meta-data/instance-type/`), cli(`curl ${SERVICE}/meta-data/`)],
    goals: {
      leaf: (seen) => some(seen, 'cli', ({ path, status }) => status === 200 && /^\/latest\/meta-data\/instance-type\/?$/.test(path)),
      listing: (seen) => some(seen, 'cli', ({ path, status }) => status === 200 && /^\/latest\/meta-data\/?$/.test(path)),
    },
  },
  {
    id: 'v1',
    steps: [cli(`curl ${SERVICE}/meta-data/iam/security-credentials/`), cli(`curl ${SERVICE}/meta-data/iam/security-credentials/cli_role`)],
    goals: {
      role: (seen) => some(seen, 'cli', ({ path, rule }) => rule === 'serve.v1' && path === '/latest/meta-data/iam/security-credentials/'),
      credentials: (seen) => some(seen, 'cli', ({ path, rule }) => rule === 'serve.v1' && ROLE.test(path)),
    },
  },
  {
    id: 'v2',
    steps: [
      cli(SESSION),
      cli(`curl -i -X PUT "${SERVICE}/api/token"`),
      cli(`curl -i -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600" -H "X-Forwarded-For: 203.0.113.9"`),
    ],
    goals: {
      token: (seen) => some(seen, 'cli', ({ rule }) => rule === 'serve.token'),
      session: (seen) => some(seen, 'cli', ({ rule }) => rule === 'serve.v2'),
      bare: (seen) => some(seen, 'cli', ({ rule }) => rule === 'ttl.missing'),
      forwarded: (seen) => some(seen, 'cli', ({ rule }) => rule === 'forwarded.put'),
    },
  },
  {
    id: 'launch',
    steps: [cli(LAUNCH, true), inside(`curl ${SERVICE}/meta-data/`)],
    goals: {
      running: ({ world }) => world.hosts.test !== null,
      asked: (seen) => some(seen, 'test', ({ path, status }) => status === 200 && /^\/latest\/meta-data\/?$/.test(path)),
    },
  },
  {
    id: 'options',
    needs: 'test',
    steps: [cli(describe('MetadataOptions')), inside(SESSION)],
    goals: {
      described: (seen) => seen.world.hosts.test !== null && called(seen, 'DescribeInstances'),
      both: (seen) => some(seen, 'test', ({ rule }) => rule === 'serve.v2') && options(seen.world)?.http_tokens === 'optional',
    },
  },
  {
    id: 'require',
    needs: 'test',
    steps: [cli(describe('InstanceId')), cli(REQUIRE, true), inside(`curl ${SERVICE}/meta-data/`), cli('sleep 1', true), cli(describe('MetadataOptions'))],
    goals: {
      pending: ({ world }) => options(world)?.http_tokens === 'required' && options(world)?.state === 'pending',
      meanwhile: (seen) => options(seen.world)?.state === 'pending' && some({ ...seen, entries: sinceModified(seen) }, 'test', ({ rule }) => rule === 'serve.v1'),
      applied: ({ world }) => options(world)?.http_tokens === 'required' && options(world)?.state === 'applied',
    },
  },
  {
    id: 'refused',
    needs: 'required',
    steps: [inside(`curl ${SERVICE}/meta-data/`), inside(SESSION)],
    goals: {
      refused: (seen) => some(seen, 'test', ({ rule, status }) => rule === 'token.missing' && status === 401),
      session: (seen) => some({ ...seen, entries: called(seen, 'ModifyInstanceMetadataOptions') ? sinceModified(seen) : seen.entries }, 'test', ({ rule }) => rule === 'serve.v2') && options(seen.world)?.http_tokens === 'required',
    },
  },
  {
    id: 'expiry',
    needs: 'required',
    steps: [
      inside(`TOKEN=\`curl -s -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60"\``),
      inside(`curl -i -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/instance-id`),
      inside('sleep 59'),
      inside(`curl -i -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/instance-id`),
      inside('sleep 1'),
      inside(`curl -i -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/instance-id`),
    ],
    goals: {
      short: ({ world }) => world.tokens.some(({ instance, seconds }) => instance === world.hosts.test?.id && seconds <= 60),
      used: (seen) => seen.world.tokens.some(({ n, seconds }) => seconds <= 60 && some(seen, 'test', ({ rule, entry }) => rule === 'serve.v2' && entry.n > n)),
      expired: (seen) => some(seen, 'test', ({ rule }) => rule === 'token.expired'),
    },
  },
  {
    id: 'hops',
    needs: 'required',
    steps: [
      inside(FAR),
      cli(`aws ec2 modify-instance-metadata-options \\\n--instance-id ${ARTICLES_ID} \\\n--http-put-response-hop-limit 2`),
      cli('sleep 1'),
      inside(FAR),
    ],
    goals: {
      lost: (seen) => some(seen, 'test', ({ method, entry }) => method === 'PUT' && entry.exchange?.silence === 'hop-limit'),
      longer: ({ world }) => (options(world)?.http_put_response_hop_limit ?? 0) > 1 && options(world)?.state === 'applied',
      arrived: (seen) => some(seen, 'test', ({ rule, entry }) => rule === 'serve.token' && (entry.how.hops ?? 1) > 1 && !!entry.exchange?.response),
    },
  },
  {
    id: 'lab',
    steps: [
      { open: '#/lab' },
      cli(`curl -H "X-Forwarded-For: 203.0.113.9" ${SERVICE}/meta-data/iam/security-credentials/cli_role`),
      cli('aws ec2 modify-instance-metadata-options --instance-id i-0c11a7e9b2d04f3a6 --http-tokens required'),
      cli('sleep 1'),
      cli(`curl -i -H "X-Forwarded-For: 203.0.113.9" ${SERVICE}/meta-data/iam/security-credentials/cli_role`),
      cli(`curl -i -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60" -H "X-Forwarded-For: 203.0.113.9"`),
      cli(`TOKEN=\`curl -s -X PUT "${SERVICE}/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60"\` && curl -H "X-aws-ec2-metadata-token: $TOKEN" ${SERVICE}/meta-data/iam/security-credentials/cli_role`),
    ],
    goals: {
      leaked: (seen) => some(seen, 'cli', ({ path, rule, entry }) => rule === 'serve.v1' && ROLE.test(path) && fromElsewhere(entry)),
      held: (seen) => some(seen, 'cli', ({ path, rule }) => rule === 'token.missing' && ROLE.test(path)),
      proxied: (seen) => some(seen, 'cli', ({ rule }) => rule === 'forwarded.put' || rule === 'forwarded.session'),
      remains: (seen) => some(seen, 'cli', ({ path, rule }) => rule === 'serve.v2' && ROLE.test(path)),
    },
  },
];

/** A request that somebody else had sent by way of a program on the host: over stages, or with what a proxy adds. @param {Entry} entry */
const fromElsewhere = ({ how, arrived }) => !!how.stages?.length || /^x-forwarded-for:/im.test(latin1(arrived));
