// A model that could not be had, and another try.
const again = element.querySelector("button");
document.addEventListener("screen", ({ detail: { errors } }) => (again.hidden = !errors.model));
again.addEventListener("click", () => visit.want({ attempt: visit.wanted("attempt") + 1 }));
