// Watch it think: one history of trials, and beside it what a Gaussian process and TPE make of it, line by line of the loop.
//
// `line` is the line that has just been done, 0 to 5; with the fifth the newest trial is made, and the belief is still the one before it.

import { button, check, choice, element, plot, short, slider } from "../device.js";
import { LENGTHS, LINES, PLACES, believe, choose, depth, highest, split } from "../thinking.js";
import { ACQUISITIONS, DEEP, SHALLOW, WHO, drawBelief, drawDensities, drawEvidence, drawAcquisition, drawRatio, nearest, said } from "../thoughts.js";

export const start = {
  view: "loop", tried: "16-40-72-116-188", line: 4, kernel: "matern52", lengthscale: 1, learn: false, noise: 0.2,
  acquisition: "ei", xi: 0, kappa: 2, gamma: 0.25, who: "gp", spoilt: false, truth: false,
};

const VIEWS = { evidence: _("belief and evidence"), ei: _("belief and acquisition"), loop: _("the whole loop"), both: _("Gaussian process and TPE") };
const KERNELS = { rbf: "rbf", matern52: "Matérn 5/2", matern32: "Matérn 3/2" };
const MOST = 25, FEWEST = 2, FAILED = 240;  // trials; metres
const within = (v, low, high) => Math.min(high, Math.max(low, v)), km = i => PLACES[i].toFixed(2), metres = v => `${v.toFixed(1)} m`;

export function build(device) {
  const { state } = device, knobs = [];
  let at, kept = {};  // the place under the keys; what was thought last
  const knob = (seen, show) => knobs.push({ seen, show, label: device.stage.lastElementChild.lastElementChild });
  const views = (...names) => () => names.includes(state.view), acquiring = views("ei", "loop", "both");
  const showView = choice(device, _("show"), "view", VIEWS);

  const wide = () => device.width() >= 560;
  const span = width => (wide() && state.view !== "ei" ? Math.floor(width / 2) - 1 : width), high = () => (wide() ? 270 : 190), low = () => (wide() ? 170 : 130);
  const belief = plot(device, { label: _("The road: add or remove a trial with the arrow keys and Enter"), span, height: high, onAct: act, onKey: step });
  const wanted = plot(device, { label: _("The acquisition function along the road"), span, height: low });
  const evidence = plot(device, {
    label: _("The evidence over the lengthscale: move the handle with the left and right arrow keys"), span, height: high, touch: "pan-y",
    onDrag: hold, onKey: (dx, dy) => lengthen(LENGTHS[within(nearest(thought().gp.lengthscale) + dx + dy, 0, LENGTHS.length - 1)]),
  });
  const density = plot(device, { label: _("TPE: the density l of the good trials and g of the others"), span, height: high });
  const ratio = plot(device, { label: _("The ratio l / g"), span, height: low });
  const columns = [[belief, wanted], [evidence], [density, ratio]].map(plots => element("div", {}, ...plots.map(({ root }) => root)));
  const lines = element("ol", { class: "device-lines" });
  device.stage.append(element("div", { class: "device-part device-pair" }, ...columns), device.status, lines);
  const back = button(device, _("Back"), () => move(-1)), on = button(device, _("Step"), () => move(1)), round = button(device, _("Skip to the next choice"), () => move(5));
  button(device, _("Start again"), () => device.set({ tried: device.settled.tried, line: device.settled.line }));
  device.stage.append(element("div"));  // what follows stands in a row of its own
  knob(views("evidence", "ei", "loop"), choice(device, _("kernel"), "kernel", KERNELS));
  knob(() => acquiring() && !state.learn, slider(device, _("lengthscale"), "lengthscale", { min: 0.1, max: 10, step: 0.1, show: v => `${short(v)} km` }));
  knob(views("loop", "both"), check(device, _("learn from the trials"), "learn"));
  knob(views("evidence", "ei", "loop"), slider(device, _("noise"), "noise", { min: 0.1, max: 5, step: 0.1, show: metres }));
  knob(acquiring, choice(device, _("acquisition"), "acquisition", ACQUISITIONS));
  knob(() => acquiring() && state.acquisition !== "lcb", slider(device, "ξ", "xi", { min: 0, max: 9, step: 0.5, show: metres }));
  knob(() => acquiring() && state.acquisition === "lcb", slider(device, "κ", "kappa", { min: 0, max: 4, step: 0.1 }));
  knob(views("both"), slider(device, "γ", "gamma", { min: 0.05, max: 0.6, step: 0.05 }));
  knob(views("both"), choice(device, _("next trial chosen by"), "who", WHO));
  knob(views("both"), check(device, _`let the worst trial fail (${FAILED} m)`, "spoilt"));
  knob(() => true, check(device, _("show the truth"), "truth"));

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

  function move(by) {
    const known = places();
    let next = state.line;
    if (by === 5) by = (9 - next) % 5 || 5;  // to the fourth line: of this round, or of the next one
    for (; by > 0; by--) {
      if (next === 4) {
        if (known.length === MOST) return device.say(_`${MOST} trials are enough. Start again, or remove some.`);
        known.push(thought()[whose()].chosen);
      }
      next = next === 5 ? 1 : next + 1;
    }
    if (by < 0) {
      if (next === 5) known.pop();
      if (next < 2 && known.length <= FEWEST) return device.say(_("This is the start of the history."));
      next = next < 2 ? 5 : next - 1;
    }
    device.set({ tried: known.join("-"), line: next });
  }

  function act(x, y) {
    if (x === undefined) return toggle(at ?? 100);
    const away = ([i, loss]) => Math.hypot(belief.px(PLACES[i]) - belief.px(x), belief.py(-within(loss, SHALLOW, DEEP)) - belief.py(y));
    const close = history().filter(trial => away(trial) < 18).sort((a, b) => away(a) - away(b))[0];
    toggle(close ? close[0] : Math.round(20 * x));
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
    at = within((at ?? 100) + dx + dy, 0, PLACES.length - 1);
    draw();
    device.say(places().includes(at) ? _`km ${km(at)}: a trial, ${metres(depth(at))}` : _`km ${km(at)}`);
  }

  const lengthen = l => device.set({ lengthscale: Number(within(l, 0.1, 10).toPrecision(2)), learn: false });

  function hold(l, _, begins) {
    if (begins) hold.held = Math.abs(evidence.px(l) - evidence.px(thought().gp.lengthscale)) < 30;
    if (hold.held) lengthen(l);
  }

  function mend() {  // a state may come from anybody
    for (const [key, known] of Object.entries({ view: VIEWS, kernel: KERNELS, acquisition: ACQUISITIONS, who: WHO })) {
      if (!Object.hasOwn(known, state[key])) state[key] = start[key];
    }
    const ranges = { lengthscale: [0.1, 10], noise: [0.1, 5], xi: [0, 9], kappa: [0, 4], gamma: [0.05, 0.6], line: [0, 5] };
    for (const [key, range] of Object.entries(ranges)) state[key] = within(state[key], ...range);
    state.line = Math.trunc(state.line);
    if (places().length < FEWEST + (state.line === 5)) Object.assign(state, { tried: start.tried, line: 4 });
  }

  function draw() {
    mend();
    showView();
    for (const { seen, show, label } of knobs) { show(); label.style.display = seen() ? "" : "none"; }
    const now = thought(), both = state.view === "both";
    for (const [node, yes] of [[wanted.root, walking()], [columns[1], ["evidence", "loop"].includes(state.view)], [columns[2], both],
      ...[lines, back, on, round].map(node => [node, walking()])]) node.style.display = yes ? "" : "none";
    drawBelief(belief, now, at);
    if (walking()) drawAcquisition(wanted, now);
    if (both) { drawDensities(density, now); drawRatio(ratio, now); } else drawEvidence(evidence, now);
    lines.replaceChildren(...LINES[whose()].map((code, k) => element("li", k + 1 === line() ? { "aria-current": "step" } : {}, element("code", {}, code))));
    device.say(said(now));
  }

  return draw;
}
