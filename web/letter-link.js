// The code of a letter is behind "#", which no browser sends to a server. Move it into the form, take it out of the
// address and the history before anything else, then send the form.
(() => {
  const code = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  // another letter's link on this open page does not load it anew by itself
  addEventListener("hashchange", () => location.reload());
  const form = document.getElementById("letter-link");
  if (!code || !form) return;
  document.getElementById("letter-link-code").value = code;
  document.getElementById("letter-link-opening").hidden = false;
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("letter-link-typed").hidden = true;
    form.submit();
  });
})();
