// A check that cannot be sent is kept on this phone (IndexedDB) and sent later, by whoever made it.
// Each has a key of its own, so that sending it twice is one check. How long ago it was made is
// counted here at each sending; what this phone's clock says is believed by nobody.
import { say, sayCount } from "./words.js";

const person = document.querySelector("[data-person]")?.dataset.person ?? "";
const box = document.getElementById("kept");
const TRY_EVERY = 15_000, WAIT = 8000, WAIT_PHOTO = 60_000, PAGES = "labels";

function store(mode, work) {
  return new Promise((done, failed) => {
    const opening = indexedDB.open("nightwarden-kept", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("checks", { keyPath: "key" });
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
      const change = opening.result.transaction("checks", mode);
      const asked = work(change.objectStore("checks"));
      change.oncomplete = () => { opening.result.close(); done(asked.result); };
      change.onabort = change.onerror = () => { opening.result.close(); failed(change.error); };
    };
  });
}

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

// What came of it: {done}, {refused: sentence}, or {waits: why} where it has to be sent again.
async function send(one, late) {
  const form = new FormData();
  for (const [name, value] of one.fields) form.append(name, value);
  form.set("key", one.key);
  if (late) {
    form.set("ago_ms", String(Math.max(0, Math.round(Date.now() - one.at))));
    form.set("kept", "yes");
    form.set("made_by", one.person);
  }
  const photo = one.fields.some(([, value]) => value instanceof Blob && value.size);
  try {
    const answer = await fetch(one.action, {
      method: "POST", body: form, headers: { Accept: "application/problem+json" },
      signal: AbortSignal.timeout(photo ? WAIT_PHOTO : WAIT),
    });
    if (answer.ok) return { done: await answer.json() };
    if (answer.status === 401) return { waits: say("Sign in, and it will be sent.") };
    if (answer.status >= 500) return { waits: say("The server has trouble; it will be sent again.") };
    return { refused: (await answer.json()).detail };
  } catch {
    return { waits: "" };
  }
}

async function submitted(event) {
  const form = event.target;
  if (!form.matches("[data-keep]") || !person) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const fields = [...new FormData(form, event.submitter)].filter(([, value]) => !(value instanceof File) || value.size);
  const one = { key: newKey(), action: form.action, fields, says: form.dataset.says, at: Date.now(), person, refused: "" };
  const came = await send(one, false);
  form.removeAttribute("aria-busy");
  if (came.done) {
    location.assign(came.done.path);
  } else if (came.refused) {
    refuse(form, came.refused);
  } else {
    await keep(form, one);
  }
}

async function keep(form, one) {
  try {
    await store("readwrite", (checks) => checks.put(one));
  } catch {
    refuse(form, say("This phone cannot keep it, and the server did not answer. Write it on paper."));
    return;
  }
  form.reset();
  form.querySelector(":scope > .refusal")?.remove();
  navigator.storage?.persist?.();
  await show();
  box.scrollIntoView({ block: "center" });
}

function refuse(form, sentence) {
  let words = form.querySelector(":scope > .refusal");
  if (!words) {
    words = document.createElement("p");
    words.className = "refusal";
    words.setAttribute("role", "alert");
    form.append(words);
  }
  words.textContent = sentence;
}

let sending = false;
async function sendAll() {
  if (sending) return;
  sending = true;
  try {
    for (const one of await store("readonly", (checks) => checks.getAll())) {
      if (one.person !== person || one.refused) continue;
      const came = await send(one, true);
      if (came.waits !== undefined) { box.dataset.waits = came.waits; break; }
      box.dataset.waits = "";
      if (came.done) {
        await store("readwrite", (checks) => checks.delete(one.key));
        const sent = say("{what}: sent.", { what: one.says });
        tell(`${sent} ${came.done.said}${came.done.remark ? ` ${came.done.remark}.` : ""}`);
      } else {
        await store("readwrite", (checks) => checks.put({ ...one, refused: came.refused }));
      }
    }
  } finally {
    sending = false;
    await show();
  }
}

function tell(sentence) {
  const said = document.getElementById("said");
  said.hidden = false;
  const line = document.createElement("span");
  line.textContent = sentence;
  said.querySelector("span").append(line, document.createElement("br"));
}

async function show() {
  const kept = await store("readonly", (checks) => checks.getAll());
  box.hidden = !kept.length;
  document.getElementById("kept-count").textContent =
    sayCount(kept.length, "Kept on this phone, will be sent: {n} entry.", "Kept on this phone, will be sent: {n} entries.", { n: kept.length });
  document.getElementById("kept-list").replaceChildren(...kept.map(lineOf));
}

function lineOf(one) {
  const line = document.createElement("li");
  const at = new Date(one.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const waits = one.person !== person ? say("{name} must sign in here to send it.", { name: one.person }) : box.dataset.waits ?? "";
  const made = say("{what}, made at {time}.", { what: one.says, time: at });
  line.append(`${made} ${one.refused ? "" : waits}`);
  if (one.refused) {
    const why = document.createElement("strong");
    why.textContent = say("Not taken: {why}", { why: one.refused });
    const again = document.createElement("button"), away = document.createElement("button");
    again.textContent = say("Send again");
    again.onclick = async () => { await store("readwrite", (checks) => checks.put({ ...one, refused: "" })); await sendAll(); };
    away.textContent = say("Delete from this phone");
    away.onclick = async () => { await store("readwrite", (checks) => checks.delete(one.key)); await show(); };
    for (const button of [again, away]) { button.type = "button"; button.className = "second"; }
    line.append(why, " ", again, away);
  }
  return line;
}

// The pages of a round's items are taken along, for where there is no signal.
async function takeAlong() {
  const said = document.querySelector("[data-take]");
  if (!said) return;
  if (!window.isSecureContext || !window.caches) {
    said.textContent = say("Without https this phone cannot take the pages along: what is entered on an open page is kept all the same.");
    return;
  }
  const paths = [...new Set([...document.querySelectorAll("a[data-label]")].map((a) => a.pathname))].filter((path) => path.startsWith("/l/"));
  const cache = await caches.open(PAGES);
  await cache.add("/l/offline").catch(() => {}); // in the language that is read now
  let taken = 0;
  for (const path of paths) {
    try {
      const answer = await fetch(path, { headers: { Accept: "text/html" } });
      if (answer.ok && answer.headers.get("Nightwarden-Keep")) { await cache.put(path, answer); taken += 1; }
    } catch { break; }
  }
  said.textContent = say("{taken} of {all} items are on this phone, for where there is no signal.", { taken, all: paths.length });
}

function signal() {
  document.getElementById("no-signal").hidden = navigator.onLine;
  if (navigator.onLine) sendAll();
}

document.addEventListener("submit", submitted);
document.getElementById("kept-send").addEventListener("click", sendAll);
for (const turned of ["online", "offline"]) addEventListener(turned, signal);
setInterval(() => navigator.onLine && !box.hidden && sendAll(), TRY_EVERY);
signal();
show();
if (person && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("/worker.js").then(takeAlong, () => {});
} else {
  takeAlong();
}
