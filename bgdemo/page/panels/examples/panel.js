// The examples: below the drop zone, and with a photo folded into the bar.
const unfold = element.querySelector(".unfold");
const fold = (open) => (unfold.ariaExpanded = open);

element.addEventListener("click", ({ target }) => {
  if (target.closest("button") === unfold) return fold(unfold.ariaExpanded !== "true");
  const { name } = target.closest("button")?.dataset ?? {};
  if (!name) return;
  if (unfold.ariaExpanded === "true") unfold.focus();
  fold(false);
  document.dispatchEvent(new CustomEvent("example", { detail: props.value.find((example) => example.name === name) }));
});

element.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || unfold.ariaExpanded !== "true") return;
  fold(false);
  unfold.focus();
});
for (const away of ["pointerdown", "focusin"]) {
  document.addEventListener(away, ({ target }) => element.contains(target) || fold(false));
}
