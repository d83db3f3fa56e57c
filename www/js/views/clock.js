// @ts-check
// The clock in hand, and what waits for it: tokens, pending options, credentials.

import { latin1, readAnswer } from '../engine.js';
import { h } from '../dom.js';
import { app, shownSpan, shownTime, t, View } from '../view.js';

class Clock extends View {
  #time = h('time', { class: 'mono' });
  #state = h('span', { class: 'imds-clock-state' });
  #list = h('div', { class: 'stack' });
  #before = this.#jump('clock.before', -1000);
  #after = this.#jump('clock.after', 1000);
  #run = h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => this.#toggle() }, '');
  #open = false;
  /** @type {any} */ #timer;

  build() {
    const step = (/** @type {string} */ words, /** @type {number} */ ms) => h('button', { type: 'button', onclick: () => app.world.advance(ms) }, words);
    this.#run.textContent = t('clock.run');
    const details = h('details', { ontoggle: () => { this.#open = details.open; this.update(); } }, h('summary', null, this.#state), this.#list);
    return h('div', { class: 'row' },
      h('span', { class: 'label' }, t('clock')), this.#time, step('+1 s', 1000), step('+1 min', 60_000), step('+1 h', 3_600_000), this.#before, this.#after, this.#run,
      details,
    );
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  /** To so far from the end of the next token that ends. @param {string} words @param {number} ms */
  #jump(words, ms) {
    const button = h('button', { type: 'button', onclick: () => app.world.advance(Number(button.value)) }, t(words));
    button.dataset.ms = ms;
    return button;
  }

  #toggle() {
    const runs = this.#run.getAttribute('aria-pressed') !== 'true';
    this.#run.setAttribute('aria-pressed', `${runs}`);
    clearInterval(this.#timer);
    if (runs) this.#timer = setInterval(() => app.world.advance(1000), 1000);
  }

  update() {
    const { world } = app;
    const now = world.now();
    this.#time.textContent = `${shownTime(now)} UTC`;
    this.#time.dateTime = new Date(now).toISOString();
    const next = world.tokens.filter(({ expires }) => expires + 1000 > now).sort((a, b) => a.expires - b.expires)[0];
    for (const button of [this.#before, this.#after]) {
      const ms = next ? next.expires + Number(button.dataset.ms) - now : 0;
      button.disabled = !(ms > 0);
      button.value = ms;
    }
    const held = world.tokens;
    const pending = world.imds.instances().filter(({ options }) => options.state === 'pending');
    const { deadline } = world.imds;
    const wait = pending.length && deadline !== null ? shownSpan(deadline - now) : '';
    this.#state.textContent = [t('tokens.held', held.length), pending.length ? t('pending.in', wait) : t('pending.none')].join(' · ');
    if (this.#open) this.#detail(held, pending, wait);
  }

  /** @param {typeof app.world.tokens} held @param {ReturnType<typeof app.world.imds.instances>} pending @param {string} wait */
  #detail(held, pending, wait) {
    const { world } = app;
    const now = world.now();
    const tokens = held.slice(0, 8).map(({ n, token, instance }) => {
      const answer = world.peek('/latest/meta-data/instance-id', { instance, token });
      const left = readAnswer(answer)?.get('X-Aws-Ec2-Metadata-Token-Ttl-Seconds');
      const good = answer.rule === 'serve.v2';
      return h('li', null, h('code', null, `${token.slice(0, 12)}…`), ` #${n} `, good ? h('span', { class: 'ok' }, t('token.left', shownSpan(Number(left) * 1000))) : h('span', { class: 'bad' }, answer.rule ?? ''));
    });
    const rotating = world.imds.instances().filter(({ state }) => state === 'running').flatMap(({ id, tags }) => credentials(world, id).map((it) => ({ ...it, name: tags.Name ?? id })));
    this.#list.replaceChildren(
      h('h3', null, t('tokens')), tokens.length ? h('ol', { reversed: true }, tokens) : h('p', { class: 'muted' }, t('tokens.none')),
      h('h3', null, t('pending')),
      pending.length ? h('ul', null, pending.map(({ id, tags, options }) => h('li', null, h('code', null, tags.Name ?? id), ` ${t('pending.of', options.http_tokens, options.http_endpoint, options.http_put_response_hop_limit, wait)}`))) : h('p', { class: 'muted' }, t('pending.none')),
      h('h3', null, t('credentials')),
      rotating.length
        ? h('ul', null, rotating.map(({ name, role, key, updated, expiration }) => h('li', null, h('code', null, `${name}/${role}`), ` ${key} `, h('span', { class: 'muted' }, t('credentials.of', shownTime(Date.parse(updated)), shownTime(Date.parse(expiration)), shownSpan(Date.parse(expiration) - now))))))
        : h('p', { class: 'muted' }, t('credentials.none')),
    );
  }
}

/** Role credentials as the instance serves them. @param {import('../world.js').World} world @param {string} instance */
function credentials(world, instance) {
  const imds = world.clone();
  imds.modify({ http_tokens: 'optional', http_endpoint: 'enabled' }, { instance });
  const ask = (/** @type {string} */ name) => {
    const exchange = imds.handle(`GET /latest/meta-data/iam/security-credentials/${name} HTTP/1.1\r\nHost: x\r\n\r\n`, { instance });
    return exchange.status === 200 ? latin1(readAnswer(exchange)?.body ?? new Uint8Array()) : '';
  };
  try {
    const role = ask('');
    const { AccessKeyId: key, LastUpdated: updated, Expiration: expiration } = JSON.parse(ask(role));
    return key ? [{ role, key, updated, expiration }] : [];
  } catch {
    return [];
  } finally {
    imds.free();
  }
}

customElements.define('imds-clock', Clock);
