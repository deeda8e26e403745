// Passkeys: has one made, or has one answer a sign-in. What the device says goes with an ordinary form,
// so that the server's word on it is a page. Nothing is offered where the browser cannot.
import { say } from "./words.js";

const part = (name) => document.querySelector(`[data-passkey="${name}"]`);
const digitsOnly = /^[\d.]+$|:/.test(location.hostname); // browsers keep no passkeys for these
const able = window.isSecureContext && "PublicKeyCredential" in window && !digitsOnly;

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

// Newer browsers read and write this form themselves; the phones in pockets are older.
function read(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const known of options.excludeCredentials ?? []) known.id = bytes(known.id);
  return options;
}

function written({ id, rawId, type, response }) {
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[name]) said[name] = text(response[name]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: said });
}

async function asked() {
  const answer = await fetch("/signin/passkey/begin", { method: "POST", headers: { Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail ?? say("The server refused it."));
  return said;
}

// The browser's own words are in its language and for programmers.
function because(problem, stopped) {
  if (problem.name === "NotAllowedError" || problem.name === "AbortError") return stopped;
  if (problem.name === "InvalidStateError") return say("This device has a passkey of yours already.");
  if (problem.name === "TypeError" || problem.name === "SyntaxError") return say("The server cannot be reached. Try again.");
  return problem instanceof DOMException ? say("This device cannot do it here. Try another one.") : problem.message;
}

function sends(form, stopped, answer) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    part("why").hidden = button.disabled = true;
    try {
      form.elements.credential.value = written(await answer());
      form.submit();
    } catch (problem) {
      part("why").textContent = because(problem, stopped);
      part("why").hidden = false;
    }
    button.disabled = false;
  });
}

const making = part("make");
const signingIn = part("signin");
if (making) {
  const options = () => ({ publicKey: read(JSON.parse(making.dataset.options)) });
  sends(making, say("No passkey was made. Try again."), () => navigator.credentials.create(options()));
}
if (able && part("add")) {
  part("add").hidden = false;
  part("cannot").hidden = true;
}
if (able && signingIn) {
  signingIn.hidden = false;
  sends(signingIn, say("No passkey was used. Try again, or sign in with your name."), async () => {
    const publicKey = read(await asked());
    const tick = document.querySelector('input[name="shared"][type="checkbox"]');
    signingIn.elements.shared.value = tick?.checked ? "yes" : "";
    return navigator.credentials.get({ publicKey });
  });
}
