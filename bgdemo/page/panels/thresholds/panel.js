// The numbers of the trimap: a box and a slider for each, which follow one another.
const plain = props.value;
const rowOf = (target) => target.closest(".threshold");

function show(row, number) {
  for (const input of row.querySelectorAll("input")) input.value = number;
}

// What is no number, or out of bounds, becomes the nearest that can be.
function commit(row, wanted) {
  const { name } = row.dataset;
  const { max } = row.querySelector("input");
  const number = Number.isNaN(wanted) ? props.value[name] : Math.min(Math.max(Math.round(wanted), 0), max);
  show(row, number);
  if (number === props.value[name]) return;
  props.value = { ...props.value, [name]: number };
  trigger("input");
}

element.addEventListener("input", ({ target }) => target.type === "range" && show(rowOf(target), target.value));
element.addEventListener("change", ({ target }) => commit(rowOf(target), target.valueAsNumber));
element.addEventListener("click", ({ target }) => {
  if (target.matches("button")) commit(rowOf(target), plain[rowOf(target).dataset.name]);
});
