// @ts-check
// Why an answer is what it is: the rules in their order, what each looked at, and what would have turned the decision.

import { h } from '../dom.js';
import { tables } from '../engine.js';
import { looks } from '../looks.js';
import { source } from '../sources.js';
import { app, shown, t, View } from '../view.js';
import { status } from './exchange.js';

const MARK = /** @type {Record<string, string>} */ ({ passes: '✓', 'does-not-apply': '–', decides: '●' });

class Why extends View {
  /** @type {any} */ #entry;
  #body = h('div', { class: 'stack' });

  build() {
    this.#entry = undefined;
    return [h('h2', null, t('why')), this.#body];
  }

  update() {
    const entry = shown();
    if (entry === this.#entry) return;
    this.#entry = entry;
    this.#body.replaceChildren(...(entry ? this.#told(entry) : [h('p', { class: 'muted' }, t('why.none'))]));
  }

  /** @param {import('../world.js').Entry} entry */
  #told(entry) {
    const { exchange, turns, n } = entry;
    if (!exchange || exchange.status === null) return [h('p', { class: 'warn' }, t(`silence.${exchange?.silence ?? 'way'}`))];
    const { rules } = tables();
    const decided = rules.find(({ id }) => id === exchange.rule);
    if (!decided) return [];
    const trace = exchange.trace;
    return [
      h('div', { class: `imds-why-decision ${exchange.status === 200 ? 'ok' : 'bad'}` },
        h('p', null, h('strong', null, `#${n} · ${exchange.status} · ${said(decided.id, 'name', decided.name)}`)),
        h('p', { class: 'small mono' }, decided.id, exchange.protocol ? ` · IMDS${exchange.protocol}` : ''),
        exchange.response ? null : h('p', { class: 'warn' }, t(`silence.${exchange.silence}`)),
        exchange.hopLimit === null ? null : h('p', { class: 'small' }, t('why.hop-limit', exchange.hopLimit))),
      h('h3', null, t('turns')),
      turns.length ? h('ul', { class: 'imds-why-turns' }, turns.map((turn) => h('li', null, `${turnSaid(turn)} → `, h('strong', { class: turn.status === 200 && turn.reaches ? 'ok' : 'bad' }, turn.reaches ? turn.status : t('timeout')), h('span', { class: 'small mono muted' }, ` ${turn.rule}`)))) : h('p', { class: 'muted' }, t('turns.none')),
      h('h3', null, t('rules', trace.length, rules.length)),
      h('ol', { class: 'imds-why-rules' }, trace.map(({ rule: id, verdict }) => {
        const rule = /** @type {any} */ (rules.find((it) => it.id === id));
        return h('li', { class: verdict }, h('details', { open: verdict === 'decides' },
          h('summary', null, h('span', { class: 'mark', 'aria-hidden': 'true' }, MARK[verdict]), h('span', null, said(id, 'asks', rule.asks)), h('span', { class: 'small verdict' }, verdict === 'decides' ? `${t('verdict.decides')} ${rule.status}` : t(`verdict.${verdict}`))),
          h('dl', null, looks(id, entry).map(([name, value]) => [h('dt', null, t(`look.${name}`) === `look.${name}` ? name : t(`look.${name}`)), h('dd', { class: 'mono' }, value === null ? t('absent') : value)])),
          h('p', { class: 'small' }, h('code', null, id), ' · ', source(rule))));
      })),
      rules.length > trace.length ? h('p', { class: 'small muted' }, t('rules.rest', rules.length - trace.length)) : null,
    ].filter(Boolean);
  }
}

/** The core's words, or ours where the reader's language is another. @param {string} id @param {string} what @param {string} core */
export const said = (id, what, core) => (t(`${what}.${id}`) === `${what}.${id}` ? core : t(`${what}.${id}`));

/** @param {import('../../../pkg/index.d.ts').Turn} turn */
const turnSaid = ({ change, text }) => (t(`turn.${change}`) === `turn.${change}` ? text : t(`turn.${change}`, text.split(' ').at(-1), /\d+/.exec(text)?.[0]));

customElements.define('imds-why', Why);
