// Which view is shown and what lies behind the cutout: on the screen only, the files stay as they are.
element.addEventListener("input", ({ target }) => {
  const { name, type, value } = target;
  if (type === "range") element.style.setProperty("--at", `${value}%`);
  if (type === "radio") element.dataset[name] = value;
  if (type === "color") colour(value);
});

// A colour that was chosen before can be had again with a click, which changes nothing in the picker.
element.addEventListener("click", ({ target }) => target.type === "color" && colour(target.value));

function colour(value) {
  element.querySelectorAll("[name=backdrop]").forEach((radio) => (radio.checked = false));
  element.dataset.backdrop = "colour";
  element.style.setProperty("--backdrop", value);
}

// The panels below show the visitor's own subject. On a narrow screen the result is below the photo: bring it into view
// when it arrives.
let thumbs;
watch("value", () => {
  const news = props.value?.thumbs?.url;
  const known = news === thumbs;
  thumbs = news;
  if (!news || known) return;
  document.documentElement.style.setProperty("--thumbs", `url("${news}")`);
  if (!matchMedia("(max-width: 899px)").matches) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.getElementById("result").scrollIntoView({ behavior: calm ? "auto" : "smooth" });
});
