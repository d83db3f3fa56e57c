// @ts-check
// Suggestions for commands that the shell does not have.

/**
 * The most similar candidate, by shared pairs of characters.
 * @param {string} word
 * @param {readonly string[]} candidates
 */
export function nearest(word, candidates) {
  const pairs = (/** @type {string} */ it) => new Set([...it].map((_, at) => it.slice(at, at + 2)));
  const own = pairs(word);
  const similarity = (/** @type {string} */ it) => [...pairs(it)].filter((pair) => own.has(pair)).length / (own.size + it.length);
  return [...candidates].sort((a, b) => similarity(b) - similarity(a))[0];
}

/**
 * Commands of other systems, to the key of a note that names the alternative here.
 * @type {Record<string, string>}
 */
export const ALTERNATIVES = {
  jq: 'no.jq', ssh: 'no.ssh', exit: 'no.ssh', logout: 'no.ssh', watch: 'no.sleep', sudo: 'no.sudo', su: 'no.sudo', tcpdump: 'no.wire',
  podman: 'no.docker', kubectl: 'no.docker',
  ...Object.fromEntries(['wget', 'http', 'nc', 'ping', 'telnet', 'python', 'python3', 'ec2-metadata', 'openssl'].map((it) => [it, 'no.curl'])),
  ...Object.fromEntries(['vi', 'vim', 'nano', 'less', 'more', 'touch', 'rm', 'cp', 'mv', 'tee', 'sed', 'awk'].map((it) => [it, 'no.files'])),
};
