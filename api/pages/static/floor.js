// Rooms are dragged on the floor's picture; each drop is the same form that the page has without us.
import { say } from "./words.js";

const button = document.getElementById("drag"), said = document.getElementById("drag-said");
let on = false, held = null, moved = false;

const picture = () => document.querySelector("svg.floor");
const point = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(picture().getScreenCTM().inverse());

button.hidden = false;
button.addEventListener("click", () => {
  on = !on;
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? say("Done") : say("Drag rooms");
  document.body.classList.toggle("dragging", on);
});
document.addEventListener("pointerdown", (event) => {
  held = on ? (event.target.closest?.("svg.floor .mark") ?? null) : null;
  moved = false;
  if (held) event.preventDefault();
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  moved = true;
  const { x, y } = point(event);
  held.setAttribute("transform", `translate(${x} ${y})`);
});
document.addEventListener("pointerup", async (event) => {
  if (!held || !moved) return (held = null);
  const { x, y } = point(event), box = picture().viewBox.baseVal, room = held.dataset.room;
  held = null;
  const body = new URLSearchParams({ room, x: (x / box.width) * 100, y: (y / box.height) * 100 });
  const answer = await fetch(`/floors/${picture().dataset.floor}/rooms`, {
    method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual",
  }).catch(() => null);
  const fine = answer && (answer.ok || answer.type === "opaqueredirect");
  const why = fine || ((await answer?.json?.().catch(() => null))?.detail ?? say("the server did not answer"));
  said.textContent = fine ? "" : say("Room {room} was not moved: {why}", { room, why });
});
document.addEventListener("click", (event) => on && event.target.closest?.("svg.floor .mark") && event.preventDefault(), true);
document.addEventListener("dragstart", (event) => on && event.preventDefault());
