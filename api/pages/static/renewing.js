// A page whose #live part renews itself: every so often, and at once when the live stream names one of
// its events. It says when it has lost the server. Nothing is swapped under a pressed finger; what was opened and focused stays so.
import { serverSays, tick } from "./ticking.js";

const live = () => document.getElementById("live");
let busy = false, again = false, pressed = false;

async function renew() {
  if (document.visibilityState !== "visible") return;
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    do {
      again = false;
      const answer = await fetch(live().dataset.renew, {
        headers: { Accept: "text/html" },
        signal: AbortSignal.timeout(5000),
      });
      if (answer.status === 401) location.reload();
      if (!answer.ok) break;
      swap(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live"));
    } while (again);
    lost(false);
  } catch {
    lost(true);
  } finally {
    busy = false;
  }
}

function lost(yes) {
  document.body.classList.toggle("lost", yes);
  document.getElementById("stale").hidden = !yes;
}

function swap(fresh) {
  const old = live();
  if (pressed || fresh.innerHTML === old.innerHTML) return;
  const key = old.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : "";
  const keyed = (name) => (name ? fresh.querySelector(`[data-key="${CSS.escape(name)}"]`) : null);
  for (const open of old.querySelectorAll("details[open]")) keyed(open.dataset.key)?.setAttribute("open", "");
  old.replaceWith(fresh);
  keyed(key)?.focus({ preventScroll: true });
  serverSays(Number(fresh.dataset.now));
  tick();
}

addEventListener("pointerdown", () => (pressed = true));
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (pressed = false));
document.addEventListener("visibilitychange", renew);
setInterval(renew, Number(live().dataset.every));
if (live().dataset.events) {
  const stream = new EventSource("/api/v1/stream");
  for (const name of [...live().dataset.events.split(" "), "hello"]) stream.addEventListener(name, renew);
}
