// A form with data-press-after="3000" is sent by itself after as many milliseconds, once a page.
export function pressAfter(root) {
  for (const form of root.querySelectorAll("form[data-press-after]")) {
    const timer = setTimeout(() => form.requestSubmit(), Number(form.dataset.pressAfter));
    form.addEventListener("submit", () => clearTimeout(timer));
  }
}
