// @ts-check
// The page: loads the engine, creates the session, and shows the view that the fragment names.

import { choice, h } from './dom.js';
import { load, tables } from './engine.js';
import { simulate } from './path/simulate.js';
import { fromFragment, LinkError } from './share.js';
import { createStore } from './store.js';
import { language, loadStrings, setLanguage } from './text.js';
import { app, messageOf, t } from './view.js';
import { createSession } from './session.js';

/**
 * The views in the navigation bar. The module of a view is loaded when the view is first shown.
 * @type {Record<string, () => Promise<any>>}
 */
const VIEWS = {
  playground: () => import('./views/playground.js'),
  lesson: () => import('./lessons/view.js'),
  compare: () => import('./views/compare.js'),
  path: () => import('./path/view.js'),
  lab: () => import('./lab/view.js'),
  live: () => import('./views/live.js'),
  about: () => import('./views/about.js'),
};
const embedded = new URLSearchParams(location.search).has('embed');
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const notice = h('div', { class: 'page-notice', role: 'alert' });
/** The elements of the views shown so far. @type {Map<string, any>} */ let views = new Map();
/** @type {Record<string, any>} */ let links = {};

/** Preferences in localStorage. */
const preferences = {
  get: (/** @type {string} */ name) => {
    try {
      return localStorage.getItem(`imds.${name}`);
    } catch {
      return null;
    }
  },
  set: (/** @type {string} */ name, /** @type {string} */ value) => {
    try {
      localStorage.setItem(`imds.${name}`, value);
    } catch {
      // Without storage, preferences last until the page is reloaded.
    }
  },
};

/** Shows a notice, or hides it without a message. @param {string} [message] */
function notify(message) {
  notice.replaceChildren(...(message ? [h('p', null, message), h('button', { type: 'button', onclick: () => notify() }, '✕', h('span', { class: 'visually-hidden' }, t('share.close')))] : []));
}

/** @param {string} theme */
function applyTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Builds everything around the view, in the current language. */
function buildFrame() {
  document.title = t('title');
  links = Object.fromEntries(Object.keys(VIEWS).map((name) => [name, h('a', { href: `#/${name}${name === 'lesson' ? '/1' : ''}` }, t(`nav.${name}`))]));
  const theme = choice(['auto', 'light', 'dark'].map((it) => [it, t(`theme.${it}`)]), {
    value: preferences.get('theme') ?? 'auto',
    'aria-label': t('theme'),
    onchange: () => {
      preferences.set('theme', theme.value);
      applyTheme(theme.value);
    },
  });
  const share = h('button', { type: 'button', onclick: async () => (await import('./views/share.js')).open() }, t('share'));
  const reset = () => {
    if (!confirm(t('reset.confirm'))) return;
    app.store.dispatch({ type: 'reset' });
    app.session.reset();
  };
  const skip = h('a', { href: '#main', class: 'page-skip', onclick: (/** @type {Event} */ event) => {
    event.preventDefault();
    main.focus();
  } }, t('skip'));
  const header = h('header', { class: 'page-top' }, skip,
    embedded ? h('a', { class: 'page-brand', href: location.pathname + location.hash, target: '_blank', rel: 'noopener' }, 'imds') : h('a', { class: 'page-brand', href: '#/playground' }, 'imds'),
    embedded ? null : h('nav', { 'aria-label': t('nav.label') }, Object.values(links)),
    h('div', { class: 'row page-tools' }, share, h('button', { type: 'button', onclick: reset }, t('reset')), embedded ? null : theme,
      embedded ? null : h('button', { type: 'button', class: 'quiet', lang: t('language.to'), onclick: async () => {
        preferences.set('language', t('language.to'));
        setLanguage(t('language.to'));
        await loadStrings();
        buildFrame();
        show();
      } }, t('language'))));
  views = new Map();
  main.tabIndex = -1;
  document.body.replaceChildren(header, h('imds-clock', { role: 'region', 'aria-label': t('clock') }), notice, main, h('footer', { class: 'page-foot small muted' }, t('fake')));
}

/** Shows the view or the shared session that the fragment names. @returns {Promise<void>} */
async function show() {
  const { hash } = location;
  if (hash.startsWith('#/x/')) return restore(hash);
  const route = hash.replace(/^#\/?/, '').split('/').filter(Boolean);
  const name = Object.hasOwn(VIEWS, route[0]) ? route[0] : 'playground';
  app.store.set({ route: name === route[0] ? route : [name] });
  for (const [it, link] of Object.entries(links)) it === name ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
  try {
    await VIEWS[name]();
    await loadStrings();
  } catch (error) {
    return notify(t('failed.page', messageOf(error)));
  }
  if (location.hash !== hash) return;
  let view = views.get(name);
  if (!view) views.set(name, (view = document.createElement(`imds-${name}`)));
  if (main.firstChild !== view || main.childElementCount > 1) main.replaceChildren(view);
  document.body.dataset.view = name;
  scrollTo(0, 0);
}

/**
 * Restores a shared session. On any error the page keeps its state.
 * @param {string} hash @returns {Promise<void>}
 */
async function restore(hash) {
  try {
    const { seed, start, log, state } = await fromFragment(hash);
    try {
      app.session.play(log, { seed, start });
    } catch (error) {
      throw new LinkError(t('link.steps', messageOf(error)));
    }
    app.store.dispatch({ type: 'reset' });
    app.store.set(state);
    history.replaceState(null, '', `#/${state.route.join('/')}`);
    notify();
  } catch (error) {
    history.replaceState(null, '', `#/${app.store.state.route.join('/')}`);
    notify(t(error instanceof LinkError ? error.message : 'link.damaged'));
  }
  return show();
}

/** After a trap of the engine, replays the session without its last step. @param {unknown} error */
function failed(error) {
  if (!app.session?.imds.trapped) return notify(t('failed.page', messageOf(error)));
  app.session.play(app.session.log.slice(0, -1));
  notify(t('failed.trap'));
}

async function start() {
  setLanguage(preferences.get('language') ?? navigator.language.slice(0, 2));
  applyTheme(preferences.get('theme') ?? 'auto');
  const inline = document.getElementById('fleet')?.textContent;
  try {
    const [fleet] = await Promise.all([
      inline ?? fetch(new URL('../../examples/article-fleet.json', import.meta.url)).then((it) => it.text()),
      load(),
      loadStrings(),
      import('./views/clock.js'),
    ]);
    Object.assign(app, { session: createSession({ fleet, simulate }), store: createStore() });
    tables();
  } catch (error) {
    main.replaceChildren(h('h1', null, 'imds'), h('p', { role: 'alert' }, t('failed.load', messageOf(error))));
    return;
  }
  addEventListener('error', ({ error }) => failed(error));
  addEventListener('unhandledrejection', ({ reason: error }) => failed(error));
  addEventListener('hashchange', show);
  document.body.classList.toggle('embedded', embedded);
  buildFrame();
  await show();
  if ('serviceWorker' in navigator && location.protocol.startsWith('http') && !inline) navigator.serviceWorker.register('sw.js', { type: 'module' }).catch(() => {});
}

export { app, language };
start();
