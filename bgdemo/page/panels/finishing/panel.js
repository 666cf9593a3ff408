// Reads the whole form as one set of words for the server, and remembers earlier ones to go back to.
const form = element.querySelector("form");
const [undo, reset] = ["undo", "reset-look"].map((id) => document.getElementById(id));
const fields = [...form.elements].filter((field) => field.name);
let picture = null; // the visitor's own background, once it is uploaded
let past = []; // earlier states, the latest last
let current = read();
const plain = current;
let [number, due, rest, live] = [0, 0, 0, false]; // of news for the server: how many, and when the next are due

function read() {
  const state = Object.fromEntries(new FormData(form));
  return JSON.stringify(picture ? { ...state, picture } : state);
}

function write(text) {
  const state = JSON.parse(text);
  picture = state.picture ?? null;
  for (const field of fields) {
    if (field.type === "radio") field.checked = state[field.name] === field.value;
    else if (field.type === "checkbox") field.checked = field.name in state;
    else field.value = state[field.name];
  }
}

// Tells the server: at once, or while a slider moves now and then (`live`), and once more when it rests.
function tell(moving = false) {
  live = moving;
  clearTimeout(rest);
  if (moving) rest = setTimeout(tell, 400);
  due ||= setTimeout(() => {
    due = 0;
    props.value = { ...JSON.parse(read()), number: ++number, live };
    trigger("input");
  }, moving ? 120 : 0);
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
  const id = value("crop").startsWith("id:");
  const open = {
    [value("background")]: true,
    outline: value("outline") !== "none",
    id,
    frame: value("crop") !== "photo",
    cm: value("unit") === "cm",
  };
  for (const drawer of form.querySelectorAll(".drawer")) drawer.hidden = !open[drawer.dataset.for];
  document.getElementById("size").hidden = id;
  document.getElementById("outline-picker").hidden = value("outline") !== "color";
  form.style.setProperty("--color", value("color"));
  form.style.setProperty("--outline", value("outline_color"));
  form.querySelector(".own").classList.toggle("full", !!picture);
  form.style.setProperty("--own", picture ? `url("${picture.shown}")` : "none");
  for (const button of form.querySelectorAll("[data-color]")) {
    button.ariaPressed = value("background") === "color" && value("color") === button.dataset.color;
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
  if (target.name === "crop") {
    center("crop");
    // An ID photo stands on a colour, red if none was chosen, and its head is often moved by hand.
    const { background } = form.elements;
    const id = target.value.startsWith("id:");
    if (id && background.value === "transparent") background.value = "color";
    document.getElementById("position").open = id;
  }
  changed();
});

form.addEventListener("click", ({ target }) => {
  const swatch = target.closest("[data-color]");
  if (!swatch) return;
  form.elements.background.value = "color";
  form.elements.color.value = swatch.dataset.color;
  changed();
});

undo.addEventListener("click", () => {
  go(past.pop());
  (undo.hidden ? form.querySelector("[role=tab]") : undo).focus();
});
reset.addEventListener("click", () => {
  past.push(current);
  go(plain);
  undo.focus();
});

function center(kind) {
  for (const field of fields) if (field.name.startsWith(`${kind}_`) && field.type === "range") field.value = field.defaultValue;
}

async function own(input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  form.elements.background.value = "picture";
  center("picture");
  try {
    picture = file.size > props.limit ? { refused: "error.file_too_large" } : { path: (await upload(file)).path };
  } catch {
    picture = { refused: "error.upload_failed" };
  }
  picture.shown = URL.createObjectURL(file);
  changed();
}

// The server could not use the picture: back to what was before.
watch("value", () => {
  if (props.value?.refused && past.length) write((current = past.pop()));
  draw();
});

// What was moved by hand belongs to the photo that it was moved in.
document.addEventListener("photo-opened", () => {
  center("crop");
  current = read();
  props.value = { ...JSON.parse(current), number: ++number };
  draw();
});

// Tabs: one click opens a panel, another closes it; the arrow keys move between them.
const tabs = [...form.querySelectorAll("[role=tab]")];

function show(chosen) {
  for (const tab of tabs) {
    const open = tab === chosen && tab.ariaSelected !== "true";
    tab.ariaSelected = open;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !open;
  }
}

for (const tab of tabs) tab.addEventListener("click", () => show(tab));
form.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length].focus();
});

draw();
