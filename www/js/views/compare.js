// @ts-check
// <imds-compare>: the responses to a request under two configurations, with the differing bytes
// marked.

import { choice, field, h } from '../dom.js';
import { latin1, toBytes } from '../engine.js';
import { app, t, View } from '../view.js';
import { selectedInstance } from './instance.js';
import { renderBytes } from './wire.js';

const CONTROLS = /** @type {[string, string, string[] | null][]} */ ([
  ['http_tokens', 'http_tokens', ['optional', 'required']],
  ['http_endpoint', 'http_endpoint', ['enabled', 'disabled']],
  ['http_put_response_hop_limit', 'http_put_response_hop_limit', null],
  ['hops', 'hops', null],
  ['profile', 'compare.profile', ['', 'nitro', 'xen']],
]);

class Compare extends View {
  #request = h('pre', { class: 'card' });
  #difference = h('p', { role: 'status' });
  /** @type {Record<string, any>[]} */ #sides = [];
  #results = [0, 1].map(() => h('div'));

  build() {
    this.#sides = [0, 1].map((side) => Object.fromEntries(CONTROLS.map(([name, , values]) => {
      const set = (/** @type {any} */ { currentTarget: { value } }) => app.store.dispatch({ type: 'compare', side, to: { [name]: values ? value : Number(value) } });
      return [name, values ? choice(values.map((it) => [it, it || t('compare.unchanged')]), { onchange: set }) : h('input', { type: 'number', min: name === 'hops' ? 0 : 1, max: 64, onchange: set })];
    })));
    const column = (/** @type {number} */ side) => h('section', { class: 'card stack' }, h('h2', null, t('compare.side', 'AB'[side])), h('div', { class: 'imds-compare-controls' }, CONTROLS.map(([name, label]) => field(t(label), this.#sides[side][name]))), this.#results[side]);
    return [h('h1', null, t('nav.compare')), h('p', null, t('compare.lead')), this.#request, this.#difference, h('div', { class: 'imds-compare-sides' }, column(0), column(1))];
  }

  update() {
    const { request, compare } = app.store.state;
    this.#request.replaceChildren(...renderBytes(toBytes(request)));
    const exchanges = compare.map((side) => send(request, side));
    const [a, b] = exchanges.map(({ response }) => response ?? '');
    const marks = difference(a, b);
    const count = marks.map((ranges) => ranges.reduce((sum, [from, to]) => sum + to - from, 0));
    this.#difference.textContent = a === b && exchanges[0].rule === exchanges[1].rule ? t('compare.same') : t('compare.differ', ...count);
    exchanges.forEach((exchange, side) => {
      for (const [name] of CONTROLS) this.#sides[side][name].value = /** @type {any} */ (compare[side])[name];
      this.#results[side].replaceChildren(
        h('p', null, h('strong', null, exchange.response === null ? t('timeout') : exchange.status), h('span', { class: 'mono small muted' }, ` ${exchange.rule ?? ''}`)),
        exchange.response === null ? h('p', { class: 'warn' }, t(`silence.${exchange.noResponse}`)) : h('pre', { class: 'imds-compare-bytes', tabIndex: 0, 'aria-label': `${t('response')} ${'AB'[side]}` }, marked(exchange.response, marks[side])));
    });
  }
}

/** @param {string} request @param {import('../store.js').Side} side */
function send(request, { hops, profile, ...options }) {
  const instance = selectedInstance().id;
  const imds = app.session.clone();
  try {
    if (profile) imds.replace({ ...app.session.record(instance), profile }, { instance });
    imds.modify(/** @type {any} */ (options), { instance });
    const { status, rule, noResponse, response } = imds.handle(toBytes(request), { instance, hops });
    return { status, rule, noResponse, response: response && latin1(response) };
  } finally {
    imds.free();
  }
}

/**
 * The differing ranges of two responses. Lines are matched first: a header with the header of the
 * same name, any other line with an equal line.
 * @param {string} a @param {string} b @returns {[number, number][][]} the ranges of each
 */
export function difference(a, b) {
  const [x, y] = [a, b].map((text) => /** @type {string[]} */ (text.match(/[^\n]*\n|[^\n]+/g) ?? []));
  const [k, l] = [x, y].map((lines) => {
    const end = lines.indexOf('\r\n');
    return lines.map((line, place) => (place === 0 ? 'start' : place < end ? line.split(':')[0] : line));
  });
  const width = y.length + 1;
  const longest = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let j = y.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = k[i] === l[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  /** @type {[number, number][][]} */ const ranges = [[], []];
  const at = [0, 0];
  const take = (/** @type {0 | 1} */ side, /** @type {string} */ line, /** @type {number} */ from, /** @type {number} */ to) => {
    const last = ranges[side].at(-1);
    const [start, end] = [at[side] + from, at[side] + to];
    if (last?.[1] === start && end > start) last[1] = end;
    else if (end > start) ranges[side].push([start, end]);
    at[side] += line.length;
  };
  for (let i = 0, j = 0; i < x.length || j < y.length; ) {
    if (i < x.length && j < y.length && k[i] === l[j]) {
      const [one, other] = [x[i++], y[j++]];
      let [front, back] = [0, 0];
      const least = Math.min(one.length, other.length);
      while (front < least && one[front] === other[front]) front += 1;
      while (back < least - front && one.at(-1 - back) === other.at(-1 - back)) back += 1;
      take(0, one, front, one.length - back);
      take(1, other, front, other.length - back);
    } else if (j >= y.length || (i < x.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) take(0, x[i], 0, x[i++].length);
    else take(1, y[j], 0, y[j++].length);
  }
  return ranges;
}

/** @param {string} text @param {[number, number][]} ranges */
function marked(text, ranges) {
  const out = [];
  let at = 0;
  const render = (/** @type {string} */ piece) => renderBytes(toBytes(piece));
  for (const [from, to] of ranges) {
    out.push(render(text.slice(at, from)), h('mark', null, render(text.slice(from, to))));
    at = to;
  }
  return [...out, render(text.slice(at))];
}

customElements.define('imds-compare', Compare);
