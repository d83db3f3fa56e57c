// @ts-check
// The share dialog: the session as a link, a transcript and a Rust test; the request as curl and
// HTTP.

import { toCurl, toPrintf } from '../compose.js';
import { copyButton, field, h } from '../dom.js';
import { toFragment } from '../share.js';
import { rustOf, transcriptOf } from '../transcript.js';
import { app, messageOf, t } from '../view.js';

export async function open() {
  const fragment = await toFragment(app.session, app.store.state);
  const page = location.href.split(/[?#]/)[0];
  const link = page + fragment;
  const box = (/** @type {string} */ label, /** @type {string} */ text, rows = 2) => [field(label, h('textarea', { rows, readOnly: true, spellcheck: false, value: text })), h('div', null, copyButton(() => text, t('copy'), t('copied')))];
  const { request } = app.store.state;
  let transcript = { text: '', replaced: false };
  let failure = '';
  try {
    transcript = transcriptOf(app.session);
  } catch (error) {
    failure = messageOf(error);
  }
  const dialog = h('dialog', { class: 'imds-share', 'aria-labelledby': 'share-title', onclose: () => dialog.remove() },
    h('div', { class: 'row' }, h('h2', { id: 'share-title' }, t('share')), h('button', { type: 'button', onclick: () => dialog.close() }, t('share.close'))),
    h('p', null, t('share.lead')),
    box(t('share.link'), link, 3), h('p', { class: 'small muted' }, t('share.size', link.length), link.length > 2000 ? ` · ${t('share.long')}` : ''),
    box(t('share.markdown'), `[imds: ${request.split('\r\n', 1)[0].replace(/[[\]\\]/g, '')}](${link})`), box(t('share.embed'), `<iframe src="${page}?embed${fragment}" width="100%" height="640" title="imds"></iframe>`), h('p', { class: 'small muted' }, t('share.embed.note')),
    h('h3', null, t('share.as')),
    box(t('share.curl'), toCurl(request) ?? toPrintf(request)), box(t('share.http'), request, 5),
    failure ? h('p', { class: 'bad' }, failure) : [transcript.replaced ? h('p', { class: 'warn small' }, t('share.replaced')) : null, box(t('share.transcript'), transcript.text, 8), box(t('share.rust'), rustOf(transcript.text), 6)]);
  document.body.append(dialog);
  dialog.showModal();
}
