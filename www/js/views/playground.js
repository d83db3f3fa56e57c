// @ts-check
// <imds-playground>: three panes with the instance, the exchange and the explanation.

import { h } from '../dom.js';
import { t } from '../view.js';
import './instance.js';
import './network-path.js';
import './wire.js';
import './exchange.js';
import './why.js';

class Playground extends HTMLElement {
  connectedCallback() {
    if (this.childElementCount) return;
    this.append(h('h1', { class: 'visually-hidden' }, t('nav.playground')), h('imds-instance', { class: 'pane' }), h('imds-exchange', { class: 'pane' }), h('imds-why', { class: 'pane' }));
  }
}

customElements.define('imds-playground', Playground);
