// @ts-check
// Translations. Each section has one file per language; a key without a translation falls back to
// English.

/** @type {'en' | 'de'} */
let lang = 'en';
export const language = () => lang;
/** @param {string} to */
export const setLanguage = (to) => {
  lang = to === 'de' ? 'de' : 'en';
  document.documentElement.lang = lang;
};

/**
 * Escapes the characters that cannot be seen or that change how others are shown, except line
 * feeds. A message can quote a record or a link of somebody else.
 * @param {string} text
 */
export const visible = (text) =>
  text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

/** @type {{ load: () => Promise<{ default: Record<string, string> }>, de?: Record<string, string> }[]} */
const sections = [];

/**
 * Returns the lookup function of a section: `t('key', …values)` replaces `{0}` with the first
 * value. German is loaded by {@link loadStrings}.
 * @param {Record<string, string>} en
 * @param {() => Promise<{ default: Record<string, string> }>} load
 */
export function strings(en, load) {
  /** @type {typeof sections[number]} */ const section = { load };
  sections.push(section);
  return (/** @type {string} */ key, /** @type {any[]} */ ...values) =>
    ((lang === 'de' ? section.de?.[key] : undefined) ?? en[key] ?? key).replace(/\{(\d)\}/g, (_, place) => `${values[place]}`);
}

/** Loads the strings of all sections registered so far, in the current language. */
export async function loadStrings() {
  if (lang === 'de') await Promise.all(sections.map(async (section) => (section.de ??= (await section.load()).default)));
}
