// @ts-check
// <imds-playground>: the request and its response side by side, the decision under both, the
// exchanges, and a rail with the instance, its metadata and the clock.

import { h } from '../dom.js';
import { tt } from './strings.js';
import './wire.js';
import './exchange.js';
import './why.js';
import './exchanges.js';
import './instance.js';
import './clock.js';

class Playground extends HTMLElement {
  connectedCallback() {
    if (this.childElementCount) return;
    const exchange = h('imds-exchange');
    const why = h('imds-why', { class: 'card' });
    this.append(h('h1', { class: 'visually-hidden' }, tt('try')), exchange, why, h('imds-exchanges', { class: 'card' }), h('aside', { class: 'imds-rail', 'aria-label': tt('instance') }, h('imds-instance'), h('imds-clock')));
    this.addEventListener('open-rule', (/** @type {any} */ { detail }) => why.openRule(detail));
    this.addEventListener('mark-rule', (/** @type {any} */ { detail: { rule, kind } }) => (rule ? exchange.mark(rule, kind) : exchange.update()));
  }
}

customElements.define('imds-playground', Playground);
