// The numbers of the trimap: a box and a slider for each, which follow one another. They belong to “Fine hair”.
const fieldset = element.querySelector("fieldset");
const rows = [...element.querySelectorAll(".threshold")];
const plain = Object.fromEntries(rows.map((row) => [row.dataset.name, +row.querySelector("input").value]));
let numbers = { ...plain };
const rowOf = (target) => target.closest(".threshold");

function show(row, number) {
  for (const input of row.querySelectorAll("input")) input.value = number;
}

// What is no number, or out of bounds, becomes the nearest that can be.
function commit(row, wanted) {
  const { name } = row.dataset;
  const { max } = row.querySelector("input");
  const number = Number.isNaN(wanted) ? numbers[name] : Math.min(Math.max(Math.round(wanted), 0), max);
  show(row, number);
  if (number === numbers[name]) return;
  numbers = { ...numbers, [name]: number };
  visit.want({ settings: { ...visit.wanted("settings"), thresholds: numbers } });
}

element.addEventListener("input", ({ target }) => target.type === "range" && show(rowOf(target), target.value));
element.addEventListener("change", ({ target }) => commit(rowOf(target), target.valueAsNumber));
element.addEventListener("click", ({ target }) => {
  if (target.matches("button")) commit(rowOf(target), plain[rowOf(target).dataset.name]);
});
function restore({ thresholds }) {
  numbers = { ...plain, ...thresholds };
  for (const row of rows) show(row, numbers[row.dataset.name]);
}

document.addEventListener("restored", ({ detail: { settings } }) => restore(settings));
restore(visit.wanted("settings")); // the drawer around it is filled when it is first opened

function enable() {
  fieldset.disabled = !visit.wanted("settings").alpha_matting;
  element.querySelector("#expert-needs").hidden = !fieldset.disabled;
}

document.addEventListener("screen", enable);
enable();
