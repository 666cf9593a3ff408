// Which picture is on the stage, and what lies behind it: on the screen only, the files stay as they are. What the other
// scripts of the stage share is `visit.stage`.
const picture = (selector) => element.querySelector(selector);
const viewport = picture("#viewport");
const sizes = { picture: [1, 1], photo: [1, 1] }; // in pixels, of the finished picture and of the photo
const stage = (visit.stage = { viewport, sizes, frame: [0, 0, 1, 1], hands: {}, view: "compare" });

// Touch up has a view of its own, and so has a crop by hand; else it is the visitor's choice.
function choose() {
  const { tool } = document.documentElement.dataset;
  const own = tool === "touch" ? "touch-up" : tool === "crop" && stage.croppable() && "framing";
  const view = own || picture("[name=view]:checked").value;
  const before = stage.view;
  stage.view = element.dataset.view = view;
  viewport.role = view === "touch-up" ? "application" : "group"; // whose arrow keys are its own
  viewport.setAttribute("aria-describedby", view === "touch-up" ? "touch-keys" : "viewport-keys");
  stage.turn(before);
}

document.addEventListener("tool", choose);
element.addEventListener("input", ({ target }) => {
  const { name, type, value } = target;
  if (type === "range") viewport.style.setProperty("--at", value / 100);
  if (name === "backdrop") element.dataset.backdrop = value;
  if (name === "view") choose();
  if (type === "color") colour(value);
});

// After a reload the stage is as it was.
const slider = picture("#compare [type=range]");
const color = picture("[type=color]");
const last = visit.remember("stage", () => ({
  view: picture("[name=view]:checked").value, backdrop: element.dataset.backdrop, color: color.value, at: slider.value,
}));
if (last) {
  picture(`[name=view][value="${last.view}"]`).checked = true;
  slider.value = last.at;
  viewport.style.setProperty("--at", last.at / 100);
  color.value = last.color;
  const plain = picture(`[name=backdrop][value="${last.backdrop}"]`);
  if (plain) [plain.checked, element.dataset.backdrop] = [true, last.backdrop];
  else if (last.backdrop) colour(last.color);
}

// A colour that was chosen before can be had again with a click, which changes nothing in the picker.
element.addEventListener("click", ({ target }) => target.type === "color" && colour(target.value));

function colour(value) {
  element.querySelectorAll("[name=backdrop]").forEach((radio) => (radio.checked = false));
  element.dataset.backdrop = "colour";
  element.style.setProperty("--backdrop", value);
}

const [after, before, cutout, mask, removed, whole, inside] =
  ["#compare .after", "#compare .before", "#cutout img", "#mask img", ".removed", ".whole", ".inside"].map(picture);
const kept = [...element.querySelectorAll(".kept")];

// What `image` shows: the file of `path`, and in its place the one of `full`, of the same at its full size, once it is
// decoded, so that nothing blinks. `placed` is called for either.
function fill(image, path, full, placed = () => {}) {
  const { dataset } = image;
  if (dataset.path !== path) {
    dataset.path = path;
    dataset.full = "";
    load(image, path);
    placed(false);
  }
  if (!full || [path, dataset.full].includes(full)) return;
  dataset.full = full;
  decoded(full).then((address) => {
    if (dataset.full !== full) return;
    image.src = address;
    placed(true);
  }, () => dataset.full === full && (dataset.full = ""));
}

function load(image, path) {
  image.src = visit.address(path);
  let tries = 20; // a line that breaks while a picture is on its way
  image.onerror = () => {
    if (tries--) setTimeout(() => image.dataset.path === path && (image.src = visit.address(path)), 1500);
  };
}

async function decoded(path) {
  const image = new Image();
  image.src = visit.address(path);
  await image.decode();
  return image.src;
}

// The kept part of the photo is seen through the mask. Browsers do not say when they have painted one, so a second layer
// takes it in, unseen, before it comes in place of the first.
mask.addEventListener("load", async () => {
  const { src } = mask;
  const next = kept.find((layer) => !layer.classList.contains("shown"));
  next.style.maskImage = `url("${src}")`;
  await mask.decode().catch(() => {});
  await new Promise((done) => setTimeout(done, 120));
  if (mask.src !== src) return;
  for (const layer of kept) layer.classList.toggle("shown", layer === next);
  viewport.dispatchEvent(new CustomEvent("masked"));
});

// The photo at its full size is the whole one, of which a frame shows a part.
function crop(image, [left, top, width, height, angle = 0]) {
  const place = { left: -left / width, top: -top / height, width: 1 / width, height: 1 / height };
  for (const side in place) image.style[side] = `${100 * place[side]}%`;
  image.style.transformOrigin = `${100 * (left + width / 2)}% ${100 * (top + height / 2)}%`;
  image.style.rotate = `${-angle}deg`;
}

const SHOWN = ["png", "webp", "webp-lossless", "jpeg", "avif"]; // by browsers

document.addEventListener("screen", ({ detail: screen }) => {
  const { pictures, download, current } = screen;
  if (!pictures) return;
  const { ratio, shown, frame, detail } = pictures;
  const near = visit.wanted("detail");
  const file = near && current && SHOWN.includes(visit.wanted("format")) ? download?.file : null;
  const full = near ? detail : null;
  fill(after, pictures.cutout, file);
  fill(before, pictures.photo ?? pictures.cutout, frame && full?.photo, (all) => crop(before, all ? frame : [0, 0, 1, 1]));
  fill(cutout, pictures.cutout, file);
  fill(mask, pictures.mask, full?.mask);
  for (const image of [removed, ...kept, whole]) fill(image, shown, full?.photo);
  fill(inside, pictures.cutout);
  picture("#compare").classList.toggle("alone", !pictures.photo);

  stage.frame = frame;
  sizes.photo = pictures.size;
  sizes.picture = pictures.picture_size ?? (frame ? [0, 1].map((side) => frame[2 + side] * sizes.photo[side]) : [1000 * ratio, 1000]);
  stage.show(screen);
  choose();

  // The panels below show the visitor's own subject.
  const { style } = document.documentElement;
  const thumbs = pictures.thumbs && `url("${visit.address(pictures.thumbs)}")`;
  if (thumbs && style.getPropertyValue("--thumbs") !== thumbs) style.setProperty("--thumbs", thumbs);
});
