// The house's worker. It always asks the server first: what it kept is for when nobody answers. Of a
// label's page it keeps the page; of the board it keeps nothing, and shows the shell that says it is
// blind: an old board that looks like a present one is worse than none.
const PAGES = "labels", WAIT = 4000;
const FILES = ["/l/offline", "/blind", "/static/nightwarden.css", "/static/checks.css", "/static/page.js", "/static/blind.js", "/static/answering.js", "/static/ticking.js", "/static/kept.js", "/static/words.js", "/static/renewing.js", "/static/icons.svg", "/static/icon.svg"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(PAGES).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const asked = event.request, path = new URL(asked.url).pathname;
  if (asked.method !== "GET" || new URL(asked.url).origin !== location.origin) return;
  if (path.startsWith("/static/")) event.respondWith(file(asked, path));
  else if (asked.mode !== "navigate") return;
  else event.respondWith(path.startsWith("/l/") ? page(asked, path) : present(asked, path));
});

// A page of the present, or the shell. The board may not make anybody wait; a long list may.
async function present(asked, path) {
  try {
    return await fetch(asked, path === "/" ? { signal: AbortSignal.timeout(WAIT) } : {});
  } catch {
    return (await (await caches.open(PAGES)).match("/blind")) ?? Response.error();
  }
}

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
