// A form with data-confirm="id" opens that dialog and is sent only after "yes".
export function askFirst(root) {
  root.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const dialog = form.dataset.confirm && root.getElementById(form.dataset.confirm);
      if (!dialog?.showModal || form.dataset.confirmed) return;
      event.preventDefault();
      const button = event.submitter;
      dialog.returnValue = "";
      dialog.addEventListener(
        "close",
        () => {
          if (dialog.returnValue !== "yes") {
            button?.focus();
            return;
          }
          form.dataset.confirmed = "yes";
          form.requestSubmit(button);
          delete form.dataset.confirmed;
        },
        { once: true },
      );
      dialog.showModal();
    },
    true,
  );
}
