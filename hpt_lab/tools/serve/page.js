// The live page: it listens to what changes, keeps the trials, draws them, and asks for the report's words.

import * as charts from "./charts.js";
import { detail, make } from "./trial.js";

const page = document.getElementById("page").dataset, translated = JSON.parse(page.words);
const STOPS = 40, ROWS = 20, PAGE = 25, SPARE = 3;  // of a slider; of a table; of the table of all trials; for a second of work, this many of rest
const $ = id => document.getElementById(id);
const say = (text, values = {}) => (translated[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const shown = value => value == null ? "" : String(Number(value.toPrecision(6)));
const set = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const LOST = say("No connection to the server: trying again.");
const made = (tag, ...parts) => { const element = make(tag); element.append(...parts); return element; };

// Return what JSON says. A number that JSON has not is {"float": "Infinity"}: see feed.py.
const parsed = text => JSON.parse(text, (_, value) => typeof value?.float === "string" ? Number(value.float) : value);

class NoConnection extends Error {}

async function read(what, number, more = "") {
  const answer = await fetch(`/${what}?study=${number}${more}`).catch(() => { throw new NoConnection(); }), text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return parsed(text);
}

// Do something, and say so on the page if a part of it cannot be read; without a connection, the page says that.
async function attempt(what, act) {
  delete unread[what];
  try {
    await act();
  } catch (error) {
    if (!(error instanceof NoConnection)) unread[what] = error.message;
  }
  const texts = [...new Set(Object.values(unread))];
  set($("unread"), texts.map(error => say("A part of this page cannot be read: {error}", { error })).join("\n"));
}

// Return a function that does `update` soon after each call, but spends no more than a part of the time on it.
function follow(what, update) {
  let asked = false, busy = false;
  return async () => {
    asked = true;
    if (busy) return;
    for (busy = true; asked;) {
      asked = false;
      const began = performance.now();
      await attempt(what, update);  // if it fails, the next change asks again
      await new Promise(done => setTimeout(done, Math.min(1e4, SPARE * (performance.now() - began))));
    }
    busy = false;
  };
}

// Fill a table. `first` makes what the first cell of a row holds, from its text and its place, and `dress` changes a head.
function fill(element, { heads, rows, numeric }, first, dress) {
  const old = element.firstElementChild, all = [heads, ...rows];
  element.hidden = false;
  if (!first && old?.rows.length === all.length && old.rows[0].cells.length === heads.length) {  // keep what is selected
    return all.forEach((cells, i) => cells.forEach((cell, j) => { set(old.rows[i].cells[j], cell); }));
  }
  const line = (cells, tag, more) => made("tr", ...cells.map((cell, i) => make(tag, cell, { className: numeric[i] ? "n" : "", ...more })));
  const body = made("tbody", ...rows.map(cells => line(cells, "td")));
  const top = line(heads, "th", { scope: "col" }), inside = () => [...element.querySelectorAll("a, button")];
  if (first) [...body.rows].forEach(({ cells: [cell] }, i) => cell.replaceChildren(first(cell.textContent, i)));
  if (dress) [...top.cells].forEach(dress);
  const focused = inside().indexOf(document.activeElement);
  element.replaceChildren(made("table", made("thead", top), body));
  inside()[focused]?.focus();
}

// What the server tells of a study, or of all of them: `take` is called with each change.
class News {
  constructor(number) {
    this.number = number;
    document.addEventListener("visibilitychange", () => document.hidden ? this.rest() : this.listen());
  }

  listen() {  // a hidden page needs no news, and a browser has few connections to a server
    if (this.events || this.ended || document.hidden) return;
    this.events = new EventSource(`/events?study=${this.number}&mark=${this.mark ?? ""}`);
    this.events.onopen = () => { this.lost = false; };
    this.events.onerror = ({ target }) => {
      this.lost = true;
      if (target.readyState === EventSource.CLOSED) this.rest(), setTimeout(() => this.listen(), 2000);
    };
    this.events.onmessage = ({ data, lastEventId }) => {
      this.mark = lastEventId;
      attempt(`news of ${this.number}`, () => this.take(parsed(data)));
    };
  }

  rest() {
    this.events?.close();
    this.events = null;
  }
}

class Overview extends News {
  take({ gone, ...table }) {
    if (gone != null) throw new Error(gone);
    fill(document.querySelector("#studies .scroll"), table, (text, i) => make("a", text, { href: `/?study=${table.numbers[i]}` }));
  }
}

// A study, as far as this page knows it: `changed` is called after each change.
class Study extends News {
  constructor(number, changed) {
    super(number);
    Object.assign(this, { changed, axes: [], objectives: [], rows: [], complete: [], ranked: [], running: [], names: {} });
    this.listen();
  }

  take({ trials, ...change }) {
    Object.assign(this, { gone: null, ...change }, change.axes && { rows: [] });
    trials?.number.forEach((number, i) => {
      const [state, values, budget, end] = [trials.state, trials.values, trials.budget, trials.end].map(column => column[i]);
      this.rows[number] = { number, state, values, budget, end, places: trials.places.map(column => column[i]), ...trials.more[number] };
    });
    const [sign] = this.signs, front = new Set(this.front);
    this.complete = this.rows.filter(trial => trial.state === "c");
    for (const trial of this.complete) {  // see History.rank
      const { values, budget, expected, violation = 0 } = trial;
      trial.onFront = front.has(trial.number);
      trial.rank = this.several ? [violation, !trial.onFront, 0] : [violation, expected == null ? -budget : 1, sign * (expected ?? values[0])];
    }
    this.ranked = [...this.complete].sort(this.better);
    this.ranges = this.objectives.map((_, k) => charts.extent(this.complete.map(trial => trial.values[k])));
    this.lasted = charts.extent([0, ...this.complete.map(trial => trial.end)])[1];
    this.changed();
  }

  get name() { return this.names[this.number] ?? ""; }
  get stops() { return this._stops ??= Array.from({ length: STOPS + 1 }, (_, i) => 1e4 * i / STOPS); }
  get several() { return this.objectives.length > 1; }
  get signs() { return this.objectives.map(([, aim]) => aim === "maximize" ? -1 : 1); }
  get columns() { return [...this.axes, ...this.objectives.map(([name]) => ({ name: name || say("value") }))].map(({ name }) => name); }
  better(a, b) { return a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.rank[2] - b.rank[2] || a.number - b.number; }
  rangeOf(column) { return this.ranges[column - this.axes.length]; }
  scaleOf(column, places) {
    const [low, high] = this.rangeOf(column);
    return places.map(place => [place, shown(low + place / 1e4 * (high - low))]);
  }
  placeOf(trial, column) {
    if (column < this.axes.length) return trial.places[column];
    const [low, high] = this.rangeOf(column);
    return high > low ? 1e4 * (trial.values[column - this.axes.length] - low) / (high - low) : 5000;
  }
  ticksOf(column) { return this.axes[column]?.ticks ?? this.scaleOf(column, [0, 1e4]); }
  stopsOf(column) { return this.axes[column]?.stops ?? this.scaleOf(column, this.stops).map(stop => stop.reverse()); }
}

const unread = {};  // what cannot be read, and why
let study, other, brushes = [], axes, frame = 0, lines = 0, tableOf = "", names = "", words, mattered = 0, pointed;
let sorted = "", down = false, start = 0, looked = "";  // the table of all trials: its column, its first row, and what was drawn
let opened = null, opening = false, detailed = "";  // the number of a trial in detail, whether the page still has to go there, what was shown
let map, mapped = 0, mapOf = "";

// ---- Running now

function duration(seconds) {
  if (seconds < 100) return say("{seconds} s", { seconds: Math.max(0, Math.round(seconds)) });
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? say("{minutes} min", { minutes }) : say("{hours} h {minutes} min", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function trainedBy({ owner, orphan, here }) {
  const known = owner ? say("process {process} on {host}", { process: owner[0], host: owner[1] }) : here ? say("this process") : "–";
  return orphan ? `${known}: ${say("it has ended, and the next one to ask gets this trial")}` : known;
}

function showState() {
  const n = study.running.filter(trial => !trial.orphan).length, [none, table] = $("running").querySelectorAll("p, .scroll");
  document.body.className = study.lost ? "lost" : n ? "running" : "";
  const gone = study.gone === "" ? say("This study was deleted.") : study.gone;
  set($("state"), study.lost ? LOST : gone ?? (n ? say("{n} running", { n }) : say("Nothing is running.")));
  none.hidden = study.running.length > 0;
  table.hidden = !none.hidden;
  const budget = study.running.some(trial => trial.budget != null) ? [say("budget")] : [];
  const heads = [say("trial"), ...budget, say("for"), say("trained by"), say("hyperparameters")];
  const rows = study.running.map(trial => [
    String(trial.number), ...budget.map(() => shown(trial.budget)), duration(Date.now() / 1000 - trial.started), trainedBy(trial),
    trial.params.map(([name, value]) => `${name} = ${value}`).join(", ")]);
  if (rows.length) fill(table, { heads, rows, numeric: heads.map((_, i) => i < heads.length - 2) });
}

// ---- Figures

const alike = () => !other.objectives.length || JSON.stringify(other.objectives) === JSON.stringify(study.objectives);
const later = () => { frame ||= requestAnimationFrame(() => { frame = 0; attempt("figures", draw); }); };

function draw() {
  if (!study.ranked.length) return;
  const against = other?.ranked.length && alike() ? other : null;
  if (!$("paths").hidden) charts.path($("by-trial"), study, against, false, say), charts.path($("in-time"), study, against, true, say);
  $("front").querySelectorAll("canvas").forEach((canvas, i) => charts.front(canvas, study, against, charts.pairs(study.objectives)[i], say));
  const [best] = study.ranked;
  if (!$("curves").hidden) charts.curves($("learning"), study.ranked, best.violation ? null : best, say);
  const tried = triedAxes(), k = study.objectives.length;
  if (!$("slices").hidden) $("slices").querySelectorAll("canvas").forEach((canvas, i) => charts.slice(canvas, study, tried[Math.floor(i / k)], i % k, say));
  if (!$("map").hidden) charts.map($("plane"), study, map);
  if (!$("lines").hidden) showLines();
}

function showLines() {
  const limits = brushes.map(([low, high], column) => (low || high < STOPS) && [low, high].map(stop => study.stopsOf(column)[stop][1]));
  const on = limits.flatMap((limit, column) => limit ? [column] : []);
  const chosen = study.ranked.filter(trial => on.every(column => {
    const place = study.placeOf(trial, column), [low, high] = limits[column];
    return place != null && place >= low - 1 && place <= high + 1;
  }));
  axes = charts.parallel($("parallel"), study, limits, chosen);
  [...$("sliders").children].forEach((group, column) => {
    group.classList.toggle("set", Boolean(limits[column]));
    group.querySelectorAll("input").forEach((slider, i) => {
      const [text] = study.stopsOf(column)[slider.value = brushes[column][i]];
      slider.setAttribute("aria-valuetext", text);
      set(slider.nextElementSibling, text);
    });
  });
  $("free").disabled = !on.length;
  const n = chosen.length, drawn = charts.thinned(chosen).length, of = drawn < n ? ", of which {drawn} are drawn" : "";
  set($("chosen"), say(`{n} of {n_all} trials${of}; the best of them:`, { n, n_all: study.ranked.length, drawn }));
  const numbers = chosen.slice(0, ROWS).map(trial => trial.number).join();
  if (numbers === tableOf) return;
  tableOf = numbers;
  attempt("table", () => read("table", study.number, `&numbers=${numbers}`).then(
    table => { if (tableOf === numbers) fill($("lines").lastElementChild, table); }, error => { tableOf = ""; throw error; }));
}

function brush(column, low, high) {
  brushes[column] = [low, high];
  lines ||= requestAnimationFrame(() => { lines = 0; if (!$("lines").hidden) showLines(); });
}

const free = () => { brushes.forEach((_, column) => brush(column, 0, STOPS)); };

function makeSliders() {
  brushes = study.columns.map(() => [0, STOPS]);
  $("sliders").replaceChildren(...study.columns.map((name, column) => {
    return made("fieldset", make("legend", name), ...["from", "to"].map((word, i) => {
      const slider = make("input", "", { type: "range", max: STOPS, ariaLabel: `${name}, ${say(word)}` });
      slider.addEventListener("input", () => {
        const stop = Number(slider.value), [low, high] = brushes[column];
        brush(column, i ? Math.min(low, stop) : stop, i ? stop : Math.max(high, stop));
      });
      return made("label", make("span", say(word)), slider, make("output"));
    }));
  }));
}

function dragOn(canvas) {
  let column = -1, from = 0, moved = false;
  const stop = event => Math.round(STOPS * axes.place(event.offsetY) / 1e4);
  canvas.addEventListener("pointerdown", event => {
    if (!axes || event.pointerType === "touch") return;  // a finger scrolls, and has the sliders
    column = brushes.findIndex((_, i) => Math.abs(axes.at(i) - event.offsetX) < 24);
    [from, moved] = [stop(event), false];
    if (column >= 0) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", event => {
    moved ||= stop(event) !== from;
    if (column >= 0 && moved) brush(column, Math.min(from, stop(event)), Math.max(from, stop(event)));
  });
  canvas.addEventListener("pointerup", () => {
    if (column >= 0 && !moved) brush(column, 0, STOPS);
    column = -1;
  });
}

const triedAxes = () => study.axes.map((_, column) => column).filter(column => study.complete.some(trial => trial.places[column] != null));

function pointAt({ target, offsetX, offsetY }) {
  let nearest = null, least = 20 ** 2;
  for (const [x, y, trial] of target.dots ?? []) {
    const far = (x - offsetX) ** 2 + (y - offsetY) ** 2;
    if (far < least) [least, nearest] = [far, trial];
  }
  pointed = nearest;
  set($("pointed"), nearest ? say("trial {number}: {value}", { number: nearest.number, value: nearest.values.map(shown).join(", ") }) : "");
}

// ---- The report's words

function showPiece(name, piece) {
  const section = $(name), [heading, text] = section.querySelectorAll("h2, p"), code = section.querySelector("pre"), table = section.lastElementChild;
  section.hidden = !piece;
  if (!piece) return;
  set(heading, piece.heading);
  set(text, piece.text);
  set(code, piece.code ?? "");
  code.hidden = !piece.code;
  if (piece.table) fill(table, piece.table);
  table.setAttribute("aria-label", piece.heading);
  const place = section.querySelector(".charts"), n = piece.alts.length;
  if (place) {
    place.hidden = !n;
    while (place.children.length < n) place.append(make("canvas", "", { role: "img" }));
  }
  section.querySelectorAll("canvas").forEach((canvas, i) => canvas.setAttribute("aria-label", piece.alts[i]));
}

// Return pieces that the report has not: all lines with their front, and the values of trials of which none is feasible.
function linesOfFront() {
  const text = say("Each line is a trial, from its hyperparameters to its objectives; gold ones are on the front.");
  return { heading: say("All of them together"), text, alts: [text] };
}

function slicesOfFront(text) {
  const of = column => say("Values of {n} trials against {name}.", { n: study.complete.filter(trial => trial.places[column] != null).length, name: study.columns[column] });
  const alts = triedAxes().flatMap(column => study.objectives.map(([name]) => `${name}. ${of(column)}`));
  return { heading: say("Each hyperparameter against the value"), text, alts };
}

function pathsOfInfeasible() {
  const text = say("Each dot is a trial, hollow because it is not feasible.");
  return { heading: say("No trial is feasible yet"), text, alts: [text, text] };
}

const showWords = follow("words", async () => {
  words = await read("words", study.number);
  const [searched, best, ...advice] = words.sentences, { far, ...sections } = words.sections;
  set($("incumbent"), best ?? "");
  set($("searched"), searched);
  $("highlights").replaceChildren(...words.highlights.map(([name, value]) => made("div", make("dt", name), make("dd", value))));
  $("advice").hidden = !advice.length;
  $("advice").lastElementChild.replaceChildren(...advice.map(text => make("li", text)));
  set($("far"), far?.text ?? "");
  if (study.several && sections.front?.alts.length) sections.lines = linesOfFront(), sections.slices = slicesOfFront(sections.front.text);
  else if (study.ranked[0]?.rank[0]) sections.paths = pathsOfInfeasible();
  for (const name of ["paths", "front", "remarks", "failed", "best", "curves", "lines", "slices", "budgets", "space", "settings"]) showPiece(name, sections[name]);
  document.title = words.highlights.length ? `${words.highlights[0][1]} · ${page.title}` : page.title;
  draw();
  await compare();
});

const showImportance = follow("importance", async () => {  // with a tenth more trials, and at the end
  const n = study.several ? 0 : study.ranked.length;
  if (!n || n === mattered || (n < 1.1 * mattered && study.running.length)) return;
  const piece = await read("importance", study.number), percent = share => `${Math.round(100 * share)}%`;
  mattered = n;
  showPiece("importance", piece);
  $("bars").replaceChildren(...piece.bars.map(([name, share, error]) => {
    const [whole, whisker] = [make("span"), make("span", "", { className: "error" })], [low, high] = [Math.max(0, share - error), Math.min(1, share + error)];
    whole.style.width = percent(share);
    Object.assign(whisker.style, { left: percent(low), width: percent(high - low) });
    const bar = made("li", make("span", name), made("div", whole, whisker), make("span", `${percent(share)} ± ${percent(error)}`));
    return bar;
  }));
  showMap();
});

const showMap = follow("map", async () => {  // as often as the importance, and for another choice
  const n = study.several ? 0 : study.ranked.length, asked = () => `&x=${$("map-x").value}&y=${$("map-y").value}`;
  if (!n || (asked() === mapOf && (n === mapped || (n < 1.1 * mapped && study.running.length)))) return;
  map = await read("map", study.number, asked());
  mapped = n;
  for (const [i, select] of [$("map-x"), $("map-y")].entries()) {
    select.replaceChildren(...map.names.map(([value, text]) => make("option", text, { value })));
    if (map.at) select.value = map.at[i];
  }
  mapOf = asked();
  showPiece("map", map.grid && { ...map, alts: [map.alt] });
  later();
});

async function compare() {
  $("comparison").hidden = !other;
  if (!other) return;
  const all = [words, await read("words", other.number)].map(each => Object.fromEntries(each.highlights));
  const rows = Object.keys({ ...all[1], ...all[0] }).map(name => [name, ...all.map(each => each[name] ?? "")]);
  const [text, table] = $("comparison").querySelectorAll("p, .scroll");
  set(text, alike() ? "" : say("The two studies differ in what they minimize or maximize: their values cannot be compared."));
  if (alike() && study.several && study.complete.length && other.complete.length) {
    const few = study.objectives.length <= 3, [point, ...volumes] = charts.hypervolumes(study, other, few);
    if (few) rows.unshift([say("hypervolume"), ...volumes.map(shown)]);
    set(text, few ? say("The hypervolume is measured from {point}, the worst value of each objective in the two studies: the larger, the better.", { point: `(${point.map(shown).join(", ")})` })
      : say("The hypervolume is left out: with more than three objectives, it takes too long to compute."));
  }
  fill(table, { heads: [say("what"), study.name, other.name], rows, numeric: [false, true, true] });
}

// ---- All trials, one of them, and changes

const showTrials = follow("trials", async () => {
  $("trials").hidden = !study.rows.length;
  if (!study.rows.length) return;
  const asked = new URLSearchParams({ search: $("search").value, column: sorted, down: down ? 1 : "", start });
  const table = await read("trials", study.number, `&${asked}`), { n } = table, all = JSON.stringify([table, sorted, down]);
  if (all === looked) return;
  [looked, start] = [all, table.start];
  fill($("trials").lastElementChild, table, number => make("button", number, { type: "button", onclick: () => open(Number(number)) }), sortBy);
  set($("found"), say("{from} to {to} of {n}", { from: Math.min(n, start + 1), to: Math.min(n, start + PAGE), n }));
  [$("before").disabled, $("after").disabled] = [!start, start + PAGE >= n];
});

function lookAgain(from) {
  start = from;
  showTrials();
}

function sortBy(cell) {  // up, then down, then the best first again
  const name = cell.textContent, on = () => name === sorted;
  if (on()) cell.ariaSort = down ? "descending" : "ascending";
  const turn = () => { [sorted, down] = [on() && down ? "" : name, on() && !down], lookAgain(0); };
  cell.replaceChildren(make("button", name, { type: "button", onclick: turn }));
}

const showTrial = follow("trial", async () => {
  const number = opened, section = $("trial");
  section.hidden = number == null;
  if (section.hidden) return;
  const told = await read("trial", study.number, `&number=${number}`), all = JSON.stringify(told);
  set(section.querySelector("h2"), say("Trial {number}", { number }));
  if (all !== detailed) section.querySelector("div").replaceChildren(...detail(told));  // what is selected stays
  detailed = all;
  if (opening) showNote(section, number), section.focus(), section.scrollIntoView({ block: "nearest" });
  opening = false;
});

function open(number) {
  [opened, opening] = [number, true];
  showTrial();
}

function close() {
  opened = null;
  showTrial();
  $("search").focus();
}

// The token of the address is kept for this tab alone, and does not stay in its address.
function tokenOf(store) {
  const [, given] = location.hash.match(/^#edit=([\w-]+)$/) ?? [];
  if (given) store.edit = given, history.replaceState(null, "", location.pathname + location.search);
  return page.edit == null ? null : store.edit;
}
const token = tokenOf(sessionStorage);

async function change(asked, done = () => {}) {
  const headers = { "Content-Type": "application/json", "Edit-Token": token }, log = study.mark.split(".")[0];
  const answer = await fetch(`/edit?study=${study.number}`, { method: "POST", headers, body: JSON.stringify({ log, ...asked }) }).catch(() => null);
  set($("edited"), !answer ? LOST : answer.ok ? say("Saved.") : await answer.text());
  setTimeout(() => set($("edited"), ""), 8000);
  if (answer?.ok) done();
}

function showNote(section, trial) {
  const form = section.querySelector("form"), text = form?.querySelector("textarea");
  if (!token || !form) return;
  form.hidden = false;
  text.value = study.remarks[trial ?? ""] ?? "";
  form.onsubmit = event => {
    event.preventDefault();
    change({ note: text.value, ...trial == null ? {} : { trial } });
  };
}

function showEdit() {
  if (!token || !$("edit").hidden) return;
  $("edit").hidden = false;
  showNote($("edit"));
  $("rename")?.addEventListener("submit", event => {
    event.preventDefault();
    change({ name: $("rename").querySelector("input").value }, () => location.reload());
  });
  $("delete")?.addEventListener("click", () => {
    const sure = confirm(say("Delete study {name}, with all its trials, for good?", { name: study.name }));
    if (sure) change({ delete: true }, () => location.assign("/"));
  });
}

// ---- The page

function showNames() {
  const listed = Object.entries(study.names);
  if (JSON.stringify(listed) === names) return;
  names = JSON.stringify(listed);
  const options = listed.map(([value, text]) => make("option", text, { value }));
  const others = options.filter(({ value }) => value !== page.study).map(option => option.cloneNode(true));
  $("choose").replaceChildren(...options);
  $("choose").value = page.study;
  const against = $("against").value;
  $("against").replaceChildren(make("option", "–", { value: "" }), ...others);
  $("against").value = against;
  for (const select of [$("choose"), $("against")]) select.parentElement.hidden = listed.length < 2;
}

function changed() {
  if (brushes.length !== study.columns.length) makeSliders();
  showState();
  showNames();
  showEdit();
  later();
  showWords();
  showTrials();
  showTrial();
  showImportance();
}

if (page.study === "0") {
  const overview = new Overview(0);
  overview.listen();
  setInterval(() => { $("state").textContent = overview.lost ? LOST : ""; }, 1000);
} else {
  study = new Study(page.study, changed);
  setInterval(showState, 1000);
  dragOn($("parallel"));
  document.addEventListener("pointermove", pointAt);
  document.addEventListener("click", ({ target }) => { if (target.dots && pointed) open(pointed.number); });
  $("free").addEventListener("click", free);
  $("search").addEventListener("input", () => lookAgain(0));
  $("before").addEventListener("click", () => lookAgain(Math.max(0, start - PAGE)));
  $("after").addEventListener("click", () => lookAgain(start + PAGE));
  $("close").addEventListener("click", close);
  for (const id of ["map-x", "map-y"]) $(id).addEventListener("change", showMap);
  $("choose").addEventListener("change", ({ target }) => { location.search = `?study=${target.value}`; });
  $("against").addEventListener("change", ({ target }) => {
    if (other) other.ended = true, other.rest();
    other = target.value ? new Study(target.value, () => { later(); showWords(); }) : null;
    later();
    showWords();
  });
  new ResizeObserver(later).observe(document.querySelector("main"));
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => { document.documentElement.dataset.theme = dark.matches ? "dark" : "light"; if (study) draw(); };
dark.addEventListener("change", theme);
theme();
