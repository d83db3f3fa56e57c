// @ts-check
// Why an answer is what it is: the rules in their order, what each looked at, and what would have turned the decision.

import { h } from '../dom.js';
import { tables } from '../engine.js';
import { looks } from '../looks.js';
import { source } from '../sources.js';
import { app, shown, t, View } from '../view.js';

const MARK = /** @type {Record<string, string>} */ ({ passes: '✓', 'does-not-apply': '–', decides: '●' });

class Why extends View {
  /** @type {any} */ #entry;
  /** @type {string | null} the rule whose row was opened for it */ #decided = null;
  #before = h('div', { class: 'stack' });
  #count = h('h3', null);
  #rest = h('p', { class: 'small muted' });
  /** The rules' rows are made once, and stay where they are. @type {Map<string, ReturnType<Why['row']>>} */ #rows = new Map();

  build() {
    this.#entry = undefined;
    this.#decided = null;
    this.#rows = new Map(tables().rules.map((rule) => [rule.id, this.row(rule)]));
    return [h('h2', null, t('why')), this.#before, this.#count, h('ol', { class: 'imds-why-rules' }, [...this.#rows.values()].map(({ item }) => item)), this.#rest];
  }

  update() {
    const entry = shown();
    if (entry === this.#entry) return;
    this.#entry = entry;
    const trace = entry?.exchange?.trace ?? [];
    this.#before.replaceChildren(...(entry ? told(entry) : [h('p', { class: 'muted' }, t('why.none'))]));
    this.#count.textContent = t('rules', trace.length, this.#rows.size);
    this.#rest.textContent = t('rules.rest', this.#rows.size - trace.length);
    this.#rest.hidden = !trace.length || trace.length === this.#rows.size;
    const rows = [...this.#rows];
    this.#count.hidden = rows[0][1].item.parentElement.hidden = !trace.length;
    rows.forEach(([id, { item, details, mark, verdict }], place) => {
      const said = trace[place]?.verdict;
      const decides = said === 'decides';
      if (item.className !== (said ?? '')) {
        item.className = said ?? '';
        item.hidden = !said;
        mark.textContent = MARK[said] ?? '';
        verdict.textContent = said ? `${t(`verdict.${said}`)}${decides ? ` ${entry?.exchange?.status}` : ''}` : '';
      }
      if (decides || this.#decided === id) details.open = decides;
      if (decides) this.#decided = id;
      while (details.childElementCount > 1) details.lastChild.remove();
      if (said && details.open) this.#draw(id, details);
    });
  }

  /** @param {ReturnType<typeof tables>['rules'][number]} rule */
  row({ id, asks }) {
    const mark = h('span', { class: 'mark', 'aria-hidden': 'true' });
    const verdict = h('span', { class: 'small verdict' });
    const details = h('details', { ontoggle: () => details.open && details.childElementCount < 2 && this.#draw(id, details) }, h('summary', null, mark, h('span', null, said(id, 'asks', asks)), verdict));
    return { item: h('li', { hidden: true }, details), details, mark, verdict };
  }

  /** What a rule looked at, for whoever looks. @param {string} id @param {HTMLElement} details */
  #draw(id, details) {
    const rule = tables().rules.find((it) => it.id === id);
    if (!this.#entry || !rule) return;
    details.append(
      h('dl', null, looks(id, this.#entry).map(([name, value]) => [h('dt', null, t(`look.${name}`) === `look.${name}` ? name : t(`look.${name}`)), h('dd', { class: 'mono' }, value === null ? t('absent') : value)])),
      h('p', { class: 'small' }, h('code', null, id), ' · ', source(rule)));
  }
}

/** The decision, and what would have turned it. @param {import('../world.js').Entry} entry */
function told({ exchange, turns, n }) {
  const decided = tables().rules.find(({ id }) => id === exchange?.rule);
  if (!exchange || !decided) return [h('p', { class: 'warn' }, t(`silence.${exchange?.silence ?? 'way'}`))];
  const { status, protocol, response, silence, hopLimit } = exchange;
  return [
    h('div', { class: `imds-why-decision ${status === 200 ? 'ok' : 'bad'}` },
      h('p', null, h('strong', null, `#${n} · ${status} · ${said(decided.id, 'name', decided.name)}`)),
      h('p', { class: 'small mono' }, decided.id, protocol ? ` · IMDS${protocol}` : ''),
      response ? null : h('p', { class: 'warn' }, t(`silence.${silence}`)),
      hopLimit === null ? null : h('p', { class: 'small' }, t('why.hop-limit', hopLimit))),
    h('h3', null, t('turns')),
    turns.length ? h('ul', { class: 'imds-why-turns' }, turns.map((turn) => h('li', null, `${turnSaid(turn)} → `, h('strong', { class: turn.status === 200 && turn.reaches ? 'ok' : 'bad' }, turn.reaches ? turn.status : t('timeout')), h('span', { class: 'small mono muted' }, ` ${turn.rule}`)))) : h('p', { class: 'muted' }, t('turns.none')),
  ];
}

/** The core's words, or ours where the reader's language is another. @param {string} id @param {string} what @param {string} core */
export const said = (id, what, core) => (t(`${what}.${id}`) === `${what}.${id}` ? core : t(`${what}.${id}`));

/** @param {import('../../../pkg/index.d.ts').Turn} turn */
const turnSaid = ({ change, text }) => (t(`turn.${change}`) === `turn.${change}` ? text : t(`turn.${change}`, text.split(' ').at(-1), /\d+/.exec(text)?.[0]));

customElements.define('imds-why', Why);
