// @ts-check
// One request, two configurations, and the bytes in which the answers differ.

import { parts } from '../compose.js';
import { choice, field, h } from '../dom.js';
import { latin1, toBytes } from '../engine.js';
import { app, t, View } from '../view.js';
import { chosen } from './instance.js';
import { visible } from './wire.js';

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
    this.#asked.textContent = visible(toBytes(request)).replaceAll('␊', '␊\n').trimEnd();
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
    imds.modify(options, { instance });
    const { status, rule, silence, response } = imds.handle(toBytes(request), { instance, hops });
    return { status, rule, silence, response: response && latin1(response) };
  } finally {
    imds.free();
  }
}

/**
 * Where two texts differ: words that are in both in the same order are the same, the rest is not.
 * @param {string} a @param {string} b @returns {[number, number][][]} for each, ranges
 */
export function difference(a, b) {
  const words = [a, b].map((text) => text.match(/[A-Za-z0-9_=-]+|\r\n|[^]/g) ?? []);
  const [x, y] = words;
  // Beyond this it is not worth a table: the texts differ as wholes.
  if (x.length * y.length > 4e6) return [[[0, a.length]], [[0, b.length]]];
  const width = y.length + 1;
  const longest = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let j = y.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = x[i] === y[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  /** @type {[number, number][][]} */ const ranges = [[], []];
  const at = [0, 0];
  const differs = (/** @type {0 | 1} */ side, /** @type {string} */ word) => {
    const last = ranges[side].at(-1);
    if (last?.[1] === at[side]) last[1] += word.length;
    else ranges[side].push([at[side], at[side] + word.length]);
    at[side] += word.length;
  };
  for (let i = 0, j = 0; i < x.length || j < y.length; ) {
    if (x[i] === y[j]) {
      at[0] += x[i].length;
      at[1] += y[j].length;
      i += 1;
      j += 1;
    } else if (j >= y.length || (i < x.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) differs(0, x[i++]);
    else differs(1, y[j++]);
  }
  return ranges;
}

/** @param {string} text @param {[number, number][]} ranges */
function marked(text, ranges) {
  const out = [];
  let at = 0;
  const show = (/** @type {string} */ piece) => visible(toBytes(piece)).replaceAll('␊', '␊\n');
  for (const [from, to] of ranges) {
    out.push(show(text.slice(at, from)), h('mark', null, show(text.slice(from, to))));
    at = to;
  }
  return [...out, show(text.slice(at))];
}

customElements.define('imds-compare', Compare);
