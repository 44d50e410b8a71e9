// Pages that were opened once open again without a network. What runs cells is kept by the page, which checks it (frame.js).
const KEEP = "hpt-opened", GONE = ["hpt-pages", "hpt-python"];  // into those of old, the code of a cell could write

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(Promise.all([self.clients.claim(), ...GONE.map(name => caches.delete(name))])));
self.addEventListener("fetch", event => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || /\/python-\w+\//.test(url.pathname)) return;
  event.respondWith(fresh(event.request));
});

async function fresh(request) {
  const store = await caches.open(KEEP);
  try {
    const answer = await fetch(request);
    if (answer.ok) store.put(request, answer.clone()).catch(() => {});
    return answer;
  } catch (error) {
    const found = await store.match(request, { ignoreSearch: true });
    if (found) return found;
    throw error;
  }
}
