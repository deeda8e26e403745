// Enrols this phone for messages. The browser is asked after a tap, never before.
import { say } from "./words.js";

const part = (name) => document.querySelector(`[data-phone="${name}"]`);
const form = part("enrol");

function cannot(why) {
  part("why").textContent = why;
  part("cannot").hidden = false;
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function ask(method, path, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail ?? say("The server refused it."));
  return said;
}

async function enrol() {
  if ((await Notification.requestPermission()) !== "granted")
    throw new Error(say("This phone does not allow messages from Nightwarden. Allow them in its settings, then try again."));
  const worker = await navigator.serviceWorker.register("/static/push-worker.js");
  await ready(worker);
  const { key } = await ask("GET", "/phones/key");
  const before = await worker.pushManager.getSubscription();
  if (before) await before.unsubscribe(); // it may have been made with other keys
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = made.toJSON();
  const name = new FormData(form).get("name");
  const phone = await ask("POST", "/phones", { name, endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } });
  await ask("POST", `/phones/${phone.id}/test`);
}

function ready(registration) {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return Promise.resolve();
  return new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
}

if (!window.isSecureContext) cannot(say("Not on this address: it has to begin with https. Ask whoever looks after Nightwarden."));
else if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) cannot(say("This browser cannot receive messages. On an iPhone, add this page to the Home Screen and open it there."));
else {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    part("cannot").hidden = true;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await enrol();
      location.reload();
    } catch (problem) {
      cannot(problem.message);
      button.disabled = false;
    }
  });
}
