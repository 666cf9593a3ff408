// What the file is, once there is one, and whether it may be only a part of the subject.
const [incomplete, line] = ["incomplete", "facts"].map((id) => document.getElementById(id));
document.addEventListener("screen", ({ detail }) => {
  line.textContent = detail.current && detail.download ? detail.facts : "";
  incomplete.hidden = !detail.incomplete;
});
incomplete.querySelector("button").addEventListener("click", () => {
  const tab = document.getElementById("tool-touch");
  tab.click();
  tab.focus();
});
