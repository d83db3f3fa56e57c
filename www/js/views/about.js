// @ts-check
// <imds-about>: five questions, the tables of rules, statuses, options and limits, and the page.

import { h } from '../dom.js';
import { tables } from '../engine.js';
import { citation } from '../citations.js';
import { rollout } from '../lessons/finale.js';
import { prose } from '../shell/view.js';
import { strings } from '../text.js';
import { t } from '../view.js';
import en from '../../strings/en/reference.js';
import { OPTIONS } from './options.js';
import { ruleText } from './why.js';

const q = strings(en, () => import('../../strings/de/reference.js'));
/** The questions, and the views that show the answers. */
const QUESTIONS = { 401: '#/learn/7', timeout: '#/learn/9', forwarded: '#/learn/3', limits: '#/attack', rollout: '#/learn/6' };
const API = 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html';

/**
 * A table below its heading. The first cell of a row is its header.
 * @param {string} title @param {string[]} columns @param {(string | number | Node)[][]} rows
 * @param {...Node} notes
 */
const table = (title, columns, rows, ...notes) => [
  h('h2', null, title), ...notes,
  h('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': title }, h('table', { class: 'imds-about-table' },
    h('thead', null, h('tr', null, columns.map((it) => h('th', { scope: 'col' }, q(`column.${it}`))))),
    h('tbody', null, rows.map(([first, ...rest]) => h('tr', null, h('th', { scope: 'row', class: 'mono small' }, first), rest.map((it) => h('td', null, it))))))),
];

/** The effect of a limit. Those that are a status have no translation. @param {{ name: string, effect: string }} limit */
const effectOf = ({ name, effect }) => {
  const own = q(`limit.${name}`);
  return own === `limit.${name}` ? effect : own;
};

class About extends HTMLElement {
  connectedCallback() {
    if (this.childElementCount) return;
    const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
    const key = (/** @type {string[]} */ keys, /** @type {string} */ description) => [h('dt', null, keys.map((it) => [h('kbd', null, it), ' '])), h('dd', null, t(description))];
    const { rules, statuses, limits } = tables();
    this.append(
      h('h1', null, t('nav.about')),
      h('p', null, q('lead')),
      h('section', { class: 'imds-about-questions' }, Object.entries(QUESTIONS).map(([name, link]) => h('article', { class: 'card stack', id: `question-${name}` },
        h('h2', null, prose(q(`${name}.q`))), h('p', null, prose(q(`${name}.a`))),
        name === 'rollout' ? h('details', null, h('summary', null, q('rollout.steps')), rollout()) : null,
        h('p', null, h('a', { href: link }, q(`try.${name}`)))))),
      ...table(t('about.rules'), ['rule', 'question', 'status', 'source'], rules.map((rule) => [rule.id, ruleText(rule.id, 'asks', rule.question), rule.status, citation(rule)])),
      ...table(q('statuses'), ['status', 'reason', 'rules'], statuses.map(({ code, reason }) => [code, reason, h('span', { class: 'mono small' }, rules.filter(({ status }) => status === code).map(({ id }) => id).join(', '))])),
      ...table(q('options'), ['option', 'values', 'initial', 'effect'], OPTIONS.map(({ name, values, initial }) => [name, typeof values[0] === 'number' ? q('from-to', ...values) : values.join(', '), initial, h('span', null, prose(q(`option.${name}`)))]),
        h('p', null, prose(q('options.note')), ' ', h('a', { href: API, rel: 'noopener noreferrer' }, q('options.source')))),
      ...table(t('about.limits'), ['limit', 'value', 'effect', 'source'], limits.map((limit) => [limit.name, `${limit.value} ${limit.unit}`, effectOf(limit), h('span', { class: 'small' }, limit.precedent)])),
      h('h2', null, t('about.keys')), h('dl', { class: 'imds-about-keys' }, key(['Ctrl', 'Enter'], 'key.send'), key(['←', '→', '↑', '↓'], 'key.arrows'), key(['Tab'], 'key.tab')),
      h('h2', null, t('about.page')), h('p', null, t('about.lead')), h('p', null, t('about.network')), h('p', null, t('about.fake'), ' ', t('about.offline')),
      policy ? h('h2', null, t('about.policy')) : '', h('pre', { class: 'small' }, policy.replaceAll('; ', ';\n')),
    );
  }
}

customElements.define('imds-about', About);
