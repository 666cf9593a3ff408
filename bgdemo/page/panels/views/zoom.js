// Where the picture lies in the viewport: how many times as large as it would fit, and which point of it, in fractions of
// its sides, is in the middle.
const { stage } = visit;
const { viewport } = stage;
const level = element.querySelector("#zoom-level");
const FIT = { zoom: 1, x: 0.5, y: 0.5 };
let at = FIT;

const ofPhoto = (view) => ["mask", "touch-up"].includes(view);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// Of a view: its size in pixels, and as it fits and at its own pixels how many CSS pixels one of them takes.
function measure(view = stage.view) {
  const [width, height] = stage.sizes[ofPhoto(view) ? "photo" : "picture"];
  const fit = Math.min(viewport.clientWidth / width, viewport.clientHeight / height);
  return { width, height, fit, own: 1 / devicePixelRatio };
}

// The picture's box, in CSS pixels from the viewport's corner.
function box() {
  const { width, height, fit } = measure();
  const [wide, high] = [width * fit * at.zoom, height * fit * at.zoom];
  const { clientWidth, clientHeight } = viewport;
  return { left: clientWidth / 2 - at.x * wide, top: clientHeight / 2 - at.y * high, width: wide, height: high };
}

// A side that is smaller than the viewport stays in its middle, one that is larger leaves no gap.
function move({ zoom, x, y }) {
  const { fit, own } = measure();
  at = { zoom: clamp(zoom, Math.min(1, own / fit), Math.max(4, (8 * own) / fit)), x, y };
  const { width, height } = box();
  const inside = (value, room) => clamp(value, Math.min(room, 0.5), 1 - Math.min(room, 0.5));
  at.x = inside(x, viewport.clientWidth / width / 2);
  at.y = inside(y, viewport.clientHeight / height / 2);
  draw();
}

function draw() {
  const { fit, own } = measure();
  const { left, top, width, height } = box();
  const sharp = (value) => Math.round(value / own) * own; // its pixels lie on those of the screen
  for (const [side, value] of Object.entries({ left: sharp(left), top: sharp(top), width, height })) {
    viewport.style.setProperty(`--${side}`, `${value}px`);
  }
  const seen = (start, length, room) => [Math.max(0, -start) / length, Math.min(1, room / length)];
  const [[x, wide], [y, high]] = [seen(left, width, viewport.clientWidth), seen(top, height, viewport.clientHeight)];
  for (const [name, value] of Object.entries({ x, y, wide, high })) viewport.style.setProperty(`--seen-${name}`, value);

  const percent = Math.round((100 * fit * at.zoom) / own);
  level.textContent = `${percent} %`;
  level.title = percent === 100 ? level.dataset.fit : level.dataset.full;
  level.ariaLabel = `${percent} % · ${level.title}`;
  viewport.classList.toggle("zoomed", stage.zoomed());
  viewport.classList.toggle("pixels", percent >= 300);
  if (stage.view !== "framing") closer(width);
  viewport.dispatchEvent(new CustomEvent("moved"));
}

// Beyond the preview's own pixels the full-size pictures are wanted; they stay until something else is asked for.
const [picture, photo] = ["#compare .after", ".removed"].map((image) => element.querySelector(image));

function closer(width) {
  const image = ofPhoto(stage.view) ? photo : picture;
  const near = stage.zoomed() && width * devicePixelRatio > 1.05 * image.dataset.wide && image.dataset.wide < measure().width;
  if (near && !visit.wanted("detail")) visit.want({ detail: true });
  else if (!near && visit.wanted("detail")) visit.keep({ detail: false });
}

for (const image of [picture, photo]) {
  image.addEventListener("load", () => {
    if (image.dataset.full) return;
    image.dataset.wide = image.naturalWidth;
    draw();
  });
}

visit.keep({ detail: false });
new ResizeObserver(() => move(at)).observe(viewport);

// ---- what others ask of it

// The picture's box, in CSS pixels of the window, and its longer side.
stage.rect = () => {
  const [{ left, top }, place] = [viewport.getBoundingClientRect(), box()];
  const corner = { left: place.left + left + viewport.clientLeft, top: place.top + top + viewport.clientTop };
  return { ...place, ...corner, longer: Math.max(place.width, place.height) };
};
stage.middle = () => {
  const { left, top, width, height } = viewport.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
};
stage.zoomed = () => at.zoom > 1.001;
stage.fit = () => move(FIT);
stage.panBy = (x, y) => {
  const { width, height } = box();
  move({ ...at, x: at.x - x / width, y: at.y - y / height });
};

// Enlarges by `factor` about a point of the window, or about the middle.
stage.zoomBy = (factor, point = stage.middle()) => {
  const [{ width, height }, middle, { zoom }] = [box(), stage.middle(), at];
  const { fit, own } = measure();
  const next = clamp(zoom * factor, Math.min(1, own / fit), Math.max(4, (8 * own) / fit));
  const nearer = 1 - zoom / next;
  move({ zoom: next, x: at.x + ((point.x - middle.x) / width) * nearer, y: at.y + ((point.y - middle.y) / height) * nearer });
  return next !== zoom;
};

// To the picture's own pixels and back.
stage.toggle = (point) => {
  const { fit, own } = measure();
  const full = own / fit / at.zoom;
  if (Math.abs(full - 1) < 0.005) stage.fit();
  else stage.zoomBy(full, point);
};

// Nearer, to the picture's own pixels if they are not reached yet, and back.
stage.tap = (point) => {
  const { fit, own } = measure();
  if (stage.zoomed()) stage.fit();
  else stage.zoomBy(own / fit > 1.2 ? own / fit : 2.5, point);
};

// Another view keeps the place: what was in the middle stays there, as large as it was.
stage.turn = (before) => {
  if (!stage.zoomed() || [before, stage.view].includes("framing")) at = before === stage.view ? at : FIT;
  else if (ofPhoto(before) !== ofPhoto(stage.view) && stage.frame) at = throughFrame(measure(before), measure());
  move(at);
};

function throughFrame(was, is) {
  const [left, top, width, height] = stage.frame;
  const shown = at.zoom * was.width * was.fit;
  const zoom = (length) => length / (is.width * is.fit);
  return ofPhoto(stage.view)
    ? { zoom: zoom(shown / width), x: left + at.x * width, y: top + at.y * height }
    : { zoom: zoom(shown * width), x: (at.x - left) / width, y: (at.y - top) / height };
}

// Another photo begins as it fits, and so does another frame.
let shown = {};
let last = visit.remember("zoom", () => ({ at, view: stage.view, photo: shown.photo }));
stage.show = ({ photo, pictures: { ratio } }) => {
  const reframed = !ofPhoto(stage.view) && Math.abs(ratio / shown.ratio - 1) > 0.01;
  if (photo !== shown.photo || reframed) at = photo === last?.photo && stage.view === last.view ? last.at : FIT;
  last = null;
  shown = { photo, ratio };
};

level.addEventListener("click", () => stage.toggle());
for (const [id, factor] of [["zoom-in", 1.5], ["zoom-out", 1 / 1.5]]) {
  document.getElementById(id).addEventListener("click", () => stage.zoomBy(factor));
}
