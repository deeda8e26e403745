// The shell without the network. It asks for the server until somebody answers, and then loads the page
// that was wanted. The clock of the tablet decides about light and dark alone: there is no other here.
const EVERY = 2000, hour = new Date().getHours();
document.documentElement.dataset.theme = hour >= 20 || hour < 7 ? "night" : "day";

async function look() {
  try {
    await fetch("/api/v1/health", { cache: "no-store", signal: AbortSignal.timeout(EVERY) });
    location.reload();
  } catch {
    setTimeout(look, EVERY);
  }
}
setTimeout(look, EVERY);
