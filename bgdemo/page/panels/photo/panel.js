// Hands a chosen, dropped or pasted file to the server, as it is. Every sentence about it is the server's.
let latest = 0;

async function send(file) {
  if (!file) return;
  const mine = ++latest;
  const news = file.size > props.limit ? { refused: "error.file_too_large" } : await uploaded(file);
  if (mine === latest) report(news); // else another photo came while this one was on its way
}

function report(news) {
  props.value = news;
  trigger("upload");
}

async function uploaded(file) {
  element.classList.add("sending");
  try {
    const { path } = await upload(file);
    return { file: { path, orig_name: file.name, meta: { _type: "gradio.FileData" } } };
  } catch {
    return { refused: "error.upload_failed" };
  } finally {
    element.classList.remove("sending");
  }
}

element.addEventListener("change", (event) => {
  send(event.target.files[0]);
  event.target.value = ""; // so that the same file can be chosen again
});

// The advice beside a result without a clear subject opens the same picker.
document.addEventListener("click", ({ target }) => {
  if (target.closest("#choose-other")) element.querySelector("input").click();
});

// A photo may be dropped anywhere on the page, and pasted anywhere but into a text field.
const holdsFile = (event) => event.dataTransfer?.types.includes("Files");
const mark = (over) => document.body.classList.toggle("photo-over", over);
document.addEventListener("dragover", (event) => {
  if (!holdsFile(event)) return;
  event.preventDefault();
  mark(true);
});
document.addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
document.addEventListener("drop", (event) => {
  if (!holdsFile(event)) return;
  event.preventDefault();
  mark(false);
  send(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => send(event.clipboardData?.files[0]));

// The camera of the device, shown until a picture is taken.
const [camera, viewfinder, video] = [".camera", ".viewfinder", "video"].map((part) => element.querySelector(part));

async function openCamera() {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 4096 } });
    await video.play();
    showCamera(true);
  } catch {
    report({ refused: "error.no_camera" });
  }
}

function showCamera(open) {
  viewfinder.hidden = !open;
  camera.hidden = open;
  viewfinder.querySelector(".shutter").focus();
  if (open) return;
  video.srcObject?.getTracks().forEach((track) => track.stop());
  camera.focus();
}

function takePicture() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((blob) => send(new File([blob], "photo.jpg", { type: blob.type })), "image/jpeg", 0.95);
  showCamera(false);
}

camera.addEventListener("click", openCamera);
viewfinder.querySelector(".shutter").addEventListener("click", takePicture);
viewfinder.querySelector(".shut").addEventListener("click", () => showCamera(false));
