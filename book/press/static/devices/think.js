// Watch it think: one history of trials, and beside it what a Gaussian process and TPE make of it, line by line of the loop.
//
// `line` is the line that has just been done, 0 to 5; with the fifth the newest trial is made, and the belief is still the one before it.

import { button, check, choice, clamp, element, folded, player, plot, restart, short, slider, within as inside } from "../device.js";
import { LENGTHS, LINES, PLACES, believe, choose, depth, highest, split } from "../thinking.js";
import { ACQUISITIONS, DEEP, SHALLOW, WHO, drawBelief, drawDensities, drawEvidence, drawAcquisition, drawRatio, named, nearest, said } from "../thoughts.js";

export const start = {
  view: "loop", tried: "16-40-72-116-188", line: 4, kernel: "matern52", lengthscale: 1, learn: false, noise: 0.2,
  acquisition: "ei", xi: 0, kappa: 2, gamma: 0.25, who: "gp", spoilt: false, truth: false,
};

const VIEWS = { evidence: _("belief and evidence"), ei: _("belief and acquisition"), loop: _("the whole loop"), both: _("Gaussian process and TPE") };
const KERNELS = { rbf: "rbf", matern52: "Matérn 5/2", matern32: "Matérn 3/2" };
const MOST = 25, FEWEST = 2, FAILED = 240;  // trials; metres
const km = i => PLACES[i].toFixed(2), metres = v => `${v.toFixed(1)} m`;

export function build(device) {
  const { state } = device, knobs = [];
  let at, placed, kept = {};  // the place under the keys or of the last click; the view of the knobs; what was thought last
  const views = (...names) => () => names.includes(state.view), acquiring = views("ei", "loop", "both");

  const wide = () => device.width() >= 560;
  const span = width => (wide() && state.view !== "ei" ? Math.floor(width / 2) - 1 : width), high = () => (wide() ? 240 : 180), low = () => (wide() ? 160 : 125);
  const belief = plot(device, { label: _("The road: add or remove a trial with the arrow keys and Enter"), span, height: high, onAct: act, onKey: step });
  const wanted = plot(device, { label: _("The acquisition function along the road"), span, height: low });
  const evidence = plot(device, {
    label: _("The evidence over the lengthscale: move the handle with the left and right arrow keys"), span, height: high, touch: "pan-y",
    onDrag: hold, onKey: (dx, dy) => lengthen(LENGTHS[clamp(nearest(thought().gp.lengthscale) + dx + dy, 0, LENGTHS.length - 1)]),
  });
  const density = plot(device, { label: _("TPE: the density l of the good trials and g of the others"), span, height: high });
  const ratio = plot(device, { label: _("The ratio l / g"), span, height: low });
  const [road, beside, below] = [[belief, wanted], [evidence], [density, ratio]].map(plots => element("div", {}, ...plots.map(({ root }) => root)));
  const walk = element("div"), lines = element("ol", { class: "device-lines" }), board = element("div", { class: "device-part device-board" }, road, walk, device.status, beside, below);
  device.stage.append(board);
  const begun = () => ({ tried: device.settled.tried, line: device.settled.line });
  let loop, showRestart;
  inside(device, walk, () => {
    button(device, _("Step"), () => move(1), "device-main");
    loop = player(device, { step: forward, rewind: () => { if (places().length === MOST) Object.assign(state, begun()); }, pace: () => 600, kind: "" });
    button(device, _("Back"), back);
    button(device, _("Next choice"), () => move(5));
    showRestart = restart(device, begun);
  });
  const front = element("div", { class: "device-row" }), actions = walk.firstElementChild;
  walk.append(lines, front);
  const more = folded(device, () => {
    // A knob stands in front in the views whose lessons ask for it, and is folded in the others.
    const knob = (asked, seen, show) => knobs.push({ asked, seen, show, label: device.place.lastElementChild.lastElementChild });
    knob([], () => true, choice(device, _("show"), "view", VIEWS));
    knob(["ei"], acquiring, choice(device, _("acquisition"), "acquisition", ACQUISITIONS));
    knob(["ei"], () => acquiring() && state.acquisition !== "lcb", slider(device, "ξ", "xi", { min: 0, max: 9, step: 0.5, show: metres }));
    knob(["ei"], () => acquiring() && state.acquisition === "lcb", slider(device, "κ", "kappa", { min: 0, max: 4, step: 0.1 }));
    knob(["loop"], views("loop", "both"), check(device, _("learn from the trials"), "learn"));
    knob(["loop"], () => acquiring() && !state.learn, slider(device, _("lengthscale"), "lengthscale", { min: 0.1, max: 10, step: 0.1, show: v => `${short(v)} km` }));
    knob(["evidence"], views("evidence", "ei", "loop"), slider(device, _("noise"), "noise", { min: 0.1, max: 5, step: 0.1, show: metres }));
    knob(["both"], views("both"), slider(device, "γ", "gamma", { min: 0.05, max: 0.6, step: 0.05 }));
    knob(["both"], views("both"), check(device, _`let the worst trial fail (${FAILED} m)`, "spoilt"));
    knob(["both"], views("both"), choice(device, _("next trial chosen by"), "who", WHO));
    knob([], views("evidence", "ei", "loop"), choice(device, _("kernel"), "kernel", KERNELS));
    knob([], () => true, check(device, _("show the truth"), "truth"));
  });

  // ---- The history, and steps through it.
  const places = () => [...new Set(state.tried.split("-").filter(part => /^\d+$/.test(part)).map(Number))].filter(i => i < PLACES.length).slice(0, MOST);

  function history(known = places()) {
    const losses = known.map(depth), worst = state.spoilt && state.view === "both" ? highest(losses) : -1;
    return known.map((i, k) => [i, k === worst ? FAILED : losses[k]]);
  }

  const walking = () => state.view !== "evidence";
  const line = () => (walking() ? state.line : 4), whose = () => (state.view === "both" ? state.who : "gp");

  function thought() {  // of the trials that the search knows by now
    const now = places(), known = line() === 5 ? now.slice(0, -1) : now, key = JSON.stringify(state);
    if (kept.key !== key) {
      const trials = history(known), learn = state.learn && walking(), gp = believe(trials, { ...state, learn });
      kept = { key, ...state, learn, line: line(), walking: walking(), who: whose(), trials, newest: now.at(-1), gp: { ...gp, ...choose(trials, gp, state) }, tpe: split(trials, state) };
    }
    return kept;
  }

  function forward() {  // the next line of the program; false after the last trial
    const known = places();
    if (state.line === 4 && known.length === MOST) return false;
    if (state.line === 4) state.tried = [...known, thought()[whose()].chosen].join("-");
    state.line = state.line === 5 ? 1 : state.line + 1;
    return true;
  }

  function move(by) {
    loop.stop();
    if (by === 5) by = (9 - state.line) % 5 || 5;  // to the fourth line: of this round, or of the next one
    let more = true;
    while (by-- && more) more = forward();
    device.set({});
    if (!more) device.say(_`${MOST} trials are enough. Start again, or remove some.`);
  }

  function back() {
    loop.stop();
    const known = places();
    if (state.line === 5) known.pop();
    if (state.line < 2 && known.length <= FEWEST) return device.say(_("This is the start of the history."));
    device.set({ tried: known.join("-"), line: state.line < 2 ? 5 : state.line - 1 });
  }

  function act(x, y) {
    if (x === undefined) return toggle(at ?? 100);
    loop.stop();
    const away = ([i, loss]) => Math.hypot(belief.px(PLACES[i]) - belief.px(x), belief.py(-clamp(loss, SHALLOW, DEEP)) - belief.py(y));
    const close = history().filter(trial => away(trial) < 18).sort((a, b) => away(a) - away(b))[0];
    if (!close || close[0] === at) {
      at = undefined;
      return toggle(close ? close[0] : Math.round(20 * x));
    }
    [at] = close;  // one click removes nothing
    draw();
    device.say(_`km ${km(at)}: a trial, ${metres(depth(at))}. Click it again to remove it.`);
  }

  function toggle(i) {
    const known = places(), rest = known.filter(other => other !== i);
    if (rest.length < FEWEST) return device.say(_("Keep at least two trials: with fewer there is nothing to compare."));
    if (rest.length === MOST) return device.say(_`${MOST} trials are enough: remove one first.`);
    device.set({ tried: (rest.length < known.length ? rest : [...known, i]).join("-"), line: 4 });
    const done = rest.length < known.length ? _`The hole at km ${km(i)} has been removed.` : _`The hole at km ${km(i)} is ${metres(depth(i))} deep.`;
    device.say(`${done} ${said(thought())}`);
  }

  function step(dx, dy) {
    at = clamp((at ?? 100) + dx + dy, 0, PLACES.length - 1);
    draw();
    device.say(places().includes(at) ? _`km ${km(at)}: a trial, ${metres(depth(at))}` : _`km ${km(at)}`);
  }

  const lengthen = l => device.set({ lengthscale: Number(clamp(l, 0.1, 10).toPrecision(2)), learn: false });

  function hold(l, _, begins) {
    if (begins) hold.held = Math.abs(evidence.px(l) - evidence.px(thought().gp.lengthscale)) < 30;
    if (hold.held) lengthen(l);
  }

  function mend() {  // a state may come from anybody
    for (const [key, known] of Object.entries({ view: VIEWS, kernel: KERNELS, acquisition: ACQUISITIONS, who: WHO })) {
      if (!Object.hasOwn(known, state[key])) state[key] = start[key];
    }
    const ranges = { lengthscale: [0.1, 10], noise: [0.1, 5], xi: [0, 9], kappa: [0, 4], gamma: [0.05, 0.6], line: [0, 5] };
    for (const [key, range] of Object.entries(ranges)) state[key] = clamp(state[key], ...range);
    state.line = Math.trunc(state.line);
    if (places().length < FEWEST + (state.line === 5)) Object.assign(state, { tried: start.tried, line: 4 });
  }

  function draw() {
    mend();
    showRestart();
    for (const { asked, label } of placed === state.view ? [] : knobs) (asked.includes(state.view) ? front : more).append(label);
    placed = state.view;
    for (const { seen, show, label } of knobs) { show(); label.style.display = seen() ? "" : "none"; }
    const now = thought(), both = state.view === "both", names = named(now);
    for (const [node, yes] of [[wanted.root, walking()], [beside, ["evidence", "loop"].includes(state.view)], [below, both], [actions, walking()], [lines, walking()]]) node.style.display = yes ? "" : "none";
    for (const [name, yes] of [["two", wide()], ["ei", state.view === "ei"], ["both", both]]) board.classList.toggle(`device-${name}`, yes);
    drawBelief(belief, now, at);
    if (walking()) drawAcquisition(wanted, now);
    if (both) { drawDensities(density, now); drawRatio(ratio, now); } else drawEvidence(evidence, now);
    for (const [name, shown] of Object.entries({ belief, wanted, evidence, density, ratio })) shown.now(names[name]);
    lines.replaceChildren(...LINES[whose()].map((code, k) => element("li", k + 1 === line() ? { "aria-current": "step" } : {}, element("code", {}, code))));
    device.say(said(now));
  }

  return draw;
}
