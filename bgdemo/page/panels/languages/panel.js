// The switch of the language. The page is loaded anew in the other one, and finds everything again; so it waits until all
// that is on its way has arrived.
const links = [...element.querySelectorAll("a")];
const waits = element.querySelector("#language-waits");
const { lang } = document.documentElement;
let chosen = lang;

for (const link of links) if (link.lang === lang) link.setAttribute("aria-current", "true");

element.addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const waiting = chosen !== lang;
  chosen = link.lang;
  if (chosen === lang || waiting) return;
  while (visit.underWay() || !(await answers())) {
    waits.textContent = waits.dataset.says;
    await new Promise((done) => setTimeout(done, 200));
    if (chosen === lang) return void (waits.textContent = "");
  }
  turn();
});

// Without a line the browser would show an error in place of the page.
const answers = () => fetch(location.href, { method: "HEAD" }).then(({ ok }) => ok, () => false);

function turn() {
  const address = new URL(location.href);
  if (keep(chosen)) address.searchParams.delete("language");
  else address.searchParams.set("language", chosen);
  address.hash = "";
  if (address.href === location.href) location.reload();
  else location.replace(address);
}

// In a cookie, for a year, under the page's own path; whether the browser took it. In a frame of another site it keeps
// those alone that are bound to both sites.
function keep(language) {
  const framed = window.top !== window && location.protocol === "https:";
  const { pathname } = new URL(".", location.href);
  const where = framed ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
  document.cookie = `language=${language}; Path=${pathname}; Max-Age=31536000; ${where}`;
  return document.cookie.split("; ").includes(`language=${language}`);
}
