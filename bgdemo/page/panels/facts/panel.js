// What the file is, once there is one.
const [line] = element.children;
document.addEventListener("screen", ({ detail: { download, facts, current } }) => {
  line.textContent = current && download ? facts : "";
});
