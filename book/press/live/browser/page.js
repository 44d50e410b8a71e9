// Cells that run: a bar below the code of each cell (Run, Edit), and Python in a worker once somebody runs one.
// Without a server (file://) a browser lets no page start Python: the bar says how to serve the book.

import { compared, SENTENCES } from "./compare.js";
import { isolated, listed } from "./frame.js";
import { filled, offers } from "./programs.js";

const place = new URL(".", document.currentScript.src), address = document.currentScript.dataset;
const PYTHON = new URL(`${address.python}/`, location.href);
const KEPT = `hpt-code:${address.page}:`, PASSED = `hpt-passed:${address.page}`, AGREED = "hpt-live";
const cells = new Map();  // by their index in the notebook
const FROM_DISK = location.protocol === "file:";

const memory = {  // a browser may refuse to remember anything
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value); } catch { /* it forgets */ } },
};

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function button(text, act, kind = "") {
  const made = element("button", { type: "button", class: `live-button ${kind}` }, text);
  made.addEventListener("click", act);
  return made;
}

// ---- The cells of the page.

let book, reading;  // what the notebook holds, with the cells that the page does not show

function read() {
  return reading ??= fetch(new URL(`cells/${address.page}.json`, place)).then(answer => {
    if (!answer.ok) throw new Error(`cells: ${answer.status}`);
    return answer.json();
  }).then(found => { book = new Map(found.map(cell => [cell.index, cell])); }).catch(error => {
    reading = null;  // the next run asks again
    throw error;
  });
}

class Cell {
  constructor({ index, kind, name, cannot, seconds, varies }, box) {
    Object.assign(this, { index, number: cells.size + 1, box, kind, name, cannot, varies, editor: null, changed: null, ran: false });
    const alone = kind === "playground";
    this.pre = box.querySelector(alone ? "pre" : ".cell_input pre");
    this.code = alone ? box.firstElementChild : this.pre?.closest(".cell_input > div");  // what the editor takes the place of
    this.stored = box.querySelector(".cell_output");
    if (!this.pre || this.kind === "solution" || this.kind === "check") return;
    this.bar = element("div", { class: "live-bar", role: "group", "aria-label": this.title() });
    this.state = element("span", { class: "live-state", role: "status" });
    this.runs = button(this.kind === "stub" ? _("Check") : _("Run"), () => this.start(), "live-run");
    this.edits = button(_("Edit"), () => this.edit());
    this.resets = button(_("Reset"), () => this.reset());
    this.resets.hidden = true;
    if (cannot) this.bar.append(element("span", {}, cannot));
    else this.bar.append(this.runs, this.edits, this.resets, this.state);
    if (seconds && !cannot) this.bar.append(element("span", { class: "live-long" }, _`takes about ${seconds} s here`));
    this.code.parentElement.append(this.bar);
    const before = this.remembers() && memory.get(KEPT + this.name);
    if (before && before !== this.own()) this.replace(before);
  }

  remembers() { return this.kind === "stub" || this.kind === "playground"; }

  replace(text) {  // by what the reader has written before
    this.own();
    this.changed = text;
    if (this.editor) this.editor.set(text); else this.pre.textContent = text;
    this.resets.hidden = false;
  }

  title() {
    return this.remembers() ? _("Your code") : _`Cell ${this.number}`;
  }

  own() { return this.original ??= this.pre.textContent.replace(/\n$/, ""); }

  source() { return this.editor ? this.editor.text() : this.changed ?? null; }

  async edit() {
    if (FROM_DISK) return this.say(served());
    if (!this.editor) {
      this.own();
      const { editor } = await import(new URL("editor.js", place));
      if (this.editor) return;
      const frame = element("div", { class: "live-editor" });
      this.editor = editor(frame, this.changed ?? this.own(), this.title(), {
        run: () => this.start(),
        change: text => {
          this.changed = text === this.own() ? null : text;
          this.resets.hidden = !this.changed && !this.ran;
          if (this.remembers()) memory.set(KEPT + this.name, this.changed);
        },
      });
      this.frame = frame;
      this.code.after(frame);
      this.code.hidden = true;
      this.edits.hidden = true;
    }
    this.editor.focus();
  }

  reset() {
    this.editor?.destroy();
    this.frame?.remove();
    this.output?.remove();
    Object.assign(this, { editor: null, frame: null, changed: null, output: null, ran: false });
    this.pre.textContent = this.own();
    this.code.hidden = this.edits.hidden = false;
    if (this.stored) this.stored.hidden = false;
    this.resets.hidden = true;
    this.say("");
    if (this.remembers()) {
      memory.set(KEPT + this.name, null);
      this.lazily();
    }
    this.runs.focus();
  }

  say(...what) { this.state?.replaceChildren(...what); }  // a cell without its code has no bar

  lazily() {  // the stub is an editor as soon as it is near the window
    if (FROM_DISK) return;
    const near = new IntersectionObserver(seen => {
      if (seen.some(one => one.isIntersecting)) { near.disconnect(); this.quietly(); }
    }, { rootMargin: "300px" });
    near.observe(this.box);
  }

  async quietly() {
    const focus = document.activeElement;
    await this.edit();
    if (focus && focus !== document.body) focus.focus({ preventScroll: true }); else this.editor?.blur();
  }

  // ---- Running.

  async start(all = false) {
    if (FROM_DISK) return this.say(served());
    if (running) return void this.say(_("Another cell is running."));
    if (!await agreed((...what) => this.say(...what))) return;
    try { await read(); } catch { return this.say(_("The cells of this page cannot be loaded: is there a connection?")); }
    run(this, all);
  }

  begin() {
    const above = this.stored ?? this.code?.parentElement;
    if (this.cannot || !above) return;  // only its imports run, or it shows nothing
    this.ran = true;
    this.output?.remove();
    this.output = element("div", { class: "live-output cell_output", role: "region", "aria-label": _`Output of ${this.title()}` });
    this.shown = new Map();
    this.room = MOST;
    above.after(this.output);
    if (this.stored) this.stored.hidden = true;
  }

  compare() {  // with the book, where every cell is as the book has it: "same", "differs", or nothing
    const asIs = this.stored && this.kind === "code" && !this.varies && ![...cells.values()].some(cell => cell.changed);
    return this.output && asIs ? compared(this.stored, this.output) : "";
  }

  async show(message) {
    const { drawn } = await drawing();
    if (message.kind === "clear") {
      this.room = MOST;
      return this.output.replaceChildren();
    }
    const known = this.shown.get(message.id), last = this.output.lastElementChild, full = this.room <= 0;
    if (message.kind === "text") message.text = message.text.slice(0, Math.max(this.room, 0));
    if (!known) this.room -= message.kind === "text" ? message.text.length : MOST / 1000;
    if (full && !known && (message.kind !== "error" || this.room < -MOST)) return;
    if (message.kind === "text" && last?.matches(".live-text")) last.firstChild.append(message.text);
    else {
      const made = drawn(message);
      if (known) known.replaceWith(made); else this.output.append(made);
      if (message.id) this.shown.set(message.id, made);
    }
    if (!full && this.room <= 0) this.output.append(element("p", { class: "live-full" }, _`The page shows no more than ${MOST.toLocaleString(document.documentElement.lang)} characters of a cell.`));
    if (/^EOFError: a page has no input$/m.test(message.text) && message.kind === "error") this.output.append(drawn({ kind: "hint", text: _("Nobody can be asked in a page: write the value into the code in place of `input()`, such as `name = \"Ada\"`, and run the cell again.") }));
  }
}

const MOST = 300_000;  // characters, and a thousandth of it pictures and tables, that a cell shows

let drawn;
const drawing = () => drawn ??= import(new URL("outputs.js", place));

function served() {
  return _("A browser starts no Python on pages that are opened from a folder. Serve the book (make serve, or python -m http.server in its folder) and open its address.");
}

// Whether Python may be loaded: once, the reader is asked, in place of what `say` shows.
async function agreed(say) {
  if (memory.get(AGREED) === "yes") return true;
  const list = await listed(PYTHON).catch(() => new Map());
  const MB = names => Math.round([...list].filter(([name]) => names(name)).reduce((sum, [, [size]]) => sum + size, 0) / 1e6);
  const core = MB(name => !name.includes("-") || name.startsWith("numpy")), all = MB(() => true);
  return new Promise(decide => {
    const answer = yes => () => {
      if (yes) memory.set(AGREED, "yes");
      say("");
      decide(yes);
    };
    const load = button(_("Load and run"), answer(true), "live-run");
    say(_`This loads Python into your browser: ${core} MB now, and up to ${all} MB with the packages that a cell may need. Your browser keeps it, and nothing you write leaves your machine.`, " ", load, button(_("Not now"), answer(false)));
    load.focus();
  });
}

// What is said while Python comes: a sentence, and a bar where there is one.
function coming({ phase, done, total, names }) {
  if (phase === "packages") return [_`Starting Python with ${names.join(", ")} ...`];
  if (done === total) return [_("Starting Python ...")];
  const MB = size => (size / 1e6).toFixed(0);
  return [_`Loading ${MB(done)} of ${MB(total)} MB`, element("progress", { max: total, value: done, "aria-label": _("Loading") })];
}

// ---- The worker, in its frame. `running` is the run that goes on.

let worker, running, queue = Promise.resolve();

function run(cell, all) {
  const sources = {}, check = cell.kind === "stub" ? [...book.values()].find(one => one.kind === "check" && one.name === cell.name) : null;
  if (cell.index >= 10_000) sources[cell.index] = cell.source() ?? cell.own();  // a program of its own
  else for (const { index, source, kind } of book.values()) {
    const own = cells.get(index)?.source?.() ?? source;
    if (kind !== "solution" && (kind !== "check" || index === check?.index)) sources[index] = own;
  }
  running = { cell, all, check: check?.index, hint: "", failed: 0, found: [] };
  document.body.classList.add("live-runs");
  const stop = button(_("Stop"), halt, "live-stop");
  running.say = (text, bar) => cell.say(...(bar ? [bar, " "] : [element("span", { class: "live-wheel", "aria-hidden": "true" })]), text, " ", stop);
  running.say(_("Starting Python ..."));
  const last = all ? Math.max(...Object.keys(sources)) : check?.index ?? cell.index;
  worker ??= begin(Object.keys(sources).filter(number => number <= last).map(number => sources[number]).join("\n"));
  worker.postMessage({ run: last, sources, all });
}

function begin(code) {
  const made = isolated(PYTHON, code);
  made.onmessage = ({ data }) => { queue = queue.then(() => made === worker && heard(data)).catch(error => console.error(error)); };
  made.onerror = () => {
    end();
    over(_("Python could not be started: is there a connection?"));
  };
  made.onflood = () => {
    end();
    over(_("Stopped: this cell shows more in a second than a page can take."));
  };
  return made;
}

function end() {
  worker?.terminate();
  worker = null;
}

function halt() {
  end();
  for (const cell of cells.values()) if (cell.output && !cell.ended) cell.output.classList.add("live-stopped");
  over(_("Stopped. Python starts again with the next run, which runs what it needs of the cells above."));
}

function over(text) {
  const { cell } = running ?? {};
  running = null;
  document.body.classList.remove("live-runs");
  if (!cell) return;
  cell.bar.dataset.runs = 1 + Number(cell.bar.dataset.runs ?? 0);  // how often it was run
  cell.say(text);
}

async function heard(message) {
  if (!running) return;
  const asked = running.cell, target = message.begins ?? message.shows ?? message.ends;
  const cell = target === running.check ? asked : cells.get(target);
  if (message.phase) {
    if (message.phase === "packages" || !running.began) running.say(...coming(message));
  } else if (message.begins !== undefined) {
    running.began = true;
    if (target !== running.check) cell?.begin?.();
    running.say(cell === asked || !cell?.title ? _("Running ...") : running.all ? _`Running ${cell.title()} ...` : _`Running ${cell.title()}, which this one needs ...`);
  } else if (message.shows !== undefined) {
    if (message.message.kind === "clear") running.hint = "";  // it runs again, with the package that it had missed
    if (target === running.check && message.message.kind === "error") running.hint = hint(message.message.text);
    if (cell?.output) await cell.show(target === running.check && running.hint ? { kind: "hint", text: running.hint } : message.message);
    else if (message.message.kind === "error") await asked.show(message.message);
  } else if (message.ends !== undefined) {
    if (cell) cell.ended = true;
    if (cell?.resets) cell.resets.hidden = false;
    if (cell?.compare && message.ok) {
      const found = cell.compare();
      if (found) running.found.push(found);
      if (cell === asked) running.own = SENTENCES[found]; else cell.say(SENTENCES[found]);
    }
    if (target === running.check) passed(asked.name, message.ok);
    running.seconds = message.seconds;
    running.ok = message.ok;
    if (!message.ok) running.failed += 1;
    if (!message.ok && cell !== asked && cell?.title) running.stopped = cell;
  } else if (message.over !== undefined) {
    const { stopped, seconds, ok, all, failed, found, own } = running, time = seconds >= 0.05 ? _`${seconds.toFixed(1)} s` : "";
    const differ = found.filter(one => one === "differs").length;
    if (message.failed) end();  // the next run starts afresh
    over(message.failed ? _`Python could not be started: ${message.failed}`
      : all ? (failed ? _`${failed} cells ended with an error.` : differ ? _`All cells of the page have run; of ${found.length} outputs, ${differ} are not quite the book's.` : _("All cells of the page have run, with the book's output."))
      : stopped ? _`Not run: ${stopped.title()}, which it needs, has failed.` : ok ? [time, own].filter(Boolean).join(" · ") : _("It ended with an error."));
  }
}

function hint(text) {  // of a check: what its assertion says
  const last = text.trim().split("\n").findLast(line => /^\w*(Error|Exception)\b/.test(line)) ?? text;
  if (last.startsWith("NotImplementedError")) return _("Replace `raise NotImplementedError` with your own code first.");
  return last.startsWith("AssertionError: ") ? text.slice(text.lastIndexOf("AssertionError: ") + 16).trim() : text;
}

// ---- Exercises: what has passed is remembered, in this browser alone.

function passed(name, ok) {
  const now = new Set(JSON.parse(memory.get(PASSED) ?? "[]"));
  if (ok) now.add(name);
  memory.set(PASSED, JSON.stringify([...now]));
  count();
}

// ---- What a figure computes, as a program in an editor below it.

function programs() {
  for (const figure of document.querySelectorAll("[data-device]")) {
    const bar = element("div", { class: "live-bar live-program" }, ...offers(figure).map(([name, words]) => button(words, event => opened(name, figure, event.target))));
    if (bar.children.length) figure.after(bar);
  }
}

async function opened(name, figure, asked) {
  asked.disabled = true;
  if (FROM_DISK) return asked.replaceWith(served());
  const text = filled(await fetch(new URL(`programs/${name}.py`, place)).then(answer => answer.text()), figure);
  const pre = element("pre", {}, text), box = element("div", { class: "live-scratch", id: `cell-${name}` }, element("div", {}, pre));
  asked.parentElement.before(box);
  const cell = new Cell({ index: 10_000 + cells.size, kind: "playground", name }, box);
  cells.set(cell.index, cell);
  cell.edit();
}

// ---- The playground: the address can carry the code.

async function packed(text, way) {
  const bytes = way === "in" ? Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), sign => sign.charCodeAt(0)) : new TextEncoder().encode(text);
  const stream = new Blob([bytes]).stream().pipeThrough(way === "in" ? new DecompressionStream("deflate-raw") : new CompressionStream("deflate-raw"));
  const whole = new Uint8Array(await new Response(stream).arrayBuffer());
  return way === "in" ? new TextDecoder().decode(whole) : btoa(String.fromCharCode(...whole)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function playing(cell) {
  cell.bar.insertBefore(button(_("Copy link"), async () => {
    const url = new URL(location.href);
    url.hash = `code=${await packed(cell.source() ?? cell.own(), "out")}`;
    history.replaceState(history.state, "", url);
    await navigator.clipboard?.writeText(url.href).then(() => cell.say(_("Copied.")), () => cell.say(_("Copy the address of this page: it holds your code.")));
  }), cell.state);
  cell.lazily();
  const sent = location.hash.match(/^#code=([\w-]+)$/)?.[1];
  if (!sent) return;
  try {
    cell.replace(await packed(sent, "in"));
    cell.say(_("This code came with the address. Read it before you run it."));
  } catch { cell.say(_("The code in the address is damaged.")); }
}

let foot;

function count() {
  const stubs = [...cells.values()].filter(cell => cell.kind === "stub");
  if (!stubs.length) return;
  const done = JSON.parse(memory.get(PASSED) ?? "[]").length;
  foot ??= document.querySelector(".bd-article section").appendChild(element("div", { class: "live-foot" }));
  foot.replaceChildren(element("p", { role: "status" }, _`${done} of ${stubs.length} passed. Your code is kept in this browser, and nowhere else.`),
    button(_("Forget my code"), () => {
      for (const cell of stubs) { memory.set(KEPT + cell.name, null); cell.reset(); }
      memory.set(PASSED, null);
      count();
    }));
}

for (const found of JSON.parse(document.getElementById("live-cells")?.textContent ?? "[]")) {
  const box = document.getElementById(found.kind === "playground" ? "playground" : `cell-${found.index}`);
  if (box) cells.set(found.index, new Cell(found, box));
}
const shown = [...cells.values()].filter(cell => cell.runs), first = shown.find(cell => cell.kind === "code" && !cell.pre.closest("details")) ?? shown[0];
if (first && !shown.some(cell => cell.remembers())) first.edits.after(button(_("Run all"), () => first.start(true)));
for (const cell of cells.values()) if (cell.kind === "playground") playing(cell);
programs();
for (const cell of cells.values()) if (cell.kind === "stub") cell.lazily();
count();
const table = document.getElementById("your-program");  // of the page "Your own table"
if (table && FROM_DISK) table.before(element("p", { class: "live-hint" }, served()));
else if (table) import(new URL("table.js", place)).then(({ begin }) => begin({ element, button, agreed, coming, place, python: code => isolated(PYTHON, code) }));
for (const note of document.querySelectorAll("[data-passed-of]")) {  // on a chapter's page
  const done = JSON.parse(memory.get(`hpt-passed:${note.dataset.page}`) ?? "[]").length;
  if (done) note.append(_`Exercises: ${done} of ${note.dataset.passedOf} passed in this browser.`);
}
if ("serviceWorker" in navigator && !FROM_DISK) navigator.serviceWorker.register(new URL(address.root + "sw.js", location.href)).catch(() => {});
