// How many characters of a long answer are used.
export function counters(root) {
  for (const area of root.querySelectorAll("[data-counter]")) {
    const place = root.getElementById(area.dataset.counter);
    if (!place) continue;
    const limit = Number(place.dataset.limit);
    const show = () => {
      const used = area.value.length;
      place.textContent = place.dataset.text.replace("{used}", used).replace("{limit}", limit);
      place.classList.toggle("over", used > limit);
    };
    area.addEventListener("input", show);
    show();
  }
}
