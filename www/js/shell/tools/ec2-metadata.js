// @ts-check
// ec2-metadata, the program of Amazon Linux that prints the metadata of its instance. Its requests
// and output are those of amazon-ec2-utils, which gets a token first.

/** @typedef {import('../shell.js').Io} Io */

/** Short option, long option and name, path below /latest/ in the order of `--all`. */
const METRICS = `a ami-id meta-data/ami-id
l ami-launch-index meta-data/ami-launch-index
m ami-manifest-path meta-data/ami-manifest-path
n ancestor-ami-ids meta-data/ancestor-ami-ids
b block-device-mapping
i instance-id meta-data/instance-id
t instance-type meta-data/instance-type
h local-hostname meta-data/local-hostname
o local-ipv4 meta-data/local-ipv4
k kernel-id meta-data/kernel-id
z availability-zone meta-data/placement/availability-zone
c product-codes meta-data/product-codes
p public-hostname meta-data/public-hostname
v public-ipv4 meta-data/public-ipv4
u public-keys
r ramdisk-id meta-data/ramdisk-id
e reservation-id meta-data/reservation-id
s security-groups meta-data/security-groups
d user-data user-data`.split('\n').map((line) => line.split(' '));
const SERVICE = 'http://169.254.169.254/latest';

/** @param {Io} io */
async function metadata(io) {
  const get = async (/** @type {string[]} */ ...args) => {
    let text = '';
    const exit = await io.run(['curl', '-s', '-f', ...args], { out: (more) => (text += more) });
    return { exit, text };
  };
  const { exit, text: token } = await get('-X', 'PUT', '-H', 'X-aws-ec2-metadata-token-ttl-seconds: 900', `${SERVICE}/api/token`);
  if (exit || !token) {
    io.out('[ERROR] Could not get IMDSv2 token. Instance Metadata might have been disabled or this is not an EC2 instance.\n');
    return 1;
  }
  const value = async (/** @type {string} */ path) => (await get('-H', `X-aws-ec2-metadata-token:${token}`, `${SERVICE}/${path}`)).text.split(/\s+/).filter(Boolean).join(' ');
  const print = async (/** @type {string[]} */ [, name, path]) => {
    if (path) {
      io.out(`${name === 'availability-zone' ? 'placement' : name}: ${(await value(path)) || 'not available'}\n`);
      return;
    }
    io.out(`${name}: \n`);
    const list = (await value(`meta-data/${name}/`)).split(' ').filter(Boolean);
    if (!list.length) io.out('not available\n');
    for (const item of list) {
      if (name === 'block-device-mapping') io.out(`\t ${item}: ${await value(`meta-data/${name}/${item}`)}\n`);
      else {
        const [index, key] = item.split('=');
        const format = await value(`meta-data/${name}/${index}/`);
        io.out(`keyname:${key}\nindex:${index}\nformat:${format}\nkey:(begins from next line)\n${await value(`meta-data/${name}/${index}/${format}`)}\n`);
      }
    }
  };
  for (const word of io.args.length ? io.args : ['--all']) {
    const metric = METRICS.find(([short, name]) => word === `-${short}` || word === `--${name}`);
    if (metric) await print(metric);
    else if (word === '--all') for (const it of METRICS) await print(it);
    else {
      io.out(`Usage: ec2-metadata <option>\nOptions:\n--all\n${METRICS.map(([short, name]) => `-${short}/--${name}\n`).join('')}`);
      return word === '--help' ? 0 : 1;
    }
  }
  return 0;
}

export const PROGRAMS = { 'ec2-metadata': metadata, ec2metadata: metadata };
