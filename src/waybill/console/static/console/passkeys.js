// Passkeys (W3C Web Authentication): a form with data-passkey asks the device and sends what it answers.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const named = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function create(options) {
  const wanted = options.creation_options.publicKey;
  const made = await navigator.credentials.create({
    publicKey: {
      ...wanted,
      challenge: toBytes(wanted.challenge),
      user: { ...wanted.user, id: toBytes(wanted.user.id) },
      excludeCredentials: named(wanted.excludeCredentials),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    },
  });
  return said(made, {
    attestationObject: toText(made.response.attestationObject),
    clientDataJSON: toText(made.response.clientDataJSON),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  });
}

async function get(options) {
  const wanted = options.request_options.publicKey;
  const shown = await navigator.credentials.get({
    publicKey: { ...wanted, challenge: toBytes(wanted.challenge), allowCredentials: named(wanted.allowCredentials) },
  });
  return said(shown, {
    authenticatorData: toText(shown.response.authenticatorData),
    clientDataJSON: toText(shown.response.clientDataJSON),
    signature: toText(shown.response.signature),
    userHandle: shown.response.userHandle ? toText(shown.response.userHandle) : null,
  });
}

function said(credential, response) {
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function optionsOf(form) {
  if (!form.dataset.options) return JSON.parse(document.getElementById("options").textContent);
  const headers = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
  const answer = await fetch(form.dataset.options, { headers });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const trouble = form.querySelector("[data-trouble]");
    trouble.hidden = true;
    try {
      const ask = form.dataset.passkey === "create" ? create : get;
      form.elements.credential.value = JSON.stringify(await ask(await optionsOf(form)));
      form.submit();
    } catch {
      trouble.hidden = false;
    }
  });
}
