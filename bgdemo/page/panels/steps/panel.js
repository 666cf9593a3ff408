// How it works: the steps to the result on the screen, or, while there is no photo, to an example's.
const { names, words } = props;
const dialog = element.querySelector("dialog");
const [list, about, timed] = ["ol", ".about", ".timed"].map((part) => dialog.querySelector(part));
const ofYours = about.textContent;
let screen = {};
let drawn = null; // the steps that are in the list

document.addEventListener("screen", ({ detail }) => {
  screen = detail;
  if (dialog.open) draw();
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-how]")) return;
  dialog.showModal();
  dialog.scrollTop = 0;
  if (screen.photo) visit.want({ explain: true });
  else draw();
});

dialog.addEventListener("close", () => visit.keep({ explain: false }));
document.addEventListener("restored", () => visit.keep({ explain: dialog.open }));
dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest(".close")) dialog.close();
  if (target.closest(".print")) print();
});

function draw() {
  const { photo, explained, settled, current, pictures } = screen;
  const shown = photo ? explained : props.value;
  list.hidden = !shown;
  timed.hidden = !shown || !photo;
  dialog.querySelector(".print").disabled = !shown;
  about.textContent = shown ? (photo ? ofYours : words.example) : settled && current ? words.none : words.making;
  if (!shown) return;
  timed.textContent = words.timed.replace("{size}", shown.size.join("×"));
  const key = JSON.stringify(shown);
  if (key === drawn) return;
  drawn = key;
  const steps = new Map(shown.steps.map((step) => [step.name, step]));
  for (const item of list.children) {
    const step = steps.get(item.dataset.step);
    item.hidden = !step;
    if (!step) continue;
    item.querySelector(".took").textContent = took(step.milliseconds);
    const title = item.querySelector("h3").textContent;
    const mask = step.name === "foreground" && address(steps.get("matting").figures[1]);
    if (item.querySelector(".closer")) visit.look(item, title, step.figures.map(address), shown, mask);
    else item.querySelector(".figures").replaceChildren(...step.figures.map((one) => figure(step, one, title, shown, pictures)));
  }
}

const address = ({ file }) => file.url ?? visit.address(file);
const took = (milliseconds) => (milliseconds == null ? "" : `${milliseconds} ms`);

function figure({ name, figures }, one, title, { size }, pictures) {
  const [drawing, image, caption] = ["figure", "img", "figcaption"].map((tag) => document.createElement(tag));
  const whose = [names[one.model], one.mirrored && words.mirrored];
  const said = {
    photo: [(screen.photo ? pictures.size : size).join("×")],
    input: [...whose, one.size.join("×")],
    segmentation: [...whose, took(one.milliseconds)],
  };
  caption.textContent = (said[name] ?? []).filter(Boolean).join(" · ");
  image.alt = [title, ...(figures.length > 1 ? whose : [])].filter(Boolean).join(", ");
  image.src = address(one);
  // What a network sees is square; what it answers is shown in the photo's own shape.
  const ratio = name === "input" ? 1 : size[0] / size[1];
  drawing.style.setProperty("--ratio", ratio);
  image.style.aspectRatio = ratio;
  drawing.append(image, caption);
  return drawing;
}
