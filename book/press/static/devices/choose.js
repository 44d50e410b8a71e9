// You choose the next trial: a hidden problem, a night for each training run, and three strategies that have the same nights.
//
// The first night is spent already, at random. The others are the reader's: `tried` in the address.

import { button, check, choice, clamp, element, plot, scale, short, table, written } from "../device.js";
import { NAMES, NIGHTS, RUNS, belief, found, hidden, nearest, race, rivals } from "../rounds.js";

export const start = { d: 1, round: 0, tried: "", belief: false, ei: false };  // round 0: a new one

const GAP = 24;  // pixels between the plot and what has been found, where there is room for it beside the plot
const beside = width => (width < 600 ? 0 : width < 800 ? 234 : 290);  // and how many it takes
const COLORS = { "random search": "rest", TPE: "best", "Bayesian optimization": "belief" };

export function build(device) {
  const { state } = device, played = new Map();  // rounds played here: how the reader did against each strategy
  const kept = {};  // of the last drawing, so that a moving cursor costs nothing
  let at = 0, fresh = false, waiting;
  const span = width => width - beside(width);
  const line = plot(device, {
    label: "", span, height: width => Math.round(state.d === 1 ? Math.min(0.6 * width, 350) + 60 : Math.min(width, 480)),
    onPoint: (x, y) => move(placed(x, y)), onAct: (x, y) => train(x === undefined ? at : placed(x, y)), onKey: step,
  });
  const left = element("p", { class: "choose-nights" }), side = element("div", { class: "choose-side" }, left);
  const game = element("div", { class: "device-part choose-game" }, line.root, device.status, side);
  const showTable = table(device, _`The median of ${RUNS} searches per strategy`);
  const next = button(device, _("Next round"), () => renew({ round: another() }));
  button(device, _("Replay this round"), () => renew({}));
  const copying = button(device, _("Copy this round"), copy);
  side.append(...[...device.stage.children].filter(child => child.matches(".device-part")));
  device.stage.append(game);
  const showKind = choice(device, _("Hyperparameters:"), "d", { 1: _("one"), 2: _("two") }, { tried: "" });
  const showBelief = check(device, _("show the model's belief"), "belief"), showEi = check(device, _("show expected improvement"), "ei");

  const another = () => 1 + Math.floor(99999 * Math.random());

  function renew(changes) {
    device.set({ ...changes, tried: "" });
    line.root.focus();
  }

  async function copy() {  // the round, for somebody else to play: none of the reader's nights
    const url = new URL(location.href), unplayed = { ...device.settled, d: state.d, round: state.round };
    url.hash = `${device.stage.closest("[data-device]").id}:${written(unplayed, device.settled)}`;
    const copied = await onClipboard(url.href);
    device.say(copied ? _("Copied: this address opens the same round.") : _`Copy this address; it opens the same round: ${url.href}`);
    if (!copied) return;
    copying.textContent = _("Copied");
    setTimeout(() => { copying.textContent = _("Copy this round"); }, 2000);
  }

  function problem() {
    if (![1, 2].includes(state.d)) state.d = 1;
    state.round = Math.abs(Math.trunc(state.round)) % 100000 || 1 + 3 * Math.floor(33333 * Math.random());  // a page begins with a made-up function
    const key = `${state.d} ${state.round}`;
    if (kept.key !== key) {
      Object.assign(kept, { key, problem: hidden(state.d, state.round), ends: undefined });
      kept.running = race(kept.problem, NIGHTS[state.d]);
      at = nearest(kept.problem, kept.problem.places[kept.problem.first].map(u => (u < 0.5 ? 0.75 : 0.25)));
      clearTimeout(waiting);
      waiting = setTimeout(runAhead, 50);
    }
    return kept.problem;
  }

  function runAhead() {  // the strategies search while the reader thinks, one search at a time
    if (kept.ends) return;
    const { done, value } = kept.running.next();
    if (!done) return void (waiting = setTimeout(runAhead, 5));
    kept.ends = value;
    showTable(rows(problem(), trials(), over()));
  }

  const met = () => kept.ends ??= rivals(problem(), NIGHTS[state.d], kept.running);

  function trials() {
    const { places: { length: n }, first } = problem(), own = state.tried.split("-").filter(part => /^\d+$/.test(part)).map(Number);
    return [...new Set([first, ...own])].filter(i => i < n).slice(0, NIGHTS[state.d]);
  }

  const scales = () => problem().axes.map(axis => scale(axis.low, axis.high, axis.log));
  const settings = i => scales().map((s, j) => s.value(problem().places[i][j]));
  const named = i => settings(i).map((v, j) => `${problem().axes[j].name} ${short(v)}`).join(", ");
  const loss = v => (problem().unit === "%" ? `${short(v)}%` : `${short(v)} × ${problem().unit}`);
  const points = v => (problem().unit === "%" ? _`${short(v)} points` : loss(v));

  function placed(x, y) {
    const [first, second] = scales();
    return nearest(problem(), second ? [first.unit(x), second.unit(y)] : [first.unit(x)]);
  }

  function move(i) {
    if (i === at || over()) return;
    at = i;
    draw();
  }

  const over = () => trials().length === NIGHTS[state.d];

  function step(dx, dy) {
    if (over()) return;  // the end stays as it is, until a button begins the next round
    const { sizes, dimensions } = problem(), last = sizes.at(-1), clip = (v, size) => clamp(v, 0, size - 1);
    move(dimensions === 1 ? clip(at + dx + dy, last)
      : clip(Math.floor(at / last) + dx, sizes[0]) * last + clip((at % last) + dy, last));
    device.say(trials().includes(at) ? _`${named(at)}, already tried: ${loss(problem().values[at])}` : named(at));
  }

  function train(i) {
    const before = trials();
    if (over()) return device.say(`${ended(problem(), before)} ${_("You have used all your nights. Start the next round.")}`);
    if (before.includes(i)) return device.say(_`You have already tried ${named(i)}. A new point will tell you more.`);
    at = i;
    fresh = before.length + 1 === NIGHTS[state.d];
    if (fresh) count([...before, i]);
    device.set({ tried: [...before, i].slice(1).join("-") });
  }

  function count(tried) {
    if (played.has(kept.key)) return;  // the first time counts
    const mine = found(problem(), tried);
    played.set(kept.key, met().map(rival => Math.sign(rival.found - mine)));
  }

  function draw() {
    const p = problem(), tried = trials(), done = over(), nights = NIGHTS[state.d], n = nights - tried.length;
    for (const show of [showKind, showBelief, showEi]) show();
    if (kept.tried !== `${kept.key} ${tried}`) Object.assign(kept, { tried: `${kept.key} ${tried}`, belief: belief(p, tried) });
    game.classList.toggle("choose-wide", beside(device.width()) > 0);
    game.style.setProperty("--choose-side", `${beside(device.width()) - GAP}px`);
    next.classList.toggle("choose-first", done);
    const [first, second] = p.axes.map(axis => axis.name), axes = second ? _`${first} and ${second}` : first;
    line.root.setAttribute("aria-label", done ? _`${axes}: your ${nights} trials, the truth, and the best trials of three strategies`
      : _`${axes}: choose where to train next with the arrow keys and Enter`);
    (state.d === 1 ? drawLine : drawSquare)(p, tried, done);
    if (done) drawEnds(p, tried);
    fresh = false;
    left.replaceChildren(...[...Array(nights).keys()].map(i => element("span", { class: i < tried.length ? "choose-spent" : "choose-night", "aria-hidden": "true" })),
      n > 1 ? _`${n} nights left` : n ? _("1 night left") : _("no nights left"));
    say(p, tried, nights);
    showTable(rows(p, tried, done));
  }

  function say(p, tried, nights) {
    const n = tried.length, value = loss(p.values[tried.at(-1)]);
    if (n === nights) device.say(ended(p, tried));
    else if (n === 1) device.say(_`Night 1 of ${nights}: ${named(tried[0])} gives ${value}. Where do you train next? Click, or use the arrow keys and Enter.`);
    else device.say(_`Night ${n} of ${nights}: ${named(tried.at(-1))} gives ${value}. Your best so far: ${loss(found(p, tried))}.`);
  }

  function verdict(mine) {  // against the best that the reader has beaten, and the best that has beaten the reader
    const ends = [...met()].sort((a, b) => a.found - b.found), gap = end => points(Math.abs(end.found - mine));
    const best = ends[0], beaten = ends.find(end => end.found > mine), level = ends.find(end => end.found === mine);
    if (best === beaten) return _`You beat ${best.name} by ${gap(best)}, and the other two by at least as much.`;
    if (best === level) return beaten ? _`You drew level with ${best.name} and beat ${beaten.name} by ${gap(beaten)}.` : _`You drew level with ${best.name}.`;
    if (beaten) return _`You beat ${beaten.name} by ${gap(beaten)}, and ${best.name} beat you by ${gap(best)}.`;
    if (level) return _`You drew level with ${level.name}, and ${best.name} beat you by ${gap(best)}.`;
    return _`All three beat you, the best of them by ${gap(best)}.`;
  }

  function ended(p, tried) {
    const mine = found(p, tried), better = p.values.filter(v => v < mine).length;
    return [verdict(mine), _`Your best: ${loss(mine)}. The optimum (ringed): ${loss(p.best)}.`, better === 1 ? _`Of the ${p.places.length} points, 1 is better than yours.`
      : _`Of the ${p.places.length} points, ${better} are better than yours.`, _`The problem was ${p.name}.`].join(" ");
  }

  function rows(p, tried, done) {
    const known = (done ? met() : kept.ends) ?? Object.entries(NAMES).map(([strategy, name]) => ({ strategy, name, tried: [] }));
    const lines = [{ name: _("you"), tried, color: "now" }, ...known.map(rival => ({ ...rival, color: COLORS[rival.strategy] }))];
    const values = lines.map(end => found(p, end.tried.slice(0, tried.length))), best = Math.min(...values), results = [...played.values()];
    const stood = j => {  // of a rival, against the reader
      const [ahead, level, behind] = [-1, 0, 1].map(sign => results.filter(signs => signs[j] === sign).length);
      return `${ahead}/${level}/${behind}`;
    };
    const heads = ["", done ? _("best found") : _("best so far"), results.length === 1 ? _("against you, 1 round: won / tied / lost") : _`against you, ${results.length} rounds: won / tied / lost`];
    const shown = [heads, ...lines.map(({ name, color }, j) => [
      element("span", { class: `choose-name choose-${color}` }, name),
      element("span", values[j] === best ? { class: "choose-leads" } : {}, Number.isFinite(values[j]) ? loss(values[j]) : "…"), j ? stood(j - 1) : ""])];
    return done && results.length ? shown : shown.map(cells => cells.slice(0, 2));  // a link has shown the end of a round that nobody played
  }

  // ---- One hyperparameter: the loss upwards.
  function drawLine(p, tried, done) {
    const [x] = scales(), xs = p.places.map(([u]) => x.value(u)), back = v => (p.log ? 10 ** v : v);
    const y = scale(...p.range, p.log), inside = v => clamp(v, y.low, y.high);
    line.axes({ x, y, xLabel: p.axes[0].name, yLabel: _`${p.label} (${p.unit}), lower is better` });
    const b = kept.belief;
    if (state.belief) {
      line.band(xs.map((v, i) => [v, inside(back(b.mean[i] - 2 * b.std[i]))]), xs.map((v, i) => [v, inside(back(b.mean[i] + 2 * b.std[i]))]));
      line.line(xs.map((v, i) => [v, inside(back(b.mean[i]))]));
    }
    if (state.ei && Math.max(...b.ei) > 0) {
      const top = Math.max(...b.ei), peak = b.ei.indexOf(top), hill = xs.map((v, i) => [v, y.value(0.25 * b.ei[i] / top)]);
      line.band(xs.map(v => [v, y.low]), hill, "device-acquisition");
      line.text(...hill[peak], _("expected improvement"), "device-word", anchor(x.unit(xs[peak])), [0, -5]);
    }
    if (done) {
      line.line(xs.map((v, i) => [v, p.values[i]]), fresh ? "device-truth choose-draws" : "device-truth");
      line.dots([[xs[p.values.indexOf(p.best)], p.best]], "choose-optimum", 9);
    } else {
      line.upright(xs[at]);
      line.text(xs[at], y.high, _`night ${tried.length + 1}`, "device-word choose-now", anchor(x.unit(xs[at])), [0, 14]);
    }
    const best = found(p, tried);
    for (const i of tried) line.dots([[xs[i], p.values[i]]], p.values[i] === best ? "device-dot choose-best" : "device-dot", 5.5);
    tried.forEach((i, n) => line.text(xs[i], p.values[i], String(n + 1), "device-word", "middle", [0, -10]));
  }

  // ---- Two: a square, the darker the better; blue is what the model believes.
  function drawSquare(p, tried, done) {
    const [x, y] = scales(), values = settings, share = p.sizes.map(size => 0.94 / (size - 1)), b = kept.belief;
    const range = p.range.map(v => (p.log ? Math.log10(v) : v)), good = v => 0.06 + 0.9 * clamp((range[1] - v) / (range[1] - range[0]), 0, 1);
    line.axes({ x, y, xLabel: p.axes[0].name, yLabel: p.axes[1].name, room: Math.ceil(0.5 * (span(device.width()) - 62) / p.sizes[0]) });
    const paint = (i, kind, strength) => line.cell(...values(i), share, kind, strength);
    if (done) p.places.forEach((_, i) => paint(i, fresh ? "choose-real choose-appears" : "choose-real", 0.6 * good(p.learned[i])));
    else if (state.ei) { const top = Math.max(...b.ei); p.places.forEach((_, i) => paint(i, "device-acquisition-cell", 0.9 * b.ei[i] / top)); }
    else if (state.belief) p.places.forEach((_, i) => paint(i, "device-good", good(b.mean[i])));
    tried.forEach((i, n) => {
      for (const [kind, strength] of [["device-paper", 1], ["choose-real", 0.6 * good(p.learned[i])]]) {
        line.dots([values(i)], kind, 10)[0].setAttribute("fill-opacity", strength);
      }
      line.text(...values(i), String(n + 1), "device-number", "middle", [0, 4]);
    });
    line.dots([values(done ? p.values.indexOf(p.best) : at)], done ? "choose-optimum" : "device-ring", done ? 13 : 9);
  }

  // ---- The end: everybody's best, each under a flag in a row of its own.
  function drawEnds(p, tried) {
    const square = state.d === 2, [x, second] = scales(), y = second ?? scale(...p.range, p.log), tall = line.py(y.low) - line.py(y.high);
    const mine = { name: _("you"), color: "now", tried }, all = [mine, ...met().map(rival => ({ ...rival, color: COLORS[rival.strategy] }))];
    all.forEach(({ name, color, tried: own }, k) => {
      const best = found(p, own), i = own.find(place => p.values[place] === best), [a, b] = [settings(i)[0], square ? settings(i)[1] : best];
      const low = 22 + 16 * k, kind = `choose-${color} ${fresh ? "choose-appears" : ""}`, top = y.value(1 - low / tall);
      if (line.py(b) - line.py(top) > 12) line.line([[a, top], [a, b]], `choose-pole ${kind}`);
      const r = 6 + 2.5 * (k ? k - 1 : 4.2);
      if (k) line.dots([[a, b]], `choose-halo ${kind}`, r);
      line.dots([[a, b]], k ? `choose-rival ${kind}` : `choose-mine ${kind}`, r);
      line.text(a, y.high, name, `device-word ${kind}`, anchor(x.unit(a)), [x.unit(a) < 0.5 ? 4 : -4, low]);
    });
  }

  return draw;
}

const anchor = u => (u < 0.25 ? "start" : u > 0.75 ? "end" : "middle");

async function onClipboard(text) {  // return true if the clipboard has taken it
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { /* not from here: the old way */ }
  const field = element("textarea", { class: "choose-clipboard" }, text), before = document.activeElement;
  document.body.append(field);
  field.select();
  const taken = document.execCommand("copy");
  field.remove();
  before?.focus();
  return taken;
}
