// @ts-check
// <imds-picture>: the network path of an exchange, as a drawing and as a list of steps. Requests go
// down on the left, responses come up on the right. The list is the drawing's text alternative;
// selecting a step shows its bytes.

import { h } from '../dom.js';
import { t } from '../lab/strings.js';
import { renderBytes } from '../views/wire.js';
import { changes, partiesOf, startOf, stepsOf, simulationOf } from './steps.js';
import { isRouter } from './simulate.js';

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
  /** @type {import('../session.js').Entry | null} */ #entry = null;
  /** @type {import('./steps.js').Step[]} */ #steps = [];
  #selected = 0;
  #svg = /** @type {SVGElement} */ (s('svg', {}));
  #list = h('ol', { class: 'imds-picture-steps' });
  #bytes = h('div', { class: 'imds-picture-bytes' });
  #play = h('button', { type: 'button', onclick: () => (this.#timer ? this.#stop() : this.#start()) }, t('play'));
  /** @type {any} */ #timer = 0;

  /**
   * @param {import('../session.js').Entry | null} entry
   * @param {boolean} [animate] play the steps
   */
  show(entry, animate = false) {
    if (entry === this.#entry) return;
    this.#stop();
    this.#entry = entry;
    if (!entry) return this.replaceChildren();
    const simulation = simulationOf(entry);
    this.#steps = stepsOf(simulation);
    this.#svg = this.#draw(simulation);
    this.#list.replaceChildren(...this.#steps.map((step, at) => h('li', null,
      h('button', { type: 'button', onclick: () => { this.#stop(); this.#select(at); }, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event, at) },
        h('strong', null, t(`party.${partiesOf(simulation)[step.party]}`)), ' ', t(`step.${step.key}`, ...step.values)))));
    this.replaceChildren(
      h('figure', null, this.#svg, h('figcaption', { class: 'visually-hidden' }, t('picture.caption'))),
      h('div', { class: 'imds-picture-text' },
        h('div', { class: 'row' }, this.#stepButton('step.previous', -1), this.#stepButton('step.next', 1), this.#play),
        this.#list, this.#bytes));
    this.#select(this.#steps.length - 1);
    if (animate && !reducesMotion()) this.#start();
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {string} label @param {number} by */
  #stepButton(label, by) {
    return h('button', { type: 'button', onclick: () => { this.#stop(); this.#select(this.#selected + by); } }, t(label));
  }

  /** @param {KeyboardEvent} event @param {number} at */
  #key(event, at) {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.#steps.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#stop();
    this.#select(to);
    this.#list.children[this.#selected].firstChild.focus();
  }

  #start() {
    this.#select(0);
    this.#play.textContent = t('play.stop');
    this.#timer = setInterval(() => (this.#selected < this.#steps.length - 1 ? this.#select(this.#selected + 1) : this.#stop()), 900);
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#play.textContent = t('play');
  }

  /** @param {number} to */
  #select(to) {
    const at = Math.min(Math.max(to, 0), this.#steps.length - 1);
    const step = this.#steps[at];
    const previous = this.#steps[at - 1];
    this.#selected = at;
    for (const [place, item] of [...this.#list.children].entries()) place === at ? item.firstChild.setAttribute('aria-current', 'step') : item.firstChild.removeAttribute('aria-current');
    for (const box of this.#svg.querySelectorAll('[data-party]')) box.classList.toggle('selected', box.getAttribute('data-party') === `${step.party}`);
    this.#bytes.replaceChildren(...(step.bytes ? [h('p', { class: 'label' }, t(step.back ? 'bytes.arrived' : 'bytes.sent')), h('pre', { class: 'mono small' }, renderBytes(step.bytes))] : []));
    if (previous && at > 0) this.#animate(previous, step);
  }

  /**
   * Moves the packet from one party to the next.
   * @param {import('./steps.js').Step} from
   * @param {import('./steps.js').Step} to
   */
  #animate(from, to) {
    const packet = this.#svg.querySelector('.packet');
    if (!packet?.animate || reducesMotion()) return;
    const x = to.back ? LANE.up : LANE.down;
    const y = (/** @type {number} */ party) => topOf(party) + BOX.height / 2;
    packet.animate([{ transform: `translate(${x}px, ${y(from.party)}px)`, opacity: 1 }, { transform: `translate(${x}px, ${y(to.party)}px)`, opacity: 1 }], { duration: 600, easing: 'ease-in-out' });
  }

  /** @param {import('./simulate.js').Simulation} simulation */
  #draw(simulation) {
    const parties = partiesOf(simulation);
    const { legs, lost, stages, rejection } = simulation;
    const height = topOf(parties.length) - GAP + 4;
    const boxes = parties.map((party, at) => {
      const kind = at === 0 ? 'client' : at === parties.length - 1 ? 'service' : isRouter(stages[at - 1]) ? 'router' : 'program';
      const note = at === 0 ? t(`outcome.${simulation.outcome}`, rejection?.status ?? simulation.exchange?.status ?? '') : at === parties.length - 1 ? (simulation.arrived ? `${simulation.exchange?.status ?? t('timeout')} ${simulation.exchange?.rule ?? ''}` : t('not-reached')) : lost === at - 1 ? t('dropped') : rejection?.at === at - 1 ? t('rejected', rejection.status) : t(`kind.${kind}`);
      const bad = lost === at - 1 || rejection?.at === at - 1 || (at === 0 && simulation.outcome !== 'response');
      return s('g', { class: `party ${kind}${bad ? ' stops' : ''}`, 'data-party': at },
        s('rect', { x: BOX.left, y: topOf(at), width: BOX.width, height: BOX.height, rx: kind === 'router' ? 20 : 6 }),
        s('text', { x: WIDTH / 2, y: topOf(at) + 17, class: 'name' }, t(`party.${party}`)),
        s('text', { x: WIDTH / 2, y: topOf(at) + 32, class: 'note' }, note));
    });
    const lanes = legs.map((leg, at) => {
      const [y1, y2] = [topOf(at) + BOX.height, topOf(at + 1)];
      const middle = (y1 + y2) / 2;
      const added = at > 0 && leg.request && legs[at - 1].request && !isRouter(stages[at - 1]) ? changes(/** @type {Uint8Array} */ (legs[at - 1].request), leg.request).split(', ').filter((it) => /forwarded-for/i.test(it)) : [];
      const label = leg.request ? `${startOf(leg.request).split(' ', 1)[0]} ${leg.request.length} B` : '';
      const back = leg.back === 'response' ? (leg.ttl === null ? `${simulation.exchange?.status}` : `TTL ${leg.ttl}`) : leg.back === 'rejection' ? `${rejection?.status}` : leg.back === 'gateway-timeout' ? '504' : t('nothing');
      return s('g', { class: 'leg' },
        s('path', { class: leg.request ? 'down' : 'none', d: `M${LANE.down} ${y1}V${y2 - 1}` }), leg.request && head(LANE.down, y2, 1),
        s('text', { x: LANE.down - 8, y: middle + (added.length ? -4 : 4), class: 'label end' }, label.slice(0, 16)),
        ...added.slice(0, 1).map((text) => s('text', { x: LANE.down - 8, y: middle + 12, class: 'label end warn' }, `${text.slice(0, 2)}XFF`)),
        s('path', { class: leg.back ? `up ${leg.back}` : 'none', d: `M${LANE.up} ${y2}V${y1 + 1}` }), leg.back && head(LANE.up, y1, -1),
        s('text', { x: LANE.up + 8, y: middle + 4, class: `label${leg.back === 'response' ? ' strong' : ''}` }, back),
        lost === at && s('g', { class: 'lost' }, s('path', { d: `M${LANE.up - 7} ${y2 - 16}l14 12m0 -12l-14 12` })));
    });
    return s('svg', { viewBox: `0 0 ${WIDTH} ${height}`, 'aria-hidden': 'true', focusable: 'false', class: 'imds-picture-drawing' }, lanes, boxes, s('circle', { class: 'packet', r: 6 }));
  }
}

/** With reduced motion, nothing plays or moves automatically. */
const reducesMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
/** An arrowhead. @param {number} x @param {number} y @param {1 | -1} direction 1 is down */
const head = (x, y, direction) => s('path', { class: 'head', d: `M${x - 5} ${y - 7 * direction}L${x} ${y - direction}L${x + 5} ${y - 7 * direction}` });

customElements.define('imds-picture', Picture);
