// The brush on the stage: strokes as they are drawn, those whose result is on its way, and the brush itself.
const { stage, touch } = visit;
const { viewport } = stage;
const canvas = viewport.querySelector("#strokes");
let stroke = null; // that is being drawn: its points as they came
const waiting = new Map(); // strokes that the mask on the screen does not know, and the numbers of their messages
let mask = null; // the newest one
let known = 0; // the number of the last message whose strokes it knows
let painted = false; // whether it is on the screen
let cursor = null; // where the brush is, in fractions of the photo
let byKeys = false; // whether the keys move it
let due = 0;

const PEN_ERASER = 5; // the other end of a pen

const clamp = (value) => Math.min(1, Math.max(0, value));

function placeOf({ clientX, clientY }) {
  const { left, top, width, height } = stage.rect();
  return [(clientX - left) / width, (clientY - top) / height];
}

const isInside = (point) => point.every((value) => value >= 0 && value <= 1);
const rounded = (value) => Math.round(value * 1e5) / 1e5;

// The brush's size is one on the screen: on the photo it is the smaller the nearer one looks.
const width = () => Math.min(0.5, Math.max(1e-4, rounded(touch.size() / stage.rect().longer)));

// ---- drawing

function begin(point, keep = touch.keep()) {
  if (!isInside(point)) return;
  stroke = { keep, width: width(), points: [point] };
  draw();
}

function extend(point) {
  if (!stroke) return;
  stroke.points.push(point.map(clamp));
  draw();
}

function end() {
  if (!stroke) return;
  const done = { ...stroke, points: thinned(stroke.points, stroke.width / 16).map((point) => point.map(rounded)) };
  stroke = null;
  const number = touch.add(done);
  if (number) waiting.set(done, number);
  draw();
}

function cancel() {
  if (stroke) touch.say();
  stroke = null;
  draw();
}

// Douglas and Peucker: the points that the others are not further away from than `tolerance`, of the longer side.
function thinned(points, tolerance) {
  const { width, height, longer } = stage.rect();
  const scale = [width / longer, height / longer];
  const places = points.map((point) => point.map((value, axis) => value * scale[axis]));
  const kept = new Set([0, points.length - 1]);
  const parts = [[0, points.length - 1]];
  while (parts.length) {
    const [from, to] = parts.pop();
    const [far, at] = farthest(places, from, to);
    if (far <= tolerance) continue;
    kept.add(at);
    parts.push([from, at], [at, to]);
  }
  return points.filter((_, at) => kept.has(at));
}

function farthest(places, from, to) {
  let [far, at] = [0, from];
  for (let each = from + 1; each < to; each += 1) {
    const away = distance(places[each], places[from], places[to]);
    if (away > far) [far, at] = [away, each];
  }
  return [far, at];
}

// From a point to a line between two.
function distance([x, y], [fromX, fromY], [toX, toY]) {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const length = alongX ** 2 + alongY ** 2;
  const share = length ? clamp(((x - fromX) * alongX + (y - fromY) * alongY) / length) : 0;
  return Math.hypot(x - fromX - share * alongX, y - fromY - share * alongY);
}

stage.hands["touch-up"] = {
  begin(event) {
    byKeys = false;
    cursor = placeOf(event);
    begin(cursor, touch.keep() && event.button !== PEN_ERASER);
  },
  move(event) {
    const all = event.getCoalescedEvents?.() ?? []; // more than one a frame
    for (const each of all.length ? all : [event]) extend(placeOf(each));
    cursor = placeOf(event);
    draw();
  },
  end(event) {
    end();
    if (event.pointerType === "touch") this.leave();
  },
  cancel,
  hover(event) {
    if (event.pointerType === "touch") return;
    byKeys = false;
    cursor = placeOf(event);
    draw();
  },
  leave() {
    if (!byKeys) cursor = null;
    draw();
  },
  key,
};

// ---- by keys

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function key(event) {
  const arrow = ARROWS[event.key];
  if (arrow) go(arrow, event.shiftKey ? 48 : 8);
  else if (event.key === "Escape" && stroke) cancel();
  else if ([" ", "Enter"].includes(event.key)) event.repeat || press();
  else return false;
  return true;
}

function aim() {
  byKeys = true;
  const { x, y } = stage.middle();
  cursor = (cursor ?? placeOf({ clientX: x, clientY: y })).map(clamp);
}

function go([x, y], step) {
  aim();
  const { width, height } = stage.rect();
  cursor = [clamp(cursor[0] + (x * step) / width), clamp(cursor[1] + (y * step) / height)];
  extend(cursor);
  follow();
  draw();
}

// The brush does not leave the viewport: the photo moves instead.
function follow() {
  const rect = stage.rect();
  const view = viewport.getBoundingClientRect();
  const over = (value, low, high) => value - Math.min(Math.max(value, low + 24), high - 24);
  const [x, y] = [rect.left + cursor[0] * rect.width, rect.top + cursor[1] * rect.height];
  const [right, down] = [over(x, view.left, view.right), over(y, view.top, view.bottom)];
  if (stage.zoomed() && (right || down)) stage.panBy(-right, -down);
}

function press() {
  aim();
  if (stroke) return end();
  begin(cursor);
  touch.say("drawing");
}

// ---- what is seen of it

function draw() {
  due ||= requestAnimationFrame(paint);
}

function paint() {
  due = 0;
  const [wide, high] = [viewport.clientWidth, viewport.clientHeight].map((side) => Math.round(side * devicePixelRatio));
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (stage.view !== "touch-up") return;
  for (const each of waiting.keys()) touch.ink.lay(pen, each, 0.4);
  if (stroke) touch.ink.lay(pen, stroke, 0.65);
  if (cursor) touch.ink.ring(pen, cursor, width());
}

// ---- when it changes

viewport.addEventListener("moved", draw);
viewport.addEventListener("masked", () => {
  painted = true;
  forget((each, number) => number <= known);
});
viewport.addEventListener("focus", () => {
  if (stage.view === "touch-up" && viewport.matches(":focus-visible")) aim(), draw();
});
for (const end of ["tool", "photo-chosen"]) document.addEventListener(end, cancel);
document.addEventListener("strokes", () => forget((each) => !touch.strokes().includes(each)));
document.addEventListener("screen", ({ detail: { pictures, current, settled } }) => {
  painted &&= pictures?.mask === mask;
  mask = pictures?.mask;
  known = current && settled ? Infinity : pictures?.number;
  forget((each, number) => !pictures || (painted && number <= known));
});

function forget(isOver) {
  for (const [each, number] of waiting) if (isOver(each, number)) waiting.delete(each);
  draw();
}
