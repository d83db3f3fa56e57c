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

/**
 * The words of a section: `t('key', …)`, in which `{0}` is the first of what follows.
 * @param {Record<string, string>} en @param {Record<string, string>} de
 */
export const words = (en, de) => (/** @type {string} */ key, /** @type {any[]} */ ...values) =>
  ((lang === 'de' ? de[key] : en[key]) ?? en[key] ?? key).replace(/\{(\d)\}/g, (_, place) => `${values[place]}`);
