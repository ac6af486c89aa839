// A letter's code that could not be sent (see sw.js): says that it waits and until when, sends it when the network is
// back, throws it away if somebody wants that.
const box = document.querySelector("[data-waiting]");
const back = document.querySelector("[data-back]");
/** On the page without a network the code goes on by itself; elsewhere somebody presses a button. */
const alone = Boolean(back);

export function ask(question) {
  const worker = navigator.serviceWorker?.controller;
  if (!worker) return Promise.resolve({});
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => done(event.data);
    worker.postMessage({ ask: question }, [port2]);
  });
}

async function show() {
  const { until } = await ask("waiting");
  const waits = until > Date.now();
  box.hidden = !waits;
  if (!waits) return false;
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  box.querySelector("[data-until]").textContent = format.format(until);
  setTimeout(show, Math.min(until - Date.now() + 1000, 60_000));
  return true;
}

async function go() {
  const { code, at } = await ask("take");
  if (!code) return show();
  const form = box.querySelector("form");
  const field = form.querySelector("[data-code]");
  field.name = code.length < 30 ? "benutzer_id" : "code";
  field.value = code;
  form.elements.namedItem("seit").value = at;
  form.submit();
}

const online = () => fetch("/health", { cache: "no-store" }).then((answer) => answer.ok, () => false);

/** Asks again and again, less and less often, while the page is seen. */
async function watch(pause) {
  if (!document.hidden && (await online())) {
    back.hidden = false;
    if (await show()) return go();
    return;
  }
  setTimeout(watch, pause, Math.min(pause * 1.5, 30_000));
}

box.querySelector("[data-go]").addEventListener("click", (event) => {
  event.preventDefault();
  go();
});
box.querySelector("[data-forget]").addEventListener("click", () => ask("forget").then(show));
if (alone) {
  addEventListener("online", () => watch(2_000), { once: true });
  watch(2_000);
}
show();
