// A photo of the empty scene: while there is one, the subject is what is not in it. It stays for the next photo, too, as
// several things are often photographed on one spot; what does not match it is told, and a model steps in.
const { limit, words } = props;
const [drawer, file, figure] = ["details", "input", "figure"].map((name) => element.querySelector(name));
const [image, caption, remove] = ["img", "figcaption", "button"].map((name) => figure.querySelector(name));
let address = null; // of the picture in this browser, which is shown at once
let uploads = 0;

function show(plate) {
  figure.hidden = !plate;
  caption.textContent = plate?.name ?? "";
  image.hidden = false;
  if (plate) image.src = address ?? visit.address(plate.path);
  if (plate) drawer.open = true;
}

function forget() {
  if (address) URL.revokeObjectURL(address);
  address = null;
}

async function choose(chosen) {
  if (!chosen) return;
  const mine = ++uploads;
  const needed = () => mine === uploads;
  const path = await visit.bring(chosen, { who: "plate", place: "plate", limit, words, needed });
  if (!path) return;
  forget();
  address = URL.createObjectURL(chosen);
  visit.want({ plate: { path, name: chosen.name } });
  show(visit.wanted("plate"));
  visit.release("plate");
}

function drop() {
  uploads += 1;
  visit.release("plate");
  forget();
  show(null);
  visit.want({ plate: null });
}

file.addEventListener("change", () => {
  choose(file.files[0]);
  file.value = "";
});
remove.addEventListener("click", () => {
  drop();
  file.focus();
});
image.addEventListener("error", () => (image.hidden = true)); // what this browser cannot show is named only

// Dropped here it is the empty scene; anywhere else it would be a photo to work on.
const carries = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
drawer.addEventListener("dragover", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  event.stopPropagation();
  drawer.classList.add("over");
});
drawer.addEventListener("dragleave", () => drawer.classList.remove("over"));
drawer.addEventListener("drop", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  event.stopPropagation();
  drawer.classList.remove("over");
  choose(event.dataTransfer.files[0]);
});

document.addEventListener("restored", ({ detail: { plate } }) => show(plate));

// Many photos are not of one spot.
document.addEventListener("screen", () => {
  if (document.getElementById("desk").dataset.many && visit.wanted("plate")) drop();
});
