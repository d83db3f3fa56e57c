// @ts-check
// <imds-picture>: the way of one exchange, drawn, and the same told in steps. On the left requests go down to the service, on the
// right what comes back goes up; the steps are the text of the picture, and choosing one shows the bytes that go on from there.

import { h } from '../dom.js';
import { t } from '../lab/words.js';
import { drawn } from '../views/wire.js';
import { changes, partiesOf, startOf, stepsOf, travelOf } from './steps.js';
import { isRouter } from './travel.js';

const WIDTH = 340;
const BOX = { left: 85, width: 170, height: 40 };
const GAP = 58;
const LANE = { down: 125, up: 215 };
const topOf = (/** @type {number} */ party) => 4 + party * (BOX.height + GAP);

/** @param {string} tag @param {Record<string, any>} attributes @param {...any} children */
function s(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...children.flat().filter((it) => it !== null && it !== false));
  return element;
}

export class Picture extends HTMLElement {
  /** @type {import('../world.js').Entry | null} */ #entry = null;
  /** @type {import('./steps.js').Step[]} */ #steps = [];
  #chosen = 0;
  #svg = /** @type {SVGElement} */ (s('svg', {}));
  #list = h('ol', { class: 'imds-picture-steps' });
  #bytes = h('div', { class: 'imds-picture-bytes' });
  #play = h('button', { type: 'button', onclick: () => (this.#timer ? this.#stop() : this.#run()) }, t('play'));
  /** @type {any} */ #timer = 0;

  /** @param {import('../world.js').Entry | null} entry @param {boolean} [fresh] whether it was just sent: then it is played */
  show(entry, fresh = false) {
    if (entry === this.#entry) return;
    this.#stop();
    this.#entry = entry;
    if (!entry) return this.replaceChildren();
    const travel = travelOf(entry);
    this.#steps = stepsOf(travel);
    this.#svg = this.#draw(travel);
    this.#list.replaceChildren(...this.#steps.map((step, at) => h('li', null,
      h('button', { type: 'button', onclick: () => { this.#stop(); this.#choose(at); }, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event, at) },
        h('strong', null, t(`party.${partiesOf(travel)[step.party]}`)), ' ', t(`step.${step.key}`, ...step.values)))));
    this.replaceChildren(
      h('figure', null, this.#svg, h('figcaption', { class: 'visually-hidden' }, t('picture.same'))),
      h('div', { class: 'imds-picture-told' },
        h('div', { class: 'row' }, this.#turn('step.before', -1), this.#turn('step.next', 1), this.#play),
        this.#list, this.#bytes));
    this.#choose(this.#steps.length - 1);
    if (fresh && !still()) this.#run();
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {string} words @param {number} by */
  #turn(words, by) {
    return h('button', { type: 'button', onclick: () => { this.#stop(); this.#choose(this.#chosen + by); } }, t(words));
  }

  /** @param {KeyboardEvent} event @param {number} at */
  #key(event, at) {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.#steps.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#stop();
    this.#choose(to);
    this.#list.children[this.#chosen].firstChild.focus();
  }

  #run() {
    this.#choose(0);
    this.#play.textContent = t('play.stop');
    this.#timer = setInterval(() => (this.#chosen < this.#steps.length - 1 ? this.#choose(this.#chosen + 1) : this.#stop()), 900);
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#play.textContent = t('play');
  }

  /** @param {number} to */
  #choose(to) {
    const at = Math.min(Math.max(to, 0), this.#steps.length - 1);
    const step = this.#steps[at];
    const before = this.#steps[at - 1];
    this.#chosen = at;
    for (const [place, item] of [...this.#list.children].entries()) place === at ? item.firstChild.setAttribute('aria-current', 'step') : item.firstChild.removeAttribute('aria-current');
    for (const box of this.#svg.querySelectorAll('[data-party]')) box.classList.toggle('chosen', box.getAttribute('data-party') === `${step.party}`);
    const asked = step.bytes ?? this.#steps.findLast((it, place) => place < at && it.bytes)?.bytes;
    this.#bytes.replaceChildren(...(step.bytes && asked ? [h('p', { class: 'label' }, t(step.back ? 'bytes.arrived' : 'bytes.on')), h('pre', { class: 'mono small' }, drawn(step.bytes))] : []));
    if (before && at > 0) this.#move(before, step);
  }

  /** The packet goes from one party to the next. @param {import('./steps.js').Step} from @param {import('./steps.js').Step} to */
  #move(from, to) {
    const packet = this.#svg.querySelector('.packet');
    if (!packet?.animate || still()) return;
    const x = to.back ? LANE.up : LANE.down;
    const y = (/** @type {number} */ party) => topOf(party) + BOX.height / 2;
    packet.animate([{ transform: `translate(${x}px, ${y(from.party)}px)`, opacity: 1 }, { transform: `translate(${x}px, ${y(to.party)}px)`, opacity: 1 }], { duration: 600, easing: 'ease-in-out' });
  }

  /** @param {import('./travel.js').Travel} travel */
  #draw(travel) {
    const parties = partiesOf(travel);
    const { legs, lost, stages, refusal } = travel;
    const height = topOf(parties.length) - GAP + 4;
    const boxes = parties.map((party, at) => {
      const kind = at === 0 ? 'asker' : at === parties.length - 1 ? 'service' : isRouter(stages[at - 1]) ? 'router' : 'program';
      const note = at === 0 ? t(`seen.${travel.seen}`, refusal?.status ?? travel.exchange?.status ?? '') : at === parties.length - 1 ? (travel.arrived ? `${travel.exchange?.status ?? t('silence')} ${travel.exchange?.rule ?? ''}` : t('not.asked')) : lost === at - 1 ? t('dropped') : refusal?.at === at - 1 ? t('refused', refusal.status) : t(`kind.${kind}`);
      const bad = lost === at - 1 || refusal?.at === at - 1 || (at === 0 && travel.seen !== 'answer');
      return s('g', { class: `party ${kind}${bad ? ' stops' : ''}`, 'data-party': at },
        s('rect', { x: BOX.left, y: topOf(at), width: BOX.width, height: BOX.height, rx: kind === 'router' ? 20 : 6 }),
        s('text', { x: WIDTH / 2, y: topOf(at) + 17, class: 'name' }, t(`party.${party}`)),
        s('text', { x: WIDTH / 2, y: topOf(at) + 32, class: 'note' }, note));
    });
    const lanes = legs.map((leg, at) => {
      const [y1, y2] = [topOf(at) + BOX.height, topOf(at + 1)];
      const middle = (y1 + y2) / 2;
      const added = at > 0 && leg.request && legs[at - 1].request && !isRouter(stages[at - 1]) ? changes(/** @type {Uint8Array} */ (legs[at - 1].request), leg.request).split(', ').filter((it) => /forwarded-for/i.test(it)) : [];
      const what = leg.request ? `${startOf(leg.request).split(' ', 1)[0]} ${leg.request.length} B` : '';
      const back = leg.back === 'answer' ? (leg.ttl === null ? `${travel.exchange?.status}` : `TTL ${leg.ttl}`) : leg.back === 'refusal' ? `${refusal?.status}` : leg.back === 'gateway' ? '504' : t('nothing');
      return s('g', { class: 'leg' },
        s('path', { class: leg.request ? 'down' : 'none', d: `M${LANE.down} ${y1}V${y2 - 1}` }), leg.request && head(LANE.down, y2, 1),
        s('text', { x: LANE.down - 8, y: middle + (added.length ? -4 : 4), class: 'label end' }, what.slice(0, 16)),
        ...added.slice(0, 1).map((text) => s('text', { x: LANE.down - 8, y: middle + 12, class: 'label end warn' }, `${text.slice(0, 2)}XFF`)),
        s('path', { class: leg.back ? `up ${leg.back}` : 'none', d: `M${LANE.up} ${y2}V${y1 + 1}` }), leg.back && head(LANE.up, y1, -1),
        s('text', { x: LANE.up + 8, y: middle + 4, class: `label${leg.back === 'answer' ? ' strong' : ''}` }, back),
        lost === at && s('g', { class: 'lost' }, s('path', { d: `M${LANE.up - 7} ${y2 - 16}l14 12m0 -12l-14 12` })));
    });
    return s('svg', { viewBox: `0 0 ${WIDTH} ${height}`, 'aria-hidden': 'true', focusable: 'false', class: 'imds-picture-drawing' }, lanes, boxes, s('circle', { class: 'packet', r: 6 }));
  }
}

/** Whether the reader wants no motion: then nothing plays by itself, and nothing moves. */
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
/** An arrow's head. @param {number} x @param {number} y @param {1 | -1} way */
const head = (x, y, way) => s('path', { class: 'head', d: `M${x - 5} ${y - 7 * way}L${x} ${y - way}L${x + 5} ${y - 7 * way}` });

customElements.define('imds-picture', Picture);
