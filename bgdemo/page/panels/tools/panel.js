// The tools: one is open at a time, and everybody hears which.
const tabs = [...element.querySelectorAll("[role=tab]")];
const nameOf = (tab) => tab.id.replace("tool-", "");
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
const desk = document.getElementById("desk");
const room = document.getElementById("tool-room");

// One tab stop for a group of buttons, as for native radio buttons: the arrow keys, Home and End move inside it and choose.
visit.rove = (group, chosen) => {
  const buttons = [...group.querySelectorAll(":is([role=tab], [role=radio]):not([hidden])")];
  for (const button of buttons) button.tabIndex = button === (chosen ?? buttons[0]) ? 0 : -1;
};

document.addEventListener("keydown", (event) => {
  const group = event.target.closest("[role=tablist], [role=radiogroup]");
  const buttons = [...(group?.querySelectorAll("button:is([role=tab], [role=radio]):not([hidden])") ?? [])];
  const at = buttons.indexOf(event.target);
  const [ahead, back] = [at + 1, at - 1];
  const steps = { ArrowRight: ahead, ArrowLeft: back, Home: 0, End: -1 };
  if (group?.role === "radiogroup") Object.assign(steps, { ArrowDown: ahead, ArrowUp: back });
  if (at < 0 || !(event.key in steps)) return;
  event.preventDefault();
  const next = buttons.at(steps[event.key] % buttons.length);
  next.focus();
  next.click();
});

function open(chosen) {
  for (const tab of tabs) tab.ariaSelected = tab === chosen;
  visit.rove(element, chosen);
  desk.dataset.tool = document.documentElement.dataset.tool = nameOf(chosen);
  room.scrollTop = 0;
  document.dispatchEvent(new CustomEvent("tool", { detail: nameOf(chosen) }));
}

for (const tab of tabs) tab.addEventListener("click", () => open(tab));

// Gradio gives every radio button another name, and a new one when it is chosen. So they would be no group: each a tab
// stop, and deaf to the arrow keys.
function makeOneGroup(group) {
  for (const radio of group.querySelectorAll("input")) if (radio.name !== group.id) radio.name = group.id;
}

// The panels belong to other scripts, and may come later than this one.
function tie() {
  const models = document.getElementById("model");
  if (!models || !tabs.every(panelOf)) return void requestAnimationFrame(tie);
  const changes = { subtree: true, childList: true, attributeFilter: ["name"] };
  new MutationObserver(() => makeOneGroup(models)).observe(models, changes);
  makeOneGroup(models);
  for (const tab of tabs) {
    const panel = panelOf(tab);
    panel.role = "tabpanel";
    panel.setAttribute("aria-labelledby", tab.id);
  }
}

tie();

// A tool longer than its room fades out where it goes on.
const seeWhetherItGoesOn = () => {
  desk.classList.toggle("tool-goes-on", room.scrollTop + room.clientHeight < room.scrollHeight - 4);
};
room.addEventListener("scroll", seeWhetherItGoesOn, { passive: true });
new ResizeObserver(seeWhetherItGoesOn).observe(room);
new MutationObserver(seeWhetherItGoesOn).observe(room, { subtree: true, childList: true, attributes: true });

// After a reload the visitor is where they were, once the page is as long as it was.
const expert = () => document.querySelector("#expert > button");
const last = visit.remember("place", () => ({
  tool: desk.dataset.tool, expert: expert().classList.contains("open"), down: scrollY, inRoom: room.scrollTop,
}));
open(tabs.find((tab) => nameOf(tab) === last?.tool) ?? tabs[0]);
if (last) document.addEventListener("screen", goBack);

function goBack({ detail: { pictures } }) {
  if (!pictures) return;
  document.removeEventListener("screen", goBack);
  if (last.expert) expert().click();
  requestAnimationFrame(() => {
    scrollTo(0, last.down);
    room.scrollTop = last.inRoom;
  });
}
