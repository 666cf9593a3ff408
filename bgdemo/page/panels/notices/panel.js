// What there is to say about the result as a whole, and what to do about it.
const [notice, advice] = ["notice", "advice"].map((id) => document.getElementById(id));

// The next of the models, among those that need no download.
document.getElementById("next-model").addEventListener("click", () => {
  const models = [...document.querySelectorAll("#model input")].slice(0, -1);
  const at = models.findIndex((model) => model.checked);
  models.at(at - 1).click();
});

document.addEventListener("screen", ({ detail: { pictures, notices, doubtful } }) => {
  const said = pictures ? notices : [];
  notice.replaceChildren(...said.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  advice.hidden = !pictures || !doubtful;
});
