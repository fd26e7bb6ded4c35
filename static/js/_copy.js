// Copy buttons: shown where the browser can copy, and they say when it is done.
const SAID = 2500;

export function copyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
  root.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button || button.dataset.said) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return;
    }
    const words = button.textContent;
    const name = button.getAttribute("aria-label");
    button.dataset.said = "yes";
    button.textContent = button.dataset.copied;
    button.setAttribute("aria-label", button.dataset.copied);
    setTimeout(() => {
      button.textContent = words;
      if (name) button.setAttribute("aria-label", name);
      delete button.dataset.said;
    }, SAID);
  });
}
