// @ts-check
// The page: its frame, and the view that the fragment names.

import './start/view.js';
import { choice, h } from './dom.js';
import { language, loadStrings, setLanguage } from './text.js';
import { app, messageOf, t } from './view.js';

/**
 * The views. The module of a view is loaded when the view is first shown; that of the first screen
 * is part of this one, which saves a round trip.
 * @type {Record<string, () => Promise<any>>}
 */
const VIEWS = {
  start: async () => {},
  playground: () => import('./views/playground.js'),
  terminal: () => import('./shell/terminal.js'),
  lesson: () => import('./lessons/view.js'),
  compare: () => import('./views/compare.js'),
  path: () => import('./path/view.js'),
  lab: () => import('./lab/view.js'),
  live: () => import('./views/live.js'),
  about: () => import('./views/about.js'),
};
/** Further names of views in fragments. @type {Record<string, string>} */
const ALIASES = { learn: 'lesson', try: 'playground', attack: 'lab', reference: 'about' };
/** The navigation bar: views and their fragments. */
const NAVIGATION = { start: '#/start', lesson: '#/learn', playground: '#/try', lab: '#/attack', live: '#/live', about: '#/reference' };
/** The parts of the navigation bar with several views. @type {Record<string, string[]>} */
const PARTS = { playground: ['playground', 'terminal', 'compare'], lab: ['lab', 'path'] };
/** The part of each view in it. @type {Record<string, string>} */
const PARENTS = Object.fromEntries(Object.entries(PARTS).flatMap(([part, all]) => all.map((name) => [name, part])));
/** The views without the engine, and those without the clock. */
const WITHOUT_WORLD = ['start'];
const WITHOUT_CLOCK = ['start', 'playground', 'live', 'about'];
const WITHOUT_TOOLS = ['start', 'live', 'about'];

const embedded = new URLSearchParams(location.search).has('embed');
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const notice = h('div', { class: 'page-notice', role: 'alert' });
const clock = h('imds-clock', { role: 'region' });
const tools = h('div', { class: 'row' });
const subviews = h('nav', { class: 'page-sub' });
/** The elements of the views shown so far. @type {Map<string, any>} */ let views = new Map();
/** @type {Record<string, any>} */ let links = {};
/** The module of the session, once it is open. @type {typeof import('./world.js') | undefined} */ let world;
let shown = '';

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

/** Loads the engine, unless it is loaded. */
async function openWorld() {
  if (world) return;
  const loading = h('p', { role: 'status' }, t('loading'));
  if (!main.querySelector('imds-start')) main.replaceChildren(loading);
  const module = await import('./world.js');
  await module.open();
  world = module;
  await loadStrings();
  buildTools();
}

/** The buttons for the session. */
function buildTools() {
  const share = h('button', { type: 'button', onclick: async () => (await import('./views/share.js')).open() }, t('share'));
  const reset = h('button', { type: 'button', onclick: () => confirm(t('reset.confirm')) && world?.reset() }, t('reset'));
  tools.replaceChildren(...(world ? [world.historyButtons(), share, reset] : []));
}

/** Builds everything around the view, in the current language. */
function buildFrame() {
  links = Object.fromEntries(Object.entries(NAVIGATION).map(([name, href]) => [name, h('a', { href }, t(`nav.${name}`))]));
  const theme = choice(['auto', 'light', 'dark'].map((it) => [it, t(`theme.${it}`)]), {
    value: preferences.get('theme') ?? 'auto',
    'aria-label': t('theme'),
    onchange: () => {
      preferences.set('theme', theme.value);
      applyTheme(theme.value);
    },
  });
  const skip = h('a', { href: '#main', class: 'page-skip', onclick: (/** @type {Event} */ event) => {
    event.preventDefault();
    main.focus();
  } }, t('skip'));
  clock.setAttribute('aria-label', t('clock'));
  buildTools();
  const header = h('header', { class: 'page-top' }, skip,
    embedded ? h('a', { class: 'page-brand', href: location.pathname + location.hash, target: '_blank', rel: 'noopener' }, 'imds') : h('a', { class: 'page-brand', href: '#/start' }, 'imds'),
    embedded ? null : h('nav', { 'aria-label': t('nav.label') }, Object.values(links)),
    h('div', { class: 'row page-tools' }, tools,
      embedded ? null : h('button', { type: 'button', class: 'quiet', lang: t('language.to'), onclick: async () => {
        preferences.set('language', t('language.to'));
        setLanguage(t('language.to'));
        await loadStrings();
        buildFrame();
        show();
      } }, t('language')), embedded ? null : theme));
  views = new Map();
  main.tabIndex = -1;
  // The page as one file has its data in scripts.
  const data = document.querySelectorAll('body > script[id]');
  document.body.replaceChildren(header, subviews, clock, notice, main, h('footer', { class: 'page-foot small muted' }, t('fake')), ...data);
}

/** Shows the view or the shared session that the fragment names. @returns {Promise<void>} */
async function show() {
  const { hash } = location;
  if (hash.startsWith('#/x/')) return restore(hash);
  const route = hash.replace(/^#\/?/, '').split('/').filter(Boolean);
  if (Object.hasOwn(ALIASES, route[0])) route[0] = ALIASES[route[0]];
  const known = Object.hasOwn(VIEWS, route[0]);
  const name = known ? route[0] : embedded ? 'playground' : 'start';
  try {
    if (!WITHOUT_WORLD.includes(name)) await openWorld();
    // A part that no address of a view has is ignored.
    app.store?.set({ route: known && route.length < 4 && route.every((part) => /^[\w-]{1,20}$/.test(part)) ? route : [name] });
    await VIEWS[name]();
    await loadStrings();
  } catch (error) {
    return failed(error);
  }
  if (location.hash !== hash) return;
  const current = PARENTS[name] ?? name;
  for (const [it, link] of Object.entries(links)) it === current ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
  subviews.setAttribute('aria-label', t('sub.label'));
  subviews.hidden = embedded || !PARTS[current];
  subviews.replaceChildren(...(PARTS[current] ?? []).map((it) => h('a', { href: it === current ? /** @type {any} */ (NAVIGATION)[it] : `#/${it}`, 'aria-current': it === name ? 'page' : null }, t(it === current ? `sub.${it}` : `nav.${it}`))));
  document.title = name === 'start' ? t('title') : `${t(`nav.${name}`)} · imds`;
  clock.hidden = WITHOUT_CLOCK.includes(name);
  tools.hidden = WITHOUT_TOOLS.includes(name);
  let view = views.get(name);
  if (!view) views.set(name, (view = document.createElement(`imds-${name}`)));
  if (main.firstChild !== view || main.childElementCount > 1) main.replaceChildren(view);
  document.body.dataset.view = name;
  scrollTo(0, 0);
  shown = name;
}

/** Says that the page or its engine cannot be loaded. @param {unknown} error */
function failed(error) {
  if (shown) return notify(t('failed.page', messageOf(error)));
  main.replaceChildren(h('h1', null, 'imds'), h('p', { role: 'alert' }, t('failed.load', messageOf(error))));
}

/** Restores a shared session. @param {string} hash @returns {Promise<void>} */
async function restore(hash) {
  try {
    await openWorld();
  } catch (error) {
    return failed(error);
  }
  const message = await world?.restore(hash);
  history.replaceState(null, '', `#/${app.store.state.route.join('/')}`);
  notify(message);
  return show();
}

async function start() {
  setLanguage(preferences.get('language') ?? navigator.language.slice(0, 2));
  applyTheme(preferences.get('theme') ?? 'auto');
  document.body.classList.toggle('embedded', embedded);
  clock.hidden = true;
  const unexpected = (/** @type {unknown} */ error) => notify(world ? world.recover(error) : t('failed.page', messageOf(error)));
  addEventListener('error', ({ error }) => unexpected(error));
  addEventListener('unhandledrejection', ({ reason: error }) => unexpected(error));
  addEventListener('hashchange', () => {
    // A notice is about the view that it was shown in.
    notify();
    show();
  });
  // The first screen is ready: the other views can load.
  addEventListener('imds-ready', () => (self.requestIdleCallback ?? setTimeout)(() => openWorld().catch(() => {})), { once: true });
  await loadStrings();
  buildFrame();
  await show();
  if ('serviceWorker' in navigator && location.protocol.startsWith('http') && !document.getElementById('fleet')) navigator.serviceWorker.register('sw.js', { type: 'module' }).catch(() => {});
}

export { app, language };
start();
