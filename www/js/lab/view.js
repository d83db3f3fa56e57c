// @ts-check
// <imds-lab>: a thumbnail service on cli_instance that fetches what it is told, a WAF that forwards too much, and who tries what.

import { choice, field, h } from '../dom.js';
import { latin1, tables } from '../engine.js';
import { travelOf } from '../path/steps.js';
import '../path/picture.js';
import { app, reason, View } from '../view.js';
import { said } from '../views/why.js';
import { drawn } from '../views/wire.js';
import { attack, ATTACKERS, CREDENTIALS, OUTSIDE, outcomes, requestOf } from './attack.js';
import { t } from './words.js';

/** @typedef {import('./attack.js').Attacker} Attacker @typedef {import('../world.js').Entry} Entry */

class Lab extends View {
  #attacker = ATTACKERS[0];
  /** The exchanges of the last attack. @type {Entry[]} */ #entries = [];
  /** @type {Entry | null} */ #open = null;
  /** @type {Record<string, any>} */ #control = {};
  #limit = choice(['1', '2', '3'].map((it) => [it, it]), { onchange: () => this.#modify() });
  #tokens = choice([['optional', 'optional'], ['required', 'required']], { onchange: () => this.#modify() });
  #url = h('input', { class: 'mono', value: `http://169.254.169.254${CREDENTIALS}`, spellcheck: false, autocomplete: 'off', oninput: () => this.#preview() });
  #method = choice(['GET', 'PUT', 'HEAD', 'POST'].map((it) => [it, it]), { onchange: () => this.#preview() });
  #fields = h('textarea', { rows: 2, spellcheck: false, oninput: () => this.#preview() });
  #sent = h('pre', { class: 'mono small imds-lab-sent' });
  #power = h('p', { class: 'small' });
  #wrong = h('p', { class: 'bad small', role: 'alert' });
  #verdict = h('div', { role: 'status' });
  #tries = h('ol', { class: 'imds-lab-tries' });
  #shown = h('div', { class: 'stack' });
  #table = h('div');
  #rest = h('div', { class: 'stack' });
  #key = '';
  #missing = h('p', { class: 'warn' }, '');
  #body = h('div', { class: 'stack' });

  build() {
    this.#missing.textContent = t('lab.missing');
    const who = ATTACKERS.map((it, place) => {
      const radio = h('input', { type: 'radio', name: 'attacker', value: it.id, checked: it === this.#attacker, onchange: () => this.#choose(it) });
      this.#control[it.id] = radio;
      return h('label', { class: place < OUTSIDE ? '' : 'inside' }, radio, h('span', null, h('strong', null, t(`attacker.${it.id}`)), h('span', { class: 'small muted' }, ` ${t(`attacker.${it.id}.is`)}`)));
    });
    this.#body.replaceChildren(
      h('div', { class: 'imds-lab-columns' },
        h('div', { class: 'stack' },
          h('fieldset', { class: 'imds-lab-who' }, h('legend', null, t('lab.who')), who.slice(0, OUTSIDE), h('p', { class: 'small muted' }, t('lab.inside')), who.slice(OUTSIDE)),
          h('fieldset', null, h('legend', null, t('lab.options')), h('div', { class: 'row' }, field('HttpTokens', this.#tokens), field('HttpPutResponseHopLimit', this.#limit)), h('p', { class: 'small muted' }, t('lab.options.note'))),
          h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#sendOwn(); } },
            h('fieldset', null, h('legend', null, t('lab.form')), this.#power, field(t('lab.url'), this.#url), h('div', { class: 'imds-lab-form' }, field(t('lab.method'), this.#method), field(t('lab.fields'), this.#fields)),
              h('details', null, h('summary', { class: 'small' }, t('lab.sent')), this.#sent), this.#wrong,
              h('div', { class: 'row' }, h('button', { type: 'button', class: 'primary', onclick: () => this.#attack() }, t('lab.attack')), h('button', null, t('lab.send')))))),
        h('div', { class: 'stack' }, this.#verdict, this.#tries, this.#shown)),
      h('h2', null, t('lab.table')), h('p', null, t('lab.table.lead')), this.#table, this.#rest);
    this.#key = '';
    this.#choose(this.#attacker);
    this.#tell();
    return [h('h1', null, t('lab')), h('p', null, t('lab.lead')), h('p', { class: 'imds-lab-fake' }, t('lab.fake')), this.#missing, this.#body];
  }

  update() {
    const { cli } = app.world.hosts;
    this.#missing.hidden = !!cli;
    this.#body.hidden = !cli;
    if (!cli) return;
    if (this.#entries.some((it) => app.world.exchanges[it.n - 1] !== it)) {
      this.#entries = [];
      this.#tell();
    }
    const { options } = app.world.imds.instances().find(({ id }) => id === cli.id) ?? {};
    this.#tokens.value = options?.http_tokens;
    const limit = `${options?.http_put_response_hop_limit}`;
    if (![...this.#limit.options].some(({ value }) => value === limit)) this.#limit.append(h('option', { value: limit }, limit));
    this.#limit.value = limit;
    // Outcomes depend on the instance and its options; a request changes neither.
    const key = `${app.world.log.reduce((count, [what]) => count + Number(what !== '>'), 0)} ${app.world.seed} ${app.world.now()}`;
    if (key === this.#key) return;
    this.#key = key;
    this.#outcomes(cli.id);
  }

  /** @param {Attacker} attacker */
  #choose(attacker) {
    this.#attacker = attacker;
    this.#control[attacker.id].checked = true;
    this.#method.disabled = !attacker.method;
    this.#fields.disabled = !attacker.fields;
    if (!attacker.method) this.#method.value = 'GET';
    if (!attacker.fields) this.#fields.value = '';
    this.#power.textContent = t(`attacker.${attacker.id}.way`);
    this.#preview();
  }

  #wish() {
    const path = this.#url.value.replace(/^http:\/\/169\.254\.169\.254(?=\/|$)/, '') || '/';
    return { method: this.#method.value, path, fields: this.#fields.value.split('\n').filter(Boolean) };
  }

  #preview() {
    const wish = this.#wish();
    const request = wish.path.startsWith('/') ? requestOf(this.#attacker, wish) : '';
    this.#sent.replaceChildren(...drawn(new TextEncoder().encode(request)));
    this.#wrong.textContent = wish.path.startsWith('/') ? '' : t('lab.only');
    return request;
  }

  /** @param {string} request @returns {{ travel: import('../path/travel.js').Travel, entry: Entry }} */
  #ask(request) {
    const { stages } = this.#attacker;
    const entry = app.world.send(new TextEncoder().encode(request), { instance: app.world.hosts.cli?.id, ...(stages.length ? { stages } : {}) });
    this.#entries.push(entry);
    return { entry, travel: travelOf(entry) };
  }

  #sendOwn() {
    const request = this.#preview();
    if (!request) return;
    this.#do(() => {
      this.#ask(request);
      this.#tell();
    });
  }

  #attack() {
    this.#do(() => {
      const { keys } = attack(this.#attacker, (request) => this.#ask(request));
      this.#tell(keys, true);
    });
  }

  #modify() {
    this.#do(() => {
      app.world.imds.modify({ http_tokens: this.#tokens.value, http_put_response_hop_limit: Number(this.#limit.value) }, { instance: app.world.hosts.cli?.id });
      app.world.advance(1000);
      this.#tell();
    });
  }

  /** @param {() => void} body */
  #do(body) {
    this.#wrong.textContent = '';
    this.#entries = [];
    try {
      app.store.set({ selected: null });
      body();
    } catch (error) {
      this.#wrong.textContent = reason(error);
    }
  }

  /** What came of it. @param {string} [keys] @param {boolean} [whole] */
  #tell(keys = '', whole = false) {
    const id = /"AccessKeyId" : "([^"]*)"/.exec(keys)?.[1] ?? '';
    this.#verdict.className = whole ? `imds-lab-verdict ${keys ? 'bad' : 'ok'}` : '';
    this.#verdict.replaceChildren(...(whole ? [h('p', null, h('strong', null, keys ? t('leaks', id) : t('holds'))), h('p', { class: 'small' }, t(keys ? 'leaks.how' : 'holds.how', this.#entries.length, this.#entries.at(-1)?.exchange?.protocol ?? ''))] : this.#entries.length ? [] : [h('p', { class: 'muted' }, t('lab.none'))]));
    this.#tries.replaceChildren(...this.#entries.map((entry) => h('li', null, h('button', { type: 'button', onclick: () => this.#look(entry) }, ...line(entry)))));
    this.#look(this.#entries.at(-1) ?? null);
  }

  /** @param {Entry | null} entry */
  #look(entry) {
    this.#open = entry;
    [...this.#tries.children].forEach((item, at) => item.firstChild?.setAttribute('aria-current', `${this.#entries[at] === entry}`));
    if (!entry) return this.#shown.replaceChildren();
    const [picture, wire] = [h('imds-picture'), h('imds-wire')];
    const changed = latin1(entry.request) !== latin1(entry.arrived);
    this.#shown.replaceChildren(
      h('h2', null, t('lab.way', entry.n)), picture,
      ...(changed ? [h('h2', null, t('lab.sent')), h('pre', { class: 'mono small imds-lab-sent' }, drawn(entry.request))] : []),
      h('h2', null, t('lab.arrived')), wire);
    picture.show(entry);
    wire.show(entry, false);
  }

  /** @param {string} instance */
  #outcomes(instance) {
    const all = outcomes(app.world, instance);
    const cell = (/** @type {import('./attack.js').Outcome} */ { leaked, tries }) => {
      const [what, decided] = leaked ? ['bad', [leaked]] : ['ok', tries.slice(1)];
      return h('td', { class: what }, h('strong', null, leaked ? t('cell.leaks', leaked.travel.exchange?.protocol ?? '') : t('cell.holds')), h('ul', { class: 'small mono' }, decided.map((it) => h('li', null, `${it.travel.seen === 'answer' ? it.travel.exchange?.status : t('cell.lost')} ${it.travel.exchange?.rule ?? ''}`))));
    };
    this.#table.replaceChildren(h('div', { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': t('lab.table') }, h('table', { class: 'imds-lab-table' },
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('lab.who')), all.map(({ configuration: { http_tokens, http_put_response_hop_limit } }) => h('th', { scope: 'col' }, http_tokens, h('br'), h('span', { class: 'small' }, t('cell.limit', http_put_response_hop_limit)))))),
      h('tbody', null, ATTACKERS.map(({ id }) => h('tr', null, h('th', { scope: 'row' }, t(`attacker.${id}`)), all.map((one) => cell(one.outcomes[id]))))))),
      h('p', { class: 'small muted' }, t('lab.counted', all.reduce((sum, { requests }) => sum + requests, 0))));
    const strictest = all.find(({ configuration }) => configuration.http_tokens === 'required' && configuration.http_put_response_hop_limit === 1);
    const left = ATTACKERS.filter(({ id }) => strictest?.outcomes[id].leaked);
    this.#rest.replaceChildren(h('h2', null, t('lab.rest')), h('p', null, t('lab.rest.lead')), h('ul', { class: 'imds-lab-rest' }, left.map(({ id }) => h('li', null, h('strong', null, t(`attacker.${id}`)), ' ', t(`attacker.${id}.rest`)))), h('p', null, t('lab.rest.then')));
  }
}

/** @param {Entry} entry */
function line(entry) {
  const { seen, refusal } = travelOf(entry);
  const status = seen === 'answer' ? entry.exchange?.status : seen === 'refusal' ? refusal?.status : t('silence');
  const rule = tables().rules.find(({ id }) => id === entry.exchange?.rule);
  return [h('span', { class: 'muted small' }, `#${entry.n}`), h('span', { class: 'mono what' }, latin1(entry.arrived).split('\r\n', 1)[0].replace(/ HTTP.*/, '')),
    h('span', { class: `mono ${seen !== 'answer' ? 'warn' : status === 200 ? 'ok' : 'bad'}` }, `${status}`), h('span', { class: 'small muted' }, rule ? said(rule.id, 'name', rule.name) : '')];
}

customElements.define('imds-lab', Lab);
