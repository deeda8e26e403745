// Shows what the monitor sends to this phone, and says that it was shown. It rules over no page.
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("push", (event) => {
  const letter = event.data.json();
  event.waitUntil(show(letter));
});

async function show({ title, body, tag, letter, token, says, priority }) {
  const stays = says === "call" && priority === "high";
  await registration.showNotification(title, { body, tag, renotify: true, requireInteraction: stays, icon: "/static/icon.svg" });
  const headers = { "Content-Type": "application/json" };
  // A phone without a way to the house has shown it all the same; only we do not hear of it.
  await fetch(`/api/v1/phones/shown/${letter}`, { method: "POST", headers, body: JSON.stringify({ token }) }).catch(() => {});
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open());
});

async function open() {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const board = pages.find((page) => new URL(page.url).pathname === "/");
  return board ? board.focus() : clients.openWindow("/");
}
