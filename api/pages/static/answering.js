// A tap is sent without leaving the page, and a refusal is shown beside what was tapped. On a screen
// where nobody is signed in, a dialog asks who it is. Without this file the same forms work plainly.

import { say } from "./words.js";

const dialog = document.getElementById("who");
let asked = null;

async function send(action, fields) {
  try {
    const answer = await fetch(action, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/problem+json" },
      redirect: "manual",
      signal: AbortSignal.timeout(8000),
    });
    if (answer.type === "opaqueredirect" || answer.ok) return "";
    return (await answer.json()).detail;
  } catch {
    return say("The server did not answer, so nothing was recorded. Try again.");
  }
}

function done() {
  // The board renews itself; another page is drawn anew.
  if (document.dispatchEvent(new CustomEvent("nightwarden:done", { cancelable: true }))) location.reload();
}

function refuse(form, sentence) {
  const place = form.closest(".deeds") ?? form;
  let words = place.querySelector(":scope > .refusal");
  if (!words) {
    words = document.createElement("p");
    words.className = "refusal";
    words.setAttribute("role", "alert");
    place.append(words);
  }
  words.textContent = sentence;
}

async function busy(form, work) {
  form.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    form.removeAttribute("aria-busy");
  }
}

function ask(form, fields) {
  asked = { action: form.action, fields };
  dialog.querySelector("form").reset();
  dialog.querySelector("#who-refusal").textContent = "";
  dialog.querySelector("#who-asked").textContent = form.dataset.asked ?? "";
  dialog.showModal();
}

async function answerWho(form) {
  const fields = new FormData(form);
  for (const [name, value] of asked.fields) fields.append(name, value);
  const refusal = await busy(form, () => send(asked.action, fields));
  dialog.querySelector("#who-refusal").textContent = refusal;
  if (refusal) {
    const pin = form.elements.pin;
    pin.value = "";
    pin.focus();
    return;
  }
  dialog.close();
  done();
}

async function submit(event) {
  const form = event.target;
  if (form.id === "who-form") {
    event.preventDefault();
    await answerWho(form);
    return;
  }
  if (!form.matches("[data-deed]")) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy")) return;
  const fields = new FormData(form, event.submitter);
  if (dialog) {
    ask(form, fields);
    return;
  }
  const refusal = await busy(form, () => send(form.action, fields));
  if (refusal) refuse(form, refusal);
  else done();
}

export function answerForms() {
  document.addEventListener("submit", submit);
  if (!dialog) return;
  dialog.querySelector("#who-cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    // After a finger or a mouse the PIN is next; the arrow keys go on choosing among the names.
    const chosen = event.pointerType && event.target.closest(".name");
    if (chosen) setTimeout(() => dialog.querySelector("[name=pin]").focus());
  });
}
