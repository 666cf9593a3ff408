// Mouse, fingers, pen, wheel and keys on the stage. Each view has a hand that says what one pointer does there; two
// pointers zoom and move everywhere.
const { stage } = visit;
const { viewport } = stage;
const pointers = new Map(); // that are down: where each of them was last
let hand = null; // what the one pointer does
let start = null; // where it went down, while it has not moved
let tapped = { time: -1000 };
let space = false;

const pointOf = ({ clientX: x, clientY: y }) => ({ x, y });
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
const handOf = () => stage.hands[stage.view] ?? looking;

// What two pointers and the wheel do in most views.
const zooming = { zoom: (factor, point) => stage.zoomBy(factor, point), pan: (x, y) => stage.panBy(x, y) };
const gestures = () => ({ ...zooming, ...handOf() });

const panning = { move: (event, x, y) => stage.panBy(x, y) };

// ---- pointers

viewport.addEventListener("pointerdown", (event) => {
  const { pointerId, button } = event;
  if (![0, 1, 5].includes(button)) return; // the main one, the wheel, the eraser of a pen
  if (event.isPrimary) pointers.clear(); // whose end went elsewhere
  pointers.set(pointerId, pointOf(event));
  try {
    viewport.setPointerCapture(pointerId);
  } catch {} // it is up already
  if (pointers.size > 1) return drop();
  start = pointOf(event);
  hand = button === 1 || space ? panning : handOf();
  if (space) handOf().cancel?.();
  if (button === 1) event.preventDefault();
  hand.begin?.(event);
});

// A second finger takes back what the first began.
function drop() {
  hand?.cancel?.();
  hand = start = null;
}

viewport.addEventListener("pointermove", (event) => {
  const last = pointers.get(event.pointerId);
  if (!last) return handOf().hover?.(event);
  const now = pointOf(event);
  if (pointers.size === 2) pinch(event.pointerId, last, now);
  pointers.set(event.pointerId, now);
  hand?.move?.(event, now.x - last.x, now.y - last.y);
  if (start && distance(start, now) > 5) start = null;
});

// What is between the fingers stays between them.
function pinch(id, last, now) {
  const [other] = [...pointers].filter(([key]) => key !== id).map(([, point]) => point);
  const { zoom, pan } = gestures();
  zoom(distance(now, other) / Math.max(1, distance(last, other)), { x: (last.x + other.x) / 2, y: (last.y + other.y) / 2 });
  pan((now.x - last.x) / 2, (now.y - last.y) / 2);
}

function up(event) {
  if (!pointers.delete(event.pointerId)) return;
  if (!pointers.size || hand) (event.type === "pointerup" ? finish : drop)(event);
}

function finish(event) {
  const doing = hand;
  hand = null;
  doing?.end?.(event, !!start);
  if (!doing) return;
  const tap = start && { ...start, time: event.timeStamp };
  const twice = tap && tap.time - tapped.time < 350 && distance(tap, tapped) < 24;
  if (twice && doing === looking) stage.tap(tap);
  tapped = tap && !twice ? tap : { time: -1000 };
}

for (const end of ["pointerup", "pointercancel"]) viewport.addEventListener(end, up);
viewport.addEventListener("pointerleave", (event) => handOf().leave?.(event));
// Two fingers are ours also where one scrolls the page.
viewport.addEventListener("touchmove", (event) => event.touches.length > 1 && event.cancelable && event.preventDefault(), { passive: false });
viewport.addEventListener("dragstart", (event) => event.preventDefault());
viewport.addEventListener("contextmenu", (event) => event.pointerType === "touch" && event.preventDefault());

// ---- the wheel

let turned = -1000; // when it last zoomed: the page does not scroll in the midst of that
viewport.addEventListener("wheel", (event) => {
  const pixels = event.deltaY * [1, 33, 400][event.deltaMode];
  const factor = Math.exp(-Math.max(-200, Math.min(200, pixels)) * (event.ctrlKey ? 0.01 : 0.002));
  if (pixels && gestures().zoom(factor, pointOf(event)) !== false) turned = event.timeStamp;
  if (event.timeStamp - turned < 400 || event.ctrlKey) event.preventDefault();
}, { passive: false });

// ---- keys

const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ZOOMS = { "+": 1.25, "=": 1.25, "-": 0.8, _: 0.8 };

viewport.addEventListener("keydown", (event) => {
  if (event.key === " ") space = true;
  const { ctrlKey, metaKey, altKey, key, target } = event;
  if (ctrlKey || metaKey || altKey) return;
  if (handOf().key?.(event) || (target === viewport && arrows(event)) || zoomKeys(key)) event.preventDefault();
});
for (const [where, type] of [[window, "keyup"], [window, "blur"]]) where.addEventListener(type, ({ key }) => key === " " || !key ? (space = false) : 0);

function arrows({ key, shiftKey }) {
  const step = ARROWS[key]?.map((side) => side * (shiftKey ? 160 : 40));
  if (!step || (!stage.zoomed() && !handOf().pan)) return false;
  gestures().pan(...step);
  return true;
}

function zoomKeys(key) {
  if (key in ZOOMS) gestures().zoom(ZOOMS[key]);
  else if (key === "0" && !handOf().zoom) stage.fit();
  else if (key === "1" && !handOf().zoom) stage.toggle();
  else return false;
  return true;
}

// ---- looking: a drag moves the line between before and after, or the picture once it is zoomed in

const slider = viewport.querySelector("[type=range]");
const line = viewport.querySelector(".line");
let sliding = false;

const looking = {
  begin(event) {
    const near = Math.abs(event.clientX - line.getBoundingClientRect().left) < 24;
    sliding = comparing() && (!stage.zoomed() || near);
    if (sliding && event.pointerType !== "touch") slide(event);
  },
  // A finger may be about to scroll the page: it compares once it goes sideways.
  move(event, x, y) {
    if (!sliding) return stage.zoomed() && stage.panBy(x, y);
    if (!start || event.pointerType !== "touch") slide(event);
    else if (Math.abs(event.clientY - start.y) > Math.abs(event.clientX - start.x)) sliding = false;
  },
  end(event, still) {
    if (sliding && still) slide(event);
    if (sliding) slider.focus({ preventScroll: true, focusVisible: false });
    sliding = false;
  },
};

const comparing = () => stage.view === "compare" && slider.checkVisibility();

function slide({ clientX }) {
  const { left, width } = viewport.querySelector(".seen").getBoundingClientRect();
  set(Math.min(100, Math.max(0, (100 * (clientX - left)) / width)));
}

function set(value) {
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}

const STEPS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageUp: 10, PageDown: -10 };
slider.addEventListener("keydown", (event) => {
  if (!STEPS[event.key]) return;
  event.preventDefault();
  set(Math.min(100, Math.max(0, +slider.value + STEPS[event.key])));
});
