// The crop by hand: the photo moves and grows inside its frame. The sliders of the crop hold the values, and nothing else
// does; what is shown between two answers of the server follows from them.
const { stage } = visit;
const { viewport } = stage;
const slider = (name) => document.querySelector(`#panel-crop [name=crop_${name}]`);
const plane = viewport.querySelector("#framing");
const ROOM = 0.86; // of the viewport, that the frame takes
let answered = null; // the frame of the picture on the screen: left, top, width, height, as `level` has it
let angle = 0; // by which it is turned in the photo, clockwise, in degrees
let base = null; // the frame as it would be if nothing had been moved, with the choice that it belongs to
let path = null;

const choice = () => ["crop", "crop_face", "width", "height", "unit"].map((name) => visit.wanted("look")?.[name]).join();
stage.croppable = () => !["photo", undefined].includes(visit.wanted("look")?.crop) && !!answered;

// A point of the photo, in its pixels, on a plane that is turned with the frame: there every frame is upright.
function onPlane(x, y) {
  const [sine, cosine] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  return [x * cosine + y * sine, y * cosine - x * sine];
}

// On that plane, a box of fractions of the photo's sides whose middle is that of one turned by the angle.
function level([left, top, wide, high]) {
  const [width, height] = stage.sizes.photo;
  const [x, y] = onPlane((left + wide / 2) * width, (top + high / 2) * height);
  return [x - (wide * width) / 2, y - (high * height) / 2, wide * width, high * height];
}

// What the sliders say: how much larger the subject is, and how far the frame went, in fractions of its sides.
function values() {
  const [zoom, x, y] = ["zoom", "x", "y"].map((name) => slider(name).value / 100);
  return { zoom, x: -x, y: -y };
}

// A frame's middle moves by fractions of what its sides are before the zoom.
function framed({ middle: [x, y], sides: [width, height] }, { zoom, x: right, y: down }) {
  const [wide, high] = [width / zoom, height / zoom];
  return [x + right * width - wide / 2, y + down * height - high / 2, wide, high];
}

function unframed([left, top, wide, high], { zoom, x: right, y: down }) {
  const sides = [wide * zoom, high * zoom];
  return { middle: [left + wide / 2 - right * sides[0], top + high / 2 - down * sides[1]], sides, choice: choice() };
}

const present = () => (base?.choice === choice() ? framed(base, values()) : answered);

document.addEventListener("screen", ({ detail: { pictures, current, settled } }) => {
  if (!pictures) return;
  const fresh = pictures.cutout !== path;
  angle = pictures.frame?.[4] ?? 0;
  [answered, path] = [pictures.frame && level(pictures.frame), pictures.cutout];
  if (answered && current && (fresh || settled) && !held) base = unframed(answered, values());
  draw();
});

// In CSS pixels of the viewport: the frame, as large as there is room for, and what lies where the photo does.
function place() {
  const [, , wide, high] = present();
  const { clientWidth, clientHeight } = viewport;
  const fit = Math.min((ROOM * clientWidth) / wide, (ROOM * clientHeight) / high);
  const frame = { width: wide * fit, height: high * fit };
  return { ...frame, left: (clientWidth - frame.width) / 2, top: (clientHeight - frame.height) / 2 };
}

function draw() {
  if (stage.view !== "framing" || !answered) return;
  const frame = place();
  const [left, top, wide, high] = present();
  const inFrame = ([x, y, width, height]) => ({
    left: ((x - left) / wide) * frame.width,
    top: ((y - top) / high) * frame.height,
    width: (width / wide) * frame.width,
    height: (height / high) * frame.height,
  });
  const whole = inFrame(level([0, 0, 1, 1]));
  const inside = inFrame(answered);
  put(plane.querySelector(".frame"), frame);
  put(plane.querySelector(".whole"), { ...whole, left: whole.left + frame.left, top: whole.top + frame.top });
  plane.querySelector(".whole").style.rotate = `${-angle}deg`;
  put(plane.querySelector(".inside"), inside);
  stage.guide(inside.top / frame.height, inside.height / frame.height);
}

function put(part, sides) {
  for (const side in sides) part.style[side] = `${sides[side]}px`;
}

viewport.addEventListener("moved", draw);
document.addEventListener("input", ({ target }) => target.name?.startsWith("crop_") && draw());

// ---- by hand

let held = false; // until a pointer lets go the base stays
let resting = 0; // the timer of wheel and keys

function set(changes) {
  for (const [name, value] of Object.entries(changes)) {
    const [low, high] = visit.stops.widest(slider(name));
    const set = Math.min(high, Math.max(low, value));
    slider(name).step = "any";
    visit.stops.widen(slider(name), set);
    slider(name).value = set;
  }
  say("input");
  clearTimeout(resting);
  if (!held) resting = setTimeout(say, 300, "change");
}

const say = (type) => slider("zoom").dispatchEvent(new Event(type, { bubbles: true }));

// The values after the picture went by x and y pixels, at a zoom of its own.
function moved(x, y, zoom = slider("zoom").value) {
  const { width, height } = place();
  const by = (name, pixels, side) => +slider(name).value + (1e4 * pixels) / side / zoom;
  return { zoom, x: by("x", x, width), y: by("y", y, height) };
}

const pan = (x, y) => base?.choice === choice() && set(moved(x, y));

// The frame's middle is that of the viewport, and stays; what is under the point does too once the picture went back.
function zoom(factor, point = stage.middle()) {
  const { value } = slider("zoom");
  const [low, high] = visit.stops.widest(slider("zoom"));
  const next = Math.min(high, Math.max(low, value * factor));
  if (base?.choice !== choice() || next === +value) return false;
  const [middle, back] = [stage.middle(), 1 - next / value];
  set(moved((point.x - middle.x) * back, (point.y - middle.y) * back, next));
  return true;
}

function release() {
  held = false;
  say("change");
}

stage.hands.framing = {
  begin: () => (held = true),
  move: (event, x, y) => pan(x, y),
  end: (event, still) => (still ? (held = false) : release()),
  cancel: () => (held = false),
  pan,
  zoom,
};
