// Notifications about own cases: switched on for this device, and the number on the icon of the app.
const form = document.querySelector("form[data-push]");
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** Shows one of the sentences of the page, and the button where it would help. */
function say(state, focus) {
  for (const sentence of document.querySelectorAll("[data-push-says]")) {
    sentence.hidden = sentence.dataset.pushSays !== state;
    // the button that had the focus may be gone
    if (focus && !sentence.hidden) sentence.focus();
  }
  form.hidden = state !== "off" && state !== "failed";
}

const registered = () => navigator.serviceWorker.getRegistration("/");

function addressOf(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return { endpunkt: endpoint, p256dh: keys.p256dh, auth: keys.auth };
}

async function begin() {
  if (!able) return say("unsupported");
  if (Notification.permission === "denied") return say("denied");
  const there = await (await registered())?.pushManager.getSubscription();
  if (form.dataset.on && there && Notification.permission === "granted") {
    // signed in anew: the device belongs to this session from now on
    if (form.dataset.stale) fetch(form.action, { method: "POST", body: new URLSearchParams({ tun: "push-weiter", ...addressOf(there) }) }).catch(() => {});
    return say("on");
  }
  // switched off here or elsewhere: the browser need not listen any more
  if (!form.dataset.on) await there?.unsubscribe();
  say("off");
}

async function switchOn(event) {
  if (form.elements.endpunkt.value) return;
  event.preventDefault();
  // the guard against a second press must not see this one
  event.stopPropagation();
  try {
    if ((await Notification.requestPermission()) !== "granted") return say(Notification.permission === "denied" ? "denied" : "off", true);
    await navigator.serviceWorker.register("/sw.js");
    const { pushManager } = await navigator.serviceWorker.ready;
    // one that is left over may be for another key
    await (await pushManager.getSubscription())?.unsubscribe();
    const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
    for (const [name, value] of Object.entries(addressOf(subscription))) form.elements[name].value = value;
    form.requestSubmit(event.submitter ?? undefined);
  } catch {
    say("failed", true);
  }
}

if (form) {
  form.addEventListener("submit", switchOn);
  begin().catch(() => say("failed"));
}

// The list of own cases knows how many have news: none leaves neither number nor notification.
const news = Number(document.querySelector("[data-news]")?.dataset.news ?? NaN);
if (news === 0) {
  navigator.clearAppBadge?.().catch(() => {});
  if (able) {
    registered()
      .then((r) => r?.getNotifications({ tag: "own-case" }))
      .then((shown) => shown?.forEach((notification) => notification.close()))
      .catch(() => {});
  }
} else if (news > 0 && able && Notification.permission === "granted") {
  navigator.setAppBadge?.(news).catch(() => {});
}
