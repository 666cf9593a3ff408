// How large the file may be; the server says what is not a number, and what cannot be.
const field = document.getElementById("max-kb");
const sentence = element.querySelector(".error");
let told;

field.addEventListener("change", () => visit.want({ max_kb: field.value }));
document.addEventListener("restored", ({ detail }) => (field.value = detail.max_kb));

// On a narrow screen the sentence may stand below what is seen, and without it the button would be off for no reason.
document.addEventListener("screen", ({ detail: { errors } }) => {
  if (errors.limit && errors.limit !== told) requestAnimationFrame(() => sentence.scrollIntoView({ block: "nearest" }));
  told = errors.limit;
});
