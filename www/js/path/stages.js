// @ts-check
// <imds-stages>: an editable list of the stages on the network path. It is in the store, so every
// view that sends requests uses it.

import { choice, h } from '../dom.js';
import { app, View } from '../view.js';
import { t } from '../lab/strings.js';
import { CHOICES, MAX_STAGES, stagesOf } from './simulate.js';

class Stages extends View {
  #list = h('ol', { class: 'imds-stages-list' });
  #none = h('p', { class: 'small muted' }, '');
  #add = choice([['', ''], ...CHOICES.map((kind) => /** @type {[string, string]} */ ([kind, t(`party.${kind}`)]))], { 'aria-label': t('stages.add'), onchange: () => this.#set([...this.#now(), { kind: this.#add.value }]) });

  #now() {
    return stagesOf(app.store.state.stages);
  }

  /** @param {import('./simulate.js').Stage[]} stages */
  #set(stages) {
    app.store.set({ stages });
  }

  build() {
    this.#add.options[0].textContent = t('stages.add');
    this.#none.textContent = t('stages.none');
    return [this.#none, this.#list, this.#add];
  }

  update() {
    const stages = this.#now();
    this.#none.hidden = stages.length > 0;
    this.#add.value = '';
    this.#add.disabled = stages.length >= MAX_STAGES;
    const remove = (/** @type {number} */ at) => {
      this.#set(stages.filter((_, place) => place !== at));
      this.#add.focus();
    };
    this.#list.replaceChildren(...stages.map(({ kind }, at) =>
      h('li', null, h('span', null, t(`party.${kind}`)), h('button', { type: 'button', class: 'quiet', 'aria-label': t('stages.remove', t(`party.${kind}`)), onclick: () => remove(at) }, '✕'))));
  }
}

customElements.define('imds-stages', Stages);
