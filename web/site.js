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

startIslands().catch((error) => {
  // Every page works without its islands; say why they are missing and go on.
  console.warn("islands did not start:", error);
});

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

if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}
