// Questions that wait for an answer of the same page are hidden while they do not apply; without scripts all are shown.
// data-shown-when: {"question": "<field name>", "is": …}, also "is_not", "in", "answered", "at_least", "at_most".
const several = (value) => (Array.isArray(value) ? value : [value]).map((one) => (one === true ? "yes" : one === false ? "no" : String(one)));

function answers(form, name) {
  return new FormData(form).getAll(name).filter((value) => typeof value === "string" && value.trim() !== "");
}

function holds(form, condition) {
  const given = answers(form, condition.question);
  if ("answered" in condition) return given.length > 0 === Boolean(condition.answered);
  if (!given.length) return false;
  const one = (wanted) => given.some((value) => several(wanted).includes(value));
  if ("is" in condition) return one(condition.is);
  if ("in" in condition) return one(condition.in);
  if ("is_not" in condition) return !one(condition.is_not);
  const number = (text) => Number(String(text).replace(",", "."));
  const [value] = given;
  const compare = (bound) => (Number.isNaN(number(value)) ? value.localeCompare(String(bound)) : number(value) - number(bound));
  if ("at_least" in condition) return compare(condition.at_least) >= 0;
  if ("at_most" in condition) return compare(condition.at_most) <= 0;
  return true;
}

export function questions(root) {
  for (const form of root.querySelectorAll("form")) {
    const waiting = [...form.querySelectorAll("[data-shown-when]")];
    if (!waiting.length) continue;
    const show = () => {
      for (const place of waiting) place.hidden = !holds(form, JSON.parse(place.dataset.shownWhen));
    };
    // Here a question is seen only when it applies: that it depends on another need not be said.
    for (const place of form.querySelectorAll("[data-depends]")) place.hidden = true;
    form.addEventListener("input", show);
    form.addEventListener("change", show);
    show();
  }
}
