// @ts-check
// One request, two configurations, and the bytes in which the answers differ.

import { choice, field, h } from '../dom.js';
import { latin1, toBytes } from '../engine.js';
import { app, t, View } from '../view.js';
import { chosen } from './instance.js';
import { drawn } from './wire.js';

const CONTROLS = /** @type {[string, string, string[] | null][]} */ ([
  ['http_tokens', 'http_tokens', ['optional', 'required']],
  ['http_endpoint', 'http_endpoint', ['enabled', 'disabled']],
  ['http_put_response_hop_limit', 'http_put_response_hop_limit', null],
  ['hops', 'hops', null],
  ['profile', 'compare.profile', ['', 'nitro', 'xen']],
]);

class Compare extends View {
  #asked = h('pre', { class: 'card' });
  #difference = h('p', { role: 'status' });
  /** @type {Record<string, any>[]} */ #sides = [];
  #results = [0, 1].map(() => h('div'));

  build() {
    this.#sides = [0, 1].map((side) => Object.fromEntries(CONTROLS.map(([name, , values]) => {
      const set = (/** @type {any} */ { currentTarget: { value } }) => app.store.dispatch({ type: 'compare', side, to: { [name]: values ? value : Number(value) } });
      return [name, values ? choice(values.map((it) => [it, it || t('compare.own')]), { onchange: set }) : h('input', { type: 'number', min: name === 'hops' ? 0 : 1, max: 64, onchange: set })];
    })));
    const column = (/** @type {number} */ side) => h('section', { class: 'card stack' }, h('h2', null, t('compare.side', 'AB'[side])), h('div', { class: 'imds-compare-controls' }, CONTROLS.map(([name, words]) => field(t(words), this.#sides[side][name]))), this.#results[side]);
    return [h('h1', null, t('nav.compare')), h('p', null, t('compare.lead')), this.#asked, this.#difference, h('div', { class: 'imds-compare-sides' }, column(0), column(1))];
  }

  update() {
    const { request, compare } = app.store.state;
    this.#asked.replaceChildren(...drawn(toBytes(request)));
    const answers = compare.map((side) => ask(request, side));
    const [a, b] = answers.map(({ response }) => response ?? '');
    const marks = difference(a, b);
    const count = marks.map((ranges) => ranges.reduce((sum, [from, to]) => sum + to - from, 0));
    this.#difference.textContent = a === b && answers[0].rule === answers[1].rule ? t('compare.same') : t('compare.differ', ...count);
    answers.forEach((answer, side) => {
      for (const [name] of CONTROLS) this.#sides[side][name].value = /** @type {any} */ (compare[side])[name];
      this.#results[side].replaceChildren(
        h('p', null, h('strong', null, answer.response === null ? t('timeout') : answer.status), h('span', { class: 'mono small muted' }, ` ${answer.rule ?? ''}`)),
        answer.response === null ? h('p', { class: 'warn' }, t(`silence.${answer.silence}`)) : h('pre', { class: 'imds-compare-bytes', tabIndex: 0, 'aria-label': `${t('response')} ${'AB'[side]}` }, marked(answer.response, marks[side])));
    });
  }
}

/** @param {string} request @param {import('../store.js').Side} side */
function ask(request, { hops, profile, ...options }) {
  const instance = chosen().id;
  const imds = app.world.clone();
  try {
    if (profile) imds.replace({ ...app.world.record(instance), profile }, { instance });
    imds.modify(/** @type {any} */ (options), { instance });
    const { status, rule, silence, response } = imds.handle(toBytes(request), { instance, hops });
    return { status, rule, silence, response: response && latin1(response) };
  } finally {
    imds.free();
  }
}

/**
 * Where two answers differ. Lines that are about the same stand against each other: a field against the field of that name, any
 * other line against the same line.
 * @param {string} a @param {string} b @returns {[number, number][][]} for each, ranges
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
  const show = (/** @type {string} */ piece) => drawn(toBytes(piece));
  for (const [from, to] of ranges) {
    out.push(show(text.slice(at, from)), h('mark', null, show(text.slice(from, to))));
    at = to;
  }
  return [...out, show(text.slice(at))];
}

customElements.define('imds-compare', Compare);
