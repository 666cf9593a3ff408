// The line to the server. What the visitor wants goes out whole, the newest in place of all that waits; what the screen
// shows comes back whole. Whatever gets lost on the way is asked for again, so nothing depends on any one answer.
const STORED = "visit";
const banner = element.querySelector("#offline");
const files = new URL("gradio_api/", location.href.replace(/[?#].*/, "").replace(/\/?$/, "/"));

// The tab's own key to its work, from which a reload brings it back. It is stored only while the page is away: a copy of
// the tab finds none, and begins anew.
const stored = take();
const tab = stored ?? [...crypto.getRandomValues(new Uint8Array(18))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
addEventListener("pagehide", () => keep(tab));
addEventListener("pageshow", ({ persisted }) => persisted && take());

function take() {
  try {
    const token = sessionStorage.getItem(STORED);
    sessionStorage.removeItem(STORED);
    return token;
  } catch {
    return null; // a browser that stores nothing
  }
}

function keep(token) {
  try {
    sessionStorage.setItem(STORED, token);
  } catch {}
}

const wanted = { photo: null, settings: {}, look: {}, format: "png", live: false, attempt: 0 };
let number = 0; // of the newest message; whatever the screen shows of an older one is out of date
let shown = {}; // what came last: the visit's id, its revision, its view
let told = {}; // sentences of the page itself, by the place that they are about
let [sending, following, held] = [false, false, false];

const announce = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const upToDate = () => !held && shown.view?.number >= number;

// Asks until there is an answer; `message` is asked for anew each time.
async function ask(call, message) {
  for (;;) {
    const answer = navigator.onLine && (await call({ tab, language: document.documentElement.lang, ...message() }));
    banner.hidden = !!answer;
    if (answer) return answer;
    await new Promise((again) => {
      addEventListener("online", again, { once: true });
      setTimeout(again, 1500);
    });
  }
}

async function send() {
  if (sending) return;
  sending = true;
  for (let sent = -1; sent < number && !held; ) {
    const answer = await ask(server.want, () => ({ ...wanted, number: (sent = number) }));
    if (answer.number > number) number = answer.number + 1; // the server knows more of this tab than the page does
    follow();
  }
  sending = false;
}

async function follow() {
  if (following) return;
  following = true;
  do show(await ask(server.follow, () => ({ visit: shown.visit, revision: shown.revision })));
  while (!shown.view?.settled || shown.view.number < number);
  following = false;
}

function show({ visit, revision, view }) {
  if (shown.visit && visit !== shown.visit) {
    shown = { visit, revision: -1 }; // the server has forgotten this tab, and is told everything again
    number += 1;
    send();
    return;
  }
  shown = { visit, revision, view };
  draw();
}

function draw() {
  const view = shown.view ?? { errors: {}, notices: [] };
  announce("screen", { ...view, errors: { ...view.errors, ...told }, failed: view.errors, current: upToDate() });
}

window.visit = {
  // What the visitor wants from now on, beside what they wanted already.
  want(change) {
    Object.assign(wanted, { live: false }, change);
    [held, told] = [false, {}];
    number += 1;
    draw();
    send();
  },
  // The same without asking for it: it goes along with whatever is wanted next.
  keep: (change) => Object.assign(wanted, change),
  // Something is on its way that will be wanted: what the screen shows is out of date from now on.
  hold() {
    [held, told] = [true, {}];
    draw();
  },
  release() {
    held = false;
    draw();
  },
  tell(place, sentence) {
    told = { ...told, [place]: sentence };
    if (!sentence) delete told[place];
    draw();
  },
  wanted: (name) => wanted[name],
  address: (path) => new URL(`file=${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`, files).href,
  upload,
};

// Sends a file, again if the line breaks, and hears how far it is; the path under which the server knows it.
async function upload(file, report) {
  for (;;) {
    const { status, text } = await post(file, report);
    if (status === 200) return JSON.parse(text)[0];
    if (status === 413) throw "too_large";
    if (status) throw "failed";
    banner.hidden = false;
    await new Promise((again) => setTimeout(again, 1500));
  }
}

function post(file, report) {
  return new Promise((done) => {
    const body = new FormData();
    body.append("files", file);
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => report?.(loaded / total);
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
  if (number || !news.wanted?.number) return;
  number = news.wanted.number;
  for (const name in wanted) wanted[name] = news.wanted[name];
  announce("restored", wanted);
  show(news);
  follow();
}

if (stored) restore();
