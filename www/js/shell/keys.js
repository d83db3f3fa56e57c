// @ts-check
// The keys of the terminal's input that need no page: the reverse search, and the words that
// completions add.

/**
 * The newest command in the history that contains a text, before a position.
 * @param {readonly string[]} history oldest first
 * @param {string} text
 * @param {number} before an index; the search starts below it
 * @returns {number} its index, or -1
 */
export function searchBack(history, text, before) {
  for (let at = Math.min(before, history.length) - 1; at >= 0; at -= 1) if (history[at].includes(text)) return at;
  return -1;
}

/**
 * A line with its last word completed as far as all candidates agree.
 * @param {string} before the line up to the cursor
 * @param {readonly string[]} found
 */
export function completed(before, found) {
  if (!found.length) return before;
  let common = found[0];
  for (const it of found) while (!it.startsWith(common)) common = common.slice(0, -1);
  // The longest end of the line with which the candidates start.
  let from = Math.max(0, before.length - common.length);
  while (!common.startsWith(before.slice(from))) from += 1;
  const whole = before.slice(0, from) + common;
  return found.length === 1 && !/[/=]$/.test(whole) ? `${whole} ` : whole;
}
