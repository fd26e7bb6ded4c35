// Finding people while typing: the same page is asked, and only its list of people is taken.
const REST = 250; // milliseconds after the last key
const OURS = "DC1:";

export function search(form, readCode) {
  const field = form.elements.q;
  let waiting = 0;
  let asking = null;
  let asked = field.value.trim();

  async function find() {
    clearTimeout(waiting);
    const typed = field.value.trim();
    if (typed.startsWith(OURS)) {
      field.value = "";
      readCode(typed);
      return;
    }
    asked = typed;
    asking?.abort();
    asking = new AbortController();
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(address, { signal: asking.signal, redirect: "manual" });
      if (!answer.ok) throw new Error(String(answer.status));
      show(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("people"));
    } catch (error) {
      if (error.name === "AbortError") return;
      const said = document.createElement("p");
      said.textContent = document.getElementById("words-no-search").content.textContent;
      document.getElementById("people").replaceChildren(said);
    }
  }

  function show(fresh) {
    document.getElementById("people").replaceWith(fresh);
    document.getElementById("people-count").textContent = fresh.dataset.words ?? "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    const typed = field.value.trim();
    if (typed === asked || typed.startsWith(OURS) || typed.length === 1) return;
    waiting = setTimeout(find, REST);
  });
  return { refresh: () => asked && find() };
}
