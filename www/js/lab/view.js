// @ts-check
// <imds-lab>: the thumbnail service, its attackers, and what came of each.

import { h } from '../dom.js';
import { latin1, toBytes } from '../engine.js';
import { travel } from '../path/travel.js';
import { words } from '../text.js';
import { app, View } from '../view.js';
import { drawn } from '../views/wire.js';
import de from '../../strings/de/lab.js';
import en from '../../strings/en/lab.js';
import { attack, ATTACKERS, DEFENCES } from './attack.js';

const t = words(en, de);

class Lab extends View {
  #contained = h('input', { type: 'checkbox', onchange: () => this.update() });
  #options = h('p');
  #result = h('p', { role: 'status', class: 'imds-lab-result' }, t('lab.none'));
  #steps = h('ol', { class: 'imds-lab-steps' });
  #shown = h('details', { class: 'card', hidden: true }, h('summary', null, t('lab.steps')), this.#steps);
  #table = h('tbody');

  build() {
    const attackers = ATTACKERS.map((attacker) => h('li', null, h('button', { type: 'button', class: 'primary', 'aria-label': `${t('lab.attack')}: ${t(`attacker.${attacker.id}`)}`, onclick: () => this.#attack(attacker) }, t('lab.attack')), h('span', null, h('strong', null, t(`attacker.${attacker.id}`)), h('span', { class: 'small muted' }, ` ${t(`attacker.${attacker.id}.about`)}`))));
    return [
      h('h1', null, t('lab')), h('p', null, t('lab.lead')), h('p', { class: 'warn' }, t('lab.fake')), this.#options,
      h('p', null, h('label', null, this.#contained, ` ${t('lab.contained')}`)),
      h('ul', { class: 'imds-lab-attackers' }, attackers), this.#result, this.#shown,
      h('h2', null, t('lab.table')), h('p', null, t('lab.table.about')),
      h('div', { class: 'imds-lab-table', tabIndex: 0, role: 'region', 'aria-label': t('lab.table') }, h('table', null,
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('lab.attacker')), DEFENCES.map((it) => h('th', { scope: 'col' }, t('lab.defence', it.http_tokens, it.http_put_response_hop_limit))))), this.#table)),
      h('h2', null, t('lab.limits')), h('ul', null, [1, 2, 3].map((place) => h('li', null, t(`lab.limits.${place}`)))),
    ];
  }

  update() {
    const instance = app.world.hosts.cli?.id;
    const options = app.world.inForce(instance);
    this.#options.textContent = t('lab.options', options.http_tokens, options.http_put_response_hop_limit);
    this.#table.replaceChildren(...outcomes(instance, this.#contained.checked).map(({ id, cells }) => h('tr', null, h('th', { scope: 'row' }, t(`attacker.${id}`)),
      cells.map(({ leaked, by }) => h('td', { class: leaked ? 'bad' : 'ok' }, leaked ? t('lab.cell.leaked', by?.slice(1)) : t('lab.cell.held'))))));
  }

  /** In the world itself, so that all of it can be looked at. @param {typeof ATTACKERS[number]} attacker */
  #attack(attacker) {
    const instance = app.world.hosts.cli?.id;
    /** @type {import('../world.js').Entry[]} */ const entries = [];
    const { leaked, by } = attack(attacker, (request, stages) => {
      const entry = app.world.send(request, { instance, stages: [...stages] });
      entries.push(entry);
      return entry;
    }, this.#contained.checked);
    this.#result.className = `imds-lab-result ${leaked ? 'bad' : 'ok'}`;
    this.#result.textContent = leaked ? t('lab.leaked', by?.slice(1)) : t('lab.held');
    this.#steps.replaceChildren(...entries.map(step));
    this.#shown.hidden = false;
  }
}

/** @param {import('../world.js').Entry} entry */
function step({ request, arrived, exchange }) {
  const came = !exchange ? t('lab.forwarder') : exchange.response ? latin1(exchange.response).split('\r\n')[0] : t('lab.silent');
  return h('li', null, h('p', null, h('strong', null, came), exchange && h('span', { class: 'mono small muted' }, ` ${exchange.rule ?? ''}`)),
    h('pre', { tabIndex: 0 }, drawn(exchange ? arrived : request)), exchange?.response && h('pre', { tabIndex: 0 }, drawn(exchange.response)));
}

/** Every attacker against every defence, each in a fleet of its own. @param {string | undefined} instance @param {boolean} contained */
export function outcomes(instance, contained) {
  return ATTACKERS.map((attacker) => ({
    id: attacker.id,
    cells: DEFENCES.map((options) => {
      const imds = app.world.clone();
      try {
        imds.modify(options, { instance });
        return attack(attacker, (request, stages) => travel(imds, toBytes(request), { instance, stages }), contained);
      } finally {
        imds.free();
      }
    }),
  }));
}

customElements.define('imds-lab', Lab);
