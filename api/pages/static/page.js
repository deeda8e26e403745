// Every page: what ticks, and forms that answer in place.
import { answerForms } from "./answering.js";
import { tick } from "./ticking.js";

answerForms();
tick();
setInterval(tick, 500);
// The shells that open without the network are kept in the language of the page before them.
const SHELLS = "nightwarden-shells", language = document.documentElement.lang;
if (window.caches && navigator.serviceWorker?.controller && localStorage[SHELLS] !== language) {
  caches.open("labels").then((cache) => cache.addAll(["/blind", "/l/offline"])).then(() => (localStorage[SHELLS] = language), () => {});
}
// Whoever signs out leaves no pages behind on this phone. What was entered and not sent stays.
for (const form of document.querySelectorAll('form[action="/signout"]')) {
  form.addEventListener("submit", async () => {
    const cache = await window.caches?.open("labels");
    for (const kept of (await cache?.keys()) ?? []) {
      if (/\/l\/(?!offline)/.test(kept.url)) cache.delete(kept);
    }
  });
}
