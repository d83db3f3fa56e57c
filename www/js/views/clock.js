// @ts-check
// <imds-clock>: the session's clock, with the tokens, pending options and credentials that depend
// on it.

import { latin1, readResponse } from '../engine.js';
import { h } from '../dom.js';
import { app, formatDuration, formatTime, t, View } from '../view.js';

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
    const step = (/** @type {string} */ label, /** @type {number} */ ms) => h('button', { type: 'button', onclick: () => app.session.advance(ms) }, label);
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

  /**
   * A button that moves the clock to `ms` after the next token's expiry.
   * @param {string} label
   * @param {number} ms
   */
  #jump(label, ms) {
    const button = h('button', { type: 'button', onclick: () => app.session.advance(Number(button.value)) }, t(label));
    button.dataset.ms = ms;
    return button;
  }

  #toggle() {
    const isRunning = this.#run.getAttribute('aria-pressed') !== 'true';
    this.#run.setAttribute('aria-pressed', `${isRunning}`);
    clearInterval(this.#timer);
    if (isRunning) this.#timer = setInterval(() => app.session.advance(1000), 1000);
  }

  update() {
    const { session } = app;
    const now = session.now();
    this.#time.textContent = `${formatTime(now)} UTC`;
    this.#time.dateTime = new Date(now).toISOString();
    const next = session.tokens.filter(({ expires }) => expires + 1000 > now).sort((a, b) => a.expires - b.expires)[0];
    for (const button of [this.#before, this.#after]) {
      const ms = next ? next.expires + Number(button.dataset.ms) - now : 0;
      button.disabled = !(ms > 0);
      button.value = ms;
    }
    const { tokens } = session;
    const pending = session.imds.instances().filter(({ options }) => options.state === 'pending');
    const { deadline } = session.imds;
    const delay = pending.length && deadline !== null ? formatDuration(deadline - now) : '';
    this.#state.textContent = [t('tokens.count', tokens.length), pending.length ? t('pending.in', delay) : t('pending.none')].join(' · ');
    if (this.#open) this.#showDetails(tokens, pending, delay);
  }

  /**
   * @param {typeof app.session.tokens} tokens
   * @param {ReturnType<typeof app.session.imds.instances>} pending
   * @param {string} delay
   */
  #showDetails(tokens, pending, delay) {
    const { session } = app;
    const now = session.now();
    const items = tokens.slice(0, 8).map(({ n, token, instance }) => {
      const exchange = session.peek('/latest/meta-data/instance-id', { instance, token });
      const ttl = readResponse(exchange)?.get('X-Aws-Ec2-Metadata-Token-Ttl-Seconds');
      const isValid = exchange.rule === 'serve.v2';
      return h('li', null, h('code', null, `${token.slice(0, 12)}…`), ` #${n} `, isValid ? h('span', { class: 'ok' }, t('token.ttl', formatDuration(Number(ttl) * 1000))) : h('span', { class: 'bad' }, exchange.rule ?? ''));
    });
    const rotating = session.imds.instances().filter(({ state }) => state === 'running').flatMap(({ id, tags }) => credentials(session, id).map((it) => ({ ...it, name: tags.Name ?? id })));
    this.#list.replaceChildren(
      h('h3', null, t('tokens')), items.length ? h('ol', { reversed: true }, items) : h('p', { class: 'muted' }, t('tokens.none')),
      h('h3', null, t('pending')),
      pending.length ? h('ul', null, pending.map(({ id, tags, options }) => h('li', null, h('code', null, tags.Name ?? id), ` ${t('pending.of', options.http_tokens, options.http_endpoint, options.http_put_response_hop_limit, delay)}`))) : h('p', { class: 'muted' }, t('pending.none')),
      h('h3', null, t('credentials')),
      rotating.length
        ? h('ul', null, rotating.map(({ name, role, key, updated, expiration }) => h('li', null, h('code', null, `${name}/${role}`), ` ${key} `, h('span', { class: 'muted' }, t('credentials.of', formatTime(Date.parse(updated)), formatTime(Date.parse(expiration)), formatDuration(Date.parse(expiration) - now))))))
        : h('p', { class: 'muted' }, t('credentials.none')),
    );
  }
}

/**
 * The role credentials that an instance serves.
 * @param {import('../session.js').Session} session
 * @param {string} instance
 */
function credentials(session, instance) {
  const imds = session.clone();
  imds.modify({ http_tokens: 'optional', http_endpoint: 'enabled' }, { instance });
  const get = (/** @type {string} */ name) => {
    const exchange = imds.handle(`GET /latest/meta-data/iam/security-credentials/${name} HTTP/1.1\r\nHost: x\r\n\r\n`, { instance });
    return exchange.status === 200 ? latin1(readResponse(exchange)?.body ?? new Uint8Array()) : '';
  };
  try {
    const role = get('');
    const { AccessKeyId: key, LastUpdated: updated, Expiration: expiration } = JSON.parse(get(role));
    return key ? [{ role, key, updated, expiration }] : [];
  } catch {
    return [];
  } finally {
    imds.free();
  }
}

customElements.define('imds-clock', Clock);
