// @ts-check
// Share: one click copies a link to what the page shows. The dialog also has the whole session and
// other formats, made when they are opened.

import { toCurl, toPrintf } from '../compose.js';
import { copyButton, field, h } from '../dom.js';
import { requestName } from '../names.js';
import { toFragment, viewFragment } from '../share.js';
import { rustOf, transcriptOf } from '../transcript.js';
import { app, messageOf, t } from '../view.js';
import { shown } from './shown.js';
import { tt } from './strings.js';

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} label @param {string} text @param {number} [rows] */
const box = (label, text, rows = 2) => [field(label, h('textarea', { rows, readOnly: true, spellcheck: false, value: text })), h('div', null, copyButton(() => text, t('copy'), t('copied')))];

/** A part of the dialog that is made when it is opened. @param {string} title @param {() => Promise<any> | any} make */
function section(title, make) {
  const content = h('div', { class: 'stack' });
  const details = h('details', { ontoggle: async () => details.open && !content.childElementCount && content.replaceChildren(...[await make()].flat(3).filter(Boolean)) }, h('summary', null, title), content);
  return details;
}

export async function open() {
  const page = location.href.split(/[?#]/)[0];
  const { state } = app.store;
  const fragment = await viewFragment(app.session, state, shown());
  const link = fragment && page + fragment;
  const copied = !!link && await copy(link);
  const { request } = state;
  const whole = async () => {
    const all = await toFragment(app.session, state);
    return all ? box(t('share.link'), page + all, 3) : h('p', { class: 'small warn' }, tt('share.all.too-long'));
  };
  const transcript = () => {
    try {
      const { text, replaced } = transcriptOf(app.session);
      return [replaced ? h('p', { class: 'warn small' }, t('share.replaced')) : null, box(t('share.transcript'), text, 8), box(t('share.rust'), rustOf(text), 6)];
    } catch (error) {
      return h('p', { class: 'bad' }, messageOf(error));
    }
  };
  const dialog = h('dialog', { class: 'imds-share', 'aria-labelledby': 'share-title', onclose: () => dialog.remove() },
    h('div', { class: 'row' }, h('h2', { id: 'share-title' }, t('share')), h('button', { type: 'button', onclick: () => dialog.close() }, t('share.close'))),
    link ? [
      h('p', { role: 'status', class: copied ? 'ok' : '' }, h('strong', null, tt(copied ? 'share.copied' : 'share.not-copied')), ` · ${t('share.size', link.length)}`, link.length > 2000 ? ` · ${t('share.long')}` : ''),
      box(t('share.link'), link, 2), h('p', { class: 'small muted' }, tt('share.shows')),
    ] : h('p', { class: 'warn' }, tt('share.too-long')),
    link ? section(tt('share.more'), () => [
      box(t('share.markdown'), `[imds: ${requestName(request).replace(/[[\]\\]/g, '')}](${link})`),
      box(t('share.embed'), `<iframe src="${page}?embed${fragment}" width="100%" height="640" title="imds"></iframe>`), h('p', { class: 'small muted' }, t('share.embed.note')),
      box(t('share.curl'), toCurl(request) ?? toPrintf(request)), box(t('share.http'), request, 5),
    ]) : null,
    section(tt('share.all'), async () => [h('p', { class: 'small muted' }, tt('share.all.count', app.session.exchanges.length)), ...[await whole()].flat(), transcript()].flat(3)));
  document.body.append(dialog);
  dialog.addEventListener('click', (/** @type {MouseEvent} */ { target }) => target === dialog && dialog.close());
  dialog.showModal();
}
