// @ts-check
// <imds-terminal>: the shells of both hosts, over the full width.

import { h } from '../dom.js';
import { t } from './shell-host.js';
import { prose } from './view.js';

class TerminalView extends HTMLElement {
  connectedCallback() {
    if (!this.childElementCount) this.append(h('h1', null, t('terminal')), h('p', { class: 'muted' }, prose(t('terminal.intro'))), h('imds-shell'));
    const input = /** @type {HTMLTextAreaElement | null} */ (this.querySelector('textarea'));
    if (input?.value) input.focus();
  }
}

customElements.define('imds-terminal', TerminalView);
