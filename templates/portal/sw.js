// The worker behind a resident's page: it shows what is pushed, and opens the post when that is pressed.
// Each push is JSON: title, body, and url, the address of the post. Nothing is kept on the device.
"use strict";

self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data.json(); } catch { said = {}; }
  event.waitUntil(self.registration.showNotification(said.title || "You have a new post", {
    body: said.body || "",
    data: { url: said.url || "" },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data.url;
  // Only our own pages: what was pushed may lead nowhere else.
  if (url && new URL(url, self.location.origin).origin === self.location.origin) event.waitUntil(self.clients.openWindow(url));
});
