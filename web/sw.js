// The service worker. It keeps what a page is made of (names with hashes, which never change), so that a second visit
// loads only the page itself; it shows a page of its own without a network; and it holds a letter's code that could not
// be sent. Pages always come from the server: nothing is stale after a new version.
const VERSION = "stadtbrief-VERSION";
const ASSETS = [
  "/assets/site.css", "/assets/site.js", "/assets/waiting.js", "/assets/app.js", "/assets/app.wasm", "/assets/letter-link.js",
  "/assets/fira-sans-400.woff2", "/assets/fira-sans-600.woff2", "/assets/icon.svg",
];
// where the browser reads codes itself, ours is fetched only if it is asked for
const DECODER = "BarcodeDetector" in self ? [] : ["/assets/scanner-worker.js", "/assets/scanner.js", "/assets/scanner.wasm"];
// say nothing about anybody: they are fetched without cookies
const PAGES = ["/offline", "/r"];
// may change under the same address: asked for first, kept for later
const FACE = ["/logo", "/farben.css"];

addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(VERSION)
      .then((cache) => cache.addAll([...ASSETS, ...DECODER, "/logo", ...PAGES].map((path) => new Request(path, { credentials: "omit", cache: "no-cache" }))))
      .then(() => skipWaiting()),
  );
});

addEventListener("activate", (event) => {
  const tidy = caches.keys().then((names) => {
    // an open tab of the version before still finds its parts; caches are listed as they were made
    const old = names.filter((name) => name.startsWith("stadtbrief-") && name !== VERSION).slice(0, -1);
    return Promise.all(old.map((name) => caches.delete(name)));
  });
  event.waitUntil(Promise.all([tidy, registration.navigationPreload?.enable(), forgetOld()]).then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(request.method === "POST" ? send(request, pathname) : page(event, pathname));
  } else if (request.method === "GET" && pathname.startsWith("/assets/")) {
    event.respondWith(asset(event));
  } else if (request.method === "GET" && FACE.includes(pathname)) {
    event.respondWith(fetch(request).then((answer) => keep(answer, pathname), () => kept(pathname)));
  }
});

/** From the caches, whatever was asked behind the question mark; an answer that says so if it is not there. */
const kept = async (path) => (await caches.match(path, { ignoreSearch: true })) ?? Response.error();

async function keep(answer, path) {
  if (answer.ok) await (await caches.open(VERSION)).put(path, answer.clone());
  return answer;
}

async function page(event, pathname) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return kept(pathname === "/r" ? "/r" : "/offline");
  }
}

async function asset({ request, clientId }) {
  const known = await caches.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.status === 404) (await clients.get(clientId))?.postMessage({ outdated: true });
  return keep(answer, request);
}

/** A form goes to the server. If a letter's code cannot be sent, it waits here. */
async function send(request, pathname) {
  const copy = pathname === "/registrieren" ? request.clone() : null;
  try {
    return await fetch(request);
  } catch {
    const form = await copy?.formData().catch(() => null);
    const code = form?.get("code") || form?.get("benutzer_id");
    if (code) await seal(String(code), Number(form.get("seit")));
    return kept("/offline");
  }
}

// A code that waits: encrypted under a key that cannot leave this browser, for a day at most.

const A_DAY = 24 * 60 * 60 * 1000;

function store(mode, work) {
  return new Promise((done, failed) => {
    const open = indexedDB.open("stadtbrief", 1);
    open.onupgradeneeded = () => open.result.createObjectStore("waiting");
    open.onerror = () => failed(open.error);
    open.onsuccess = () => {
      const transaction = open.result.transaction("waiting", mode, { durability: "strict" });
      const request = work(transaction.objectStore("waiting"));
      transaction.oncomplete = () => {
        open.result.close();
        done(request.result);
      };
      transaction.onabort = () => failed(transaction.error);
    };
  });
}

async function seal(code, since) {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(code));
  // sent once more in vain, it does not wait longer for that
  const now = Date.now();
  const at = since > now - A_DAY && since < now ? since : now;
  await store("readwrite", (all) => all.put({ key, iv, sealed, at }, "code"));
}

const forget = () => store("readwrite", (all) => all.delete("code"));

async function waiting() {
  const found = await store("readonly", (all) => all.get("code"));
  if (!found || Date.now() - found.at < A_DAY) return found;
  await forget();
}

const forgetOld = () => waiting().catch(() => {});

async function unseal() {
  const found = await waiting();
  if (!found) return {};
  await forget();
  const code = await crypto.subtle.decrypt({ name: "AES-GCM", iv: found.iv }, found.key, found.sealed);
  return { code: new TextDecoder().decode(code), at: found.at };
}

/** Pages in another language, for whoever has chosen one. */
async function speak(language) {
  const cache = await caches.open(VERSION);
  const mark = await cache.match("/language");
  if (mark && (await mark.text()) === language) return;
  const options = { credentials: "omit", cache: "no-cache", headers: { "accept-language": language } };
  for (const path of PAGES) await keep(await fetch(path, options), path);
  await cache.put("/language", new Response(language));
}

addEventListener("message", (event) => {
  const { ask, language } = event.data ?? {};
  const answer = {
    // is this page of the version that is kept here?
    version: async () => ({ current: ASSETS.includes(event.data.script) }),
    waiting: async () => ({ until: ((await waiting())?.at ?? NaN) + A_DAY }),
    take: unseal,
    forget: async () => ({ gone: await forget() }),
    language: () => speak(language),
  }[ask];
  event.waitUntil(Promise.resolve(answer?.()).then((value) => event.ports[0]?.postMessage(value ?? {}), () => event.ports[0]?.postMessage({})));
});

// every start is a chance to let go of what has waited too long
forgetOld();

// Notifications: the message was encrypted for this browser and says nothing personal (docs/adr/0027).
addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data.json();
  } catch {
    // browsers take the permission away from pages that show nothing
  }
  const { kind = "own-case", text = "Neues im Bürgerportal", lang = "de", n, path = "/konto/vorgaenge" } = message;
  const shown = registration.showNotification(text, { tag: kind, renotify: true, lang, icon: "/app/1/symbol-192.png", data: { path } });
  const counted = Number.isInteger(n) ? navigator.setAppBadge?.(n).catch(() => {}) : undefined;
  event.waitUntil(Promise.all([shown, counted]));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const to = new URL(event.notification.data?.path ?? "/konto/vorgaenge", location.origin);
  event.waitUntil(
    clients.matchAll({ type: "window", includeUncontrolled: true }).then(async (windows) => {
      const there = windows.find((window) => new URL(window.url).pathname === to.pathname);
      // what is open is loaded anew, so that the news is in it
      const fresh = await there?.navigate(to.href).catch(() => there);
      return fresh ? fresh.focus() : clients.openWindow(to.href);
    }),
  );
});
