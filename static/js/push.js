// On a resident's page: have this device told of new posts. Without it the page works all the same.
"use strict";

const form = document.querySelector("[data-push]");
const able = form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if (able) {
  const words = form.querySelector("[data-push-words]");
  const said = form.querySelector("[data-push-said]");
  const { key, link, subscribe, remove, worker } = form.dataset;
  const mark = `push:${link}`; // that this device is told of the posts of this page
  const others = () => Object.keys(localStorage).some((name) => name.startsWith("push:") && name !== mark);
  const label = () => { words.textContent = localStorage[mark] ? "Stop telling me on this device" : "Tell me of new posts on this device"; };

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

  const send = async (url, values) => {
    const data = new FormData(form);
    Object.entries(values).forEach(([name, value]) => data.append(name, value));
    const answer = await fetch(url, { method: "POST", body: data });
    const { words: told } = await answer.json().catch(() => ({ words: "It did not work. Try again later." }));
    said.textContent = told;
    return answer.ok;
  };

  const begin = async () => {
    if ((await Notification.requestPermission()) !== "granted") {
      said.textContent = "Your browser does not let this page tell you. Allow notifications in its settings, then press again.";
      return;
    }
    await navigator.serviceWorker.register(worker);
    const { pushManager } = await navigator.serviceWorker.ready.then(() => navigator.serviceWorker.getRegistration(worker));
    const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
    const { endpoint, keys } = subscription.toJSON();
    if (await send(subscribe, { endpoint, p256dh: keys.p256dh, auth: keys.auth })) localStorage[mark] = endpoint;
  };

  const end = async () => {
    if (!(await send(remove, { endpoint: localStorage[mark] }))) return;
    localStorage.removeItem(mark);
    const registration = await navigator.serviceWorker.getRegistration(worker);
    if (!others()) await (await registration?.pushManager.getSubscription())?.unsubscribe();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await (localStorage[mark] ? end() : begin());
    } catch {
      said.textContent = "Your browser cannot be told at the moment. Your posts are always on this page.";
    }
    label();
  });
  label();
  form.hidden = false;
}
