// @ts-check
// <imds-network-path>: the stages between the client and the service, and throttling.

import { h } from '../dom.js';
import '../path/stages.js';
import { t as labText } from '../lab/strings.js';
import { app, t, View } from '../view.js';

class NetworkPath extends View {
  #throttled = h('input', { type: 'checkbox', onchange: () => app.store.set({ throttled: this.#throttled.checked }) });

  build() {
    return h('fieldset', null, h('legend', null, t('network-path')), h('imds-stages'), h('a', { href: '#/path', class: 'small' }, labText('stages.picture')), h('label', null, this.#throttled, ` ${t('throttled')}`));
  }

  update() {
    this.#throttled.checked = app.store.state.throttled;
  }
}

customElements.define('imds-network-path', NetworkPath);
