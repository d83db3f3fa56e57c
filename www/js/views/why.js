// @ts-check
// <imds-why>: the rule that decided, how it is known, the single changes that would change the
// decision as buttons, and all evaluated rules.

import { h } from '../dom.js';
import { latin1, tables } from '../engine.js';
import { inputValues } from '../rule-inputs.js';
import { certainty, citation } from '../citations.js';
import { turnAction, validToken } from '../turns.js';
import { app, formatDuration, messageOf, t, View } from '../view.js';
import { selectedInstance, shown } from './shown.js';
import { tt } from './strings.js';

const MARK = /** @type {Record<string, string>} */ ({ passes: '✓', does_not_apply: '–', decides: '●' });

class Why extends View {
  /** @type {any} */ #entry;
  #decision = h('div', { class: 'stack' });
  #summary = h('summary', null);
  #list = h('ol', { class: 'imds-why-rules' });
  #details = h('details', { class: 'imds-why-all', ontoggle: () => this.#listRules() }, this.#summary, this.#list);
  #rest = h('p', { class: 'small muted' });
  #error = h('p', { class: 'bad small', role: 'alert' });
  /** The entry whose rules are listed. @type {any} */ #listed;

  build() {
    this.#entry = undefined;
    this.#details.append(this.#rest);
    return [h('h2', { class: 'visually-hidden' }, tt('why.title')), this.#decision, this.#error, this.#details, h('a', { href: '#/compare', class: 'small imds-why-compare' }, tt('compare'))];
  }

  update() {
    const entry = shown();
    if (entry === this.#entry) return;
    this.#entry = entry;
    const { exchange } = entry;
    const trace = exchange?.trace ?? [];
    this.className = `card ${exchange?.status === 200 && exchange.response ? 'served' : 'refused'}`;
    this.#error.textContent = '';
    this.#decision.replaceChildren(...this.#decisionOf(entry));
    this.#details.hidden = !trace.length;
    this.#summary.textContent = tt('rules.show', trace.length);
    this.#listRules();
  }

  /** Opens the list of rules at a rule. @param {string} id */
  openRule(id) {
    this.#details.open = true;
    this.#listRules();
    const row = this.#list.querySelector(`[data-rule="${CSS.escape(id)}"]`);
    if (!row) return;
    row.open = true;
    row.querySelector('summary').focus();
    row.scrollIntoView({ block: 'nearest' });
  }

  #listRules() {
    if (!this.#details.open || this.#listed === this.#entry) return;
    this.#listed = this.#entry;
    const { exchange } = this.#entry;
    const trace = exchange?.trace ?? [];
    const all = tables().rules.length;
    this.#list.replaceChildren(...trace.map((/** @type {any} */ step) => this.#row(step, exchange.status)));
    this.#rest.textContent = t('rules.rest', all - trace.length);
    this.#rest.hidden = trace.length === all;
  }

  /** @param {import('../../../pkg/index.d.ts').Step} step @param {number} status */
  #row({ rule: id, verdict }, status) {
    const rule = tables().rules.find((it) => it.id === id);
    if (!rule) return null;
    const decides = verdict === 'decides';
    const mark = (/** @type {string} */ kind) => this.dispatchEvent(new CustomEvent('mark-rule', { detail: { rule: kind && id, kind }, bubbles: true }));
    const details = h('details', { 'data-rule': id, ontoggle: () => details.open && details.childElementCount < 2 && details.append(...this.#inputs(rule)) },
      h('summary', { onpointerenter: () => mark('other'), onpointerleave: () => mark(''), onfocus: () => mark('other'), onblur: () => mark('') },
        h('span', { class: 'mark', 'aria-hidden': 'true' }, MARK[verdict]), h('span', null, ruleText(id, 'asks', rule.question)),
        h('span', { class: 'small verdict' }, `${t(`verdict.${verdict}`)}${decides ? ` ${status}` : ''}`)));
    return h('li', { class: verdict }, details);
  }

  /** The inputs and the source of a rule. @param {ReturnType<typeof tables>['rules'][number]} rule */
  #inputs(rule) {
    return [
      h('dl', null, inputValues(rule.inputs, this.#entry).map(({ name, label, value }) => [h('dt', null, label ? t(label) : name), h('dd', { class: 'mono' }, value === null ? t('absent') : value)])),
      h('p', { class: 'small' }, h('code', null, rule.id), ' · ', citation(rule)),
    ];
  }

  /** @param {import('../session.js').Entry} entry */
  #decisionOf(entry) {
    const { exchange, turns } = entry;
    const decided = tables().rules.find(({ id }) => id === exchange?.rule);
    if (!exchange || !decided) return [h('p', { class: 'warn imds-why-line' }, t(`silence.${exchange?.noResponse ?? 'not-reached'}`))];
    const { status, response, noResponse, hopLimit, trace } = exchange;
    const before = trace.length - 1;
    const passed = before === 0 ? tt('rules.passed.none') : before === 1 ? tt('rules.passed.one') : tt('rules.passed', before);
    const looked = inputValues(decided.inputs, entry).map(({ name, label, value }, at) => [at ? ', ' : '', label ? t(label) : name, ' ', h('code', null, value === null ? t('absent') : value.length > 60 ? `${value.slice(0, 60)}…` : value)]);
    return [
      h('p', { class: 'imds-why-line' }, h('strong', { class: status === 200 ? 'ok' : 'bad' }, response ? status : `${status}, ${t('timeout')}`), ` ${tt('decided')} `, h('code', null, decided.id), ' · ', h('span', null, ruleText(decided.id, 'name', decided.name))),
      response ? null : h('p', { class: 'warn' }, t(`silence.${noResponse}`), hopLimit === null ? '' : ` ${t('why.hop-limit', hopLimit)}`),
      h('p', { class: 'small muted' }, `${passed}. `, tt('looked'), looked, '.'),
      h('details', { class: 'imds-why-known' }, h('summary', null, tt('evidence'), h('em', null, certainty(decided.certainty))), h('p', { class: 'small' }, citation(decided))),
      turns.length ? h('div', { class: 'imds-why-turns', role: 'group', 'aria-label': tt('turns.label') }, h('span', { class: 'small muted' }, tt('turns.label')), turns.map((turn) => this.#turn(turn, entry)).filter(Boolean)) : h('p', { class: 'small muted' }, t('turns.none')),
    ].filter(Boolean);
  }

  /** A change as a button that applies it. @param {import('../../../pkg/index.d.ts').Turn} turn @param {import('../session.js').Entry} entry */
  #turn(turn, entry) {
    const instance = selectedInstance().id;
    const what = { turn, entry, request: latin1(entry.request), instance };
    const action = turnAction(app.session, what);
    // The clock does not go back.
    if (!action && turn.change === 'clock') return null;
    const token = turn.change === 'field.token.good' ? validToken(app.session, instance) : null;
    const text = turn.change === 'clock' ? tt('turn.after', formatDuration(Date.parse(turn.text.split(' ').at(-1) ?? '') - app.session.now()))
      : turn.change !== 'field.token.good' ? changeText(turn) : token ? tt('turn.token', token.n) : tt('turn.token.new');
    const apply = () => {
      try {
        const to = app.session.together(() => action?.());
        app.store.set({ request: what.request, ...to, selected: null });
      } catch (error) {
        this.#error.textContent = messageOf(error);
      }
    };
    return h('button', { type: 'button', class: 'chip', 'data-change': turn.change, disabled: !action, title: action ? turn.rule : tt('turn.cannot'), onclick: apply },
      `${text} → `, h('strong', { class: turn.status === 200 && turn.reaches ? 'ok' : 'bad' }, turn.reaches ? turn.status : t('timeout')));
  }
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
