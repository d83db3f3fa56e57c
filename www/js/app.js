// @ts-check
// The page: loads the engine, makes the world, and shows the view that the fragment names.

import { choice, h } from './dom.js';
import { load, tables } from './engine.js';
import { travel } from './path/travel.js';
import { fromFragment, LinkError } from './share.js';
import { createStore } from './store.js';
import { language, learn, speak } from './text.js';
import { app, reason, t } from './view.js';
import { createWorld } from './world.js';

/** The views that the bar has, and the modules of their elements: loaded when they are first shown. @type {Record<string, () => Promise<any>>} */
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
/** @type {Map<string, any>} */ let made = new Map();
/** @type {Record<string, any>} */ let links = {};

const kept = {
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
      // A page without storage forgets.
    }
  },
};

/** @param {string} [words] none takes the notice away */
function tell(words) {
  notice.replaceChildren(...(words ? [h('p', null, words), h('button', { type: 'button', onclick: () => tell() }, '✕', h('span', { class: 'visually-hidden' }, t('share.close')))] : []));
}

/** @param {string} theme */
function paint(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** The bar and the clock, in the reader's language. */
function frame() {
  document.title = t('title');
  links = Object.fromEntries(Object.keys(VIEWS).map((name) => [name, h('a', { href: `#/${name}${name === 'lesson' ? '/1' : ''}` }, t(`nav.${name}`))]));
  const theme = choice(['auto', 'light', 'dark'].map((it) => [it, t(`theme.${it}`)]), {
    value: kept.get('theme') ?? 'auto',
    'aria-label': t('theme'),
    onchange: () => {
      kept.set('theme', theme.value);
      paint(theme.value);
    },
  });
  const share = h('button', { type: 'button', onclick: async () => (await import('./views/share.js')).open() }, t('share'));
  const begin = () => {
    if (!confirm(t('reset.sure'))) return;
    app.store.dispatch({ type: 'begin' });
    app.world.reset();
  };
  const skip = h('a', { href: '#main', class: 'page-skip', onclick: (/** @type {Event} */ event) => {
    event.preventDefault();
    main.focus();
  } }, t('skip'));
  const header = h('header', { class: 'page-top' }, skip,
    embedded ? h('a', { class: 'page-brand', href: location.pathname + location.hash, target: '_blank', rel: 'noopener' }, 'imds') : h('a', { class: 'page-brand', href: '#/playground' }, 'imds'),
    embedded ? null : h('nav', { 'aria-label': t('nav.label') }, Object.values(links)),
    h('div', { class: 'row page-tools' }, share, h('button', { type: 'button', onclick: begin }, t('reset')), embedded ? null : theme,
      embedded ? null : h('button', { type: 'button', class: 'quiet', lang: t('language.to'), onclick: async () => {
        kept.set('language', t('language.to'));
        speak(t('language.to'));
        await learn();
        frame();
        show();
      } }, t('language'))));
  made = new Map();
  main.tabIndex = -1;
  document.body.replaceChildren(header, h('imds-clock', { role: 'region', 'aria-label': t('clock') }), notice, main, h('footer', { class: 'page-foot small muted' }, t('fake')));
}

/** Shows what the fragment names. @returns {Promise<void>} */
async function show() {
  const { hash } = location;
  if (hash.startsWith('#/x/')) return restore(hash);
  const route = hash.replace(/^#\/?/, '').split('/').filter(Boolean);
  const name = Object.hasOwn(VIEWS, route[0]) ? route[0] : 'playground';
  app.store.set({ route: name === route[0] ? route : [name] });
  for (const [it, link] of Object.entries(links)) it === name ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
  try {
    await VIEWS[name]();
    await learn();
  } catch (error) {
    return tell(t('failed.page', reason(error)));
  }
  if (location.hash !== hash) return;
  let view = made.get(name);
  if (!view) made.set(name, (view = Object.assign(document.createElement(`imds-${name}`), { world: app.world, store: app.store })));
  view.setAttribute('number', route[1] ?? '1');
  view.route = route;
  if (main.firstChild !== view || main.childElementCount > 1) main.replaceChildren(view);
  document.body.dataset.view = name;
  scrollTo(0, 0);
}

/** Takes a whole state from a link. Whatever is in it, the page stands as it was or as the link says. @param {string} hash @returns {Promise<void>} */
async function restore(hash) {
  try {
    const { seed, start, log, state } = await fromFragment(hash);
    try {
      app.world.play(log, { seed, start });
    } catch (error) {
      throw new LinkError(t('link.steps', reason(error)));
    }
    app.store.dispatch({ type: 'begin' });
    app.store.set(state);
    history.replaceState(null, '', `#/${state.route.join('/')}`);
    tell();
  } catch (error) {
    history.replaceState(null, '', `#/${app.store.state.route.join('/')}`);
    tell(t(error instanceof LinkError ? error.message : 'link.damaged'));
  }
  return show();
}

/** @param {unknown} error */
function failed(error) {
  if (!app.world?.imds.trapped) return tell(t('failed.page', reason(error)));
  app.world.play(app.world.log.slice(0, -1));
  tell(t('failed.trap'));
}

async function begin() {
  speak(kept.get('language') ?? navigator.language.slice(0, 2));
  paint(kept.get('theme') ?? 'auto');
  const inline = document.getElementById('fleet')?.textContent;
  try {
    const [fleet] = await Promise.all([
      inline ?? fetch(new URL('../../examples/article-fleet.json', import.meta.url)).then((it) => it.text()),
      load(),
      learn(),
      import('./views/clock.js'),
    ]);
    Object.assign(app, { world: createWorld({ fleet, travel }), store: createStore() });
    tables();
  } catch (error) {
    main.replaceChildren(h('h1', null, 'imds'), h('p', { role: 'alert' }, t('failed.load', reason(error))));
    return;
  }
  addEventListener('error', ({ error }) => failed(error));
  addEventListener('unhandledrejection', ({ reason: error }) => failed(error));
  addEventListener('hashchange', show);
  document.body.classList.toggle('embedded', embedded);
  frame();
  await show();
  if ('serviceWorker' in navigator && location.protocol.startsWith('http') && !inline) navigator.serviceWorker.register('sw.js', { type: 'module' }).catch(() => {});
}

export { app, language };
begin();
