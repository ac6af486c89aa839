// Starts what the page needs: the islands (WebAssembly), only where there are some, and the service worker.
const script = document.querySelector("script[data-app]");

// After a refused post the summary of problems gets the focus, so that screen readers begin there.
document.querySelector("[data-focus]")?.focus();

async function startIsland(element, module) {
  const start = module[element.dataset.component];
  if (!start) throw new Error(`no island ${element.dataset.component}: page and module are not of one build`);
  await start(element);
}

async function startIslands() {
  const islands = document.querySelectorAll("leptos-island");
  if (islands.length === 0) return;
  const module = await import(script.dataset.app);
  await module.default({ module_or_path: script.dataset.wasm });
  module.hydrate();
  for (const island of islands) await startIsland(island, module);
  document.documentElement.dataset.ready = "true";
}

/** Words first, in their own letters: the WebAssembly would take the line from the fonts. A page in the background paints nothing. */
async function painted() {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  await Promise.race([document.fonts?.ready, wait(2000)]);
  await Promise.race([new Promise(requestAnimationFrame), wait(200)]);
  await wait(0);
}

painted()
  .then(startIslands)
  // Every page works without its islands; say why they are missing and go on.
  .catch((error) => console.warn("islands did not start:", error));

// Plain forms: a second press while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  // stopped by hand, or a page that comes back from the browser's cache can be sent again
  setTimeout(() => delete form.dataset.sent, 10_000);
  addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

// What is under way shows how far it is; when it is over, the page is loaded anew.
const live = document.querySelector("[data-live]");
async function refreshLive() {
  if (document.hidden) return setTimeout(refreshLive, Number(live.dataset.live));
  const answer = await fetch(live.dataset.liveFrom ?? location.href).catch(() => null);
  const text = answer?.ok ? await answer.text() : null;
  const now = text && new DOMParser().parseFromString(text, "text/html").querySelector("[data-live]");
  // signed out meanwhile: what is typed on this page must not be lost
  if (text && !now && live.dataset.liveFrom) return;
  if (text && !now) return location.reload();
  if (now && now.textContent !== live.textContent) live.replaceChildren(...now.childNodes);
  setTimeout(refreshLive, Number(live.dataset.live));
}
if (live) setTimeout(refreshLive, Number(live.dataset.live));

// What a page says after something was saved stands in it from the beginning, and screen readers do not announce that.
const said = document.querySelector(".kern-alert--success[role=status]");
if (said) {
  const aloud = document.querySelector("[data-say]");
  setTimeout(() => (aloud.textContent = said.innerText), 300);
  // who reads on does not meet it a second time
  setTimeout(() => (aloud.textContent = ""), 1500);
}

// Staff are told five minutes before they are signed out.
const session = document.querySelector("[data-session]");
if (session) {
  const WARN = 5 * 60_000;
  const opened = Date.now();
  const last = opened + session.dataset.sessionLast * 1000;
  let ends = opened + session.dataset.session * 1000;
  const part = (name, shown) => session.querySelectorAll(name).forEach((element) => (element.hidden = !shown));
  const show = () => {
    const left = ends - Date.now();
    const state = left <= 0 ? "over" : left > WARN ? "" : ends >= last ? "last" : "soon";
    session.hidden = !state;
    if (session.dataset.state === state) return;
    session.dataset.state = state;
    part("[data-session-text]", false);
    if (state) part(`[data-session-text=${state}]`, true);
    part("[data-session-stay]", state === "soon");
    part("[data-session-again]", state === "over");
  };
  const ask = async (address) => {
    const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
    if (answer?.ok) ends = Date.now() + Number(await answer.text()) * 1000;
    show();
  };
  // another page of the same person keeps the session, too: ask before anything is said
  const look = () => (ends - Date.now() > WARN || session.dataset.state === "over" ? show() : ask(session.dataset.left));
  session.querySelector("[data-session-stay]").addEventListener("click", () => ask(session.dataset.stay));
  session.querySelector("[data-session-again]").addEventListener("click", () => addEventListener("focus", () => ask(session.dataset.left), { once: true }));
  setInterval(look, 15_000);
}

// A letter's code that could not be sent, on the pages that speak of it.
if (document.querySelector("[data-waiting]")) import("./waiting.js").catch(() => {});

// The service worker: keeps parts of pages for the next visit, and speaks the language of this page without a network.
const workers = navigator.serviceWorker;
const notice = document.querySelector("[data-new-version]");

/** A new version was put up while this page was open: say so, and leave the moment to whoever types here. */
function outdated() {
  if (notice) notice.hidden = false;
}

async function compare() {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => data.current === false && outdated();
  workers.controller?.postMessage({ ask: "version", script: new URL(script.src).pathname }, [port2]);
}

async function keepParts() {
  // the first worker of a first visit is no new version
  let known = Boolean(workers.controller);
  const registration = await workers.register("/sw.js", { updateViaCache: "none" });
  workers.addEventListener("controllerchange", () => {
    if (known) compare();
    known = true;
  });
  workers.addEventListener("message", ({ data }) => data?.outdated && outdated());
  const { active } = await workers.ready;
  active.postMessage({ ask: "language", language: document.documentElement.lang });
  // an open page asks for a new version when somebody comes back to it, and every half hour
  const look = () => document.hidden || registration.update().catch(() => {});
  document.addEventListener("visibilitychange", look);
  setInterval(look, 30 * 60 * 1000);
}
if (workers) addEventListener("load", () => keepParts().catch(() => {}));
document.querySelector("[data-reload]")?.addEventListener("click", () => location.reload());
document.querySelector("[data-close]")?.addEventListener("click", () => (notice.hidden = true));
