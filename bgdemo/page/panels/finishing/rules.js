// The rules of the chosen ID photo: which of them are kept, and where the crop's sliders stop so that they stay kept.
const list = element.querySelector("#rules ul");
const status = element.querySelector("#rules [role=status]");
const sliders = [...element.querySelectorAll("#position input")];
const wide = new Map(sliders.map((slider) => [slider, [+slider.min, +slider.max]]));

// A hand that drags the picture may go further, for it may know better where the head is; there a slider begins.
visit.stops = {
  widest: (slider) => wide.get(slider),
  // So far that `value` is within them.
  widen(slider, value, [least, most] = [slider.min, slider.max]) {
    slider.min = Math.min(least, value);
    slider.max = Math.max(most, value);
  },
  clear: () => sliders.forEach((slider) => ([slider.min, slider.max] = wide.get(slider))),
};

function row({ key, text, ok }) {
  const item = document.createElement("li");
  item.dataset.key = key;
  item.dataset.kept = ok;
  const sign = Object.assign(document.createElement("i"), { ariaHidden: "true", textContent: { true: "✓", false: "!" }[ok] ?? "…" });
  item.append(sign, text);
  return item;
}

document.addEventListener("screen", ({ detail: { rules = [], stops = {}, settled, current } }) => {
  list.parentElement.classList.toggle("empty", !rules.length);
  list.replaceChildren(...rules.map(row));
  if (!current) return;
  for (const slider of sliders) {
    const [low, high] = wide.get(slider);
    const [least, most] = stops[slider.name] ?? [low, high];
    visit.stops.widen(slider, slider.value, [Math.max(low, least), Math.min(high, most)]);
  }
  // Said once the picture rests, and only if it is news.
  const off = rules.filter(({ ok }) => ok === false).map(({ text }) => text);
  const news = rules.length ? off.join(". ") || status.dataset.kept : "";
  if (settled && status.textContent !== news) status.textContent = news;
});
