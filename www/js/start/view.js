// @ts-check
// <imds-start>: the first screen. What the page is, the article's commands on their way to the 401,
// and the ways on.

import { Imds } from '../core.js';
import { h } from '../dom.js';
import { sequence } from '../sequence.js';
import { strings } from '../text.js';
import en from '../../strings/en/start.js';
import recording from './recording.js';
import { replay } from './replay.js';

const t = strings(en, () => import('../../strings/de/start.js'));

/** @typedef {import('./replay.js').Frame} Frame */
/** @typedef {import('./replay.js').Message} Message */

/** The number of commands that are shown before Run is pressed: up to the first response. */
const FIRST = 3;
const PAUSE_MS = 1400;
/** The lines of an output that stay visible when it is folded. */
const KEY_LINE = /^\s*"(State|HttpTokens|InstanceId|PrivateIpAddress)"|<title>|^< (HTTP|X-Aws)/;
const KEY_LINES = 3;
const PROMPTS = { cli: '[root@ip-10-0-0-74 ~]# ', test: '[root@ip-10-0-0-68 ~]# ' };

class Start extends HTMLElement {
  /** @type {Frame[]} */ #frames = [];
  #position = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** Whether Run was pressed. */
  #started = false;

  async connectedCallback() {
    this.replaceChildren(this.#build());
    try {
      await Imds.create().then((imds) => imds.free());
      this.#frames = replay(recording, (init) => new Imds(init));
    } catch (error) {
      this.#decision.replaceChildren(h('p', { role: 'alert' }, t('failed', error instanceof Error ? error.message : `${error}`)));
      return;
    }
    if (!this.isConnected) return;
    this.#scrubber.max = `${this.#frames.length}`;
    this.#run.disabled = false;
    this.#show(FIRST);
    this.dispatchEvent(new CustomEvent('imds-ready', { bubbles: true }));
  }

  disconnectedCallback() {
    this.#stop();
  }

  #run = /** @type {HTMLButtonElement} */ (h('button', { type: 'button', class: 'primary large', disabled: true, onclick: () => this.#play() }));
  #pause = /** @type {HTMLButtonElement} */ (h('button', { type: 'button', class: 'quiet', onclick: () => (this.#timer === undefined ? this.#play() : this.#stop()) }));
  #scrubber = /** @type {HTMLInputElement} */ (h('input', { type: 'range', min: 0, max: 1, value: 0, oninput: () => {
    this.#stop();
    this.#started = true;
    this.#show(Number(this.#scrubber.value));
  } }));
  #terminal = h('div', { class: 'start-terminal', tabIndex: 0, role: 'region' });
  #diagram = h('div', { class: 'start-diagram' });
  #decision = h('div', { class: 'start-decision' });
  #said = h('p', { class: 'visually-hidden', 'aria-live': 'polite' });
  #time = h('time', { class: 'start-time' });

  #build() {
    this.#run.textContent = t('run');
    this.#scrubber.setAttribute('aria-label', t('scrubber'));
    this.#terminal.setAttribute('aria-label', t('terminal'));
    const door = (/** @type {string} */ name, /** @type {string} */ to) =>
      h('li', null, h('a', { class: 'start-door', href: to }, h('h2', null, t(`door.${name}`)), h('p', null, t(`door.${name}.text`)), h('span', { class: 'start-door-go' }, t(`door.${name}.go`))));
    const fragment = document.createDocumentFragment();
    fragment.append(
      h('div', { class: 'start-intro' },
        h('h1', null, t('title')),
        h('p', { class: 'start-lead' }, t('lead')),
        h('div', { class: 'row' }, this.#run, h('a', { class: 'button large', href: '#/terminal' }, t('paste'))),
        h('p', { class: 'start-source' }, t('source.before'), h('cite', { lang: 'de' }, t('source.title')), t('source.after'), h('a', { href: SOURCE, rel: 'noopener noreferrer' }, t('source.link')), '.')),
      h('section', { class: 'start-replay', 'aria-label': t('replay') },
        h('div', { class: 'start-stage' }, this.#terminal, this.#diagram),
        this.#decision,
        h('div', { class: 'start-controls' }, this.#pause, this.#scrubber, this.#time),
        this.#said),
      h('ul', { class: 'start-doors' }, door('learn', '#/learn'), door('try', '#/try'), door('attack', '#/attack')));
    this.#label();
    return fragment;
  }

  /** Plays on, or from the beginning. */
  #play() {
    if (!this.#started || this.#position >= this.#frames.length) this.#show(0);
    this.#started = true;
    // On a small screen it is below the button.
    this.querySelector('.start-replay')?.scrollIntoView({ block: 'nearest' });
    const step = () => {
      this.#show(this.#position + 1);
      const messages = this.#frames[this.#position - 1].messages;
      this.#said.textContent = messages.map((it) => `${it.line}: ${it.status} ${it.reason}`).join('. ');
      this.#timer = this.#position < this.#frames.length ? setTimeout(step, PAUSE_MS) : undefined;
      this.#label();
    };
    this.#timer = setTimeout(step, 300);
    this.#label();
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#label();
  }

  #label() {
    const playing = this.#timer !== undefined;
    this.#pause.textContent = playing ? '❚❚' : '▶';
    this.#pause.setAttribute('aria-label', t(playing ? 'pause' : 'play'));
  }

  /** Shows the first commands. @param {number} position */
  #show(position) {
    this.#position = position;
    const shown = this.#frames.slice(0, position);
    this.#terminal.replaceChildren(
      h('ol', null, shown.map((frame) => blockOf(frame))),
      position < this.#frames.length ? h('p', { class: 'prompt' }, PROMPTS[this.#frames[position].command.host], h('span', { class: 'cursor' }, '▮')) : '');
    this.#terminal.scrollTop = this.#terminal.scrollHeight;
    const items = shown.flatMap(itemsOf);
    const total = this.#frames.flatMap(itemsOf).length;
    this.#diagram.replaceChildren(
      sequence({ client: t('client'), service: '169.254.169.254', label: t('diagram', items.filter((it) => 'request' in it).length), items, rows: total }),
      h('ol', { class: 'visually-hidden' }, items.map((it) => h('li', null, 'note' in it ? it.note : `${it.request}: ${it.response}`))));
    this.#decide(shown.flatMap(({ messages }) => messages).at(-1));
    this.#scrubber.value = `${position}`;
    const now = new Date(this.#frames[Math.max(0, position - 1)].command.at).toISOString();
    this.#time.textContent = `${now.slice(11, 19)} UTC`;
    this.#time.dateTime = now;
    this.#scrubber.setAttribute('aria-valuetext', position ? shown[position - 1].command.command.split('\n')[0] : t('beginning'));
  }

  /** Says which rule decided, and what would change the decision. @param {Message | undefined} message */
  #decide(message) {
    if (!message) return this.#decision.replaceChildren(h('p', { class: 'muted' }, t('decision.none')));
    const turns = message.turns.filter(({ change }) => change.startsWith('option.http-tokens') || change === 'field.token.good');
    this.#decision.replaceChildren(
      h('p', null, h('strong', { class: message.status < 400 ? 'ok' : 'bad' }, `${message.status} ${message.reason}`), t('decided'), h('code', null, message.rule)),
      h('p', { class: 'muted' }, t('passed', message.passed), turns.map((turn) => [' ', t(turnKey(turn)), h('strong', { class: turn.status < 400 ? 'ok' : 'bad' }, ` → ${turn.status}`), '.'])),
      h('a', { href: message.status < 400 ? '#/try' : '#/try' }, t('why')));
  }
}

/** @param {{ change: string, status: number }} turn */
const turnKey = ({ change, status }) => (change === 'field.token.good' ? 'turn.token' : status < 400 ? 'turn.optional' : 'turn.required');

/** @param {Frame} frame @returns {import('../sequence.js').Item[]} */
function itemsOf({ command, messages }) {
  const items = messages.map((it) => ({
    request: `${it.line}${it.token ? ` + ${t('token')}` : ''}`,
    response: it.rule === 'serve.token' ? t('response.token', it.status, it.bytes) : t('response', it.status, it.bytes),
    ok: it.status < 400,
  }));
  return command.options ? [{ note: t('change') }, ...items] : items;
}

/** A command and its output, of which the key lines are visible. @param {Frame} frame */
function blockOf({ command, lines }) {
  const [first, ...rest] = command.command.split('\n');
  const keys = lines.filter(({ text }) => KEY_LINE.test(text));
  const visible = keys.length ? keys : lines.slice(0, KEY_LINES);
  const print = (/** @type {import('./replay.js').Line[]} */ some) => some.map(({ kind, text }) => h('span', { class: `line ${/401/.test(text) ? 'bad' : kind}` }, `${text}\n`));
  return h('li', { class: command.host },
    h('pre', { class: 'command' }, h('span', { class: 'prompt' }, PROMPTS[command.host]), first, rest.length ? `\n${rest.join('\n')}` : ''),
    h('pre', { class: 'output' }, print(keys.length ? keys.map(({ kind, text }) => ({ kind, text: text.trim() })) : visible)),
    lines.length > visible.length ? h('details', null, h('summary', null, t('lines', lines.length)), h('pre', null, print(lines))) : null);
}

/** What AWS says about the change that the commands make. */
const SOURCE = 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-existing-instances.html';

customElements.define('imds-start', Start);
