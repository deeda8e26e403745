// Alarm sounds in the patterns of IEC 60601-1-8, as makers follow it: high, two groups of five pulses
// every 10 s; medium, three pulses every 25 s; low, one pulse every 30 s. A browser makes no sound
// before somebody has touched the page, so silence is said in red and never hidden. There is no way to
// turn it off here (A7). Whether the volume is up no browser knows (M8): the button plays the loudest
// pattern, and the screen counts as a receiver once a person has said that they heard it.

import { say } from "./words.js";

const five = (start) => [0, 0.22, 0.44, 0.8, 1.02].map((at) => start + at);
const PATTERNS = {
  high: { pulses: [...five(0), ...five(2)], pulse: 0.16, pitch: 880, every: 10 },
  medium: { pulses: [0, 0.4, 0.8], pulse: 0.24, pitch: 660, every: 25 },
  low: { pulses: [0], pulse: 0.3, pitch: 440, every: 30 },
};
const WISH = "nightwarden-sound";

export class Sound {
  #context = null;
  #playing = null;
  #timer = 0;
  heard = null;
  turned = async () => {};

  constructor(place) {
    this.place = place;
    this.button = place.querySelector("button");
    this.button.addEventListener("click", () => this.#press());
    this.question = place.querySelector("form");
    this.said = place.querySelector("#sound-said");
    place.querySelector("#sound-unheard")?.addEventListener("click", () => this.#unheard());
    place.hidden = false;
    if (localStorage.getItem(WISH) === "on") this.#unlock();
    // Any touch unlocks what was wished for before the page was loaded anew.
    document.addEventListener("pointerdown", () => localStorage.getItem(WISH) === "on" && this.#unlock());
    this.show();
  }

  get on() {
    return this.#context?.state === "running";
  }

  async #press() {
    localStorage.setItem(WISH, "on");
    await this.#unlock();
    this.#sound(PATTERNS.high);
    this.show();
    this.said.textContent = "";
    await this.turned(); // the server has to know that it sounds before anybody can have heard it
    if (this.question) {
      this.question.hidden = false;
      this.question.querySelector("button").focus({ preventScroll: true });
    }
  }

  #unheard() {
    this.question.hidden = true;
    this.said.textContent = say("Turn up the volume of this device, then test it again. Until then it does not count.");
    this.button.focus();
  }

  // What the server knows of this screen: by whom and when it was heard in this shift, or null.
  proved(heard, words) {
    if (heard && heard.at !== this.heard?.at && this.question) this.question.hidden = true;
    this.heard = heard;
    if (heard) this.said.textContent = words;
    this.show();
  }

  async #unlock() {
    this.#context ??= new AudioContext();
    this.#context.onstatechange = () => this.show();
    await this.#context.resume();
  }

  show() {
    this.place.classList.toggle("on", this.on);
    this.place.classList.toggle("heard", Boolean(this.heard));
    const words = !this.on ? say("Turn sound on") : this.heard ? say("Sound on") : say("Test the sound");
    const place = this.button.querySelector("span");
    if (place.textContent !== words) place.textContent = words;
    this.button.title = this.on ? say("Plays the loudest alarm once") : "";
  }

  // Play `name` until told otherwise; `anew` starts it at once although it is playing already.
  play(name, anew = false) {
    if (name === this.#playing && !anew) return;
    clearInterval(this.#timer);
    this.#playing = name;
    if (!name) return;
    const pattern = PATTERNS[name];
    this.#sound(pattern);
    this.#timer = setInterval(() => this.#sound(pattern), pattern.every * 1000);
  }

  #sound({ pulses, pulse, pitch }) {
    if (!this.on) return;
    const begin = this.#context.currentTime + 0.05;
    for (const at of pulses) this.#pulse(begin + at, pulse, pitch);
  }

  #pulse(at, length, pitch) {
    const gain = this.#context.createGain();
    gain.connect(this.#context.destination);
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.3, at + 0.02);
    gain.gain.setValueAtTime(0.3, at + length - 0.03);
    gain.gain.linearRampToValueAtTime(0, at + length);
    // Harmonics carry further through a door than a pure tone, and old ears hear the lower ones.
    for (const multiple of [1, 2, 3]) {
      const tone = this.#context.createOscillator();
      tone.frequency.value = pitch * multiple;
      tone.connect(gain);
      tone.start(at);
      tone.stop(at + length);
    }
  }
}
