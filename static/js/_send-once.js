// A second press on a send button within some seconds is ignored; the page never stays locked.
// Forms with data-downloads stay on the page and have several buttons: each press is meant.
const REST = 8000;

function release(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("[aria-disabled][data-pressed]")) {
    button.removeAttribute("aria-disabled");
    delete button.dataset.pressed;
  }
}

export function sendOnce(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
    if (form.hasAttribute("data-downloads")) return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "yes";
    if (event.submitter) {
      // aria-disabled and not disabled: the button's own name must still be sent.
      event.submitter.setAttribute("aria-disabled", "true");
      event.submitter.dataset.pressed = "yes";
    }
    setTimeout(release, REST, form);
  });
  // Coming back by the back button may show the page as it was left.
  window.addEventListener("pageshow", () => root.querySelectorAll("form[data-sending]").forEach(release));
}
