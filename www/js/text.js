// @ts-check
// Words. Each section has one file for each language; a key that a language lacks is told in English.

/** @type {'en' | 'de'} */
let lang = 'en';
export const language = () => lang;
/** @param {string} to */
export const speak = (to) => {
  lang = to === 'de' ? 'de' : 'en';
  document.documentElement.lang = lang;
};

/** @type {{ load: () => Promise<{ default: Record<string, string> }>, de?: Record<string, string> }[]} */
const sections = [];

/**
 * The words of a section: `t('key', …)`, in which `{0}` is the first of what follows. German comes when it is spoken: see `learn`.
 * @param {Record<string, string>} en @param {() => Promise<{ default: Record<string, string> }>} load
 */
export function words(en, load) {
  /** @type {typeof sections[number]} */ const section = { load };
  sections.push(section);
  return (/** @type {string} */ key, /** @type {any[]} */ ...values) =>
    ((lang === 'de' ? section.de?.[key] : undefined) ?? en[key] ?? key).replace(/\{(\d)\}/g, (_, place) => `${values[place]}`);
}

/** Waits for the words of all sections that there are so far, in the language that is spoken. */
export async function learn() {
  if (lang === 'de') await Promise.all(sections.map(async (section) => (section.de ??= (await section.load()).default)));
}
