// @ts-check
// <imds-why>: explains a response with the evaluated rules, their inputs, and the single changes
// that would change the decision.

import { h } from '../dom.js';
import { tables } from '../engine.js';
import { inputValues } from '../rule-inputs.js';
import { citation } from '../citations.js';
import { app, selectedEntry, t, View } from '../view.js';

const MARK = /** @type {Record<string, string>} */ ({ passes: '✓', does_not_apply: '–', decides: '●' });

class Why extends View {
  /** @type {any} */ #entry;
  /** The deciding rule, whose row was opened automatically. @type {string | null} */ #opened = null;
  #decision = h('div', { class: 'stack' });
  #count = h('h3', null);
  #rest = h('p', { class: 'small muted' });
  /** One row per rule, created once and reused. @type {Map<string, ReturnType<Why['row']>>} */ #rows = new Map();

  build() {
    this.#entry = undefined;
    this.#opened = null;
    this.#rows = new Map(tables().rules.map((rule) => [rule.id, this.row(rule)]));
    return [h('h2', null, t('why')), this.#decision, this.#count, h('ol', { class: 'imds-why-rules' }, [...this.#rows.values()].map(({ item }) => item)), this.#rest];
  }

  update() {
    const entry = selectedEntry();
    if (entry === this.#entry) return;
    this.#entry = entry;
    const trace = entry?.exchange?.trace ?? [];
    this.#decision.replaceChildren(...(entry ? decisionOf(entry) : [h('p', { class: 'muted' }, t('why.none'))]));
    this.#count.textContent = t('rules', trace.length, this.#rows.size);
    this.#rest.textContent = t('rules.rest', this.#rows.size - trace.length);
    this.#rest.hidden = !trace.length || trace.length === this.#rows.size;
    const rows = [...this.#rows];
    this.#count.hidden = rows[0][1].item.parentElement.hidden = !trace.length;
    rows.forEach(([id, { item, details, mark, verdict }], place) => {
      const result = trace[place]?.verdict;
      const decides = result === 'decides';
      if (item.className !== (result ?? '')) {
        item.className = result ?? '';
        item.hidden = !result;
        mark.textContent = MARK[result] ?? '';
        verdict.textContent = result ? `${t(`verdict.${result}`)}${decides ? ` ${entry?.exchange?.status}` : ''}` : '';
      }
      if (decides || this.#opened === id) details.open = decides;
      if (decides) this.#opened = id;
      while (details.childElementCount > 1) details.lastChild.remove();
      if (result && details.open) this.#showInputs(id, details);
    });
  }

  /** @param {ReturnType<typeof tables>['rules'][number]} rule */
  row({ id, question }) {
    const mark = h('span', { class: 'mark', 'aria-hidden': 'true' });
    const verdict = h('span', { class: 'small verdict' });
    const details = h('details', { ontoggle: () => details.open && details.childElementCount < 2 && this.#showInputs(id, details) }, h('summary', null, mark, h('span', null, ruleText(id, 'asks', question)), verdict));
    return { item: h('li', { hidden: true }, details), details, mark, verdict };
  }

  /** Shows the inputs and the source of a rule. @param {string} id @param {HTMLElement} details */
  #showInputs(id, details) {
    const rule = tables().rules.find((it) => it.id === id);
    if (!this.#entry || !rule) return;
    details.append(
      h('dl', null, inputValues(rule.inputs, this.#entry).map(({ name, label, value }) => [h('dt', null, label ? t(label) : name), h('dd', { class: 'mono' }, value === null ? t('absent') : value)])),
      h('p', { class: 'small' }, h('code', null, id), ' · ', citation(rule)));
  }
}

/**
 * The decision, and the changes that would change it.
 * @param {import('../session.js').Entry} entry
 */
function decisionOf({ exchange, turns, n }) {
  const decided = tables().rules.find(({ id }) => id === exchange?.rule);
  if (!exchange || !decided) return [h('p', { class: 'warn' }, t(`silence.${exchange?.noResponse ?? 'not-reached'}`))];
  const { status, protocol, response, noResponse, hopLimit } = exchange;
  return [
    h('div', { class: `imds-why-decision ${status === 200 ? 'ok' : 'bad'}` },
      h('p', null, h('strong', null, `#${n} · ${status} · ${ruleText(decided.id, 'name', decided.name)}`)),
      h('p', { class: 'small mono' }, decided.id, protocol ? ` · IMDS${protocol}` : ''),
      response ? null : h('p', { class: 'warn' }, t(`silence.${noResponse}`)),
      hopLimit === null ? null : h('p', { class: 'small' }, t('why.hop-limit', hopLimit))),
    h('h3', null, t('turns')),
    turns.length ? h('ul', { class: 'imds-why-turns' }, turns.map((turn) => h('li', null, `${changeText(turn)} → `, h('strong', { class: turn.status === 200 && turn.reaches ? 'ok' : 'bad' }, turn.reaches ? turn.status : t('timeout')), h('span', { class: 'small mono muted' }, ` ${turn.rule}`)))) : h('p', { class: 'muted' }, t('turns.none')),
  ];
}

/**
 * Translates a text of a rule; without a translation it is the core's text.
 * @param {string} id
 * @param {'asks' | 'name'} kind
 * @param {string} text
 */
export const ruleText = (id, kind, text) => (t(`${kind}.${id}`) === `${kind}.${id}` ? text : t(`${kind}.${id}`));

/** @param {import('../../../pkg/index.d.ts').Turn} turn */
const changeText = ({ change, text }) => (t(`turn.${change}`) === `turn.${change}` ? text : t(`turn.${change}`, text.split(' ').at(-1), /\d+/.exec(text)?.[0]));

customElements.define('imds-why', Why);
