// The line to the server. What the visitor wants goes out whole, the newest in place of all that waits; what the screen
// shows comes back whole. Whatever gets lost on the way is asked for again, so nothing depends on any one answer.
const STORED = "visit";
const banner = element.querySelector("#offline");
const files = new URL("gradio_api/", location.href.replace(/[?#].*/, "").replace(/\/?$/, "/"));

// Gradio's script knows only some languages, and writes one of those.
document.documentElement.lang = document.documentElement.dataset.language;

// The tab's own key to its work, from which a reload brings it back, and what only the page knows of it. They are stored
// only while the page is away: a copy of the tab finds none, and begins anew.
const stored = take();
const tab = stored?.tab ?? [...crypto.getRandomValues(new Uint8Array(18))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
addEventListener("pagehide", keep);
addEventListener("pageshow", ({ persisted }) => persisted && take());

function take() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORED));
    sessionStorage.removeItem(STORED);
    return kept;
  } catch {
    return null; // a browser that stores nothing
  }
}

const memories = new Map();
const underWay = [() => holds.size > 0, () => sending, () => !!early];

function keep() {
  const memory = Object.fromEntries([...memories].map(([name, read]) => [name, read()]));
  for (const kept of [{ tab, memory }, { tab }]) {
    try {
      return sessionStorage.setItem(STORED, JSON.stringify(kept));
    } catch {} // there is not room for all of it, or for nothing
  }
}

const wanted = { photo: null, good: null, settings: {}, plate: null, look: {}, format: "png", max_kb: "", live: false, explain: false, attempt: 0 };
let number = 0; // of the newest message; whatever the screen shows of an older one is out of date
let shown = {}; // what came last: the visit's id, its revision, its view
let told = {}; // sentences of the page itself, by the place that they are about
const holds = new Set(); // who has something on its way that will be wanted
let early = stored && {}; // what was wanted before it is known what had been wanted before a reload
let [sending, following] = [false, false];

const announce = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const upToDate = () => !holds.size && shown.view?.number >= number;
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Asks until there is an answer, which the server gives within eight seconds; `message` is asked for anew each time.
async function ask(call, message) {
  for (;;) {
    const asked = call({ tab, language: document.documentElement.lang, ...message() });
    const answer = await Promise.race([asked, pause(20_000)]);
    banner.hidden = !!answer;
    if (answer) return answer;
    await pause(1500);
  }
}

async function send() {
  if (sending) return;
  sending = true;
  for (let sent = -1; sent < number; ) {
    const answer = await ask(server.want, () => ({ ...wanted, number: (sent = number) }));
    if (answer.number > number) number = answer.number + 1; // the server knows more of this tab than the page does
    follow();
  }
  sending = false;
}

async function follow() {
  if (following) return;
  following = true;
  do {
    const news = await ask(server.follow, () => ({ visit: shown.visit, revision: shown.revision }));
    if (news.visit) show(news);
    else await repeat();
  } while (!shown.view?.settled || shown.view.number < number);
  following = false;
}

// The server has forgotten this tab, and is told everything again.
async function repeat(visit) {
  shown = { visit, revision: -1 };
  number += 1;
  await send();
}

function show({ visit, revision, view }) {
  if (shown.visit && visit !== shown.visit) {
    repeat(visit);
    return;
  }
  shown = { visit, revision, view };
  draw();
}

function draw() {
  const view = shown.view ?? { errors: {}, notices: [], candidates: [] };
  announce("screen", { ...view, errors: { ...view.errors, ...told }, failed: view.errors, current: upToDate() });
}

window.visit = {
  // What the visitor wants from now on, beside what they wanted already; the number of the message that says so.
  want(change) {
    Object.assign(wanted, { live: false }, change);
    if (early) Object.assign(early, change);
    told = {};
    const mine = (number = Math.max(number + 1, Date.now())); // later than any number of this tab before a reload
    announce("wanted", wanted);
    draw();
    send();
    return mine;
  },
  // The same without asking for it: it goes along with whatever is wanted next.
  keep: (change) => Object.assign(wanted, change),
  // Something is on its way that will be wanted: what the screen shows is out of date from now on.
  hold(who) {
    holds.add(who);
    told = {};
    draw();
  },
  release(who) {
    holds.delete(who);
    draw();
  },
  tell(place, sentence) {
    told = { ...told, [place]: sentence };
    if (!sentence) delete told[place];
    draw();
  },
  // Ask for the newest, as when a file is not there any more.
  refresh: () => follow(),
  wanted: (name) => wanted[name],
  // Have every control show what is wanted.
  restore: () => announce("restored", wanted),
  reloaded: !!stored,
  // What `read` will give when the page goes, to be had again when it comes back.
  remember(name, read) {
    memories.set(name, read);
    return stored?.memory?.[name];
  },
  // Whether anything has not reached the server yet; others have things of their own on the way.
  underWay: () => underWay.some((some) => some()),
  sends: (some) => underWay.push(some),
  ask,
  address: (path) => new URL(`file=${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`, files).href,
  upload,
  bring,
};

// Sends a file, again if the line breaks, for as long as `needed`, and reports how far it is; the path under which the
// server knows it.
async function upload(file, report, needed) {
  for (;;) {
    const { status, text } = await post(file, report, needed);
    if (status === 200) return JSON.parse(text)[0];
    if (status === 413) throw "too_large";
    if (status === 507) throw "disk_full";
    if (status || !needed()) throw "failed";
    await file.slice(0, 1).arrayBuffer().catch(() => Promise.reject("failed")); // it is the file, not the line
    banner.hidden = false;
    await pause(1500);
  }
}

// Sends a file that was chosen at `place` for as long as `needed`, and holds back what is wanted in the name of `who`
// meanwhile; its path, or nothing where it is not needed any more or could not be sent, which is told.
async function bring(file, { who, place, limit, words, needed }) {
  visit.hold(who);
  const report = (share) => needed() && visit.tell("sending", words.sending.replace("{percent}", Math.round(100 * share)));
  try {
    if (file.size > limit) throw "too_large";
    report(0);
    const path = await upload(file, report, needed);
    if (needed()) return path;
  } catch (reason) {
    if (!needed()) return;
    visit.release(who);
    visit.tell("sending", "");
    visit.tell(place, words[reason] ?? words.failed);
  }
}

function post(file, report, needed) {
  return new Promise((done) => {
    const body = new FormData();
    body.append("files", file);
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => (needed() ? report(loaded / total) : request.abort());
    request.onloadend = () => {
      if (request.status) banner.hidden = true;
      done({ status: request.status, text: request.responseText });
    };
    request.open("POST", new URL("upload", files));
    request.send(body);
  });
}

// The model and “Fine hair” are Gradio's own controls; they come by this component's value, and are set through it.
watch("value", () => props.value && visit.want({ settings: { ...wanted.settings, ...props.value } }));
document.addEventListener("restored", ({ detail }) => {
  props.value = detail.settings;
  trigger("restore");
});

// After a reload: the work that the server still has.
async function restore() {
  const news = await ask(server.follow, () => ({}));
  const mine = early;
  early = null;
  if (!news.wanted?.number) return;
  for (const name in wanted) if (!(name in mine)) wanted[name] = news.wanted[name] ?? wanted[name];
  number = Math.max(number, news.wanted.number);
  announce("restored", wanted);
  show(news);
  const translated = news.wanted.language !== document.documentElement.lang;
  if (translated || wanted.live || Object.keys(mine).length) visit.want({});
  else follow();
}

if (stored) restore();
