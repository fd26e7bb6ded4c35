// One short sound and one buzz for each kind of answer: they can be told apart without looking.
const C5 = 523;
const TUNES = {
  good: { notes: [[C5, 0.09], [C5 * 1.5, 0.16]], kind: "sine", buzz: [60] },
  again: { notes: [[C5, 0.09], [0, 0.05], [C5, 0.09]], kind: "triangle", buzz: [60, 60, 60] },
  wait: { notes: [[330, 0.14], [0, 0.05], [262, 0.2]], kind: "triangle", buzz: [200, 80, 200] },
  bad: { notes: [[160, 0.5]], kind: "sawtooth", buzz: [500] },
  quiet: { notes: [[C5, 0.08], [392, 0.12]], kind: "sine", buzz: [30] },
  unsent: { notes: [[880, 0.05], [0, 0.05], [880, 0.05], [0, 0.05], [880, 0.05]], kind: "square", buzz: [40, 60, 40, 60, 40] },
};
const LOUD = 0.25;

export class Sounds {
  #context = null;

  constructor(wanted) {
    this.wanted = wanted;
    // Browsers give no sound before somebody touched the page.
    const wake = () => this.#ready();
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { capture: true });
  }

  play(tone) {
    const tune = TUNES[tone];
    if (!tune) return;
    navigator.vibrate?.(tune.buzz);
    document.getElementById("door").dataset.played = tone;
    if (this.wanted() && this.#context?.state === "running") this.#sound(tune);
  }

  #ready() {
    try {
      this.#context ??= new AudioContext();
      if (this.#context.state === "suspended") this.#context.resume();
    } catch {
      // No sound on this device; words and colours remain.
    }
  }

  #sound({ notes, kind }) {
    let at = this.#context.currentTime;
    for (const [pitch, seconds] of notes) {
      if (pitch) {
        const voice = new OscillatorNode(this.#context, { type: kind, frequency: pitch });
        const volume = new GainNode(this.#context, { gain: 0 });
        volume.gain.setValueAtTime(0, at);
        volume.gain.linearRampToValueAtTime(LOUD, at + 0.01);
        volume.gain.setValueAtTime(LOUD, at + seconds - 0.02);
        volume.gain.linearRampToValueAtTime(0, at + seconds);
        voice.connect(volume).connect(this.#context.destination);
        voice.start(at);
        voice.stop(at + seconds);
      }
      at += seconds;
    }
  }
}
