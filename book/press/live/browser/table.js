// Your own table: five steps, each open as soon as the one before it has what it needs. Python (your_table.py) looks at the table and
// writes the program, which runs as a cell does; here are the controls, the trials as they arrive, and what this browser keeps of them.
// Words of a table are text wherever they are shown.

const MOST = 20e6;  // bytes of a file
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_. ()-]*\.(csv|tsv|txt|dat|data)$/u;  // any other name might be that of a module
const STORED = "your_table.db";  // the file in which the program keeps its searches
const TO_LOOK = ["numpy", "pandas"], TO_FIT = [...TO_LOOK, "scipy", "sklearn", "hpt_lab"];  // what Python imports
// Cells around the program, which the page does not show: each trial and what comes out is sent to the page.
const SEND = `import json
from hpt_live import your_table
send = get_ipython().kernel.send
`;
const BEFORE = `import ${TO_FIT.join(", ")}
${SEND}your_table.attach(lambda trial: send({"kind": "trial", **trial}))`;
const AFTER = `${SEND}send({"kind": "results", "results": json.dumps(your_table.results(globals()))})`;
const REPORT = (title, language) => `${SEND}send({"kind": "report", "report": your_table.report(globals(), ${JSON.stringify(title)}, "${language}")})`;
const PROGRAM = 1, LAST = 3;  // their numbers: 0, 1, 2, 3

const NAMES = { random: _("random search"), Bayesian: _("Bayesian optimization") };
const MODELS = [["linear", _("linear (logistic or ridge)")], ["svm", _("support vector machine")], ["boosting", _("gradient boosting")]];
const TASKS = [["classification", _("a class")], ["regression", _("a number")]];
const KINDS = { number: _("numbers"), category: _("categories"), date: _("dates"), text: _("free text"), index: _("row numbers") };

let tools, element, button, state, steps, parts, run;
const local = (number, digits = 3) => number.toLocaleString(document.documentElement.lang, { maximumSignificantDigits: digits });
const fresh = (file = null) => ({ file, seen: null, advice: null, choices: {}, program: "", seconds: null, trials: [], ended: "" });

// ---- What this browser keeps, if it lets a page keep anything: the file, the state, and the stored searches.

const store = (mode, act) => new Promise((resolve, reject) => {
  const opened = indexedDB.open("hpt-table");
  opened.onupgradeneeded = () => opened.result.createObjectStore("kept");
  opened.onerror = reject;
  opened.onsuccess = () => {
    const asked = act(opened.result.transaction("kept", mode).objectStore("kept"));
    asked.onsuccess = () => { opened.result.close(); resolve(asked.result); };
    asked.onerror = reject;
  };
}).catch(() => null);

const keep = () => state.file && store("readwrite", kept => kept.put({ ...state, stored: null, file: { ...state.file, bytes: null } }, "state"));

// ---- Python, in its frame.

let korean, python, asks = 0, last = Promise.resolve();
const waiting = new Map();

function begun() {
  if (python) return python;
  const made = python = tools.python(TO_FIT.map(name => `import ${name}`).join("\n"));
  let queue = Promise.resolve();  // what is heard, in its order
  made.onmessage = ({ data }) => { queue = queue.then(() => made === python && heard(data)).catch(error => console.error(error)); };
  made.onerror = () => halt(_("Python could not be started: is there a connection?"));
  made.onflood = () => halt(_("Stopped: the program shows more in a second than a page can take."));
  if (korean) made.postMessage({ call: "speak", given: [korean], packages: [] });
  made.postMessage({ files: { [state.file.name]: state.file.bytes, ...(state.stored && { [STORED]: state.stored }) } });
  return made;
}

// The answer of a function of your_table.py; with `whole`, the bytes of the table come first.
function ask(call, given, whole = false) {
  const id = ++asks, file = state.file;
  last = last.then(() => new Promise((resolve, reject) => {
    if (file !== state.file) return reject(new Error("another table"));
    waiting.set(id, { resolve, reject });
    begun().postMessage({ call, given, id, packages: call === "look" ? TO_LOOK : TO_FIT, file: whole ? file.name : "" });
  }));
  const answer = last;
  last = last.catch(() => {});
  return answer;
}

function end() {
  python?.terminate();
  python = null;
  for (const { reject } of waiting.values()) reject(new Error("stopped"));
  waiting.clear();
}

// ---- The page: a form at the end of each step, and beside the first three the program.

const shows = (step, yes = true) => steps[step].section.classList.toggle("table-waits", !yes);

function built() {
  const names = ["choose", "plan", "watch", "verdict", "leave"];
  steps = Object.fromEntries(names.map(name => {
    const section = document.getElementById(`table-${name}`).closest("section"), title = section.querySelector("h2");
    const form = element("div", { class: "table-form", role: "group", "aria-label": title.firstChild.textContent }), says = element("div", { class: "table-says live-state", role: "status" });
    section.append(form, says);
    return [name, { section, form, say: (...what) => says.replaceChildren(...what), title }];
  }));
  const program = document.getElementById("your-program"), first = steps.choose.section, work = element("div", { class: "table-work" });
  const beside = element("details", { class: "table-program device-more" }, element("summary", {}, _("The program of these choices")), program);
  beside.open = matchMedia("(min-width: 1200px)").matches;
  first.before(work);
  work.append(element("div", {}, first, steps.plan.section, steps.watch.section), beside);
  parts = { pre: program.querySelector("pre") };
  parts.pre.tabIndex = 0;
  parts.own = parts.pre.textContent;
  choosing();
  waits();
}

function waits() {
  for (const step of ["plan", "watch", "verdict", "leave"]) { steps[step].form.replaceChildren(); steps[step].say(); shows(step, false); }
}

const field = (words, control) => element("label", { class: "table-field" }, element("span", {}, words), control);

function select(options, chosen, change) {
  const made = element("select", {}, ...options.map(([value, words]) => element("option", { value }, words)));
  made.value = chosen;
  made.addEventListener("change", () => change(made.value));
  return made;
}

function number(value, change, { min, max, whole = true } = {}) {
  const made = element("input", { type: "number", value, step: whole ? 1 : "any", ...(min !== undefined && { min, max }) });
  made.addEventListener("change", () => {
    if (made.value === "" || !made.checkValidity()) { made.value = value; return steps.plan.say(hint(min === undefined ? _("A number belongs here.") : _`A whole number from ${min} to ${max} belongs here.`)); }
    change(value = Number(made.value), made);
  });
  return made;
}

const CONTROLS = "button, input, select, summary";
function refill(box, ...children) {  // the focus stays at its place
  const place = [...box.querySelectorAll(CONTROLS)].indexOf(document.activeElement);
  box.replaceChildren(...children);
  if (place >= 0) box.querySelectorAll(CONTROLS)[place]?.focus();
}

const hint = words => element("p", { class: "live-hint" }, words);

// ---- 1 Choose.

function choosing() {
  const { form, section, say } = steps.choose;
  const input = element("input", { type: "file", accept: ".csv,.tsv,.txt,.dat,.data,text/csv" });
  input.addEventListener("change", () => input.files[0] && take(input.files[0]));
  const drop = element("div", { class: "table-drop" }, field(_("A file with a table (CSV)"), input), element("span", {}, _("or drop it here.")));
  for (const name of ["dragover", "drop"]) addEventListener(name, event => {
    event.preventDefault();  // dropped beside it, a file would replace the page
    drop.classList.toggle("table-over", name === "dragover" && drop.contains(event.target));
    if (name === "drop" && !run && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  addEventListener("dragleave", () => drop.classList.remove("table-over"));
  const tables = [...section.querySelectorAll("a.download")].map(link => {
    const { textContent: name, href } = link;
    link.replaceWith(name);
    return button(name, async () => {
      const answer = await fetch(href).catch(() => null);
      if (answer?.ok) take(new File([await answer.blob()], href.slice(href.lastIndexOf("/") + 1)));
      else say(hint(_("This table cannot be loaded: is there a connection?")));
    });
  });
  parts.seen = element("div", {});
  form.append(drop, element("div", { class: "table-row" }, element("span", {}, _("Or a table of the book:")), ...tables), parts.seen);
}

async function take(file) {
  const { say } = steps.choose;
  if (file.size > MOST) return say(hint(_`The file has ${local(file.size / 1e6)} MB, and the limit is ${MOST / 1e6} MB: take a sample of its rows.`));
  if (!await tools.agreed(say)) return;
  const bytes = new Uint8Array(await file.arrayBuffer().catch(() => new ArrayBuffer(0))), mine = ++changes;
  state = fresh({ name: PLAIN.test(file.name) ? file.name : "table.csv", shown: file.name, bytes });
  python?.postMessage({ files: { [state.file.name]: bytes } });
  waits();
  parts.seen.replaceChildren();
  program("");
  say(_`Reading ${file.name} ...`);
  let seen;
  try { seen = await ask("look", [state.file.name], true); } catch (error) { return fault(say, error); }
  if (mine !== changes) return;
  state.seen = seen;
  if (state.seen.refused) return say(hint(state.seen.refused));
  await store("readwrite", kept => kept.clear());
  await store("readwrite", kept => kept.put(bytes, "file"));
  const { target, task, read } = state.seen;
  state.choices = { file: state.file.name, read, target, task, columns: null, model: "boosting", space: null, trials: 25, folds: 5, seed: 0 };
  chosen();
  await changed({ target });
}

const fault = (say, error) => error.message === "stopped" || error.message === "another table" ? undefined : say(hint(_`Python could not do this: ${error.message.trim().split("\n").at(-1)}`));

function chosen() {  // the table, as it was read
  const { rows, columns, head, notes = [] } = state.seen, { choices } = state, most = columns.slice(0, 40);
  const top = element("tr", {}, ...most.map(({ name }) => element("th", { scope: "col" }, name)));
  const body = head.map(row => element("tr", {}, ...row.slice(0, most.length).map(value => element("td", {}, value))));
  const table = element("table", {}, element("caption", {}, _`The first rows of ${state.file.shown}: ${rows} rows, ${columns.length} columns`), element("thead", {}, top), element("tbody", {}, ...body));
  const target = select(columns.map(({ name }) => [name, name]), choices.target, target => changed({ target }));
  parts.task = select(TASKS, choices.task, task => changed({ task }));
  parts.columns = element("div", { class: "table-columns" });
  parts.used = element("summary", {});
  parts.warnings = element("ul", { class: "table-warnings" });
  parts.seen.replaceChildren(
    element("div", { class: "table-head", tabindex: 0, role: "region", "aria-label": _("The first rows") }, table),
    ...notes.map(note => element("p", {}, note)),
    element("div", { class: "table-row" }, field(_("What to predict"), target), field(_("It is"), parts.task)),
    element("details", { class: "device-more" }, parts.used, parts.columns), parts.warnings);
}

function columns() {
  const { choices, seen } = state, others = seen.columns.filter(({ name }) => name !== choices.target);
  parts.used.textContent = _`Columns to predict from: ${choices.columns.length} of ${others.length}`;
  refill(parts.columns, ...others.map(({ name, kind, missing, shown }) => {
    const box = element("input", { type: "checkbox" });
    box.checked = choices.columns.includes(name);
    box.addEventListener("change", () => {
      const now = new Set(choices.columns);
      if (box.checked) now.add(name); else now.delete(name);
      changed({ columns: others.map(one => one.name).filter(one => now.has(one)) });
    });
    const about = [KINDS[kind] ?? kind, missing ? _`${missing} missing` : "", shown].filter(Boolean).join(" · ");
    return element("label", {}, box, element("span", {}, element("b", {}, name), " ", about));
  }));
}

// A choice was made: what Python has to say to it, and the program; then, how long it takes. `pending` says whether there is a program.
let changes = 0, pending = Promise.resolve(true), rebuild = false;

async function changed(what) {
  const mine = ++changes;
  try {
    if (!await (pending = revised(what, () => mine !== changes))) return;
    state.seconds = null;
    timed();
    const { whole } = await ask("time_fits", [state.choices]);
    if (mine !== changes) return;
    state.seconds = whole;
    timed();
    keep();
  } catch (error) { if (mine === changes) fault(steps.choose.say, error); }
}

async function revised(what, late) {
  const { choices } = state, { say } = steps.choose;
  Object.assign(choices, what);
  if ("target" in what) Object.assign(choices, { task: null, columns: null });
  if ("target" in what || "task" in what || "model" in what) choices.space = null;
  rebuild ||= choices.space === null || "columns" in what;
  for (const step of ["watch", "verdict", "leave"]) steps[step].section.classList.add("table-old");
  say(_("Reading the columns ..."));
  const advice = await ask("advise", [choices], true);
  if (late()) return false;
  state.advice = advice;
  choices.task ??= advice.task;
  choices.columns ??= advice.columns;
  choices.space ??= advice.space;
  advised();
  say();
  const wrong = advice.warnings.find(({ stops }) => stops);
  if (wrong && !("space" in what)) {
    program("");
    waits();
  } else steps.plan.say(...(wrong ? [hint(wrong.sentence)] : []));
  if (wrong) return false;
  const text = await ask("program", [choices]);
  if (late()) return false;
  program(text);
  if (rebuild) planned();
  rebuild = false;
  keep();
  return true;
}

function advised() {
  const { choices, advice } = state;
  parts.task.value = choices.task;
  columns();
  parts.warnings.replaceChildren(...advice.warnings.map(({ column, sentence, stops }) => element("li", { class: stops ? "table-stops" : "" }, ...(column === null ? [] : [element("b", {}, column), ": "]), sentence)));
}

// ---- The program, in step with the choices: the lines that a choice has changed are marked.

const TOKEN = /(?<c>#.*)|(?<s>[rf]?"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\b(?<k>import|from|as|for|in|if|else|elif|def|return|lambda|not|and|or|with|is|None|True|False)\b/g;

function colored(line) {
  const made = [];
  let from = 0;
  for (const found of line.matchAll(TOKEN)) {
    const [kind] = Object.entries(found.groups).find(([, text]) => text !== undefined);
    made.push(line.slice(from, found.index), element("span", { class: kind }, found[0]));
    from = found.index + found[0].length;
  }
  return [...made, line.slice(from)];
}

function program(text) {
  const before = new Set(state.program.split("\n"));
  state.program = text;
  parts.pre.replaceChildren(...(text || parts.own).trimEnd().split("\n").map(line =>
    element("span", { class: `table-line ${text && before.size > 1 && !before.has(line) ? "table-new" : ""}` }, ...colored(line), "\n")));
}

// ---- 2 Plan.

function planned() {
  const { choices } = state, { form } = steps.plan, within = (name, min, max) => number(choices[name], value => changed({ [name]: value }), { min, max });
  const head = element("tr", {}, ...[_("hyperparameter"), _("from"), _("to")].map(words => element("th", { scope: "col" }, words)));
  const open = form.querySelector("details")?.open ?? false;
  parts.time = element("p", {});
  parts.start = button(_("Start"), start, "live-run");
  refill(form,
    element("div", { class: "table-row" }, field(_("Model"), select(MODELS, choices.model, model => changed({ model }))),
      field(_("Trials of each search"), within("trials", 5, 200)), field(_("Folds"), within("folds", 2, 10)), field(_("Seed"), within("seed", 0, 9999))),
    element("details", { class: "device-more", ...(open && { open: "" }) }, element("summary", {}, choices.space.length === 1 ? _("The search space: one hyperparameter") : _`The search space: ${choices.space.length} hyperparameters`),
      element("table", { class: "table-space" }, element("thead", {}, head), element("tbody", {}, ...choices.space.map(bounds))),
      button(_("Default ranges"), () => changed({ space: null }))),
    parts.time, element("div", { class: "table-row" }, parts.start));
  shows("plan");
}

function timed() {
  const { seconds, choices } = state, fits = 2 * choices.trials * choices.folds;
  parts.time.textContent = seconds === null ? _("Two fits are being timed ...") : _`Two searches of ${choices.trials} trials with ${choices.folds} folds are ${fits} fits: ${duration(seconds)} on this machine.`;
}

const duration = seconds => seconds < 90 ? _`about ${Math.max(1, Math.round(seconds))} s` : _`about ${Math.round(seconds / 60)} minutes`;

function bounds(one, place) {
  const { choices } = state;
  const cells = ["low", "high"].map(end => {
    const made = number(one[end], value => changed({ space: choices.space.map((was, i) => i === place ? { ...was, [end]: value } : was) }), { whole: one.kind === "int" });
    made.setAttribute("aria-label", `${one.name}, ${end === "low" ? _("from") : _("to")}`);
    return element("td", {}, made);
  });
  return element("tr", {}, element("th", { scope: "row" }, element("code", {}, one.name), one.log ? ` ${_("(log scale)")}` : ""), ...cells);
}

// ---- 3 Watch: the program runs, and each trial is a dot.

async function start() {
  let ready = false;
  for (let awaited; awaited !== pending;) ready = await (awaited = pending).catch(() => false);
  if (run || !ready) return;
  const same = state.ran?.program === state.program;
  if (!same) Object.assign(state, { trials: [], stored: null });
  Object.assign(state, { results: null, report: null, printed: "", ended: "stopped", ran: { program: state.program, choices: { ...state.choices } } });
  run = { began: performance.now(), before: state.trials.length };
  lock(true);
  for (const step of ["watch", "verdict", "leave"]) steps[step].section.classList.remove("table-old");
  for (const step of ["verdict", "leave"]) shows(step, false);
  watched().focus();
  steps.watch.say(_("Running ..."));
  keep();
  const { shown } = state.file, language = document.documentElement.lang === "ko" ? "ko" : "en";
  begun().postMessage({ files: { [STORED]: state.stored ?? null } });
  python.postMessage({ run: LAST, all: true, sources: { 0: BEFORE, [PROGRAM]: state.program, 2: AFTER, [LAST]: REPORT(shown, language) } });
}

function lock(yes) {
  for (const { form } of [steps.choose, steps.plan]) for (const one of form.querySelectorAll("button, input, select")) one.disabled = yes;
}

function watched() {  // what step 3 shows of the trials; returns its button
  const { form } = steps.watch, others = fewest();
  const stop = run ? button(_("Stop"), () => halt(_("Stopped. The trials that have finished are kept in this browser.")), "live-stop") : button(_("Continue"), start, "live-run");
  parts.figure = element("div", { class: "table-figure" });
  parts.printed = element("pre", { tabindex: 0 }, state.printed);
  const row = element("div", { class: "table-row" }, ...(state.ended ? [stop] : []));
  if (!run && state.ended && others >= LEAST) row.append(button(_`Verdict with ${others} trials each`, () => changed({ trials: others }).then(() => { planned(); start(); })));
  refill(form, parts.figure, row, element("details", { class: "device-more" }, element("summary", {}, _("What the program prints")), parts.printed));
  shows("watch");
  drawn();
  return stop;
}

const LEAST = 5;
const fewest = () => Math.min(...Object.keys(NAMES).map(name => state.trials.filter(({ study }) => study === name).length));

// The trials as dots, and the best so far of each search as a line. An error counts downward. What is far worse than most is an arrowhead
// at the edge.
function drawn() {
  const { trials, ran: { choices } } = state, phone = innerWidth < 576, W = 640, H = 240, [left, right, top, bottom] = [phone ? 84 : 58, phone ? 225 : 175, 22, 34], down = choices.task === "regression";
  const shown = trials.filter(({ value }) => Number.isFinite(value)).map(one => ({ ...one, value: down ? -one.value : one.value }));
  if (!shown.length) return;
  const better = (a, b) => down ? a < b : a > b, order = shown.map(({ value }) => value).sort((a, b) => better(a, b) ? -1 : 1);
  const first = order[0], middle = order[order.length >> 1], far = middle + 2 * (middle - first), worst = order.at(-1);
  const edge = middle !== first && better(far, worst) ? far : worst, [low, high] = [Math.min(first, edge), Math.max(first, edge)];
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  const x = number => left + (W - left - right) * number / Math.max(1, choices.trials - 1);
  const y = value => top + (H - top - bottom) * (high + room - Math.min(high, Math.max(low, value))) / (high - low + 2 * room);
  const svg = (name, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const text = (x, y, words, anchor = "start", kind = "") => svg("text", { x, y, "text-anchor": anchor, class: kind }, words);
  const marks = [], ends = [], score = down ? _("mean absolute error") : _("accuracy");
  for (const [name, words] of Object.entries(NAMES)) {
    const own = shown.filter(({ study }) => study === name), kind = `table-${name}`;
    if (!own.length) continue;
    let best = own[0].value, path = `M${x(own[0].number)} ${y(best)}`;
    for (const { number, value } of own) {
      const out = better(edge, value);
      marks.push(out ? svg("path", { class: `${kind} table-out`, d: `M${x(number) - 5} ${y(value)}h10l-5 ${down ? -8 : 8}z` }) : svg("circle", { class: kind, cx: x(number), cy: y(value), r: 4 }));
      if (better(value, best)) best = value;
      path += `H${x(number)}V${y(best)}`;
    }
    marks.unshift(svg("path", { class: kind, d: `${path}H${W - right + 8}` }));
    ends.push({ kind, words, best, said: _`${words}: ${own.length} of ${choices.trials} trials, best ${score} ${local(best)}` });
  }
  ends.sort((a, b) => y(a.best) - y(b.best));
  ends.forEach((end, i) => { end.at = Math.max(y(end.best), i ? ends[i - 1].at + (phone ? 23 : 17) : 0); });
  parts.summary = ends.map(({ said }) => said).join("; ");
  parts.figure.replaceChildren(svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": parts.summary },
    ...[low, high].slice(low === high ? 1 : 0).map(value => text(left - 10, y(value) + 4, local(value), "end")),
    text(x(0), H - 10, "1", "middle"), text(x(choices.trials - 1), H - 10, `${choices.trials}`, "middle"), text((left + W - right) / 2, H - 10, _("trial"), "middle"),
    text(0, 10, score), ...marks, ...ends.map(({ kind, words, at }) => text(W - right + 14, at + 4, words, "start", kind))));
}

async function heard(message) {
  const { answers, phase, shows: number, message: shown } = message;
  if (phase) return state.results || (run ? steps.watch : steps.choose).say(...tools.coming(message));
  if (answers !== undefined) {
    const { resolve, reject } = waiting.get(answers) ?? {};
    waiting.delete(answers);
    return "value" in message ? resolve?.(message.value) : reject?.(new Error(message.failed));
  }
  if (!run) return;
  if (shown?.kind === "trial") {
    const { kind, file, ...trial } = shown;
    state.trials = [...state.trials.filter(({ study, number: other }) => study !== trial.study || other !== trial.number), trial];
    state.stored = Uint8Array.from(atob(file), sign => sign.charCodeAt(0));
    drawn();
    const done = state.trials.length, all = 2 * state.ran.choices.trials, took = (performance.now() - run.began) / 1000;
    const rest = took / Math.max(1, done - run.before) * (all - done);
    steps.watch.say(element("progress", { max: all, value: done, "aria-label": _("Finished trials") }), done < all ? _`Trial ${done} of ${all}: ${NAMES[trial.study]}, ${duration(rest)} left.` : _("All trials have finished: the test set is being opened ..."));
    store("readwrite", kept => kept.put(state.stored, "stored"));
    keep();
  } else if (shown?.kind === "results" && !run.error) {
    Object.assign(state, { results: JSON.parse(shown.results), ended: "" });
    told();
    steps.watch.say(_("The report is being written ..."));
  }
  else if (shown?.kind === "report" && !run.error) state.report = shown.report;
  else if (shown?.kind === "text" && number === PROGRAM) {
    state.printed += shown.text;
    parts.printed.append(shown.text);
  }
  else if (shown?.kind === "clear") run.error = null;  // it runs again, with a package that it had missed
  else if (shown?.kind === "error" && number < LAST) run.error ??= shown.text;
  else if (message.over !== undefined) over(message.failed ? _`Python could not be started: ${message.failed}` : run.error ? _`The program ended with an error: ${run.error.trim().split("\n").at(-1)}` : "");
}

function halt(words) {
  end();
  if (run) over(words); else steps.choose.say(hint(words));
}

function over(words) {
  const watching = steps.watch.form.contains(document.activeElement);
  run = null;
  lock(false);
  watched();
  steps.watch.say(words ? hint(words) : parts.summary ?? "");
  left();
  keep();
  if (watching && state.results) steps.verdict.title.focus();
}

// ---- 4 Verdict: one answer, the numbers behind it, and sentences that lead to their lessons.

const ANSWERS = { yes: _("Yes, tuning was worth it."), no: _("No: keep the defaults."), "cannot be told": _("It cannot be told: keep the defaults for now.") };

function told() {
  const { form } = steps.verdict, { answer, gain, error, losses, sentences } = state.results, percent = state.ran.choices.task === "classification";
  const shown = value => percent ? `${(100 * value).toFixed(1)}%` : local(value);
  const rows = [[_("the best constant"), losses.floor], [_("the defaults"), losses.default], [_("the tuned model"), losses.tuned]].map(([words, value]) =>
    element("tr", {}, element("th", { scope: "row" }, words), element("td", {}, shown(value))));
  const most = 1.15 * Math.max(Math.abs(gain - 2 * error), Math.abs(gain + 2 * error), 1e-12), place = value => `${50 + 50 * value / most}%`;
  const interval = element("div", { class: `interval ${Math.abs(gain) > 2 * error ? "" : "level"}`, style: `--zero: 50%; --low: ${place(gain - 2 * error)}; --high: ${place(gain + 2 * error)}; --mean: ${place(gain)}` }, element("i"));
  const gained = element("p", {}, _`gain ${sentences[0].values.gain}`);
  form.replaceChildren(
    element("p", { class: `table-answer table-${answer.split(" ")[0]}` }, ANSWERS[answer]),
    element("table", { class: "table-losses" }, element("caption", {}, percent ? _("Errors on the test rows") : _("Mean absolute error on the test rows")), element("tbody", {}, ...rows)),
    element("div", { class: "has-interval" }, interval, gained),
    element("p", { class: "table-note" }, _("The dot is the gain of the tuned model over the defaults, the bar twice its error to both sides, the line no gain.")),
    element("ul", {}, ...sentences.map(({ sentence, lesson }) => element("li", {}, sentence, " ", lessonLink(lesson)))));
  steps.verdict.title.tabIndex = -1;
  steps.verdict.title.after(form);
  shows("verdict");
}

// The page names each of these lessons in a link: "lesson 6.2".
function lessonLink(number) {
  const known = [...document.querySelectorAll(".bd-article a")].find(link => link.textContent.match(/\d+\.\d+/)?.[0] === number);
  return element("span", {}, "(", known ? element("a", { href: known.href }, _`lesson ${number}`) : _`lesson ${number}`, ")");
}

// ---- 5 Leave with.

function save(name, text, type) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const forProgram = (of = state) => [
  button(_("Program (.py)"), () => save("your_table.py", of.program || parts.own, "text/x-python")),
  button(_("Notebook (.ipynb)"), () => ask("notebook", [of.choices]).then(text => save("your_table.ipynb", text, "application/x-ipynb+json"), error => fault(steps.leave.say, error)))];

function left() {
  const { results, report } = state;
  const params = results && { model: state.ran.choices.model, strategy: results.strategy, params: results.params };
  steps.leave.form.replaceChildren(element("div", { class: "table-row" }, ...forProgram(state.ran),
    ...(report ? [button(_("Report (.html)"), () => save("report.html", report, "text/html"))] : []),
    ...(params ? [button(_("Hyperparameters (.json)"), () => save("params.json", JSON.stringify(params, null, 1), "application/json"))] : []),
    button(_("Forget this table"), forget)));
  shows("leave");
}

async function forget() {
  end();
  await store("readwrite", kept => kept.clear());
  state = fresh();
  waits();
  parts.seen.replaceChildren();
  program("");
  steps.choose.say(_("Your table is forgotten: this browser has nothing left of it."));
  steps.choose.form.querySelector("input").focus();
}

// ---- Begin, with what was kept of an earlier visit.

export async function begin(given) {
  tools = given;
  ({ element, button } = given);
  state = fresh();
  built();
  if (document.documentElement.lang !== "en") korean = await fetch(new URL("sentences.json", tools.place)).then(answer => answer.json()).catch(() => null);
  const [before, bytes, stored] = await Promise.all(["state", "file", "stored"].map(name => store("readonly", kept => kept.get(name))));
  if (!before?.choices?.columns || !bytes || state.file) return;
  Object.assign(state, before, { file: { ...before.file, bytes }, stored });
  chosen();
  advised();
  const text = state.program;
  state.program = "";
  program(text);
  if (!text) return;
  planned();
  timed();
  if (state.results) told();
  if (state.ran) over(state.ended && _`The tab was closed before the end: ${state.trials.length} finished trials are still here.`);
  steps.choose.say(_`Your table is still here from your last visit: ${state.file.shown}.`);
}
