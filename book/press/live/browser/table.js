// Your own table: five steps, each open as soon as the one before it has what it needs. Python (your_table.py) looks at the table and
// writes the program, which runs as a cell does; here are the controls, the trials as they arrive, and what this browser keeps of them.
// Words of a table are text wherever they are shown.
import { path } from "./charts.js";

const PART = 20e6;  // bytes of a file that are read: of a longer one, its first rows
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_. ()-]*\.(csv|tsv|txt|dat|data)$/u;  // any other name might be that of a module
const STORED = "your_table.db", KEPT = "hpt-table";  // the program's file of its searches; where this browser keeps what it does
const TO_LOOK = ["numpy", "pandas"], TO_FIT = [...TO_LOOK, "scipy", "sklearn", "hpt_lab"];  // what Python imports
const PACKAGES = { look: TO_LOOK, report: [...TO_FIT, "matplotlib", "jinja2"] };
const TRIAL = /^(random|Bayesian)\D+(\d+)\D+\d+: (.*)$/gm;  // a line that the program prints
const LEAST = 5;  // trials of a search

const NAMES = { random: _("random search"), Bayesian: _("Bayesian optimization") };
const KINDS = { number: _("numbers"), category: _("categories"), date: _("dates"), text: _("texts"), index: _("row numbers") };
const ANSWERS = { yes: _("Yes, tuning was worth it."), no: _("No: keep the defaults."), "cannot be told": _("It cannot be told: keep the defaults for now.") };

const field = (words, control) => `<label class="table-field"><span>${words}</span>${control}</label>`;
const select = (name, options = {}) => `<select name="${name}">${Object.entries(options).map(([value, words]) => `<option value="${value}">${words}</option>`).join("")}</select>`;
const number = (name, min, max, more = 'step="1"') => `<input type="number" name="${name}" min="${min}" max="${max}" required ${more}>`;
const press = (name, words, kind = "") => `<button type="button" name="${name}" class="live-button ${kind}">${words}</button>`;
const row = (...parts) => `<div class="table-row">${parts.join("")}</div>`;
const more = (words, inside) => `<details class="device-more"><summary>${words}</summary>${inside}</details>`;

const FORMS = {
  choose: `<div class="table-drop">${field(_("A file with a table (CSV)"), '<input type="file" name="file" accept=".csv,.tsv,.txt,.dat,.data,text/csv">')}<span>${_("or drop it here.")}</span></div>
    ${row(`<span>${_("Or a table of the book:")}</span>`)}
    <div class="table-seen" hidden>
      <div class="table-head" tabindex="0" role="region" aria-label="${_("The first rows")}"><table><caption></caption><thead></thead><tbody></tbody></table></div>
      <div class="table-notes"></div>
      ${row(field(_("What to predict"), select("target")), field(_("It is"), select("task", { classification: _("a class"), regression: _("a number") })))}
      ${more("", '<div class="table-columns"></div>')}<ul class="table-warnings"></ul></div>`,
  plan: `${row(field(_("Model"), select("model", { linear: _("linear (logistic or ridge)"), svm: _("support vector machine"), boosting: _("gradient boosting") })),
      field(_("Trials of each search"), number("trials", LEAST, 200)), field(_("Folds"), number("folds", 2, 10)), field(_("Seed"), number("seed", 0, 9999)))}
    ${more(_("The search space, on log scales"), `<table class="table-space"><thead><tr><th scope="col">${_("hyperparameter")}</th><th scope="col">${_("from")}</th><th scope="col">${_("to")}</th></tr></thead><tbody></tbody></table>${press("ranges", _("Default ranges"))}`)}
    <p></p>${row(press("start", _("Start"), "live-run"))}`,
  watch: `<div class="table-figure"><canvas role="img"></canvas></div>
    ${row(press("stop", _("Stop"), "live-stop"), press("start", _("Continue"), "live-run"), press("fewer", ""))}
    ${more(_("What the program prints"), '<pre tabindex="0"></pre>')}`,
  verdict: `<p class="table-answer"></p><table class="table-losses"><caption></caption><tbody></tbody></table><div class="has-interval"><div class="interval"><i></i></div><p></p></div>
    <p class="table-note">${_("The dot is the gain of the tuned model over the defaults, the bar twice its error to both sides, the line no gain.")}</p><ul></ul>`,
  leave: row(press("py", _("Program (.py)")), press("ipynb", _("Notebook (.ipynb)")), press("html", _("Report (.html)")), press("json", _("Hyperparameters (.json)")), press("forget", _("Forget this table"))),
};

let tools, element, state, steps, program, run;
const $ = (step, selector) => steps[step].form.querySelector(selector);
const local = (number, digits = 3) => number.toLocaleString(document.documentElement.lang, { maximumSignificantDigits: digits });
const fresh = file => ({ file, seen: null, warnings: [], choices: {}, program: "", trials: [], printed: "", stopped: false });
const hint = words => element("p", { class: "live-hint" }, words);
const line = (kind, words) => element("tr", {}, ...words.map((one, i) => element(i ? kind : "th", i && kind === "td" ? {} : { scope: kind === "th" ? "col" : "row" }, one)));

// ---- What this browser keeps, if it lets a page keep anything: the file, the state, and the stored searches.

const place = () => self.caches?.open(KEPT).catch(() => null);
const keep = async (name, value) => (await place())?.put(`/${name}`, new Response(value)).catch(() => {});
const keepState = () => keep("state", JSON.stringify({ ...state, stored: null, file: { ...state.file, bytes: null } }));
const kept = async name => (await place())?.match(`/${name}`);

// ---- Python, in its frame.

let korean, python, asks = 0;
const waiting = new Map();

function begun() {
  if (python) return python;
  const made = python = tools.python(TO_FIT.map(name => `import ${name}`).join("\n"));
  made.onmessage = ({ data }) => made === python && heard(data);
  made.onerror = () => halt(_("Python could not be started: is there a connection?"));
  made.onflood = () => halt(_("Stopped: the program shows more in a second than a page can take."));
  if (korean) made.postMessage({ call: "speak", given: [korean], packages: [] });
  made.postMessage({ files: { [state.file.name]: state.file.bytes } });
  return made;
}

// The answer of a function of your_table.py; with `whole`, the bytes of the table come first.
const ask = (call, given, whole = false) => new Promise((resolve, reject) => {
  waiting.set(++asks, { resolve, reject });
  begun().postMessage({ call, given, id: asks, packages: PACKAGES[call] ?? TO_FIT, file: whole ? state.file.name : "" });
});

function halt(words) {
  python?.terminate();
  python = null;
  for (const { reject } of waiting.values()) reject(new Error(words));
  waiting.clear();
}

function heard({ answers, value, failed, message: shown, ...rest }) {
  if (rest.phase) (run ? steps.watch : steps.choose).say(...tools.coming(rest));
  else if (answers !== undefined) {
    const { resolve, reject } = waiting.get(answers) ?? {};
    waiting.delete(answers);
    if (failed) reject?.(new Error(failed)); else resolve?.(value);
  } else if (run && shown?.kind === "error") run.error = shown.text;
  else if (run && shown?.kind === "clear") run.error = "";  // it runs again, with a package that it had missed
  else if (run && shown?.kind === "text") {
    state.printed += shown.text;
    $("watch", "pre").append(shown.text);
    for (const [, study, number, value] of shown.text.matchAll(TRIAL)) arrived({ study, number: number - 1, value: Number.isNaN(Number(value)) ? null : Number(value) }, shown.file);
  }
}

// ---- The page: a form at the end of each step, and beside the first three the program.

function built() {
  steps = Object.fromEntries(Object.entries(FORMS).map(([name, html]) => {
    const section = document.getElementById(`table-${name}`).closest("section"), title = section.querySelector("h2"), says = element("div", { class: "table-says live-state", role: "status" });
    const form = element("fieldset", { class: "table-form", "aria-label": title.firstChild.textContent });
    form.innerHTML = html;
    section.append(form, says);
    return [name, { section, form, title, say: (...what) => says.replaceChildren(...what) }];
  }));
  const code = document.getElementById("your-program"), work = element("div", { class: "table-work" }), { section: first } = steps.choose;
  const beside = element("details", { class: "table-program device-more" }, element("summary", {}, _("The program of these choices")), code);
  beside.open = matchMedia("(min-width: 1200px)").matches;
  first.before(work);
  work.append(element("div", {}, first, steps.plan.section, steps.watch.section), beside);
  program = code.querySelector("pre");
  program.tabIndex = 0;
  for (const link of first.querySelectorAll("a.download")) {
    $("choose", ".table-row").append(element("button", { type: "button", class: "live-button", name: "table", value: link.href }, link.textContent));
    link.replaceWith(link.textContent);
  }
  const tell = error => steps.choose.say(hint(error.message.trim().split("\n").at(-1)));
  work.closest("article").addEventListener("click", ({ target }) => target.type === "button" && Promise.resolve(ACTIONS[target.name]?.(target)).catch(tell));
  work.addEventListener("change", ({ target }) => Promise.resolve(chose(target)).catch(tell));
  for (const name of ["dragover", "drop"]) addEventListener(name, event => {
    event.preventDefault();  // dropped beside it, a file would replace the page
    if (name === "drop" && !run && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]).catch(tell);
  });
  new ResizeObserver(drawn).observe($("watch", "canvas"));
  new MutationObserver(drawn).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  opened();
}

// Open these steps, and close the others but the first.
function opened(...names) {
  for (const [name, { section }] of Object.entries(steps)) section.classList.toggle("table-waits", name !== "choose" && !names.includes(name));
}

// ---- 1 Choose.

async function take(file) {
  const { say } = steps.choose;
  if (!await tools.agreed(say)) return;
  let bytes = new Uint8Array(await file.slice(0, PART).arrayBuffer().catch(() => new ArrayBuffer(0)));
  if (file.size > PART) bytes = bytes.slice(0, bytes.lastIndexOf(10));
  const mine = ++changes;
  state = fresh({ name: PLAIN.test(file.name) ? file.name : "table.csv", shown: file.name, bytes });
  python?.postMessage({ files: { [state.file.name]: bytes } });
  opened();
  $("choose", ".table-seen").hidden = true;
  say(_`Reading ${file.name} ...`);
  const seen = await ask("look", [file.size], true);
  if (mine !== changes) return;
  if (seen.refused) return say(hint(seen.refused));
  await self.caches?.delete(KEPT);
  keep("file", bytes);
  const { target, read } = state.seen = seen;
  state.choices = { file: state.file.name, read, model: "boosting", trials: 25, folds: 5, seed: 0 };
  looked();
  return changed({ target });
}

function looked() {  // the table, as it was read
  const { rows, columns, head, notes } = state.seen, most = columns.slice(0, 40);
  $("choose", ".table-seen").hidden = false;
  $("choose", "caption").textContent = _`The first rows of ${state.file.shown}: ${rows} rows, ${columns.length} columns`;
  $("choose", "thead").replaceChildren(line("th", most.map(({ name }) => name)));
  $("choose", "tbody").replaceChildren(...head.map(values => element("tr", {}, ...values.slice(0, 40).map(value => element("td", {}, value)))));
  $("choose", ".table-notes").replaceChildren(...notes.map(note => element("p", {}, note)));
  $("choose", "[name=target]").replaceChildren(...columns.map(({ name }) => element("option", { value: name }, name)));
}

function listed() {  // the columns, and the ranges of the space
  const { seen, choices } = state, box = name => element("input", { type: "checkbox", name: "columns", value: name, ...(choices.columns.includes(name) && { checked: "" }) });
  $("choose", ".table-columns").replaceChildren(...seen.columns.filter(({ name }) => name !== choices.target).map(({ name, kind, missing, shown }) =>
    element("label", {}, box(name), element("span", {}, element("b", {}, name), " ", [KINDS[kind], missing ? _`${missing} missing` : "", shown].filter(Boolean).join(" · ")))));
  $("plan", "tbody").innerHTML = choices.space.map(({ name, low, high, whole }, at) => {
    const cell = (end, words, ...limits) => `<td>${number(end, ...limits, `data-at="${at}" value="${end === "low" ? low : high}" step="${whole ? 1 : "any"}" aria-label="${name}, ${words}"`)}</td>`;
    return `<tr><th scope="row"><code>${name}</code></th>${cell("low", _("from"), whole ? 1 : 1e-9, high)}${cell("high", _("to"), low, whole ? 10_000 : 1e9)}</tr>`;
  }).join("");
}

// ---- A choice was made: what Python has to say to it, and the program; then, how long it takes.

let changes = 0, pending = Promise.resolve(false);  // whether there is a program

function chose(control) {
  const { name, value, min, max, type, dataset: { at } } = control, of = at ? state.choices.space[at] : state.choices;
  if (name === "file") return control.files[0] && take(control.files[0]);
  if (!control.checkValidity()) {
    control.value = of[name];
    return steps.plan.say(hint(control.step === "1" ? _`A whole number from ${min} to ${max} belongs here.` : _`A number from ${min} to ${max} belongs here.`));
  }
  if (!at) return changed({ [name]: name === "columns" ? [...$("choose", ".table-columns").querySelectorAll(":checked")].map(box => box.value) : type === "number" ? Number(value) : value });
  const [low, high] = control.closest("tr").querySelectorAll("input");
  [of[name], low.max, high.min] = [Number(value), high.value, low.value];
  return changed({});
}

async function changed(what) {
  const mine = ++changes, late = () => mine !== changes;
  if ("target" in what) Object.assign(what, { task: null, columns: null });
  if ("task" in what || "model" in what) what.space = null;
  Object.assign(state.choices, what);
  if (!await (pending = revised(late))) return;
  const seconds = await ask("time_fits", [state.choices]);
  if (!late()) timed(seconds);
}

async function revised(late) {
  const { choices } = state, lists = choices.columns === null || choices.space === null;
  steps.choose.say(_("Reading the columns ..."));
  const { warnings, ...advice } = await ask("advise", [choices], true), able = !warnings.some(({ stops }) => stops);
  if (late()) return false;
  for (const [name, value] of Object.entries(advice)) choices[name] ??= value;
  const text = able ? await ask("program", [choices]) : "";
  if (late()) return false;
  state.warnings = warnings;
  steps.choose.say();
  if (lists) listed();
  advised(text);
  keepState();
  return able;
}

function advised(text) {
  const { choices, warnings, seen, ran } = state, stops = warnings.some(one => one.stops);
  for (const name of ["target", "task"]) $("choose", `[name=${name}]`).value = choices[name];
  for (const name of ["model", "trials", "folds", "seed"]) $("plan", `[name=${name}]`).value = choices[name];
  $("choose", "summary").textContent = _`Columns to predict from: ${choices.columns.length} of ${seen.columns.length - 1}`;
  $("choose", ".table-warnings").replaceChildren(...warnings.map(one => element("li", { class: one.stops ? "table-stops" : "" }, ...(one.column === null ? [] : [element("b", {}, one.column), ": "]), one.sentence)));
  $("plan", "[name=start]").disabled = stops;
  steps.plan.say();
  timed();
  for (const step of ["watch", "verdict", "leave"]) steps[step].form.classList.toggle("table-old", Boolean(ran) && ran.program !== text);
  written(text);
  opened("plan", ...(ran ? ["watch", "leave"] : []), ...(state.results ? ["verdict"] : []));
}

const duration = seconds => seconds < 90 ? _`about ${Math.max(1, Math.round(seconds))} s` : _`about ${Math.round(seconds / 60)} minutes`;

function timed(seconds) {
  const { choices: { trials, folds }, warnings } = state;
  $("plan", "p").textContent = warnings.some(({ stops }) => stops) ? "" : seconds === undefined ? _("Two fits are being timed ...") : _`Two searches of ${trials} trials with ${folds} folds are ${2 * trials * folds} fits: ${duration(seconds)} on this machine.`;
}

// The program, in step with the choices: the lines that a choice has changed are marked.
const TOKEN = /(?<c>#.*)|(?<s>[rf]?"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\b(?<k>import|from|as|for|in|if|else|def|return|lambda|None|True|False)\b/g;

function written(text) {
  const before = new Set(state.program.split("\n"));
  if (state.program = text) program.replaceChildren(...text.trimEnd().split("\n").map(words => {
    const made = element("span", { class: `table-line ${before.size > 1 && !before.has(words) ? "table-new" : ""}` });
    let from = 0;
    for (const { index, 0: found, groups } of words.matchAll(TOKEN)) {
      made.append(words.slice(from, index), element("span", { class: Object.keys(groups).find(kind => groups[kind]) }, found));
      from = index + found.length;
    }
    made.append(words.slice(from), "\n");
    return made;
  }));
}

// ---- 3 Watch: the program runs, and each trial is a dot. It goes on from what is stored, unless more than the number of trials has changed,
// or a search has more: both get the same.

async function start() {
  let able = false;
  for (let awaited; awaited !== pending;) able = await (awaited = pending).catch(() => false);
  if (run || !able) return;
  const of = choices => JSON.stringify({ ...choices, trials: 0 }), choices = structuredClone(state.choices);
  if (!state.ran || of(state.ran.choices) !== of(choices) || Object.keys(NAMES).some(name => finished(name) > choices.trials)) Object.assign(state, { trials: [], stored: null });
  Object.assign(state, { results: null, report: null, printed: "", stopped: true, ran: { program: state.program, choices } });
  run = { began: performance.now(), before: state.trials.length, error: "" };
  watched();
  opened("plan", "watch");
  $("watch", "[name=stop]").focus();
  steps.watch.say(_("Running ..."));
  keepState();
  begun().postMessage({ files: { [STORED]: state.stored ?? null } });
  let words = "";
  try {
    if (state.results = await ask("run", [state.program])) {
      state.stopped = false;
      told();
      steps.watch.say(_("The report is being written ..."));
      state.report = await ask("report", [state.file.shown]);
    } else words = _`The program ended with an error: ${run.error.trim().split("\n").at(-1)}`;
  } catch (error) { words = error.message; }
  over(words);
}

function over(words) {
  const watching = steps.watch.form.contains(document.activeElement);
  run = null;
  watched();
  steps.watch.say(words ? hint(words) : $("watch", "canvas").ariaLabel);
  $("leave", "[name=html]").hidden = !state.report;
  $("leave", "[name=json]").hidden = !state.results;
  opened("plan", "watch", "leave", ...(state.results ? ["verdict"] : []));
  keepState();
  if (watching && state.results) steps.verdict.title.focus();
}

const finished = study => state.trials.filter(one => one.study === study).length;
const enough = () => finished("Bayesian") >= LEAST ? finished("Bayesian") : finished("random");  // the second one begins when the first has ended

function watched() {
  const n = enough();
  for (const step of ["choose", "plan"]) for (const one of steps[step].form.elements) one.disabled = Boolean(run);
  $("watch", "[name=stop]").hidden = !run;
  $("watch", "[name=start]").hidden = run || !state.stopped;
  $("watch", "[name=fewer]").hidden = run || !state.stopped || n < LEAST || n >= state.ran.choices.trials;
  $("watch", "[name=fewer]").textContent = _`Verdict with ${n} trials each`;
  $("watch", "pre").textContent = state.printed;
  drawn();
}

function arrived(trial, file) {
  state.trials = [...state.trials.filter(({ study, number }) => study !== trial.study || number !== trial.number), trial];
  state.stored = Uint8Array.from(atob(file), sign => sign.charCodeAt(0));
  const done = state.trials.length, all = 2 * state.ran.choices.trials, took = (performance.now() - run.began) / 1000;
  steps.watch.say(element("progress", { max: all, value: done, "aria-label": _("Finished trials") }), done < all
    ? _`Trial ${done} of ${all}: ${NAMES[trial.study]}, ${duration(took / Math.max(1, done - run.before) * (all - done))} left.` : _("All trials have finished: the test set is being opened ..."));
  drawn();
  keep("stored", state.stored);
  keepState();
}

// The figure of the live page: the trials of the search that runs as dots, and the best so far of each as a line. An error counts downward.
function drawn() {
  const { ran, trials } = state, canvas = $("watch", "canvas"), down = ran?.choices.task === "regression", score = down ? _("mean absolute error") : _("accuracy");
  const studies = Object.entries(NAMES).map(([study, name]) => {
    const rows = trials.filter(one => one.study === study).sort((a, b) => a.number - b.number).map(({ number, value }) => ({ number, values: [down ? -value : value], state: value === null ? "f" : "c" }));
    return { name, rows, complete: rows.filter(one => one.state === "c"), better: (a, b) => (down ? 1 : -1) * (a.values[0] - b.values[0]) };
  }).filter(({ complete }) => complete.length);
  canvas.ariaLabel = studies.map(({ name, rows, complete, better }) => _`${name}: ${rows.length} of ${ran.choices.trials} trials, best ${score} ${local([...complete].sort(better)[0].values[0])}`).join("; ");
  if (studies.length && canvas.clientWidth) path(canvas, studies.at(-1), studies.length > 1 ? studies[0] : null, false, word => ({ value: score, trial: _("trial") })[word] ?? word);
}

// ---- 4 Verdict: one answer, the numbers behind it, and sentences that lead to their lessons.

function told() {
  const { answer, gain, error, gained, losses, sentences } = state.results, percent = state.ran.choices.task === "classification";
  const most = 1.15 * (Math.abs(gain) + 2 * error) || 1, bar = $("verdict", ".interval"), words = $("verdict", ".table-answer"), { title, form } = steps.verdict;
  [words.className, words.textContent] = [`table-answer table-${answer.split(" ")[0]}`, ANSWERS[answer]];
  $("verdict", "caption").textContent = percent ? _("Errors on the test rows") : _("Mean absolute error on the test rows");
  $("verdict", "tbody").replaceChildren(...[[_("the best constant"), losses.floor], [_("the defaults"), losses.default], [_("the tuned model"), losses.tuned]]
    .map(([name, value]) => line("td", [name, percent ? `${(100 * value).toFixed(1)}%` : local(value)])));
  bar.classList.toggle("level", Math.abs(gain) <= 2 * error);
  for (const [name, value] of Object.entries({ zero: 0, low: gain - 2 * error, high: gain + 2 * error, mean: gain })) bar.style.setProperty(`--${name}`, `${50 + 50 * value / most}%`);
  $("verdict", ".interval + p").textContent = _`gain ${gained}`;
  $("verdict", "ul").replaceChildren(...sentences.map(({ sentence, lesson }) => {  // the page names each of these lessons in a link
    const known = [...document.querySelectorAll(".bd-article a")].find(link => link.textContent.match(/\d+\.\d+/)?.[0] === lesson);
    return element("li", {}, sentence, " (", known ? element("a", { href: known.href }, _`lesson ${lesson}`) : _`lesson ${lesson}`, ")");
  }));
  title.tabIndex = -1;
  title.after(form);
  opened("plan", "watch", "verdict");
}

// ---- 5 Leave with.

function save(name, text, type) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function forget() {
  halt("");
  await self.caches?.delete(KEPT);
  state = fresh();
  opened();
  $("choose", ".table-seen").hidden = true;
  steps.choose.say(_("Your table is forgotten: this browser has nothing left of it."));
  $("choose", "input").focus();
}

const ACTIONS = {
  start, forget,
  ranges: () => changed({ space: null }),
  stop: () => halt(_("Stopped. The trials that have finished are kept in this browser.")),
  fewer() { changed({ trials: enough() }).catch(() => {}); return start(); },
  py: () => save("your_table.py", state.ran.program, "text/x-python"),
  ipynb: async () => save("your_table.ipynb", await ask("notebook", [state.ran.choices]), "application/x-ipynb+json"),
  html: () => save("report.html", state.report, "text/html"),
  json: () => save("params.json", JSON.stringify({ model: state.ran.choices.model, strategy: state.results.strategy, params: state.results.params }, null, 1), "application/json"),
  async table({ value }) {
    const answer = await fetch(value).catch(() => null);
    if (!answer?.ok) throw new Error(_("This table cannot be loaded: is there a connection?"));
    return take(new File([await answer.blob()], value.slice(value.lastIndexOf("/") + 1)));
  },
};

// ---- Begin, with what was kept of an earlier visit.

export async function begin(given) {
  tools = given;
  ({ element } = given);
  state = fresh();
  built();
  if (document.documentElement.lang !== "en") korean = await fetch(new URL("sentences.json", tools.place)).then(answer => answer.json()).catch(() => null);
  const [before, bytes, stored] = await Promise.all(["state", "file", "stored"].map(kept));
  if (!before || !bytes || state.file) return;
  Object.assign(state, await before.json(), stored && { stored: new Uint8Array(await stored.arrayBuffer()) });
  state.file.bytes = new Uint8Array(await bytes.arrayBuffer());
  looked();
  if (!state.choices.columns) return changed({ target: state.seen.target });
  listed();
  advised(state.program);
  pending = Promise.resolve(Boolean(state.program));
  if (state.results) told();
  if (state.ran) over(state.stopped ? _`The tab was closed before the end: ${state.trials.length} finished trials are still here.` : "");
  steps.choose.say(_`Your table is still here from your last visit: ${state.file.shown}.`);
}
