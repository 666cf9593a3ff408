// The files to take away: only ever those of the picture on the screen.
const { words } = props;
const [button, mask, copy, share, format, said] = [
  "download", "download-mask", "copy-picture", "share-picture", "format", "copied",
].map((id) => document.getElementById(id));
let files = {};
let fetched = {}; // the file that was last fetched to be shared

const nameOf = (path) => path.split(/[\\/]/).at(-1);
const isPage = (path) => path?.endsWith(".pdf");
const typeOf = (path) => (isPage(path) ? "application/pdf" : `image/${path.split(".").at(-1).replace("jpg", "jpeg")}`);
const shareable = (file) => navigator.canShare?.({ files: [file] });

// A phone's own sheet offers to copy, too.
const phone = matchMedia("(pointer: coarse)").matches && shareable(new File([""], "a.png", { type: "image/png" }));
share.hidden = !phone;
copy.hidden = phone || !navigator.clipboard?.write || !window.ClipboardItem;

document.addEventListener("screen", ({ detail: { download, mask: alpha, settled, current } }) => {
  files = current ? { download: download?.file, "download-mask": alpha?.file } : {};
  const { download: path } = files;
  button.disabled = !path;
  copy.disabled = !path || isPage(path);
  share.disabled = !path || !shareable(new File([""], nameOf(path), { type: typeOf(path) }));
  mask.disabled = !files["download-mask"];
  button.textContent = path ? download.label : settled && current ? words.download : words.preparing;
  if (!path) said.textContent = "";
});

element.addEventListener("click", async ({ target }) => {
  const path = files[target.closest("button")?.id];
  if (!path) return;
  const link = document.createElement("a");
  link.href = visit.address(path);
  link.download = nameOf(path);
  const there = await fetch(link.href, { method: "HEAD" }).catch(() => null);
  if (there?.ok) link.click();
  else visit.refresh(); // it was deleted, as promised
});

async function bytes(path) {
  const answer = await fetch(visit.address(path));
  if (answer.ok) return answer.blob();
  visit.refresh();
  throw new Error(answer.status);
}

// Clipboards hold no other kind of picture.
async function png(path) {
  const blob = await bytes(path);
  if (blob.type === "image/png") return blob;
  const image = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.convertToBlob();
}

// The promise goes in unresolved: some browsers write only within the click itself.
copy.addEventListener("click", async () => {
  visit.tell("handing", "");
  const written = navigator.clipboard.write([new ClipboardItem({ "image/png": png(files.download) })]);
  said.textContent = await written.then(() => words.copied, () => visit.tell("handing", words.copy_failed) ?? "");
});

share.addEventListener("click", async () => {
  const path = files.download;
  visit.tell("handing", "");
  try {
    if (fetched.path !== path) fetched = { path, file: new File([await bytes(path)], nameOf(path), { type: typeOf(path) }) };
    await navigator.share({ files: [fetched.file] });
  } catch ({ name }) {
    // Whoever closes the sheet knows; a file that took long to come has outlived the tap that asked for it.
    if (name !== "AbortError") visit.tell("handing", words[name === "NotAllowedError" ? "share_again" : "share_failed"]);
  }
});

format.addEventListener("change", () => visit.want({ format: format.value }));
document.addEventListener("restored", ({ detail }) => (format.value = detail.format));
