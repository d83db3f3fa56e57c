// @ts-check
// The engine, the session and the state of the views. The first screen works without them; they are
// loaded once another view needs them, or when the first screen is ready.

import { restoreSaved, startAutosave } from './autosave.js';
import { load, tables } from './engine.js';
import { simulate } from './path/simulate.js';
import { createSession } from './session.js';
import { fromFragment, LinkError } from './share.js';
import { createStore } from './store.js';
import { loadStrings } from './text.js';
import { app, messageOf, t } from './view.js';
import { historyKeys } from './views/history.js';

export { historyButtons } from './views/history.js';

/** @type {Promise<void> | undefined} */ let opened;

/** Loads the engine and creates the session, once. A failed attempt can be repeated. */
export function open() {
  return (opened ??= create().catch((error) => {
    opened = undefined;
    throw error;
  }));
}

async function create() {
  const inline = document.getElementById('fleet')?.textContent;
  const [fleet] = await Promise.all([inline ?? fetch(new URL('../../examples/article-fleet.json', import.meta.url)).then((it) => it.text()), load()]);
  Object.assign(app, { session: createSession({ fleet, simulate }), store: createStore() });
  tables();
  restoreSaved(app.session, app.store);
  startAutosave(app.session, app.store);
  addEventListener('keydown', historyKeys);
  // Its element is in the page already, and is built at once.
  await loadStrings();
  await import('./views/clock.js');
}

/**
 * Restores the session of a share link, and returns a message if that fails. On any error the page
 * keeps its state.
 * @param {string} hash @returns {Promise<string | undefined>}
 */
export async function restore(hash) {
  try {
    const { seed, start, nonce, log, state } = await fromFragment(hash);
    try {
      app.session.play(log, { seed, start, nonce });
    } catch (error) {
      throw new LinkError(t('link.steps', messageOf(error)));
    }
    app.store.dispatch({ type: 'reset' });
    app.store.set(state);
  } catch (error) {
    return t(error instanceof LinkError ? error.message : 'link.damaged');
  }
}

/** After a trap of the engine, replays the session without its last step. Returns what happened. @param {unknown} error */
export function recover(error) {
  if (!app.session?.imds.trapped) return t('failed.page', messageOf(error));
  app.session.play(app.session.log.slice(0, -1));
  return t('failed.trap');
}

/** Deletes all exchanges and changes. */
export function reset() {
  app.store.dispatch({ type: 'reset' });
  app.session.reset();
}
