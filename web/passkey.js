// Passkeys: asks the browser what the page says (data-passkey), puts the answer into the form and sends it.
const ready = "credentials" in navigator && "PublicKeyCredential" in window;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

function forCreate({ publicKey }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: (publicKey.excludeCredentials ?? []).map((c) => ({ ...c, id: bytes(c.id) })),
    },
  };
}

function forGet({ publicKey }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: (publicKey.allowCredentials ?? []).map((c) => ({ ...c, id: bytes(c.id) })),
    },
  };
}

function answerOf(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  const transports = credential.response.getTransports?.();
  if (transports) response.transports = transports;
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response, extensions: credential.getClientExtensionResults() });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector("[role=alert]");
  if (!ready) {
    problem.textContent = form.dataset.missing;
    problem.hidden = false;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    if (form.elements.antwort.value) return;
    event.preventDefault();
    // the guard against a second press must not see this one
    event.stopPropagation();
    problem.hidden = true;
    try {
      const options = JSON.parse(form.dataset.passkey);
      const credential = form.dataset.make ? await navigator.credentials.create(forCreate(options)) : await navigator.credentials.get(forGet(options));
      form.elements.antwort.value = answerOf(credential);
      form.requestSubmit(event.submitter ?? undefined);
    } catch {
      // cancelled, timed out, or nothing fitting: the person may try again
      problem.textContent = form.dataset.failed;
      problem.hidden = false;
      problem.focus();
    }
  });
}
