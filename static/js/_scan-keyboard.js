// A hardware scanner types like a very quick person and ends with Enter; it is heard wherever the focus is.
const FAST = 50; // milliseconds between two keys; nobody types a line at twenty keys a second
const PATIENT = 500; // for what begins like a code of ours: by radio, or on a busy device, keys may stumble
const SHORTEST = 8;
const OURS = "DC1:";

// Scanners press the keys of an American keyboard. Read by position, a code survives Serbian, German and French layouts.
const PLAIN = { Minus: "-", Equal: "=", Period: ".", Slash: "/", Semicolon: ";", Space: " ", NumpadAdd: "+", NumpadSubtract: "-", NumpadMultiply: "*", NumpadDivide: "/", NumpadDecimal: "." };
const SHIFTED = { Digit4: "$", Digit5: "%", Digit8: "*", Equal: "+", Semicolon: ":", Space: " " };

export function listenToScanner(found) {
  let keys = [];
  let last = -Infinity;
  let field = null;
  let before = "";

  function keydown(event) {
    const pause = event.timeStamp - last;
    if (event.key === "Shift" || event.key === "CapsLock" || event.key === "AltGraph") return;
    last = event.timeStamp;
    if (pause > (isOurs(keys) ? PATIENT : FAST)) keys = [];
    if (event.key === "Enter") {
      const text = keys.length >= SHORTEST ? read(keys) : null;
      keys = [];
      if (text === null) return;
      stop(event);
      putBack(field, before);
      found(text);
      return;
    }
    if (event.ctrlKey || event.metaKey || (event.key.length !== 1 && event.key !== "Dead")) {
      keys = [];
      return;
    }
    if (keys.length === 0) {
      field = document.activeElement;
      before = field?.value;
    } else if (!isText(field)) stop(event); // a blank in a code must not press a button
    keys.push({ key: event.key, code: event.code, shift: event.shiftKey });
  }
  document.addEventListener("keydown", keydown, true);
  document.addEventListener("keyup", (event) => keys.length > 1 && !isText(document.activeElement) && stop(event), true);
}

function read(keys) {
  const typed = keys.map(({ key }) => key).join("");
  if (typed.startsWith(OURS)) return typed;
  const placed = keys.map(byPlace).join("");
  return placed.startsWith(OURS) ? placed : typed;
}

function isOurs(keys) {
  const beginning = keys.slice(0, OURS.length);
  return beginning.length > 0 && [({ key }) => key, byPlace].some((as) => OURS.startsWith(beginning.map(as).join("")));
}

function byPlace({ code, shift, key }) {
  if (/^Key[A-Z]$/.test(code)) return code[3];
  if (shift && SHIFTED[code]) return SHIFTED[code];
  if (/^(Digit|Numpad)[0-9]$/.test(code)) return code.at(-1);
  return PLAIN[code] ?? key;
}

const isText = (element) => element?.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea") ?? false;

function putBack(field, before) {
  if (before === undefined || field.value === before) return;
  field.value = before;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
