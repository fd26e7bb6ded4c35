// Passkeys: carries the questions of our pages to the browser and its answers back. Without it the other ways in remain.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(url, token, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
    body: JSON.stringify(body),
  });
  // A redirect means that the page asks to sign in once more: go there as a person would.
  if (answer.redirected) {
    location.assign(answer.url);
    return new Promise(() => {});
  }
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  return found;
}

const described = (list = []) => list.map((one) => ({ ...one, id: toBytes(one.id) }));

async function make(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: described(options.excludeCredentials),
    },
  });
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
    },
  };
}

async function show(options) {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: described(options.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
  return {
    id: shown.id,
    rawId: toText(shown.rawId),
    type: shown.type,
    response: {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : null,
    },
  };
}

function attach(place) {
  const button = place.querySelector("button");
  const message = place.querySelector("[role=alert]");
  const name = place.querySelector("input[name=name]");
  const { options, finish, token, failed, passkey } = place.dataset;
  place.hidden = false;
  const run = async (event) => {
    event.preventDefault();
    if (name && !name.reportValidity()) return;
    message.hidden = true;
    button.setAttribute("aria-disabled", "true");
    try {
      const asked = await post(options, token, {});
      const answer = passkey === "new" ? { ...(await make(asked)), name: name.value } : await show(asked);
      location.assign((await post(finish, token, answer)).next);
    } catch (error) {
      // Errors of the browser are in its own technical words; ours come from the server.
      message.textContent = error instanceof DOMException || /^\d*$/.test(error.message) ? failed : error.message;
      message.hidden = false;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  };
  if (place.tagName === "FORM") place.addEventListener("submit", run);
  else button.addEventListener("click", run);
}

if (window.PublicKeyCredential) document.querySelectorAll("[data-passkey]").forEach(attach);
