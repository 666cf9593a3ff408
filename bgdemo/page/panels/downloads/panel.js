// The files to take away: only ever those of the picture on the screen.
const { words } = props;
const [button, mask, format] = ["download", "download-mask", "format"].map((id) => document.getElementById(id));
let files = {};

document.addEventListener("screen", ({ detail: { download, mask: alpha, settled, current } }) => {
  files = current ? { download: download?.file, "download-mask": alpha?.file } : {};
  button.disabled = !files.download;
  mask.disabled = !files["download-mask"];
  button.textContent = files.download ? download.label : settled && current ? words.download : words.preparing;
});

element.addEventListener("click", async ({ target }) => {
  const path = files[target.closest("button")?.id];
  if (!path) return;
  const link = document.createElement("a");
  link.href = visit.address(path);
  link.download = path.split(/[\\/]/).at(-1);
  const there = await fetch(link.href, { method: "HEAD" }).catch(() => null);
  if (there?.ok) link.click();
  else visit.refresh(); // it was deleted, as promised
});

format.addEventListener("change", () => visit.want({ format: format.value }));
document.addEventListener("restored", ({ detail }) => (format.value = detail.format));
