// Many photos: a tile for each. The page says which there are and what is wanted of them; the server says what became of
// them, and only what is new of that.
const { words, limits } = props;
const [status, bar, wrong, filter, list, pause, cancel, back, discard] = [
  "many-status", "many-bar", "many-wrong", "many-filter", "tiles", "many-pause", "many-cancel", "many-back", "many-discard",
].map((id) => document.getElementById(id));
const desk = document.getElementById("desk");
const UNTOUCHED = { strokes: [], largest_piece: false, fill_holes: false };
const UPLOADS = 2; // at a time

let files = []; // what was brought, in order: { id, name, file, path, percent, error }
let [removed, changes, paused] = [[], {}, false]; // of photos: those taken away; what is wanted otherwise of one
let tiles = new Map(); // by their ids, as the server sees them
let order = [];
let shown = {}; // what came last: the batch's id, its revision, its view
let number = 0;
let open = null; // the photo on the stage, and what was wanted of it and of all before: { id, settings, before }
let settings = null; // of all photos, while one of them is on the stage
let [sending, watching, packing, refused] = [false, false, false, ""];

const fresh = () => crypto.getRandomValues(new Uint32Array(2)).join("-");
const zipped = (name) => /\.zip$/i.test(name);

// ---- what is brought

document.addEventListener("photos", ({ detail }) => {
  const room = limits.files - files.length;
  refused = detail.length > room ? words.too_many : "";
  if (!files.length) number = Date.now();
  files.push(...detail.slice(0, room).map(({ file, name }) => ({ id: fresh(), name, file, percent: 0 })));
  leave();
  if (!desk.dataset.many) visit.want({ photo: null, touch: UNTOUCHED });
  show("list");
  for (let count = 0; count < UPLOADS; count++) bring();
});

// Sends what has not been sent, one after another; a small picture of each is seen meanwhile.
async function bring() {
  const one = files.find(({ file, begun }) => file && !begun);
  if (!one) return;
  one.begun = true;
  const there = () => files.includes(one);
  if (one.file.size > (zipped(one.name) ? limits.zip : limits.photo)) one.error = words.too_large;
  else {
    picture(one);
    const report = (share) => {
      one.percent = Math.round(100 * share);
      draw();
    };
    try {
      one.path = await visit.upload(one.file, report, there);
      if (there()) want();
    } catch (reason) {
      one.error = words[reason] ?? words.failed;
    }
  }
  draw();
  bring();
}

async function picture(one) {
  const bitmap = await createImageBitmap(one.file, { resizeWidth: 240 }).catch(() => null); // a kind that this browser does not know
  if (!bitmap) return;
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  one.thumb = URL.createObjectURL(await canvas.convertToBlob({ type: "image/jpeg" }));
  draw();
}

// ---- to the server and back

function want() {
  number += 1;
  send();
}

async function send() {
  if (sending) return;
  sending = true;
  for (let sent = -1; sent < number; ) {
    const answer = await visit.ask(server.want_many, () => ({ ...message(), number: (sent = number) }));
    if (answer.number > number) number = answer.number + 1;
    watch();
  }
  sending = false;
}

const message = () => ({
  settings: settings ?? visit.wanted("settings"),
  look: visit.wanted("look"),
  format: visit.wanted("format"),
  max_kb: visit.wanted("max_kb"),
  files: files.filter(({ path }) => path).map(({ id, path, name }) => ({ id, path, name })),
  removed,
  changes,
  paused,
});

async function watch() {
  if (watching) return;
  watching = true;
  do {
    const news = await visit.ask(server.watch_many, () => ({ batch: shown.batch, revision: shown.revision }));
    if (!news.batch || (shown.batch && news.batch !== shown.batch)) {
      shown = { batch: news.batch, revision: -1 }; // the server has forgotten this tab, and is told everything again
      number += 1;
      await send();
    } else take(news);
  } while (files.length && (!shown.view?.settled || shown.number < number));
  watching = false;
}

function take(news) {
  shown = news;
  for (const tile of news.tiles) tiles.set(tile.id, tile);
  ({ order } = news);
  draw();
}

// A change of look, which counts for all, once it has come to rest.
let resting;
document.addEventListener("wanted", ({ detail: { live } }) => {
  if (desk.dataset.many !== "list" || live) return;
  clearTimeout(resting);
  resting = setTimeout(want, 250);
});

// ---- what is seen

const FAILED = { state: "failed", thumb: null, file: null, doubtful: false, own: false };

// Each photo as the server sees it; what is not there yet as it is here.
function all() {
  return files.flatMap((one) => {
    const known = order.filter((id) => id === one.id || id.startsWith(`${one.id}/`)).map((id) => tiles.get(id));
    if (known.length) return known.map((tile) => ({ ...tile, thumb: tile.thumb ?? null, local: one.thumb }));
    if (one.path && zipped(one.name) && shown.number >= number) return []; // it was refused, or all of it taken away
    const state = one.error ? "failed" : one.path ? "waits" : "sending";
    return [{ ...FAILED, id: one.id, name: one.name, state, said: one.error ?? "", local: one.thumb, percent: one.percent }];
  });
}

let drawing = 0;
function draw() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    redraw();
  });
}

function redraw() {
  const photos = all();
  const { view } = shown;
  const [doubtful, failed] = [photos.filter((tile) => tile.doubtful), photos.filter(({ state }) => state === "failed")];
  const unfinished = photos.some(({ state }) => !["done", "failed"].includes(state));
  status.textContent = view?.status ?? "";
  bar.value = photos.length ? photos.filter(({ state }) => ["done", "failed"].includes(state)).length / photos.length : 0;
  bar.hidden = pause.hidden = !unfinished;
  pause.textContent = paused ? words.go_on : words.pause;
  if (!cancel.dataset.sure) cancel.textContent = unfinished ? words.cancel : words.clear;
  cancel.dataset.rest = unfinished;
  wrong.textContent = [refused, ...(view?.errors ?? [])].filter(Boolean).join(" ");
  wrong.className = wrong.textContent ? "wrong" : "";
  filter.hidden = !doubtful.length && !failed.length;
  const counts = [photos.length, doubtful.length, failed.length];
  filter.querySelectorAll("label").forEach((label, at) => {
    label.querySelector("b").textContent = counts[at];
    label.hidden = !counts[at];
  });
  const zip = document.getElementById("download-zip");
  zip.textContent = packing ? words.packing : view?.label || words.no_zip;
  zip.disabled = packing || !view?.ready;
  const only = filter.hidden ? "" : filter.querySelector(":checked").value;
  const chosen = photos.filter((tile) => !only || (only === "failed" ? tile.state === "failed" : tile.doubtful));
  arrange(chosen);
  document.dispatchEvent(new CustomEvent("many", { detail: words.count.replace("{count}", photos.length) }));
}

const drawn = new Map(); // list items by the ids of their photos

function arrange(photos) {
  const ids = new Set(photos.map(({ id }) => id));
  for (const [id, item] of drawn) if (!ids.has(id)) item.remove(), drawn.delete(id);
  photos.forEach((tile, at) => {
    const item = drawn.get(tile.id) ?? made(tile);
    drawn.set(tile.id, item);
    if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null);
    fill(item, tile);
  });
}

const part = (tag, name, fields = {}) => Object.assign(document.createElement(tag), { className: name, ...fields });

function made({ id, name }) {
  const item = part("li", "tile");
  item.dataset.id = id;
  const act = (kind, says) => part("button", kind, { type: "button", textContent: says, ariaLabel: `${says}: ${name}` });
  const opener = part("button", "opener", { type: "button", ariaLabel: `${words.open}: ${name}` });
  opener.append(part("img", "", { alt: "" }), part("span", "check", { textContent: words.to_check, hidden: true }));
  const acts = part("div", "acts");
  acts.append(act("retry", words.retry), act("save", words.save), act("drop", words.remove));
  item.append(opener, part("p", "called", { textContent: name.split("/").at(-1), title: name }), part("p", "said"), acts);
  return item;
}

function fill(item, tile) {
  const key = JSON.stringify(tile);
  if (item.dataset.drawn === key) return;
  item.dataset.drawn = key;
  const { state, thumb, local, file, doubtful, said, percent, own } = tile;
  item.dataset.state = state;
  const at = (name) => item.querySelector(name);
  const image = at("img");
  const address = thumb ? visit.address(thumb) : local ?? "";
  image.hidden = !address;
  if (address && image.getAttribute("src") !== address) image.src = address;
  image.classList.toggle("cutout", !!thumb);
  at(".check").hidden = !doubtful || state !== "done";
  at(".opener").disabled = state !== "done";
  const states = { waits: words.waits, working: words.working, sending: words.sending.replace("{percent}", percent), done: own ? words.touched : words.done };
  at(".said").textContent = said && ["failed", "done"].includes(state) ? said : states[state] ?? "";
  at(".retry").hidden = state !== "failed";
  at(".save").hidden = state !== "done" || !file;
}

// ---- what is done with them

list.addEventListener("click", ({ target }) => {
  const item = target.closest("li");
  const button = target.closest("button");
  if (!item || !button) return;
  const { id } = item.dataset;
  if (button.matches(".opener")) toStage(id);
  if (button.matches(".save")) save(tiles.get(id).file);
  if (button.matches(".retry")) retry(id);
  if (button.matches(".drop")) remove(item, id);
});

function retry(id) {
  const one = files.find((each) => each.id === id);
  if (one && !one.path) {
    Object.assign(one, { error: null, begun: false, percent: 0 });
    draw();
    return void bring();
  }
  changes = { ...changes, [id]: { ...changes[id], attempt: (changes[id]?.attempt ?? 0) + 1 } };
  want();
}

// The focus goes on to the next one.
function remove(item, id) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  takeAway([id]);
  (next?.querySelector(".drop") ?? cancel).focus();
}

function takeAway(ids) {
  const own = files.filter((one) => ids.includes(one.id));
  for (const { thumb } of own) if (thumb) URL.revokeObjectURL(thumb);
  files = files.filter((one) => !own.includes(one));
  removed = [...removed, ...ids.filter((id) => id.includes("/"))];
  for (const id of ids) tiles.delete(id);
  order = order.filter((id) => !ids.includes(id));
  if (!all().length) return end();
  want();
  draw();
}

function save(path) {
  const link = document.createElement("a");
  link.href = visit.address(path);
  link.download = path.split(/[\\/]/).at(-1);
  link.click();
}

// The button is another panel's.
document.addEventListener("click", async ({ target }) => {
  if (target.id !== "download-zip") return;
  packing = true;
  draw();
  const { file } = await visit.ask(server.pack, () => ({}));
  packing = false;
  draw();
  save(file);
});

pause.addEventListener("click", () => {
  paused = !paused;
  want();
  draw();
});

// While there is something to do it is what can be cancelled; afterwards it takes two presses to lose everything.
cancel.addEventListener("click", () => {
  if (cancel.dataset.rest === "true") {
    paused = false;
    return takeAway(all().filter(({ state }) => ["waits", "sending", "working"].includes(state)).map(({ id }) => id));
  }
  if (cancel.dataset.sure) return end();
  cancel.dataset.sure = "asked";
  cancel.textContent = words.really;
  setTimeout(() => {
    delete cancel.dataset.sure;
    draw();
  }, 4000);
});

filter.addEventListener("change", draw);

function end() {
  delete cancel.dataset.sure;
  files = [];
  [tiles, order, removed, changes, paused, refused] = [new Map(), [], [], {}, false, ""];
  want();
  show("");
  visit.want({ photo: null });
}

// ---- one of them on the stage

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const differs = () => !same(visit.wanted("touch"), open.touch) || !same(visit.wanted("settings"), open.settings);

function toStage(id) {
  const own = changes[id] ?? {};
  settings = visit.wanted("settings");
  const photo = { item: id, path: files.find((one) => one.id === id)?.path, name: tiles.get(id).name, chosen: number };
  open = { id, touch: own.touch ?? UNTOUCHED, settings: own.settings ?? settings };
  visit.want({ photo, touch: open.touch, settings: open.settings });
  visit.restore();
  show("open");
  back.focus();
}

// Back to the others, with what was changed of this one, or without.
function leave(kept = true) {
  if (!open) return;
  const { id } = open;
  if (kept && differs()) {
    const own = { ...changes[id], touch: visit.wanted("touch") };
    if (!same(visit.wanted("settings"), settings)) own.settings = visit.wanted("settings");
    changes = { ...changes, [id]: own };
  }
  visit.want({ photo: null, touch: UNTOUCHED, settings });
  [open, settings] = [null, null];
  visit.restore();
  show("list");
  want();
  drawn.get(id)?.querySelector(".opener").focus();
}

back.addEventListener("click", () => leave());
discard.addEventListener("click", () => leave(false));
document.addEventListener("screen", () => {
  if (!open) return;
  const changed = differs();
  discard.hidden = !changed;
  back.textContent = changed ? words.keep : words.back;
});

// "list", "open" with one of them on the stage, or nothing.
function show(mode) {
  desk.dataset.many = mode;
  if (!mode) delete desk.dataset.many;
  // One touches up a single photo.
  const touch = document.getElementById("tool-touch");
  touch.hidden = mode === "list";
  if (touch.hidden && touch.ariaSelected === "true") document.getElementById("tool-subject").click();
  // The panels show what every look does to a subject; here it is an example's.
  if (mode === "list") document.documentElement.style.setProperty("--thumbs", `url("${props.value.url}")`);
  document.dispatchEvent(new CustomEvent("mode"));
  draw();
}

// ---- after a reload

const last = visit.remember("many", () => ({ only: filter.querySelector(":checked").value }));
if (last) filter.querySelector(`[value="${last.only}"]`).checked = true;
visit.sends(() => sending || files.some(({ file, path, error }) => file && !path && !error));

async function restore() {
  const news = await visit.ask(server.watch_many, () => ({}));
  if (!news.wanted?.files?.length || files.length) return;
  ({ files, removed, changes, paused } = { removed: [], changes: {}, paused: false, ...news.wanted });
  number = news.wanted.number;
  const { item } = visit.wanted("photo") ?? {};
  if (item) {
    settings = news.wanted.settings;
    open = { id: item, touch: changes[item]?.touch ?? UNTOUCHED, settings: changes[item]?.settings ?? settings };
  }
  show(item ? "open" : "list");
  take(news);
  want(); // the look and the language may be others by now
}

if (visit.reloaded) document.addEventListener("restored", () => files.length || restore(), { once: true });
