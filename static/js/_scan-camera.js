// Reads QR codes from the camera. The same badge held in front of it is one reading, not many.
const SAME = 3000; // milliseconds out of sight before a badge counts as shown again
const PAUSE = 90; // between two looks: quick for people, cool for telephones
const OURS = "DC1:";

/** Why there is no picture. */
export const NoCamera = { NONE: "none", REFUSED: "refused", BUSY: "busy" };
const REASONS = { NotAllowedError: NoCamera.REFUSED, SecurityError: NoCamera.REFUSED, NotReadableError: NoCamera.BUSY, AbortError: NoCamera.BUSY };

export class Camera {
  #seen = new Map();
  #stream = null;
  #detector = null;
  #awake = null;

  constructor(video, decoder, found) {
    Object.assign(this, { video, decoder, found });
    document.addEventListener("visibilitychange", () => !document.hidden && this.#stayAwake());
  }

  get hasLight() {
    return Boolean(this.#stream?.getVideoTracks()[0]?.getCapabilities?.().torch);
  }

  async start() {
    this.stop();
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, ...size } });
    } catch (error) {
      throw new Error(REASONS[error.name] ?? NoCamera.NONE, { cause: error });
    }
    this.#seen.clear();
    this.video.srcObject = this.#stream;
    await this.video.play();
    this.#detector ??= await detector(this.decoder);
    this.#stayAwake();
    this.#look(this.#stream);
  }

  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.video.srcObject = null;
    this.#awake?.release().catch(() => {});
    this.#awake = null;
  }

  async setLight(on) {
    try {
      await this.#stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
      return true;
    } catch {
      return false;
    }
  }

  async #look(stream) {
    while (this.#stream === stream) {
      if (!document.hidden && this.video.readyState >= 2) {
        try {
          const codes = (await this.#detector.detect(this.video)).map((code) => code.rawValue).filter(Boolean);
          const text = codes.find((code) => code.startsWith(OURS)) ?? codes[0];
          if (text && this.#stream === stream) this.#read(text);
        } catch {
          // A frame that cannot be read; the next one comes at once.
        }
      }
      await new Promise((wake) => setTimeout(wake, PAUSE));
    }
  }

  #read(text) {
    const now = performance.now();
    const last = this.#seen.get(text);
    for (const [other, at] of this.#seen) if (now - at > SAME) this.#seen.delete(other);
    this.#seen.set(text, now);
    if (last === undefined || now - last > SAME) this.found(text);
  }

  async #stayAwake() {
    if (!this.#stream) return;
    try {
      this.#awake = await navigator.wakeLock?.request("screen");
    } catch {
      // The screen dims as it always does.
    }
  }
}

async function detector(wasm) {
  const native = globalThis.BarcodeDetector;
  try {
    if (native && (await native.getSupportedFormats()).includes("qr_code")) return new native({ formats: ["qr_code"] });
  } catch {
    // Some browsers name the class and have nothing behind it.
  }
  const { ownDetector } = await import("./_scan-decoder.js");
  return ownDetector(wasm);
}
