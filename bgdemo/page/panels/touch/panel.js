// What the visitor says of the subject by hand: strokes and two switches, with a way back. Every change goes out at once.
const NOTHING = { strokes: [], largest_piece: false, fill_holes: false };
const [MAX_STROKES, MAX_POINTS] = [500, 100_000];
const [undo, redo, clear, copy, size] = ["touch-undo", "touch-redo", "touch-clear", "touch-copy", "brush-size"].map((id) => document.getElementById(id));
const said = element.querySelector("#touch-said");
const switches = element.querySelectorAll("[role=switch]");
const brushes = element.querySelectorAll("[name=brush]");
let now = NOTHING;
let [past, future] = [[], []]; // states, the nearest last

const touch = (visit.touch = {
  strokes: () => now.strokes,
  keep: () => brushes[0].checked,
  size: () => +size.value,
  // One of the sentences, or how many strokes there are.
  say: (word) => (said.textContent = word ? said.dataset[word] : counted()),
  add,
});
visit.keep({ touch: now });

function change(next) {
  past.push(now);
  future = [];
  return become(next);
}

function become(next) {
  now = next;
  const number = visit.want({ touch: now });
  draw();
  return number;
}

// The number of the message that tells it; nothing if there is no room for one more.
function add(stroke) {
  const points = [...now.strokes, stroke].reduce((sum, each) => sum + each.points.length, 0);
  const room = now.strokes.length < MAX_STROKES && points <= MAX_POINTS;
  if (room) return change({ ...now, strokes: [...now.strokes, stroke] });
  touch.say("full");
}

function step(from, to) {
  if (!from.length) return;
  to.push(now);
  become(from.pop());
}

function counted() {
  const { strokes, none } = said.dataset;
  return now.strokes.length ? `${strokes}: ${now.strokes.length}` : none;
}

function draw() {
  const count = now.strokes.length;
  undo.disabled = !past.length;
  redo.disabled = !future.length;
  clear.disabled = copy.disabled = !count;
  for (const field of switches) field.checked = now[field.name];
  touch.say();
  document.dispatchEvent(new CustomEvent("strokes"));
}

// A button that has nothing more to do hands the focus on.
function press(button, act) {
  act();
  if (button.disabled) [undo, redo, brushes[0]].find((other) => !other.disabled).focus();
}

undo.addEventListener("click", () => press(undo, () => step(past, future)));
redo.addEventListener("click", () => press(redo, () => step(future, past)));
clear.addEventListener("click", () => press(clear, () => change({ ...now, strokes: [] })));
for (const field of switches) field.addEventListener("change", () => change({ ...now, [field.name]: field.checked }));
for (const field of [...brushes, size]) field.addEventListener("input", () => document.dispatchEvent(new CustomEvent("strokes")));

copy.addEventListener("click", async () => {
  const text = JSON.stringify(now.strokes);
  await navigator.clipboard.writeText(text).catch(() => copyOldWay(text));
  touch.say("copied");
});

// Where the page is not served securely, there is no clipboard but this.
function copyOldWay(text) {
  const field = Object.assign(document.createElement("textarea"), { value: text });
  copy.after(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  copy.focus();
}

// ---- keys, wherever the focus is but in a field that they mean something to

document.addEventListener("keydown", (event) => {
  const { key, ctrlKey, metaKey, altKey, shiftKey, target } = event;
  if (document.documentElement.dataset.tool !== "touch" || altKey) return;
  if (target.matches("textarea, [contenteditable], input:not([type=radio], [type=checkbox], [type=range])")) return;
  const act = ctrlKey || metaKey ? { z: shiftKey ? again : back, y: again }[key.toLowerCase()] : KEYS[key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

const back = () => step(past, future);
const again = () => step(future, past);
const KEYS = { k: () => pick(0), e: () => pick(1), "[": () => resize(0.8), "]": () => resize(1.25) };

function pick(which) {
  brushes[which].checked = true;
  touch.say(brushes[which].value);
  document.dispatchEvent(new CustomEvent("strokes"));
}

function resize(factor) {
  size.value = factor > 1 ? Math.ceil(size.value * factor) : Math.floor(size.value * factor);
  document.dispatchEvent(new CustomEvent("strokes"));
}

// ---- another photo, a reload

// The states share most of their strokes, which are written once.
function packed() {
  const strokes = [...new Set([...past, ...future].flatMap((state) => state.strokes))];
  const place = new Map(strokes.map((stroke, index) => [stroke, index]));
  const pack = (states) => states.map((state) => ({ ...state, strokes: state.strokes.map((stroke) => place.get(stroke)) }));
  return { strokes, past: pack(past), future: pack(future) };
}

const unpacked = (states) => states.map((state) => ({ ...state, strokes: state.strokes.map((index) => last.strokes[index]) }));
let last = visit.remember("touch", () => ({ ...packed(), brush: touch.keep(), size: size.value }));
if (last) [brushes[last.brush ? 0 : 1].checked, size.value] = [true, last.size];

document.addEventListener("photo-chosen", ({ detail: strokes }) => {
  begin({ ...NOTHING, strokes });
  visit.keep({ touch: now });
});

document.addEventListener("restored", ({ detail }) => {
  begin({ ...NOTHING, ...detail.touch });
  if (last) [past, future] = [unpacked(last.past), unpacked(last.future)];
  last = null;
  draw();
});

// As if each stroke had been drawn here.
function begin(state) {
  now = state;
  past = now.strokes.map((_, count) => ({ ...now, strokes: now.strokes.slice(0, count) }));
  future = [];
  draw();
}

draw();
