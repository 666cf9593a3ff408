// The edge, enlarged, before and after. All loupes show the same place, which one moves by hand or with the arrow keys.
const loupes = new Map(); // by their steps: the size of the picture
let place = [0.5, 0.5];

// Have the loupe of a step show a place of the two pictures of `addresses`.
visit.look = (item, title, addresses, shown, mask) => {
  const [overview, before, after] = item.querySelectorAll("img");
  overview.alt = title;
  [overview.src, before.src, after.src] = [addresses[1], ...addresses];
  if (mask) before.style.maskImage = `url("${mask}")`; // where the photo's own colours are seen through the matte
  item.querySelector(".closer").classList.toggle("on-dark", shown.dark);
  overview.style.aspectRatio = shown.size[0] / shown.size[1];
  overview.parentElement.style.setProperty("--ratio", shown.size[0] / shown.size[1]);
  loupes.set(item, shown.size);
  move(shown.place);
};

function move(to) {
  for (const [item, size] of loupes) {
    const square = props.loupe * Math.max(...size); // its side in pixels of the picture
    const reach = size.map((side) => square / 2 / side);
    place = to.map((at, axis) => Math.min(Math.max(at, Math.min(reach[axis], 0.5)), Math.max(1 - reach[axis], 0.5)));
    const [x, y] = place;
    const frame = item.querySelector(".place").style;
    [frame.left, frame.top] = [`${100 * (x - reach[0])}%`, `${100 * (y - reach[1])}%`];
    [frame.width, frame.height] = reach.map((half) => `${200 * half}%`);
    for (const { style } of item.querySelectorAll(".loupe img")) {
      [style.width, style.height] = size.map((side) => `${(100 * side) / square}%`);
      [style.left, style.top] = [x, y].map((at, axis) => `${50 - (100 * at * size[axis]) / square}%`);
    }
  }
}

for (const overview of element.querySelectorAll(".overview")) {
  const drag = (event) => {
    const { left, top, width, height } = overview.getBoundingClientRect();
    move([(event.clientX - left) / width, (event.clientY - top) / height]);
  };
  overview.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    overview.setPointerCapture(event.pointerId);
    overview.querySelector(".place").focus({ preventScroll: true, focusVisible: false });
    drag(event);
  });
  overview.addEventListener("pointermove", (event) => overview.hasPointerCapture(event.pointerId) && drag(event));
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
element.addEventListener("keydown", (event) => {
  if (!event.target.matches(".place") || !STEPS[event.key]) return;
  event.preventDefault();
  move(place.map((at, axis) => at + STEPS[event.key][axis] * (event.shiftKey ? 0.05 : 0.01)));
});

element.addEventListener("input", ({ target }) => target.closest(".loupe").style.setProperty("--at", target.value / 100));
