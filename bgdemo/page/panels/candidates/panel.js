// Where the networks disagree about the subject: a small picture of each reading, to take with a click.
const { names } = props;
const section = document.getElementById("did-you-mean");
const group = section.querySelector("[role=radiogroup]");
const radioOf = (model) => document.querySelector(`#model input[value="${model}"]`);

function button({ model, picture }) {
  const made = Object.assign(document.createElement("button"), { type: "button", role: "radio" });
  const image = Object.assign(document.createElement("img"), { src: visit.address(picture), alt: "" });
  made.append(image, Object.assign(document.createElement("span"), { textContent: names[model] }));
  made.dataset.model = model;
  return made;
}

let drawn = "";
document.addEventListener("screen", ({ detail: { candidates } }) => {
  section.hidden = !candidates.length;
  const key = JSON.stringify(candidates);
  if (key !== drawn) group.replaceChildren(...candidates.map(button));
  drawn = key;
  mark();
});

function mark() {
  const buttons = [...group.children];
  for (const one of buttons) one.ariaChecked = !!radioOf(one.dataset.model)?.checked;
  visit.rove(group, buttons.find((one) => one.ariaChecked === "true"));
}

group.addEventListener("click", ({ target }) => {
  const chosen = target.closest("button");
  if (chosen) radioOf(chosen.dataset.model).click();
});
