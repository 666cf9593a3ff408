element.addEventListener("change", ({ target }) => {
  props.value = target.value;
  trigger("input");
});
