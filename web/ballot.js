// Blind ballots: a number that only this browser knows is blinded and signed by the town, and goes into the box with the
// answers and without saying who is there. What happens in the module: crate `ballot`; why: docs/adr/0025.
const form = document.querySelector("form[data-ballot]");
const { ballot: survey, here, lang } = form.dataset;
const slot = `stadtbrief-ballot-${survey}`;
const state = form.querySelector("[data-ballot-state]");
const askButton = form.querySelector("[data-ballot-ask]");
const castButton = form.querySelector("[data-ballot-cast]");

// {kept} while the signature is on its way, {ballot} when it is there; both with the group and its key
const read = () => JSON.parse(localStorage.getItem(slot) ?? "null");
const write = (value) => localStorage.setItem(slot, JSON.stringify(value));

let loaded;
async function module() {
  loaded ??= (async () => {
    const found = await import(form.dataset.module);
    await found.default({ module_or_path: form.dataset.wasm });
    return found;
  })();
  return loaded;
}

function part(name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  if (!text && name === "span") element.setAttribute("aria-hidden", "true");
  return element;
}

function complain(problems) {
  document.querySelector("[data-ballot-problems]")?.remove();
  for (const mark of form.querySelectorAll("[data-ballot-mark]")) mark.remove();
  const box = document.createElement("div");
  box.className = "kern-alert kern-alert--danger";
  box.setAttribute("role", "alert");
  box.tabIndex = -1;
  box.dataset.ballotProblems = "";
  const list = document.createElement("ul");
  list.className = "kern-list";
  for (const { feld, text } of problems) {
    const item = document.createElement("li");
    const field = feld && document.getElementById(feld);
    if (field) {
      const group = field.closest("fieldset") ?? field.closest(".kern-form-input");
      const link = document.createElement("a");
      link.className = "kern-link";
      link.href = `#${feld}`;
      link.textContent = `${group.querySelector("legend, label").textContent}: ${text}`;
      item.append(link);
      const mark = document.createElement("p");
      mark.className = "kern-error";
      mark.dataset.ballotMark = "";
      mark.append(part("span", "kern-icon kern-icon--danger", ""), part("span", "kern-body", text));
      group.append(mark);
    } else item.textContent = text;
    list.append(item);
  }
  const header = part("div", "kern-alert__header", "");
  header.append(part("span", "kern-icon kern-icon--danger", ""), part("span", "kern-title", form.dataset.problems));
  const body = part("div", "kern-alert__body", "");
  body.append(list);
  box.append(header, body);
  document.querySelector("main").prepend(box);
  box.focus();
}

// On this page and not on another one: a request with the session's cookie right after the ballot would stand beside it in time.
function thank() {
  document.querySelector("[data-ballot-problems]")?.remove();
  const box = part("div", "kern-alert kern-alert--success", "");
  box.setAttribute("role", "status");
  box.tabIndex = -1;
  const header = part("div", "kern-alert__header", "");
  header.append(part("span", "kern-icon kern-icon--success", ""), part("span", "kern-title", form.dataset.thanksTitle));
  const body = part("div", "kern-alert__body", "");
  body.append(part("p", "kern-body", form.dataset.thanks));
  box.append(header, body);
  form.replaceWith(box);
  box.focus();
  box.scrollIntoView({ block: "center" });
}

async function post(path, fields, credentials) {
  const answer = await fetch(`${here}/${path}`, {
    method: "POST",
    credentials,
    referrerPolicy: "no-referrer",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields),
  });
  if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
  return answer.json();
}

// The key must be one of those that everybody sees, and its group large enough to hide in.
async function isPublic(key, stratum) {
  const answer = await fetch(`${here}/schluessel.json`, { credentials: "omit" });
  const { keys } = await answer.json();
  const own = keys.find((k) => String(k.stratum) === stratum);
  const alone = keys.filter((k) => k.key === key).length === 1;
  return own?.key === key && alone && own.residents >= Number(form.dataset.fewest);
}

function show() {
  const kept = read();
  const ready = Boolean(kept?.ballot);
  for (const part of form.querySelectorAll("[data-blind]")) part.hidden = false;
  askButton.hidden = ready;
  castButton.disabled = !ready;
  state.textContent = ready ? state.dataset.ready : "";
  const plain = form.querySelector("[data-plain]");
  if (plain) plain.hidden = ready;
  // a ballot needs nobody who is signed in; one that was begun needs its owner
  if (ready || kept?.kept || form.dataset.may) form.hidden = false;
}

async function ask() {
  askButton.disabled = true;
  state.textContent = state.dataset.working;
  try {
    const found = await module();
    let kept = read();
    if (!kept?.kept) {
      const { key, stratum } = form.dataset;
      if (!(await isPublic(key, stratum))) throw new Error("key");
      kept = { key, stratum, kept: found.blind(key, survey) };
      // before it is sent: an answer that is lost on the way can be asked for again
      write(kept);
    }
    const answer = await post("stimmzettel", { gruppe: kept.stratum, verdeckt: kept.kept.split(".")[0] }, "same-origin");
    if (answer.probleme) {
      if (!answer.signatur) localStorage.removeItem(slot);
      complain(answer.probleme);
    } else {
      const ballot = found.finish(kept.key, survey, kept.kept, answer.signatur);
      write({ key: kept.key, stratum: kept.stratum, ballot });
      form.dataset.may = "";
    }
  } catch (error) {
    console.warn("no ballot:", error);
    complain([{ feld: "", text: form.dataset.broken }]);
  }
  askButton.disabled = false;
  show();
  if (read()?.ballot) form.querySelector("fieldset input, textarea")?.focus();
}

async function cast() {
  castButton.disabled = true;
  const kept = read();
  const fields = [...new FormData(form), ["gruppe", kept.stratum], ["stimmzettel", kept.ballot], ["sprache", lang]];
  try {
    const answer = await post("urne", fields, "omit");
    if (answer.da) {
      localStorage.removeItem(slot);
      thank();
      return;
    }
    if (answer.vorbei) localStorage.removeItem(slot);
    complain(answer.probleme);
  } catch (error) {
    console.warn("not cast:", error);
    complain([{ feld: "", text: form.dataset.lost }]);
  }
  show();
}

askButton.addEventListener("click", ask);
castButton.addEventListener("click", cast);
// Enter in a field must not send the form under the name of whoever is signed in
form.addEventListener("submit", (event) => {
  if (!read()?.ballot) return;
  event.preventDefault();
  event.stopPropagation();
  cast();
});
if (window.WebAssembly && window.localStorage) show();
