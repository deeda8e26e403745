// The night board, live: renews what has changed, says whether anything watches, sounds what nobody
// has answered, and tells the server which alerts it has truly painted.
import { Sound } from "./sound.js";
import { Stream } from "./stream.js";
import { exact, now, serverSays, tick } from "./ticking.js";
import { say } from "./words.js";

const PROOF_HOLDS = 8; // seconds; the server says so after 6, this is for when it says nothing
const RENEW_EVERY = 30_000, RETRY_AFTER = 1500;
const status = document.getElementById("status");
const sound = new Sound(document.getElementById("sound"));
const live = () => document.getElementById("live");

// --- the proof, and what it means -----------------------------------------------------------------

let proof = {
  status: status.dataset.status,
  age: status.dataset.age ? Number(status.dataset.age) : null,
  at: status.dataset.at ? Number(status.dataset.at) : null,
  counter: performance.now(),
};
let lostAt = 0;

function state() {
  if (stream.lost) return "lost";
  const age = proofAge();
  return age === null || age > PROOF_HOLDS ? "not_watching" : proof.status;
}

function proofAge() {
  return proof.age === null ? null : proof.age + (performance.now() - proof.counter) / 1000;
}

function why(current) {
  if (current === "lost") return say("This screen has lost the server since {time}; trying again.", { time: exact(lostAt) });
  if (current === "not_watching") {
    if (proof.at === null) return say("No proof yet. Alerts may not arrive: look in on every room.");
    return say("No proof since {time}. Alerts may not arrive: look in on every room.", { time: exact(proof.at) });
  }
  const seconds = Math.floor(proofAge());
  if (current === "degraded") return say("proof {seconds} s ago, with a fault", { seconds });
  return say("proof {seconds} s ago", { seconds });
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showStatus() {
  const current = state();
  const turned = current !== status.dataset.state;
  status.dataset.state = current;
  const blind = current === "lost" || current === "not_watching";
  write(document.getElementById("status-word"), blind ? say("NOT WATCHING") : say("WATCHING"));
  write(document.getElementById("status-why"), why(current));
  document.body.classList.toggle("lost", current === "lost");
  document.body.classList.toggle("not-watching", blind);
  if (turned) renew();
  sound.show();
  chooseSound();
}

// --- what has changed -----------------------------------------------------------------------------

let renewing = false, again = false, pressed = false;

// One request at a time: what changes meanwhile is one more, however much it was.
async function renew() {
  if (renewing) {
    again = true;
    return;
  }
  renewing = true;
  try {
    do {
      again = false;
      await fetchLive();
    } while (again);
  } catch {
    if (!stream.lost) setTimeout(renew, RETRY_AFTER);
  } finally {
    renewing = false;
  }
}

// What no event tells of, such as who listens. All boards ask in the same moment, by the server's
// clock, so that one answer does for all of them.
let renewals = Math.floor(now() / RENEW_EVERY);

function renewAtTimes() {
  const due = Math.floor(now() / RENEW_EVERY);
  if (due !== renewals) renew();
  renewals = due;
}

async function fetchLive() {
  const answer = await fetch("/board/fragment", {
    headers: { Accept: "text/html" },
    signal: AbortSignal.timeout(5000),
  });
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(`the fragment answered ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  await untilReleased();
  swap(fresh, Number(answer.headers.get("Nightwarden-Now")));
}

// A card must not move away from under a finger.
async function untilReleased() {
  while (pressed) await new Promise((resolve) => addEventListener("pointerup", resolve, { once: true }));
}

function keyed(root, key) {
  return key && root.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

function swap(fresh, at) {
  const old = live();
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.dataset.key ?? focused?.closest("[data-key]")?.dataset.key;
  for (const open of old.querySelectorAll("details[open]")) keyed(fresh, open.dataset.key)?.setAttribute("open", "");
  old.replaceWith(fresh);
  const again = keyed(fresh, key);
  (again?.matches("details") ? again.querySelector("summary") : again)?.focus({ preventScroll: true });
  serverSays(at);
  document.documentElement.dataset.theme = fresh.dataset.look;
  tick();
  chooseSound();
  requestAnimationFrame(() => requestAnimationFrame(reportPainted));
}

// --- what sounds ----------------------------------------------------------------------------------

const LOUDEST_FIRST = ["high", "medium", "low", "technical"];
let sounded = new Set();

function chooseSound() {
  const waiting = [...document.querySelectorAll("[data-unanswered]")];
  const priorities = waiting.map((card) => card.dataset.priority);
  if (document.body.classList.contains("not-watching")) priorities.push("medium");
  const worst = LOUDEST_FIRST.find((priority) => priorities.includes(priority)) ?? null;
  const ids = waiting.map((card) => card.dataset.alert);
  const anew = ids.some((id) => !sounded.has(id));
  sounded = new Set(ids);
  sound.play(worst === "technical" ? "low" : worst, anew);
}

// --- what was seen --------------------------------------------------------------------------------

const reported = new Set();

async function reportPainted() {
  if (document.visibilityState !== "visible") return;
  const cards = [...document.querySelectorAll("[data-paint]")];
  const ids = cards.map((card) => Number(card.dataset.alert)).filter((id) => !reported.has(id));
  if (!ids.length) return;
  for (const id of ids) reported.add(id);
  try {
    const answer = await fetch("/api/v1/alerts/delivered", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ alerts: ids }),
    });
    if (!answer.ok) throw new Error(`what was painted was answered with ${answer.status}`);
  } catch {
    for (const id of ids) reported.delete(id);
  }
}

// Another board has shown it first, and nothing else of it has changed: there is nothing to fetch.
function merelyPainted(event) {
  if (event?.type !== "alert") return false;
  const alert = JSON.parse(event.data);
  if (alert.events.at(-1).event !== "delivered") return false;
  document.getElementById(`alert-${alert.id}`)?.removeAttribute("data-paint");
  return true;
}

// --- who listens ----------------------------------------------------------------------------------

// A screen or phone counts as a receiver only while it says itself that it would be heard. A page in
// the background is slowed down by its browser, falls silent here, and rightly counts no more.
const LISTEN_EVERY = 7000, RECEIVER = "nightwarden-receiver";
const receiver = (sessionStorage[RECEIVER] ??= Array.from(
  crypto.getRandomValues(new Uint8Array(12)),
  (byte) => byte.toString(16).padStart(2, "0"),
).join(""));
let saidOn = null;

function sayListening() {
  saidOn = sound.on;
  const kind = matchMedia("(max-width: 640px)").matches ? "phone" : "screen";
  return fetch(`/api/v1/receivers/${receiver}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ kind, sound: saidOn }),
    signal: AbortSignal.timeout(5000),
  })
    .then(async (answer) => {
      if (!answer.ok) throw new Error(`the receiver's word answered ${answer.status}`);
      const { heard } = await answer.json();
      sound.proved(heard, heard && heardWords(heard));
    })
    .catch(() => (saidOn = null));
}

const SHIFTS = { day: say("day"), night: say("night") };

function heardWords({ by, at, shift }) {
  const values = { name: by, time: exact(Date.parse(at)).slice(0, 5), shift: SHIFTS[shift] ?? shift };
  return say("Heard by {name} at {time}, for the {shift} shift", values);
}

sound.turned = sayListening;
if (sound.question) sound.question.action = `/receivers/${receiver}/heard`;

// --- awake ----------------------------------------------------------------------------------------

// A browser lets go of the lock whenever the page is hidden. Without https there is none to ask for.
async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock.request("screen");
    document.getElementById("awake").hidden = true;
  } catch {
    document.getElementById("awake").hidden = false;
  }
}

// --- all together ---------------------------------------------------------------------------------

const stream = new Stream({
  since: live().dataset.newest,
  changed: (event) => merelyPainted(event) || renew(),
  proved: ({ at, age_s: age, status: word }) => {
    proof = { status: word, age, at: at && Date.parse(at), counter: performance.now() };
    if (at && age !== null) serverSays(Date.parse(at) + age * 1000);
    showStatus();
    renewAtTimes();
  },
  turned: () => {
    lostAt = now();
    showStatus();
  },
});

addEventListener("pointerdown", () => (pressed = true));
addEventListener("pointerup", () => (pressed = false));
addEventListener("pointercancel", () => {
  pressed = false;
  dispatchEvent(new Event("pointerup"));
});
document.addEventListener("visibilitychange", reportPainted);
document.addEventListener("visibilitychange", stayAwake);
navigator.serviceWorker?.register("/worker.js").catch(() => {});
document.addEventListener("nightwarden:done", (event) => {
  event.preventDefault();
  renew();
  sayListening();
});
requestAnimationFrame(() => requestAnimationFrame(reportPainted));
showStatus();
sayListening();
stayAwake();
setInterval(showStatus, 500);
setInterval(sayListening, LISTEN_EVERY);
setInterval(() => saidOn === sound.on || saidOn === null || sayListening(), 1000);
