/*
 * Keeps the pages of forms that wait in the browser (queue.js), so that they open without a
 * network. The network comes first; what it does not answer in time comes from what was kept.
 */

const PREFIX = "longmai-pages:";
const PATIENCE_MS = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const kept = request.mode === "navigate" || pathname.startsWith("/static/");
  if (request.method === "GET" && origin === self.location.origin && kept) {
    event.respondWith(answer(request));
  }
});

async function answer(request) {
  const name = (await caches.keys()).find((each) => each.startsWith(PREFIX));
  const cache = name && (await caches.open(name));
  const isPage = request.mode === "navigate";
  const kept = cache && (await cache.match(request, { ignoreVary: true, ignoreSearch: isPage }));
  // What carries its digest never changes.
  if (kept && new URL(request.url).searchParams.has("v")) return kept;
  try {
    const fresh = await (kept ? Promise.race([fetch(request), impatience()]) : fetch(request));
    if (cache && fresh.ok && !fresh.redirected) await cache.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

function impatience() {
  return new Promise((_, fail) => {
    setTimeout(() => fail(new Error("the network is too slow")), PATIENCE_MS);
  });
}
