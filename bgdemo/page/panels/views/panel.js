// Which view is shown and what lies behind the cutout: on the screen only, the files stay as they are.
element.addEventListener("input", ({ target }) => {
  const { name, type, value } = target;
  if (type === "range") element.style.setProperty("--at", `${value}%`);
  if (type === "radio") element.dataset[name] = value;
  if (type === "color") colour(value);
});

// A colour that was chosen before can be had again with a click, which changes nothing in the picker.
element.addEventListener("click", ({ target }) => target.type === "color" && colour(target.value));

function colour(value) {
  element.querySelectorAll("[name=backdrop]").forEach((radio) => (radio.checked = false));
  element.dataset.backdrop = "colour";
  element.style.setProperty("--backdrop", value);
}

// The next of the models, among those that need no download.
document.getElementById("next-model").addEventListener("click", () => {
  const models = [...document.querySelectorAll("#model input")].slice(0, -1);
  const at = models.findIndex((model) => model.checked);
  models.at(at - 1).click();
});

const picture = (selector) => element.querySelector(selector);
const [after, before, cutout, mask] = ["#compare .after", "#compare .before", "#cutout img", "#mask img"].map(picture);
const [notice, advice] = ["#notice", "#advice"].map(picture);

function fill(image, path) {
  if (image.dataset.path === path) return;
  image.dataset.path = path;
  image.src = visit.address(path);
  let tries = 20; // a line that breaks while a picture is on its way
  image.onerror = () => {
    if (tries--) setTimeout(() => image.dataset.path === path && (image.src = visit.address(path)), 1500);
  };
}

let thumbs;
document.addEventListener("screen", ({ detail: { pictures, notices, doubtful } }) => {
  const first = !after.dataset.path;
  if (!pictures) return void delete after.dataset.path;
  fill(after, pictures.cutout);
  fill(before, pictures.photo ?? pictures.cutout);
  fill(cutout, pictures.cutout);
  fill(mask, pictures.mask);
  picture("#compare").classList.toggle("alone", !pictures.photo);
  picture(".pictures").style.setProperty("--ratio", pictures.ratio);
  picture("#mask").style.setProperty("--ratio", pictures.photo_ratio);
  notice.replaceChildren(...notices.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  advice.hidden = !doubtful;

  // The panels below show the visitor's own subject.
  if (pictures.thumbs && pictures.thumbs !== thumbs) {
    document.documentElement.style.setProperty("--thumbs", `url("${visit.address((thumbs = pictures.thumbs))}")`);
  }
  // On a narrow screen the result is below the photo: bring it into view when it arrives.
  if (!first || !matchMedia("(max-width: 899px)").matches) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.getElementById("result").scrollIntoView({ behavior: calm ? "auto" : "smooth" });
});
