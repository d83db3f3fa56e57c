// Caches the page's files, so that it works offline. Requests for other files are not intercepted.

const FILES = [
  // files.mjs writes this list.
  './',
  'icon.svg',
  'manifest.webmanifest',
  'css/base.css',
  'css/lab.css',
  'css/lesson.css',
  'css/page.css',
  'css/path.css',
  'css/shell.css',
  'css/wire.css',
  'js/app.js',
  'js/citations.js',
  'js/compose.js',
  'js/dom.js',
  'js/engine.js',
  'js/lab/attack.js',
  'js/lab/strings.js',
  'js/lab/view.js',
  'js/lessons/lessons.js',
  'js/lessons/progress.js',
  'js/lessons/view.js',
  'js/path/picture.js',
  'js/path/simulate.js',
  'js/path/stages.js',
  'js/path/steps.js',
  'js/path/view.js',
  'js/rule-inputs.js',
  'js/session.js',
  'js/share.js',
  'js/shell/aws-error.js',
  'js/shell/aws.js',
  'js/shell/commands.js',
  'js/shell/curl.js',
  'js/shell/ec2-model.js',
  'js/shell/ec2-wire.js',
  'js/shell/parse.js',
  'js/shell/paste.js',
  'js/shell/python2.js',
  'js/shell/request.js',
  'js/shell/shell-host.js',
  'js/shell/shell.js',
  'js/shell/shorthand.js',
  'js/shell/suggest.js',
  'js/shell/view.js',
  'js/store.js',
  'js/text.js',
  'js/transcript.js',
  'js/view.js',
  'js/views/about.js',
  'js/views/clock.js',
  'js/views/compare.js',
  'js/views/exchange.js',
  'js/views/instance.js',
  'js/views/live.js',
  'js/views/network-path.js',
  'js/views/playground.js',
  'js/views/share.js',
  'js/views/why.js',
  'js/views/wire.js',
  'strings/de.js',
  'strings/de/lab.js',
  'strings/de/lessons.js',
  'strings/de/shell.js',
  'strings/en.js',
  'strings/en/lab.js',
  'strings/en/lessons.js',
  'strings/en/shell.js',
  'vendor/jmespath.js',
  '../pkg/dist/glue.js',
  '../pkg/js/connection.js',
  '../pkg/js/context.js',
  '../pkg/js/copy.js',
  '../pkg/js/errors.js',
  '../pkg/js/exchange.js',
  '../pkg/js/fetch.js',
  '../pkg/js/imds.js',
  '../pkg/js/module.js',
  '../pkg/js/spans.js',
  '../pkg/js/tables.js',
  '../pkg/js/web.js',
  '../pkg/dist/imds.wasm',
  '../examples/article-fleet.json',
];
const CACHE = 'imds-1';
const files = new Map(FILES.map((file) => [new URL(file, self.location).href, file]));

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...files.keys()])).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});
self.addEventListener('fetch', (event) => {
  const address = event.request.url.replace(/[?#].*$/, '');
  if (event.request.method === 'GET' && files.has(address)) event.respondWith(respond(event.request, address));
});

/** The file from the network, or the cached file without a network. */
async function respond(request, address) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(address, response.clone());
    return response;
  } catch (error) {
    return (await cache.match(address)) ?? Promise.reject(error);
  }
}
