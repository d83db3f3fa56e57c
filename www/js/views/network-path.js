// @ts-check
// What lies between the process that asks and the service: path/ knows the kinds, this chooses among them.

import { h } from '../dom.js';
import '../path/stages.js';
import { t as words } from '../lab/words.js';
import { app, t, View } from '../view.js';

class Way extends View {
  #throttled = h('input', { type: 'checkbox', onchange: () => app.store.set({ throttled: this.#throttled.checked }) });

  build() {
    return h('fieldset', null, h('legend', null, t('way')), h('imds-stages'), h('a', { href: '#/path', class: 'small' }, words('stages.picture')), h('label', null, this.#throttled, ` ${t('throttled')}`));
  }

  update() {
    this.#throttled.checked = app.store.state.throttled;
  }
}

customElements.define('imds-way', Way);
