// Search and jump: makes a dialog of the list that the server wrote, a combobox as ARIA 1.2 describes it. Without this script
// the link leads to a page with the same list.
const template = document.getElementById("palette");
const opener = document.querySelector("[data-palette-open]");
const mac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);

if (mac && opener) opener.querySelector("kbd").textContent = "⌘K";
opener?.setAttribute("aria-haspopup", "dialog");
opener?.setAttribute("aria-keyshortcuts", mac ? "Meta+K" : "Control+K");

// "Müller" and "Mueller" are the same; so are "Café" and "cafe"
const UMLAUTS = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };
const fold = (text) =>
  text.normalize("NFC").toLowerCase().replace(/[äöüß]/g, (c) => UMLAUTS[c]).normalize("NFD").replace(/\p{M}/gu, "");
const words = (text) => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** How well an entry fits: 0 not at all; each word that was typed must begin a word of the entry. */
function rank(label, typed) {
  const own = words(label);
  if (!typed.every((word) => own.some((o) => o.startsWith(word)))) return 0;
  return own[0]?.startsWith(typed[0] ?? "") ? 2 : 1;
}

function open() {
  const dialog = template.content.firstElementChild.cloneNode(true);
  const [input, list, status, none] = ["input", "ul", "[role=status]", "[data-none]"].map((s) => dialog.querySelector(s));
  const back = document.activeElement;
  const entries = [...list.children].map((item) => ({ item, label: item.querySelector("span").textContent }));
  let shown = [];
  let chosen = -1;

  function choose(place) {
    shown[chosen]?.setAttribute("aria-selected", "false");
    chosen = shown.length === 0 ? -1 : (place + shown.length) % shown.length;
    const item = shown[chosen];
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) input.setAttribute("aria-activedescendant", item.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function draw() {
    const text = input.value.trim();
    const typed = words(text);
    // numbers of letters and cases; the letter in front may be missing
    const isNumber = /^(?:[lv][\s-]?)?[0-9a-z]{4}[\s-]?[0-9a-z]{4}$/i.test(text) && /\d|^[lv][\s-]/i.test(text);
    const found = [];
    for (const { item, label } of entries) {
      const search = item.dataset.search;
      if (!search) {
        const place = text === "" ? 2 : typed.length > 0 ? rank(label, typed) : 0;
        if (place > 0) found.push([place, item]);
      } else if (text !== "" && (search !== "nummer" || isNumber)) {
        item.firstElementChild.textContent = `${label}: ${text}`;
        // a number is meant as one; other searches come after the pages
        found.push([search === "nummer" ? 3 : 0, item]);
      }
    }
    found.sort((a, b) => b[0] - a[0]);
    shown = found.map(([, item]) => item);
    for (const { item } of entries) item.setAttribute("aria-selected", "false");
    list.replaceChildren(...shown);
    list.hidden = shown.length === 0;
    none.hidden = shown.length > 0;
    input.setAttribute("aria-expanded", String(shown.length > 0));
    status.textContent = status.dataset.count.replace("#", shown.length);
    chosen = -1;
    choose(0);
  }

  function go(item) {
    if (!item) return;
    const { to, search } = item.dataset;
    location.assign(search ? to + encodeURIComponent(input.value.trim()) : to);
    dialog.close();
  }

  entries.forEach(({ item }, place) => (item.id = `palette-${place}`));
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    // a word that is being composed (accents, other scripts) is not finished by these keys
    if (event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") go(shown[chosen]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => go(event.target.closest("li")));
  // beside the dialog
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    back?.focus?.();
  });
  document.body.append(dialog);
  draw();
  dialog.showModal();
  input.focus();
}

const isOpen = () => document.querySelector("dialog.palette") !== null;

if (template && opener && HTMLDialogElement.prototype.showModal) {
  opener.addEventListener("click", (event) => {
    // a new tab gets the page
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    const wanted = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (!wanted || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (!isOpen() && !document.querySelector("dialog[open]")) open();
  });
}
