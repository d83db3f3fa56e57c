// @ts-check
// <imds-lab>: attackers against a thumbnail service on cli_instance that fetches any URL, and a WAF
// that forwards too much.

import { choice, field, h } from '../dom.js';
import { latin1, tables } from '../engine.js';
import { nameOf } from '../names.js';
import { simulationOf } from '../path/steps.js';
import '../path/picture.js';
import { app, messageOf, View } from '../view.js';
import { ruleText } from '../views/why.js';
import { renderBytes } from '../views/wire.js';
import { attack, ATTACKERS, CREDENTIALS, OUTSIDE, outcomes, requestOf } from './attack.js';
import { t } from './strings.js';

/**
 * @typedef {import('./attack.js').Attacker} Attacker
 * @typedef {import('../session.js').Entry} Entry
 */

class Lab extends View {
  #attacker = ATTACKERS[0];
  /** The exchanges of the last attack. @type {Entry[]} */ #entries = [];
  /** @type {Record<string, any>} */ #radios = {};
  #limit = choice(['1', '2', '3'].map((it) => [it, it]), { onchange: () => this.#modify() });
  #tokens = choice([['optional', 'optional'], ['required', 'required']], { onchange: () => this.#modify() });
  #url = h('input', { class: 'mono', value: `http://169.254.169.254${CREDENTIALS}`, spellcheck: false, autocomplete: 'off', oninput: () => this.#preview() });
  #method = choice(['GET', 'PUT', 'HEAD', 'POST'].map((it) => [it, it]), { onchange: () => this.#preview() });
  #headers = h('textarea', { rows: 2, spellcheck: false, oninput: () => this.#preview() });
  #sent = h('pre', { class: 'mono small imds-lab-sent' });
  #about = h('p', { class: 'small' });
  #error = h('p', { class: 'bad small', role: 'alert' });
  #verdict = h('div', { role: 'status' });
  #tries = h('ol', { class: 'imds-lab-tries' });
  #details = h('div', { class: 'stack' });
  #table = h('div');
  #remaining = h('div', { class: 'stack' });
  #tableKey = '';
  #missing = h('p', { class: 'warn' }, '');
  #body = h('div', { class: 'stack' });

  build() {
    this.#missing.textContent = t('lab.missing');
    const attackers = ATTACKERS.map((it, place) => {
      const radio = h('input', { type: 'radio', name: 'attacker', value: it.id, checked: it === this.#attacker, onchange: () => this.#select(it) });
      this.#radios[it.id] = radio;
      return h('label', { class: place < OUTSIDE ? '' : 'inside' }, radio, h('span', null, h('strong', null, t(`attacker.${it.id}`)), h('span', { class: 'small muted' }, ` ${t(`attacker.${it.id}.summary`)}`)));
    });
    this.#body.replaceChildren(
      h('div', { class: 'imds-lab-columns' },
        h('div', { class: 'stack' },
          h('fieldset', { class: 'imds-lab-attackers' }, h('legend', null, t('lab.attacker')), attackers.slice(0, OUTSIDE), h('p', { class: 'small muted' }, t('lab.inside')), attackers.slice(OUTSIDE)),
          h('fieldset', null, h('legend', null, t('lab.options')), h('div', { class: 'row' }, field('HttpTokens', this.#tokens), field('HttpPutResponseHopLimit', this.#limit)), h('p', { class: 'small muted' }, t('lab.options.note'))),
          h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#sendOne(); } },
            h('fieldset', null, h('legend', null, t('lab.form')), this.#about, field(t('lab.url'), this.#url), h('div', { class: 'imds-lab-form' }, field(t('lab.method'), this.#method), field(t('lab.headers'), this.#headers)),
              h('details', null, h('summary', { class: 'small' }, t('lab.sent')), this.#sent), this.#error,
              h('div', { class: 'row' }, h('button', { type: 'button', class: 'primary', onclick: () => this.#attack() }, t('lab.attack')), h('button', null, t('lab.send')))))),
        h('div', { class: 'stack' }, this.#verdict, this.#tries, this.#details),
        h('section', { class: 'stack imds-lab-result' }, h('h2', null, t('lab.table')), h('p', null, t('lab.table.lead')), this.#table, this.#remaining)));
    this.#tableKey = '';
    this.#select(this.#attacker);
    this.#showResult();
    return [h('h1', null, t('lab')), h('p', null, t('lab.lead')), h('p', { class: 'imds-lab-fake' }, t('lab.fake')), this.#missing, this.#body];
  }

  update() {
    const { cli } = app.session.hosts;
    this.#missing.hidden = !!cli;
    this.#body.hidden = !cli;
    if (!cli) return;
    if (this.#entries.some((it) => app.session.exchanges[it.n - 1] !== it)) {
      this.#entries = [];
      this.#showResult();
    }
    const { options } = app.session.imds.instances().find(({ id }) => id === cli.id) ?? {};
    this.#tokens.value = options?.http_tokens;
    const limit = `${options?.http_put_response_hop_limit}`;
    if (![...this.#limit.options].some(({ value }) => value === limit)) this.#limit.append(h('option', { value: limit }, limit));
    this.#limit.value = limit;
    // Outcomes depend on the instance and its options, which requests do not change.
    const key = `${app.session.log.reduce((count, [step]) => count + Number(step !== '>'), 0)} ${app.session.seed} ${app.session.now()}`;
    if (key === this.#tableKey) return;
    this.#tableKey = key;
    this.#outcomes(cli.id);
  }

  /** @param {Attacker} attacker */
  #select(attacker) {
    this.#attacker = attacker;
    this.#radios[attacker.id].checked = true;
    this.#method.disabled = !attacker.method;
    this.#headers.disabled = !attacker.headers;
    if (!attacker.method) this.#method.value = 'GET';
    if (!attacker.headers) this.#headers.value = '';
    this.#about.textContent = t(`attacker.${attacker.id}.about`);
    this.#preview();
    if (!this.#entries.length) this.#showWay();
  }

  /** Before an attack: the path of its request, which is not sent. */
  #showWay() {
    const request = this.#preview();
    const instance = app.session.hosts.cli?.id;
    if (!request || !instance) return this.#details.replaceChildren();
    const { stages } = this.#attacker;
    const entry = app.session.preview(new TextEncoder().encode(request), { instance, ...(stages.length ? { stages } : {}) });
    const picture = /** @type {any} */ (h('imds-picture'));
    this.#details.replaceChildren(h('h2', null, t('lab.way', nameOf(entry))), picture);
    picture.show(entry);
  }

  #target() {
    const path = this.#url.value.replace(/^http:\/\/169\.254\.169\.254(?=\/|$)/, '') || '/';
    return { method: this.#method.value, path, headers: this.#headers.value.split('\n').filter(Boolean) };
  }

  #preview() {
    const target = this.#target();
    const request = target.path.startsWith('/') ? requestOf(this.#attacker, target) : '';
    this.#sent.replaceChildren(...renderBytes(new TextEncoder().encode(request)));
    this.#error.textContent = target.path.startsWith('/') ? '' : t('lab.url.wrong');
    return request;
  }

  /**
   * @param {string} request
   * @returns {{ simulation: import('../path/simulate.js').Simulation, entry: Entry }}
   */
  #send(request) {
    const { stages } = this.#attacker;
    const entry = app.session.send(new TextEncoder().encode(request), { instance: app.session.hosts.cli?.id, ...(stages.length ? { stages } : {}) });
    this.#entries.push(entry);
    return { entry, simulation: simulationOf(entry) };
  }

  #sendOne() {
    const request = this.#preview();
    if (!request) return;
    this.#try(() => {
      this.#send(request);
      this.#showResult();
    });
  }

  #attack() {
    this.#try(() => {
      const { keys } = attack(this.#attacker, (request) => this.#send(request));
      this.#showResult(keys, true);
    });
  }

  #modify() {
    this.#try(() => {
      app.session.imds.modify({ http_tokens: this.#tokens.value, http_put_response_hop_limit: Number(this.#limit.value) }, { instance: app.session.hosts.cli?.id });
      app.session.advance(1000);
      this.#showResult();
    });
  }

  /** @param {() => void} body */
  #try(body) {
    this.#error.textContent = '';
    this.#entries = [];
    try {
      app.store.set({ selected: null });
      body();
    } catch (error) {
      this.#error.textContent = messageOf(error);
    }
  }

  /**
   * Shows the exchanges, and after a whole attack the verdict.
   * @param {string} [keys]
   * @param {boolean} [whole]
   */
  #showResult(keys = '', whole = false) {
    const id = /"AccessKeyId" : "([^"]*)"/.exec(keys)?.[1] ?? '';
    this.#verdict.className = whole ? `imds-lab-verdict ${keys ? 'bad' : 'ok'}` : '';
    this.#verdict.replaceChildren(...(whole ? [h('p', null, h('strong', null, keys ? t('leaked', id) : t('safe'))), h('p', { class: 'small' }, t(keys ? 'leaked.how' : 'safe.how', this.#entries.length, this.#entries.at(-1)?.exchange?.protocol ?? ''))] : []));
    this.#tries.replaceChildren(...this.#entries.map((entry) => h('li', null, h('button', { type: 'button', onclick: () => this.#showEntry(entry) }, ...line(entry)))));
    this.#showEntry(this.#entries.at(-1) ?? null);
  }

  /** @param {Entry | null} entry */
  #showEntry(entry) {
    [...this.#tries.children].forEach((item, at) => item.firstChild?.setAttribute('aria-current', `${this.#entries[at] === entry}`));
    if (!entry) return this.#showWay();
    const [picture, wire] = [h('imds-picture'), h('imds-wire')];
    const changed = latin1(entry.request) !== latin1(entry.arrived);
    this.#details.replaceChildren(
      h('h2', null, t('lab.path', nameOf(entry))), picture,
      ...(changed ? [h('h2', null, t('lab.sent')), h('pre', { class: 'mono small imds-lab-sent' }, renderBytes(entry.request))] : []),
      h('h2', null, t('lab.arrived')), wire);
    picture.show(entry);
    wire.show(entry, false);
  }

  /** @param {string} instance */
  #outcomes(instance) {
    const all = outcomes(app.session, instance);
    const cell = (/** @type {import('./attack.js').Outcome} */ { leaked, tries }) => {
      const [style, decisive] = leaked ? ['bad', [leaked]] : ['ok', tries.slice(1)];
      return h('td', { class: style }, h('strong', null, leaked ? t('cell.leaked', leaked.simulation.exchange?.protocol ?? '') : t('cell.safe')), h('ul', { class: 'small mono' }, decisive.map((it) => h('li', null, `${it.simulation.outcome === 'response' ? it.simulation.exchange?.status : t('timeout')} ${it.simulation.exchange?.rule ?? ''}`))));
    };
    this.#table.replaceChildren(h('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': t('lab.table') }, h('table', { class: 'imds-lab-table' },
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('lab.attacker')), all.map(({ configuration: { http_tokens, http_put_response_hop_limit } }) => h('th', { scope: 'col' }, http_tokens, h('br'), h('span', { class: 'small' }, t('cell.limit', http_put_response_hop_limit)))))),
      h('tbody', null, ATTACKERS.map(({ id }) => h('tr', null, h('th', { scope: 'row' }, t(`attacker.${id}`)), all.map((one) => cell(one.outcomes[id]))))))),
      h('p', { class: 'small muted' }, t('lab.counted', all.reduce((sum, { requests }) => sum + requests, 0))));
    const strictest = all.find(({ configuration }) => configuration.http_tokens === 'required' && configuration.http_put_response_hop_limit === 1);
    const remaining = ATTACKERS.filter(({ id }) => strictest?.outcomes[id].leaked);
    this.#remaining.replaceChildren(h('h2', null, t('lab.remaining')), h('p', null, t('lab.remaining.lead')), h('ul', { class: 'imds-lab-remaining' }, remaining.map(({ id }) => h('li', null, h('strong', null, `${t(`attacker.${id}`)}.`), ' ', t(`attacker.${id}.remaining`)))), h('p', null, t('lab.remaining.defence')));
  }
}

/** @param {Entry} entry */
function line(entry) {
  const { outcome, rejection } = simulationOf(entry);
  const status = outcome === 'response' ? entry.exchange?.status : outcome === 'rejection' ? rejection?.status : t('timeout');
  const rule = tables().rules.find(({ id }) => id === entry.exchange?.rule);
  return [h('span', { class: 'mono request-line' }, nameOf(entry)),
    h('span', { class: `mono ${outcome !== 'response' ? 'warn' : status === 200 ? 'ok' : 'bad'}` }, `${status}`), h('span', { class: 'small muted' }, rule ? ruleText(rule.id, 'name', rule.name) : '')];
}

customElements.define('imds-lab', Lab);
