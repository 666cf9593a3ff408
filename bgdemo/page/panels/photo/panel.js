// Takes a chosen, dropped, pasted or photographed picture to the server, as it is.
const { words } = props;
const PHOTO = /\.(jpe?g|png|webp|hei[cf]|avif|tiff?|gif|bmp)$/i;
let latest = 0; // of several that are chosen in quick succession the last wins
let [good, asked] = [null, null]; // the photo that is open, and the one that was chosen last

async function send(file) {
  if (!file) return;
  const mine = ++latest;
  const needed = () => mine === latest;
  const path = await visit.bring(file, { who: "photo", place: "photo", limit: props.limit, words, needed });
  if (path) open({ path, name: file.name });
}

// `strokes` are what is known of its subject beforehand.
function open(photo, strokes = []) {
  latest += 1;
  asked = { ...photo, chosen: latest };
  document.dispatchEvent(new CustomEvent("photo-chosen", { detail: strokes }));
  visit.want({ photo: asked });
  visit.release("photo");
}

const complain = (reason) => visit.tell("photo", words[reason] ?? words.failed);

document.addEventListener("example", ({ detail: { name, strokes } }) => open({ example: name }, strokes));

// A photo that could not be opened leaves the one before it in its place.
const [preview, name] = [".your-photo", ".name"].map((part) => element.querySelector(part));
document.addEventListener("screen", ({ detail: { photo, failed, settled, current } }) => {
  if (current && failed.photo) visit.keep({ photo: (asked = good) });
  else if (current && settled) visit.keep({ good: (good = asked) });
  preview.hidden = !photo;
  const arrived = photo && preview.dataset.path !== photo;
  if (arrived) preview.src = visit.address((preview.dataset.path = photo));
  const named = current && settled ? good : arrived && asked;
  if (named) name.textContent = named.name ?? named.example ?? "";
});
document.addEventListener("many", ({ detail }) => desk.dataset.many === "list" && (name.textContent = detail));
document.addEventListener("restored", ({ detail }) => ([asked, good] = [detail.photo, detail.good]));

element.addEventListener("change", ({ target }) => {
  bring([...target.files].map((file) => ({ file, name: file.name })));
  target.value = ""; // so that the same file can be chosen again
});

// The advice beside a result without a clear subject opens the same picker.
document.addEventListener("click", ({ target }) => {
  if (target.closest("#choose-other")) element.querySelector("input").click();
});

// A photo may be dropped anywhere on the page, and pasted anywhere but into a text field.
const desk = document.getElementById("desk");
const mark = (over) => desk.classList.toggle("photo-over", over);
const holdsPicture = ({ types }) => types.includes("Files") || types.includes("text/uri-list");

document.addEventListener("dragover", (event) => {
  if (!event.dataTransfer || !holdsPicture(event.dataTransfer)) return;
  event.preventDefault();
  mark(true);
});
document.addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
document.addEventListener("drop", (event) => {
  mark(false);
  if (!event.dataTransfer || !holdsPicture(event.dataTransfer)) return;
  event.preventDefault();
  receive(event.dataTransfer);
});
document.addEventListener("paste", (event) => {
  if (event.target.matches?.("input, textarea, [contenteditable]") || !event.clipboardData) return;
  receive(event.clipboardData);
});

function receive(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.some((entry) => entry.isDirectory)) return Promise.all(entries.map(within)).then((found) => bring(found.flat(), true));
  if (data.files.length) return bring([...data.files].map((file) => ({ file, name: file.name })));
  const link = (data.getData("text/uri-list") || data.getData("text/plain")).trim().split(/\s/)[0];
  if (/^data:image\//.test(link)) fetch(link).then(async (answer) => send(new File([await answer.blob()], "photo")));
  else if (/^(https?|blob|file):/.test(link)) complain("link");
}

// One photo is opened; several, or what holds several, become tiles, and so does whatever joins them.
function bring(found, folder = false) {
  const many = folder || found.length > 1 || /\.zip$/i.test(found[0]?.name) || desk.dataset.many;
  if (!many) return send(found[0]?.file);
  if (!found.length) return complain("empty_folder");
  latest += 1;
  visit.release("photo");
  visit.tell("sending", "");
  document.dispatchEvent(new CustomEvent("photos", { detail: found }));
}

// The photos in a folder and in those below it, in the order of their names.
async function within(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail)).catch(() => null);
    return file && (file.type.startsWith("image/") || PHOTO.test(file.name)) ? [{ file, name: entry.fullPath.slice(1) }] : [];
  }
  if (entry.name.startsWith(".") || entry.name === "__MACOSX") return [];
  const reader = entry.createReader();
  const entries = [];
  for (let some = [null]; some.length; entries.push(...some)) {
    some = await new Promise((done) => reader.readEntries(done, () => done([]))); // a hundred at a time
  }
  entries.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  return (await Promise.all(entries.map(within))).flat();
}

// The camera of the device, shown until a picture is taken.
const [camera, viewfinder, video] = [".camera", ".viewfinder", "video"].map((part) => element.querySelector(part));

async function openCamera() {
  camera.disabled = true;
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 4096 } });
    await video.play();
    showCamera(true);
  } catch {
    closeCamera();
    complain("no_camera");
  }
  camera.disabled = false;
}

const closeCamera = () => video.srcObject?.getTracks().forEach((track) => track.stop());

function showCamera(open) {
  viewfinder.hidden = !open;
  camera.hidden = open;
  viewfinder.querySelector(".shutter").focus();
  if (open) return;
  closeCamera();
  camera.focus();
}

function takePicture() {
  if (!video.videoWidth) return;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((blob) => send(new File([blob], "photo.jpg", { type: blob.type })), "image/jpeg", 0.95);
  showCamera(false);
}

camera.addEventListener("click", openCamera);
viewfinder.querySelector(".shutter").addEventListener("click", takePicture);
viewfinder.querySelector(".shut").addEventListener("click", () => showCamera(false));
