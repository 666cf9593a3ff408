// The lines of an ID photo's standard over the picture: where its crown, eyes and chin are, and where they may be.
const { stage } = visit;
const framing = element.querySelector("#framing .guides");
const comparing = framing.cloneNode(true);
element.querySelector("#compare .seen").before(comparing);
const NEAR = 0.001; // of the height, that a line may be beyond its place
let guides = [];
let inFrame = [0, 1]; // where the picture is in the frame that it is dragged in

// Over a frame in which the picture is by now `high` times as high as the frame, and begins at `top` of it.
stage.guide = (...place) => draw(framing, ...(inFrame = place));

function draw(lines, top = 0, high = 1) {
  lines.hidden = !guides.length;
  const places = new Map(guides.map(({ key, at, band }) => [key, { at: at === null ? null : top + at * high, was: at, band }]));
  const crown = places.get("crown");
  for (const line of lines.querySelectorAll("[data-guide]")) {
    const place = places.get(line.dataset.guide);
    const chin = line.dataset.guide === "chin";
    // How far below the crown the chin may be does not change when the picture moves.
    const gone = chin && place?.band ? crown.at - crown.was : 0;
    put(line, ".rule", place?.at ?? null, 0);
    put(line, ".band", place?.band ? place.band[0] + gone : null, place?.band ? place.band[1] - place.band[0] : 0);
    put(line, "span", place?.at ?? place?.band?.[0] ?? null, 0);
    line.classList.toggle("off", !!place?.band && (place.at < place.band[0] + gone - NEAR || place.at > place.band[1] + gone + NEAR));
  }
}

function put(line, part, top, height) {
  const { style } = line.querySelector(part);
  style.display = top === null ? "none" : "";
  style.top = `${100 * top}%`;
  if (part === ".band") style.height = `${100 * height}%`;
}

document.addEventListener("screen", ({ detail: { pictures } }) => {
  guides = pictures?.guides ?? [];
  draw(comparing);
  draw(framing, ...inFrame);
});
