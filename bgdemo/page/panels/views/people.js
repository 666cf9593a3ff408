// The people of whom an ID photo could be, where there are several: their faces, one of them chosen. The words that choose
// one are a field of the crop.
const group = element.querySelector("#people");

function button({ words, face: [left, top, width, height] }, number, { length }) {
  const choice = document.createElement("button");
  choice.type = "button";
  choice.dataset.words = words;
  choice.title = group.dataset.choose;
  choice.ariaLabel = `${group.dataset.choose} (${number + 1}/${length})`;
  choice.style.backgroundSize = `${100 / width}% ${100 / height}%`;
  choice.style.backgroundPosition = `${(100 * left) / (1 - width)}% ${(100 * top) / (1 - height)}%`;
  return choice;
}

document.addEventListener("screen", ({ detail: { pictures } }) => {
  const people = pictures?.people ?? [];
  group.hidden = !people.length;
  const words = people.map((person) => person.words).join();
  if (group.dataset.words !== words) group.replaceChildren(...people.map(button));
  group.dataset.words = words;
  if (people.length) group.style.setProperty("--photo", `url("${visit.address(pictures.shown)}")`);
  people.forEach(({ chosen }, number) => (group.children[number].ariaPressed = chosen));
});

group.addEventListener("click", ({ target }) => {
  const { words } = target.dataset;
  const field = document.querySelector("#panel-crop [name=crop_face]");
  if (!target.matches("button") || target.ariaPressed === "true") return;
  field.value = words;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
