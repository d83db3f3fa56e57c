// @ts-check
// The nearest thing to what is not here.

/** @param {string} word @param {readonly string[]} among */
export function nearest(word, among) {
  const pairs = (/** @type {string} */ it) => new Set([...it].map((_, at) => it.slice(at, at + 2)));
  const own = pairs(word);
  const likeness = (/** @type {string} */ it) => [...pairs(it)].filter((pair) => own.has(pair)).length / (own.size + it.length);
  return [...among].sort((a, b) => likeness(b) - likeness(a))[0];
}

/** What people have at hand elsewhere, and which words tell of what does it here. @type {Record<string, string>} */
export const ELSEWHERE = {
  jq: 'near.jq', ssh: 'near.ssh', exit: 'near.ssh', logout: 'near.ssh', watch: 'near.sleep', sudo: 'near.sudo', su: 'near.sudo', tcpdump: 'near.wire',
  podman: 'near.docker', kubectl: 'near.docker',
  ...Object.fromEntries(['wget', 'http', 'nc', 'ping', 'telnet', 'python', 'python3', 'ec2-metadata', 'openssl'].map((it) => [it, 'near.curl'])),
  ...Object.fromEntries(['vi', 'vim', 'nano', 'less', 'more', 'touch', 'rm', 'cp', 'mv', 'tee', 'sed', 'awk'].map((it) => [it, 'near.files'])),
};
