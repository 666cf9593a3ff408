// How large the file may be; the server says what is not a number.
const field = document.getElementById("max-kb");

field.addEventListener("change", () => visit.want({ max_kb: field.value }));
document.addEventListener("restored", ({ detail }) => (field.value = detail.max_kb));
