// @ts-check
// <imds-about>: a description, the content security policy, and the tables of rules and limits.

import { h } from '../dom.js';
import { tables } from '../engine.js';
import { citation } from '../citations.js';
import { t } from '../view.js';
import { ruleText } from './why.js';

class About extends HTMLElement {
  connectedCallback() {
    if (this.childElementCount) return;
    const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
    const key = (/** @type {string[]} */ keys, /** @type {string} */ description) => [h('dt', null, keys.map((it) => [h('kbd', null, it), ' '])), h('dd', null, t(description))];
    const { rules, limits } = tables();
    this.append(
      h('h1', null, t('nav.about')),
      h('p', null, t('about.lead')), h('p', null, t('about.network')), h('p', null, t('about.fake'), ' ', t('about.offline')), h('p', null, t('about.build')),
      h('h2', null, t('about.keys')), h('dl', { class: 'imds-about-keys' }, key(['Ctrl', 'Enter'], 'key.send'), key(['←', '→', '↑', '↓'], 'key.arrows'), key(['Tab'], 'key.tab')),
      h('h2', null, t('about.rules')),
      h('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': t('about.rules') }, h('table', null, h('tbody', null, rules.map((rule) => h('tr', null, h('td', { class: 'mono small' }, rule.id), h('td', null, ruleText(rule.id, 'asks', rule.question)), h('td', { class: 'mono' }, rule.status), h('td', { class: 'small' }, citation(rule))))))),
      h('h2', null, t('about.limits')),
      h('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': t('about.limits') }, h('table', null, h('tbody', null, limits.map(({ name, value, unit, effect, precedent }) => h('tr', null, h('td', { class: 'mono small' }, name), h('td', { class: 'mono' }, `${value} ${unit}`), h('td', null, effect), h('td', { class: 'small' }, precedent)))))),
      policy ? h('h2', null, t('about.policy')) : '', h('pre', { class: 'small' }, policy.replaceAll('; ', ';\n')),
    );
  }
}

customElements.define('imds-about', About);
