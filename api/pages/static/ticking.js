// Ages, countdowns and the clock. The tablet's own clock may be wrong, so time is the server's: its
// instant when the page was made, and what a steady counter has added since.

import { sayCount } from "./words.js";

const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
let known = { server: Number(document.body.dataset.now), counter: performance.now() };

export const now = () => known.server + performance.now() - known.counter;

export function serverSays(ms) {
  known = { server: ms, counter: performance.now() };
}

// The same form as `span` in api/pages/surroundings.py.
export function span(ms) {
  const length = Math.max(0, ms);
  const two = (number) => String(number).padStart(2, "0");
  if (length < HOUR) return `${Math.floor(length / MINUTE)}:${two(Math.floor(length / 1000) % 60)}`;
  if (length < DAY) return `${Math.floor(length / HOUR)} h ${two(Math.floor(length / MINUTE) % 60)}`;
  const days = Math.floor(length / DAY);
  return sayCount(days, "{n} day", "{n} days", { n: days });
}

const zone = document.body.dataset.zone;
const clockForm = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
const exactForm = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "medium" });
export const exact = (ms) => exactForm.format(ms);

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function tick() {
  const at = now();
  for (const time of document.querySelectorAll("[data-since]")) write(time, span(at - time.dataset.since));
  for (const time of document.querySelectorAll("[data-until]")) write(time, span(time.dataset.until - at));
  // What is offered for a while only, such as undoing a press, goes when its time is over.
  for (const gone of document.querySelectorAll("[data-gone-at]")) gone.hidden = gone.dataset.goneAt <= at;
  const clock = document.getElementById("clock");
  if (clock) write(clock, clockForm.format(at));
}
