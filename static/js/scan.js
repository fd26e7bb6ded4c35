// The page at the door: camera, hardware scanner and search all end in one queue of scans.
import { Camera, NoCamera } from "./_scan-camera.js";
import { listenToScanner } from "./_scan-keyboard.js";
import { Queue } from "./_scan-queue.js";
import { search } from "./_scan-search.js";
import { Sounds } from "./_scan-sounds.js";

const SLOW = 1500; // milliseconds without an answer before the page says that nothing is stored yet
const COUNT_EVERY = 5000;
const LONGEST = 1000;

const part = (id) => document.getElementById(id);
const door = part("door");
if (door) start();

function start() {
  const settings = ownSettings();
  const sounds = new Sounds(() => part("sound").checked);
  let newest = null; // the uid whose answer belongs into the panel
  let slow = 0;

  const queue = new Queue({
    store: `check-in:${door.dataset.edition}:`,
    token: document.querySelector("meta[name=csrf-token]").content,
    answered(item, answer) {
      if (item.uid === newest) {
        clearTimeout(slow);
        showAnswer(answer);
        sounds.play(answer.tone);
        people.refresh();
      } else if (answer.tone !== "good") noteLate(answer);
      countSoon();
    },
    refused(item, words) {
      if (item.uid !== newest) return;
      clearTimeout(slow);
      showPanel("panel-refused", words);
      sounds.play("wait");
    },
    unsent(item) {
      if (item.uid !== newest) return;
      clearTimeout(slow);
      showPanel("panel-unsent");
      sounds.play("unsent");
    },
    signedOut() {
      clearTimeout(slow);
      showPanel("panel-signed-out");
      sounds.play("unsent");
    },
    changed(number) {
      const line = part("unsent");
      line.hidden = number === 0;
      line.textContent = number ? line.dataset.text.replace("{number}", number) : "";
    },
  });

  function send(url, body) {
    newest = queue.add(url, { ...body, device: settings.device() });
    clearTimeout(slow);
    const mine = newest;
    slow = setTimeout(() => {
      if (mine === newest) showPanel("panel-unsent");
    }, SLOW);
  }
  const scan = (body) => send(door.dataset.scans, { list: door.dataset.list, ...body });
  const scanText = (text, means) => scan({ text: text.slice(0, LONGEST), means });

  const people = search(part("find"), (text) => scanText(text, "typed"));
  listenToScanner((text) => scanText(text, "scanner"));
  useCamera((text) => scanText(text, "camera"));

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-scan], form[data-undo]")) return;
    event.preventDefault();
    event.stopPropagation();
    const sent = new FormData(form);
    if (form.matches("[data-undo]")) send(door.dataset.undos, { scan: sent.get("scan") });
    else if (sent.get("registration")) scan({ registration: sent.get("registration"), means: "search" });
    else scanText(sent.get("text"), "typed");
    part("answer").focus({ preventScroll: true });
    part("answer").scrollIntoView({ block: "nearest" });
  }, true);

  part("late-seen").addEventListener("click", () => {
    part("late").hidden = true;
    part("late-list").replaceChildren();
  });

  let counting = 0;
  const countSoon = () => {
    clearTimeout(counting);
    counting = setTimeout(count, 300);
  };
  async function count() {
    clearTimeout(counting);
    counting = setTimeout(count, COUNT_EVERY);
    if (document.hidden) return;
    try {
      const answer = await fetch(door.dataset.count, { headers: { Accept: "application/json" }, redirect: "manual" });
      if (!answer.ok) return;
      const { inside, confirmed } = await answer.json();
      const line = part("count");
      line.textContent = line.dataset.text.replace("{inside}", inside).replace("{confirmed}", confirmed);
    } catch {
      // The next try comes by itself, and the scans say that the network is away.
    }
  }
  counting = setTimeout(count, COUNT_EVERY);

  const lists = part("door-list");
  if (lists) {
    lists.form.querySelector("button").hidden = true;
    lists.addEventListener("change", () => lists.form.requestSubmit());
  }
  queue.resume();
}

function ownSettings() {
  const device = part("device");
  const sound = part("sound");
  part("settings").hidden = false;
  try {
    device.value = localStorage.getItem("check-in:device") ?? "";
    sound.checked = localStorage.getItem("check-in:sound") !== "off";
    device.addEventListener("change", () => localStorage.setItem("check-in:device", device.value.trim()));
    sound.addEventListener("change", () => localStorage.setItem("check-in:sound", sound.checked ? "on" : "off"));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
  return { device: () => device.value.trim().slice(0, 60) };
}

// Only text is put in, so that no name of a person is ever read as markup.
function showAnswer(answer) {
  const panel = part("panel-answer").content.cloneNode(true);
  const box = panel.querySelector(".outcome");
  box.classList.add(`outcome-${answer.tone}`);
  Object.assign(box.dataset, { result: answer.result, tone: answer.tone });
  box.querySelector(".outcome-head").prepend(part(`sign-${answer.tone}`).content.cloneNode(true));
  for (const place of box.querySelectorAll("[data-fill]")) {
    const text = answer[place.dataset.fill];
    if (text) place.textContent = text;
    else place.remove();
  }
  const undo = box.querySelector("form");
  if (answer.can_be_undone) undo.elements.scan.value = answer.uid;
  else undo.remove();
  part("answer").replaceChildren(panel);
}

function showPanel(id, words = "") {
  const panel = part(id).content.cloneNode(true);
  const place = panel.querySelector("[data-words]");
  if (place) place.textContent = words;
  part("answer").replaceChildren(panel);
}

function noteLate(answer) {
  const line = document.createElement("li");
  line.textContent = [answer.name, answer.words].filter(Boolean).join(": ");
  part("late-list").prepend(line);
  part("late").hidden = false;
}

function useCamera(found) {
  const words = part("camera-words");
  const light = part("camera-light");
  const say = (id) => {
    words.textContent = id ? part(id).content.textContent : "";
    words.hidden = !id;
  };
  part("camera-buttons").hidden = false;
  if (!navigator.mediaDevices?.getUserMedia) {
    part("camera-start").hidden = true;
    say("words-no-camera");
    return;
  }
  const camera = new Camera(part("video"), door.dataset.decoder, found);
  const show = (on) => {
    part("camera").hidden = !on;
    part("camera-start").hidden = on;
    part("camera-stop").hidden = !on;
    light.hidden = !(on && camera.hasLight);
    light.setAttribute("aria-pressed", "false");
  };
  const remember = (on) => {
    try {
      localStorage.setItem("check-in:camera", on ? "on" : "off");
    } catch {
      // Then the camera is started by hand next time.
    }
  };
  async function begin() {
    say(null);
    try {
      await camera.start();
      show(true);
      remember(true);
    } catch (error) {
      show(false);
      say({ [NoCamera.REFUSED]: "words-camera-refused", [NoCamera.BUSY]: "words-camera-busy" }[error.message] ?? "words-no-camera");
    }
  }
  part("camera-start").addEventListener("click", begin);
  part("camera-stop").addEventListener("click", () => {
    camera.stop();
    show(false);
    remember(false);
    part("camera-start").focus();
  });
  light.addEventListener("click", async () => {
    const on = light.getAttribute("aria-pressed") !== "true";
    if (await camera.setLight(on)) light.setAttribute("aria-pressed", String(on));
  });
  wasOn().then((on) => on && begin());
}

// Who allowed the camera and had it on finds it on again after choosing another list.
async function wasOn() {
  try {
    if (localStorage.getItem("check-in:camera") !== "on") return false;
    return (await navigator.permissions.query({ name: "camera" })).state === "granted";
  } catch {
    return false;
  }
}
