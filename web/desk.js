// The clerk's comfort: keys in the inbox and on a case, and prepared texts. Everything also works without it.
const STORE = "stadtbrief-keys";
const help = document.querySelector("[data-keys-help]");
const toggle = help?.querySelector("button");

document.documentElement.classList.add("has-script");

const keysAreOn = () => localStorage.getItem(STORE) !== "off";

function showToggle() {
  if (toggle) toggle.textContent = keysAreOn() ? toggle.dataset.off : toggle.dataset.on;
}

toggle?.addEventListener("click", () => {
  localStorage.setItem(STORE, keysAreOn() ? "off" : "on");
  showToggle();
});
showToggle();

// A prepared text goes to where the cursor stands, or to the end; what was typed stays.
for (const choice of document.querySelectorAll("select[data-template]")) {
  choice.addEventListener("change", () => {
    const field = document.getElementById(choice.dataset.template);
    if (!field || !choice.value) return;
    const at = document.activeElement === field ? field.selectionStart : field.value.length;
    const gap = field.value && at > 0 ? "\n\n" : "";
    field.setRangeText(gap + choice.value, at, at, "end");
    choice.selectedIndex = 0;
    field.focus();
  });
}

function moveInInbox(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (rows.length === 0) return;
  const here = rows.indexOf(document.activeElement);
  rows[here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1)].focus();
}

function act(key) {
  const target = document.querySelector(`[data-key="${key}"]`);
  if (!target) return false;
  if (target.matches("button")) target.click();
  else {
    const details = target.closest("details");
    if (details) details.open = true;
    const field = (details ?? target.closest("section")).querySelector("input:not([type=hidden]), textarea");
    (field ?? target).focus();
  }
  return true;
}

const inInbox = document.querySelector('[data-keys="inbox"]');
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !keysAreOn()) return;
  if (inInbox && (event.key === "j" || event.key === "k")) {
    moveInInbox(event.key === "j" ? 1 : -1);
  } else if (!inInbox && event.key === "u") {
    location.assign(document.querySelector("main a").href);
  } else if (inInbox || !act(event.key)) {
    return;
  }
  event.preventDefault();
});
