// Pages that were opened once open again without a network. What runs cells is kept by the worker itself (worker.js).
const KEEP = "hpt-pages";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", event => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.match(/python-\w+\/(?!worker\.js|pyodide(\.asm)?\.mjs|sizes\.json)/)) return;
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
