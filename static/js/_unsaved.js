// A form with data-unsaved asks before the page is left with typed text in it.
export function unsaved(root) {
  const changed = new Set();
  for (const form of root.querySelectorAll("form[data-unsaved]")) {
    form.addEventListener("input", () => changed.add(form));
    form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) changed.delete(form);
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (changed.size > 0) event.preventDefault();
  });
}
