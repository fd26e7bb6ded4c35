// The price at the foot of the registration's screens follows what is chosen.
// data-prices on the form: {"p0-ticket": {"<value>": minor}, "p0-extra-…": minor}; the figure on the page is the server's.
export function liveTotal(root) {
  for (const form of root.querySelectorAll("form[data-prices]")) {
    const place = form.querySelector("[data-total]");
    if (!place) continue;
    const { currency, places } = place.dataset;
    const prices = JSON.parse(form.dataset.prices);
    const figure = new Intl.NumberFormat(root.documentElement.lang, {
      style: "currency",
      currency,
      minimumFractionDigits: Number(places),
      maximumFractionDigits: Number(places),
    });
    const worth = (field) => {
      const price = prices[field.name];
      if (price === undefined || field.disabled) return 0;
      if (field.type === "radio") return field.checked ? (price[field.value] ?? 0) : 0;
      if (field.type === "checkbox") return field.checked ? price : 0;
      return Number(field.value) * price;
    };
    form.addEventListener("change", () => {
      let sum = Number(place.dataset.base);
      for (const field of form.elements) sum += worth(field);
      place.textContent = figure.format(sum / 10 ** Number(places));
    });
  }
}
