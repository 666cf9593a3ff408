// What happens, and what went wrong. A sentence about a control stands beside that control, which is marked; what has no
// place of its own stands above the result.
const [status, failure] = ["status", "failure"].map((id) => document.getElementById(id));

function say(box, sentence, kind) {
  if ((box.firstElementChild?.textContent ?? "") === sentence) return;
  box.replaceChildren();
  if (!sentence) return;
  const line = document.createElement("p");
  line.className = kind;
  line.textContent = sentence;
  box.append(line);
}

const waiting = document.querySelector("#working img");
const desk = document.getElementById("desk");
document.addEventListener("screen", ({ detail: { status: doing, errors, photo, pictures } }) => {
  desk.dataset.state = document.body.dataset.state = photo || desk.dataset.many ? "photo" : "empty";
  desk.classList.toggle("with-result", !!pictures);
  desk.classList.toggle("photo-under-way", !!photo && !pictures);
  if (photo && waiting.dataset.path !== photo) waiting.src = visit.address((waiting.dataset.path = photo));
  say(status, errors.sending ?? doing ?? "", "busy");
  const left = { ...errors };
  delete left.sending;
  for (const place of document.querySelectorAll("[data-error]")) {
    const name = place.dataset.error;
    const seen = place.parentElement.checkVisibility(); // in a closed panel nobody would read it
    say(place, (seen && errors[name]) || "", "wrong");
    if (seen) delete left[name];
    for (const field of document.querySelectorAll(`[data-checked="${name}"]`)) field.ariaInvalid = name in errors;
  }
  say(failure, Object.values(left).join(" "), "wrong");
});
