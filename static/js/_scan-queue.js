// Scans on their way: each is kept on the device until the server has answered it, and sent again with the same uid.
const PATIENCE = 8000; // milliseconds for one try
const AGAIN = 3000;
const AT_ONCE = 4;
const SIGN_IN = new Set([0, 400, 401, 403]); // 0: sent elsewhere, to sign in or to the second factor

export class Queue {
  #items = new Map();
  #flying = new Set();
  #halted = false;

  constructor({ store, token, answered, refused, unsent, signedOut, changed }) {
    Object.assign(this, { store, token, answered, refused, unsent, signedOut, changed });
    addEventListener("online", () => this.#sendWaiting());
    addEventListener("beforeunload", (event) => {
      // Only what could not be written to the device would be lost.
      if ([...this.#items.values()].some((item) => !item.kept)) event.preventDefault();
    });
    setInterval(() => this.#sendWaiting(), AGAIN);
  }

  /** Take up what an earlier visit to this page could not send. */
  resume() {
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(this.store)) continue;
        const item = JSON.parse(localStorage.getItem(key));
        this.#items.set(item.uid, { ...item, kept: true, tried: true });
      }
    } catch {
      // What cannot be read was not written by us.
    }
    this.#tell();
    this.#sendWaiting();
  }

  /** Keep a scan and send it; answers its uid. */
  add(url, body) {
    const item = { uid: newUid(), url, body, at: Date.now(), kept: false, tried: false };
    try {
      localStorage.setItem(this.store + item.uid, JSON.stringify(item));
      item.kept = true;
    } catch {
      // Kept in memory alone; leaving the page asks first.
    }
    this.#items.set(item.uid, item);
    this.#send(item);
    return item.uid;
  }

  #sendWaiting() {
    if (this.#halted) return;
    for (const item of this.#items.values()) {
      if (this.#flying.size >= AT_ONCE) return;
      if (!this.#flying.has(item.uid)) this.#send(item);
    }
  }

  async #send(item) {
    this.#flying.add(item.uid);
    let answer;
    let said = null;
    try {
      answer = await fetch(item.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
        // Only a difference of times is sent: clocks of telephones are often wrong.
        body: JSON.stringify({ ...item.body, uid: item.uid, age: Math.max(0, Date.now() - item.at) / 1000 }),
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.type !== "opaqueredirect") said = await answer.json();
    } catch {
      if (!answer || answer.ok) answer = null;
    }
    this.#flying.delete(item.uid);
    this.#take(item, answer, said);
  }

  #take(item, answer, said) {
    if (answer?.ok && said) {
      this.#forget(item);
      this.answered(item, said);
    } else if (answer && SIGN_IN.has(answer.status)) {
      item.tried = true;
      this.#halted = true;
      this.signedOut();
    } else if (answer && answer.status < 500 && answer.status !== 429 && answer.status !== 408) {
      this.#forget(item);
      this.refused(item, said?.error ?? String(answer.status));
    } else if (!item.tried) {
      item.tried = true;
      this.unsent(item);
    }
    this.#tell();
  }

  #forget(item) {
    this.#items.delete(item.uid);
    try {
      localStorage.removeItem(this.store + item.uid);
    } catch {
      // It was never written.
    }
  }

  #tell() {
    this.changed([...this.#items.values()].filter((item) => item.tried).length);
  }
}

function newUid() {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
