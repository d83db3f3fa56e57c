// @ts-check
// Suggestions for commands that the shell does not have.

/**
 * The most similar candidate, by shared pairs of characters; empty if none is near.
 * @param {string} word
 * @param {readonly string[]} candidates
 */
export function nearest(word, candidates) {
  const pairs = (/** @type {string} */ it) => new Set([...`^${it}$`].map((_, at, all) => (all[at] ?? '') + (all[at + 1] ?? '')));
  const own = pairs(word);
  const similarity = (/** @type {string} */ it) => {
    const other = pairs(it);
    return (2 * [...other].filter((pair) => own.has(pair)).length) / (own.size + other.size);
  };
  const [best] = [...candidates].map((it) => ({ it, near: similarity(it) })).sort((a, b) => b.near - a.near);
  return best && best.near >= 0.5 ? best.it : '';
}

/**
 * Commands of other systems, to the key of a note that names the alternative here.
 * @type {Record<string, string>}
 */
export const ALTERNATIVES = {
  ssh: 'no.ssh', logout: 'no.ssh', watch: 'no.sleep', su: 'no.sudo', tcpdump: 'no.wire', podman: 'no.docker', kubectl: 'no.docker',
  ...Object.fromEntries(['http', 'nc', 'ping', 'telnet', 'python', 'python3', 'perl', 'openssl'].map((it) => [it, 'no.curl'])),
  ...Object.fromEntries(['vi', 'vim', 'nano', 'less', 'more'].map((it) => [it, 'no.files'])),
};
