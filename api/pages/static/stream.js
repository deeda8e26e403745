// The live stream, and whether the server is still there. It speaks at least every three seconds; a
// page that has not heard it for five says so, and keeps trying.

const LOST_AFTER = 5000, TRY_EVERY = 2000;

export class Stream {
  #source = null;
  #heard = performance.now();
  #tried = 0;
  #since;
  lost = false;

  // since: the newest event that the page knows of, so that it is told only of later ones;
  // changed(event): something to fetch; proved(proof): the newest proof; turned(): lost, or back again.
  constructor({ since, changed, proved, turned }) {
    this.#since = since;
    this.changed = changed;
    this.proved = proved;
    this.turned = turned;
    this.#open();
    setInterval(() => this.#look(), 500);
  }

  #open() {
    this.#tried = performance.now();
    this.#source?.close();
    const source = (this.#source = new EventSource(`/api/v1/stream?last_event_id=${this.#since}`));
    for (const name of ["alert", "gap", "watch", "review", "round", "shift", "channel", "hello", "reset"]) {
      source.addEventListener(name, (event) => {
        this.#since = event.lastEventId || this.#since;
        this.#hear();
        if (name !== "hello") this.changed(event);
      });
    }
    source.addEventListener("proof", (event) => {
      this.#hear();
      this.proved(JSON.parse(event.data));
    });
  }

  #hear() {
    this.#heard = performance.now();
    if (!this.lost) return;
    this.lost = false;
    this.turned();
    this.changed();
  }

  #look() {
    const at = performance.now();
    if (at - this.#heard > LOST_AFTER && !this.lost) {
      this.lost = true;
      this.turned();
    }
    // The browser gives up on some answers for good, and can wait for ever on a half-open line.
    const closed = this.#source.readyState === EventSource.CLOSED;
    if ((closed || this.lost) && at - this.#tried > TRY_EVERY) this.#open();
  }
}
