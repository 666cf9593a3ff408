// Reads the whole form as one set of words for the server, and remembers earlier ones to go back to.
const { words } = props;
const form = element.querySelector("form");
const [undo, reset] = ["undo", "reset-look"].map((id) => document.getElementById(id));
const fields = [...form.elements].filter((field) => field.name);
const shown = new Map(); // of the visitor's own backgrounds: what the browser shows, by their paths
let picture = null; // the one of them that was uploaded last
let untried = null; // the path of one that the server has not opened yet
let uploads = 0;
let past = []; // earlier states, the latest last
let current = read();
const plain = current;
let rest = 0; // the timer of a slider that has stopped
let office = null; // the file that the chosen ID photo's office or the preset's shop asks for, if any …
let ordinary = null; // … and the file that was asked for before that

function read() {
  const state = Object.fromEntries(new FormData(form));
  return JSON.stringify(picture ? { ...state, picture } : state);
}

function write(text) {
  const state = JSON.parse(text);
  visit.stops.clear();
  picture = state.picture ?? null;
  for (const field of fields) {
    if (field.type === "radio") field.checked = state[field.name] === field.value;
    else if (field.type === "checkbox") field.checked = field.name in state;
    else field.value = state[field.name] ?? field.defaultValue;
  }
}

// Tells the server; while a slider moves (`live`) no file is wanted yet, but once it rests.
function tell(live = false) {
  clearTimeout(rest);
  if (live) rest = setTimeout(tell, 400);
  visit.want({ look: JSON.parse(read()), live, ...file() });
}

const idPhoto = () => props.id_photos.find(({ id }) => `id:${id}` === form.elements.crop.value);
const presetOf = (crop) => props.presets.find(({ id }) => `for:${id}` === crop);
const preset = () => presetOf(form.elements.crop.value);
// What a shop or an office asks of a file; a sheet is for a printer.
const fileRule = () => (preset() ?? (form.elements.sheet.value === "none" ? idPhoto() : null))?.file ?? null;

// What changes of the file when an office or a shop asks for its own kind, or none does any more.
function file() {
  const asked = fileRule();
  if (asked === office) return {};
  const controls = { format: document.getElementById("format"), max_kb: document.getElementById("max-kb") };
  if (!office) ordinary = { format: controls.format.value, max_kb: controls.max_kb.value };
  office = asked;
  const change = asked ?? ordinary;
  for (const [name, control] of Object.entries(controls)) control.value = change[name];
  return change;
}

function keep() {
  const now = read();
  if (now !== current) past.push(current);
  current = now;
  draw();
}

function changed() {
  keep();
  tell();
}

function go(text) {
  write((current = text));
  draw();
  tell();
}

// What the form shows of itself: drawers, colours, and whether there is a way back.
function draw() {
  const value = (name) => form.elements[name].value;
  const id = idPhoto();
  const open = {
    [value("background")]: true,
    outline: value("outline") !== "none",
    id: !!id,
    sheet: value("sheet") !== "none",
    prints: value("sheet") !== "none" && value("prints") === "own",
    frame: value("crop") !== "photo",
    cm: value("unit") === "cm",
  };
  for (const drawer of form.querySelectorAll(".drawer")) drawer.hidden = !open[drawer.dataset.for];
  document.getElementById("size").hidden = !!(id || preset());
  for (const swatch of form.querySelectorAll("#id-photo [data-color]"))
    swatch.hidden = !!id && !id.colors.includes(swatch.dataset.color);
  document.getElementById("outline-picker").hidden = value("outline") !== "color";
  form.style.setProperty("--color", value("color"));
  form.style.setProperty("--outline", value("outline_color"));
  form.querySelector(".own").classList.toggle("full", !!picture);
  form.style.setProperty("--own", picture ? `url("${shown.get(picture.path) ?? visit.address(picture.path)}")` : "none");
  for (const group of form.querySelectorAll("[role=radiogroup]")) {
    const buttons = [...group.children];
    const chosen = buttons.find((button) => value("background") === "color" && value("color") === button.dataset.color);
    for (const button of buttons) button.ariaChecked = button === chosen;
    visit.rove(group, chosen);
  }
  undo.hidden = !past.length;
  reset.hidden = read() === plain;
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", ({ target }) => {
  if (!["range", "color"].includes(target.type)) return;
  draw();
  tell(true);
});
form.addEventListener("change", ({ target }) => {
  if (target.type === "file") return own(target);
  if (target.value === "picture" && !picture) form.querySelector("#own-picture").focus();
  if (["crop", "crop_face"].includes(target.name)) center("crop");
  if (target.name === "crop") {
    dress();
    // An ID photo stands on one of its office's colours, and its head is often moved by hand.
    const { background, color } = form.elements;
    const id = idPhoto();
    if (id && background.value === "transparent") background.value = "color";
    if (id && background.value === "color" && !id.colors.includes(color.value)) [color.value] = id.colors;
    document.getElementById("position").open = !!id;
  }
  changed();
  // Its colours and rules stand below the last of many tiles.
  if (target.name === "crop" && idPhoto()) form.querySelector('[data-for="id"]').scrollIntoView({ block: "nearest" });
});

// A preset brings its background and its rim. When it goes, so does what is still as it brought it.
function dress() {
  const before = presetOf(JSON.parse(current).crop);
  const ordinary = JSON.parse(plain);
  for (const [name, value] of Object.entries(before?.look ?? {}))
    if (form.elements[name].value === value) form.elements[name].value = ordinary[name];
  for (const [name, value] of Object.entries(preset()?.look ?? {})) form.elements[name].value = value;
}

form.addEventListener("click", ({ target }) => {
  const swatch = target.closest("[data-color]");
  if (!swatch) return;
  form.elements.background.value = "color";
  form.elements.color.value = swatch.dataset.color;
  changed();
});

undo.addEventListener("click", () => {
  go(past.pop());
  (undo.hidden ? document.querySelector("#tool-tabs [aria-selected=true]") : undo).focus();
});
reset.addEventListener("click", () => {
  past.push(current);
  go(plain);
  undo.focus();
});

function center(kind) {
  if (kind === "crop") visit.stops.clear();
  for (const field of fields) if (field.name.startsWith(`${kind}_`) && field.type === "range") field.value = field.defaultValue;
}

// ---- a background of one's own: of several in quick succession the last wins

async function own(input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  const mine = ++uploads;
  const needed = () => mine === uploads;
  const path = await visit.bring(file, { who: "background", place: "picture", limit: props.limit, words, needed });
  if (!path) return;
  shown.set(path, URL.createObjectURL(file));
  picture = { path: (untried = path) };
  form.elements.background.value = "picture";
  center("picture");
  changed();
  visit.release("background");
  forget();
}

const pathOf = (text) => JSON.parse(text).picture?.path;

// Pictures that nothing leads back to are let go.
function forget() {
  const used = new Set([...past, current].map(pathOf));
  for (const [path, address] of shown) {
    if (used.has(path)) continue;
    URL.revokeObjectURL(address);
    shown.delete(path);
  }
}

// What the server could not use is taken back, wherever it was chosen.
document.addEventListener("screen", ({ detail: { failed, settled, current: answered } }) => {
  if (!answered || !settled || !untried) return;
  const bad = untried;
  untried = null;
  if (!failed.picture) return;
  past = past.filter((text) => pathOf(text) !== bad);
  if (pathOf(current) === bad) write((current = past.pop() ?? plain));
  visit.keep({ look: JSON.parse(current) });
  draw();
  forget();
});

// What was moved by hand belongs to the photo that it was moved in.
document.addEventListener("photo-chosen", () => {
  center("crop");
  form.elements.crop_face.value = "";
  visit.keep({ look: JSON.parse((current = read())) });
  draw();
});

let last = visit.remember("finishing", () => ({ past, ordinary, position: document.getElementById("position").open }));
document.addEventListener("restored", ({ detail: { look } }) => {
  if (look.background) write((current = JSON.stringify(look)));
  office = fileRule();
  ordinary = last?.ordinary ?? { format: "png", max_kb: "" };
  if (last) [past, document.getElementById("position").open] = [last.past, last.position];
  last = null;
  draw();
});

draw();
