// Shows the page of a label where there is no signal. It rules over /l/ alone, never over the board,
// and always asks the server first: what it kept is for when nobody answers.
const PAGES = "labels", WAIT = 4000;
const FILES = ["/l/offline", "/static/nightwarden.css", "/static/checks.css", "/static/page.js", "/static/answering.js", "/static/ticking.js", "/static/kept.js", "/static/renewing.js", "/static/icons.svg", "/static/icon.svg"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(PAGES).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const asked = event.request, path = new URL(asked.url).pathname;
  if (asked.method !== "GET" || new URL(asked.url).origin !== location.origin) return;
  if (asked.mode === "navigate" && path.startsWith("/l/")) event.respondWith(page(asked, path));
  else if (path.startsWith("/static/")) event.respondWith(file(asked, path));
});

async function page(asked, path) {
  const cache = await caches.open(PAGES);
  try {
    const answer = await fetch(asked, { signal: AbortSignal.timeout(WAIT) });
    if (answer.ok && answer.headers.get("Nightwarden-Keep")) await cache.put(path, answer.clone());
    return answer;
  } catch {
    return (await cache.match(path)) ?? (await cache.match("/l/offline")) ?? Response.error();
  }
}

async function file(asked, path) {
  const cache = await caches.open(PAGES);
  try {
    const answer = await fetch(asked);
    if (answer.ok) await cache.put(path, answer.clone());
    return answer;
  } catch {
    return (await cache.match(path)) ?? Response.error();
  }
}
