// Never lose typing. A form is kept on the server while one types; without a line it waits in the page, and where the
// operator allows it also on the disk, encrypted with a key that only this session knows and no disk holds. Reasons: docs/decisions, "Typing is kept".
const { kgSession: session, kgKey: secret, kgIdle: idle } = document.body.dataset;
const disk = "kgDisk" in document.body.dataset;
const HEADER = "X-Kerege-Draft", STORE = "kg:", MINE = `${STORE}${session}:`;
const SOON = 300, LATER = 2000, AGAIN = 5000;
const channel = new BroadcastChannel("kerege");
const forms = [];
let seen = Date.now();

const kept = () => Object.keys(localStorage).filter((id) => id.startsWith(STORE));
const wipe = () => {
  kept().forEach((id) => localStorage.removeItem(id));
  Object.keys(sessionStorage).filter((id) => id.startsWith("htmx")).forEach((id) => sessionStorage.removeItem(id));
};
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const cipher = () => crypto.subtle.importKey("raw", bytes(secret), "AES-GCM", false, ["encrypt", "decrypt"]);
const path = (url) => url.split("#")[0].replace(/^(https?:\/\/[^/]+)?\/\w\w\//, "");

async function store(id, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12)), text = new TextEncoder().encode(JSON.stringify(value));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await cipher(), text));
  localStorage.setItem(id, btoa([...iv, ...sealed].map((code) => String.fromCharCode(code)).join("")));
}

async function load(id) {
  const all = bytes(localStorage.getItem(id)), algorithm = { name: "AES-GCM", iv: all.slice(0, 12) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, await cipher(), all.slice(12))));
}

// The answer, or null when the line or the server is away.
async function post(url, body, headers = {}) {
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  const how = { method: "POST", body, redirect: "manual", keepalive: body.length < 60000 };
  const answer = await fetch(url, { ...how, headers: { ...type, ...headers } }).catch(() => null);
  if (answer?.status === 204) alive();
  return !answer || answer.status >= 500 ? null : answer;
}

function alive(tell = true) {
  seen = Date.now();
  document.querySelector("[data-kg-ending]")?.close();
  if (tell) channel.postMessage("alive");
}

class Typing {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector("[data-kg-state]");
    this.id = MINE + form.dataset.kgTyping;
    this.sent = this.body();
    form.addEventListener("input", () => this.typed());
    form.addEventListener("change", () => this.typed());
    form.addEventListener("submit", (event) => this.submit(event));
  }

  body() {
    const secrets = this.form.querySelectorAll("[type=password], [autocomplete=one-time-code]");
    const never = new Set([...secrets].map((input) => input.name));
    const words = [...new FormData(this.form)].filter(([name, value]) => typeof value === "string" && !never.has(name));
    return new URLSearchParams(words).toString();
  }

  show(state, at = "") {
    const [words, time, link] = this.line.children;
    this.away = state === "offline";
    this.line.hidden = false;
    this.line.dataset.kgState = state;
    const text = this.line.dataset[this.away && !disk ? "held" : state];
    if (words.textContent !== text) words.textContent = text;
    time.textContent = at;
    link.hidden = state !== "out";
    link.search = new URLSearchParams({ next: location.pathname + location.search });
  }

  typed() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.keepHere(), SOON);
    this.later ??= setTimeout(() => this.send(), LATER);
  }

  async keepHere() {
    const body = this.body();
    if (!disk || this.done || body === this.sent) return;
    await store(this.id, { url: this.form.action, body });
    if (!this.away && this.line.dataset.kgState !== "out") this.show("here");
  }

  // Whether everything typed is on the server.
  async send() {
    clearTimeout(this.later);
    this.later = null;
    const body = this.body();
    if (body === this.sent || this.done) {
      if (this.away) this.line.hidden = !(this.away = false);
      return true;
    }
    if (this.busy) { this.typed(); return false; }
    this.busy = true;
    const answer = await post(this.form.action, body, { [HEADER]: "save" });
    this.busy = false;
    if (this.done) return true;
    const result = answer?.headers.get(HEADER);
    if (!answer) {
      await this.keepHere();
      this.show("offline");
      this.later ??= setTimeout(() => this.send(), AGAIN);
      return false;
    }
    if (["sent", "conflict", "kept", "saved"].includes(result)) {
      this.sent = body;
      localStorage.removeItem(this.id);
    }
    const at = answer.status === 204 && result !== "saved" ? new Date().toLocaleTimeString("en-GB", { timeStyle: "short" }) : "";
    this.show({ 204: result, 401: "out" }[answer.status] ?? "lost", at);
    if (this.body() !== body) this.typed();
    return this.sent === body;
  }

  async submit(event) {
    if (this.away) {
      event.preventDefault();
      this.sent = "";
      if (await this.send()) this.form.requestSubmit(event.submitter);
      return;
    }
    this.keepHere();
    this.done = true;
  }
}

const sendAll = () => Promise.all(forms.map((one) => one.send()));

// What an earlier page of this session could not send; what another session left is wiped.
async function flush() {
  let back = false;
  for (const id of kept()) {
    const waiting = id.startsWith(MINE) ? await load(id).catch(() => null) : null;
    const answer = waiting && await post(waiting.url, waiting.body, { [HEADER]: "save" });
    if (waiting && !answer) continue;
    localStorage.removeItem(id);
    const isDraft = answer?.status === 204 && answer.headers.get(HEADER) !== "saved";
    back ||= isDraft && path(waiting.url) === path(location.href);
  }
  // the answer to what was sent (a preview, faults, a merge) holds it already; opening the page anew would lose the answer
  if (back && !("kgPosted" in document.body.dataset)) location.replace(location.pathname + location.search);
}

const soon = (work) => Promise.race([work, new Promise((done) => setTimeout(done, 1500))]);

const leaving = document.querySelector("[data-kg-sign-out]");

async function signOut() {
  const done = await post(leaving.action, new URLSearchParams(new FormData(leaving)).toString());
  if (done) channel.postMessage("out");
  return done;
}

async function leave(url) {
  await soon(sendAll());
  if (!forms.some((one) => one.away)) location.assign(url);
}

function watchSession() {
  const ending = document.querySelector("[data-kg-ending]");
  if (!ending) return;
  const { kgStay: stay, kgSignIn: signIn } = ending.querySelector("button").dataset;
  const away = `${signIn}?${new URLSearchParams({ next: location.pathname + location.search })}`;
  const { name, value } = document.querySelector("[name=csrfmiddlewaretoken]");
  const staying = async () => {
    const answer = await post(stay, `${name}=${value}`);
    if (answer && answer.status !== 204) leave(away);
  };
  const over = ending.querySelector("[data-kg-over]");
  const end = async () => {
    await soon(sendAll());
    if (await signOut()) return location.assign(away);
    // no line: nothing of the page stays in sight. Unsent words wait in the forms, which are no longer part of the page
    over.hidden = false;
    document.title = "Kerege";
    document.body.replaceChildren(over);
    return setTimeout(end, AGAIN);
  };
  ending.querySelector("button").addEventListener("click", staying);
  ending.addEventListener("cancel", staying);
  document.addEventListener("htmx:afterRequest", () => alive());
  channel.addEventListener("message", ({ data }) => (data === "out" ? leave(away) : alive(false)));
  const clock = setInterval(() => {
    // the server counts in whole minutes: the last one is not relied on
    const left = idle - 60 - (Date.now() - seen) / 1000;
    if (left <= 0) {
      clearInterval(clock);
      end();
    } else if (left <= 60 && !ending.open) ending.showModal();
  }, 1000);
}

function watchLeaving() {
  document.addEventListener("visibilitychange", () => { if (document.hidden) sendAll(); });
  addEventListener("pageshow", () => forms.forEach((one) => { one.done = false; }));
  addEventListener("online", sendAll);
  addEventListener("beforeunload", (event) => {
    if (!disk && forms.some((one) => one.away && !one.done)) event.preventDefault();
  });
  addEventListener("offline", () => forms.forEach((one) => one.show("offline")));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[hreflang]");
    if (!link || !forms.length) return;
    event.preventDefault();
    leave(link.href);
  });
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-kg-sign-out]")) return;
    event.preventDefault();
    await soon(sendAll());
    wipe();
    if (await signOut()) location.assign(event.target.action);
    else event.target.submit();
  });
}

if (!session) wipe();
else {
  forms.push(...[...document.querySelectorAll("form[data-kg-typing]")].map((form) => new Typing(form)));
  flush();
  watchSession();
  watchLeaving();
}
