// Caches the page's files, so that it works offline. Requests for other files are not intercepted.

const FILES = [
  "../../examples/article-fleet.json",
  "../../pkg/dist/imds-core.wasm?v=e451dd65",
  "../../pkg/dist/imds.wasm?v=02421953",
  "./",
  "about-B6T2TCYG.js",
  "app-YHSQLF4W.js",
  "awk-ZV47PCDK.js",
  "aws-6MRHNR2B.js",
  "chunk-26EOBNPN.js",
  "chunk-2GOTFPAN.js",
  "chunk-36E3GWVX.js",
  "chunk-3K2KATXS.js",
  "chunk-4DX6FA37.js",
  "chunk-74QHMD5K.js",
  "chunk-7UO576UE.js",
  "chunk-A4F44IXP.js",
  "chunk-B7WW3DVS.js",
  "chunk-BEQJRZOL.js",
  "chunk-CRGQHZY3.js",
  "chunk-FH6W5KCL.js",
  "chunk-FYNCGU5U.js",
  "chunk-GDJ6LBXI.js",
  "chunk-I7SRW6NZ.js",
  "chunk-IDRQWLSX.js",
  "chunk-JZ25DOQA.js",
  "chunk-KGTSJO3Y.js",
  "chunk-LMX64JDK.js",
  "chunk-LP4LECS5.js",
  "chunk-LSVWZANI.js",
  "chunk-LWXZZWI5.js",
  "chunk-QWWNHW5L.js",
  "chunk-RLJT4TIT.js",
  "chunk-VFUQGTL6.js",
  "chunk-VNP4SDE7.js",
  "chunk-XCMNUCEL.js",
  "chunk-ZGEODXOE.js",
  "clock-RY35A4U7.js",
  "commands-TSTNND3O.js",
  "compare-IZVHQWBX.js",
  "de-AL35PERZ.js",
  "ec2-metadata-GADRTKFU.js",
  "files-WOQ5LKGQ.js",
  "help-OYCZEVL7.js",
  "icon.svg",
  "jmespath-BRFBB6VG.js",
  "jq-CWYFX53V.js",
  "lab-5YSZCOHM.js",
  "lessons-S2DDJ7CS.js",
  "live-2YWJ4CDP.js",
  "manifest.webmanifest",
  "open-L425E5WS.js",
  "playground-3VOB7RUS.js",
  "reference-FLC6EHEK.js",
  "regex-CNZRMCRY.js",
  "request-P2XFUXBC.js",
  "sed-CU3UYMVQ.js",
  "share-UCQNN5RF.js",
  "shell-25HQKHIZ.js",
  "single-command-DBY2ZQS3.js",
  "start-FEE522LU.js",
  "style-00be994e.css",
  "system-WUOGT7JR.js",
  "terminal-7QA6JZWW.js",
  "text-ZILP4JHJ.js",
  "try-PCDEJRMW.js",
  "view-2KFESMJD.js",
  "view-PP47R2WF.js",
  "view-TEU7NBUU.js",
  "world-TE5ZOMSE.js"
];
const CACHE = 'imds-87827adf';
const addressOf = (file) => new URL(file, self.location).href.replace(/[?#].*$/, '');
const files = new Set(FILES.map(addressOf));

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});
self.addEventListener('fetch', (event) => {
  const address = addressOf(event.request.url);
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
    return (await cache.match(address, { ignoreSearch: true })) ?? Promise.reject(error);
  }
}
