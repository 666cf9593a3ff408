element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button) document.dispatchEvent(new CustomEvent("example", { detail: button.dataset.name }));
});
