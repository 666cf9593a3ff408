// How to make the picture on the screen without the page. The server writes it, of what is wanted as it is opened.
const dialog = element.querySelector("dialog");
const [about, code, strokes, said] = [".about", "pre", ".strokes", "[role=status]"].map((part) => dialog.querySelector(part));
const tabs = [...dialog.querySelectorAll("[role=tab]")];
let snippets = {};

// The button is another panel's.
document.addEventListener("click", async ({ target }) => {
  if (target.id !== "open-snippets") return;
  const address = location.href.replace(/[?#].*/, "");
  snippets = await visit.ask(server.snippets, () => ({ address }));
  strokes.hidden = !snippets.strokes;
  strokes.download = snippets.strokes_name;
  URL.revokeObjectURL(strokes.href);
  strokes.href = URL.createObjectURL(new Blob([snippets.strokes], { type: "application/json" }));
  open(tabs.find((tab) => tab.ariaSelected === "true") ?? tabs[0]);
  dialog.showModal();
});

function open(chosen) {
  for (const tab of tabs) tab.ariaSelected = tab === chosen;
  visit.rove(dialog, chosen);
  const name = chosen.id.replace("snippet-", "");
  code.textContent = snippets[name];
  code.parentElement.setAttribute("aria-labelledby", chosen.id);
  about.textContent = about.dataset[name] ?? about.dataset.exact;
  said.textContent = "";
}

for (const tab of tabs) tab.addEventListener("click", () => open(tab));

dialog.querySelector(".copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code); // where the page is not served securely
    document.execCommand("copy");
  }
  said.textContent = said.dataset.says;
});

dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest(".shut")) dialog.close();
});
