// After a refused form the reader starts at the list of what to look at again.
export function focusErrors(root) {
  root.getElementById("error-summary")?.focus();
}
