// You choose the next trial: a hidden problem, a night for each training, and three strategies that had the same nights.

import { button, check, choice, plot, scale, short, table } from "../device.js";
import { NIGHTS, RUNS, belief, found, hidden, nearest, rivals } from "../rounds.js";

export const start = { d: 1, round: 0, tried: "", belief: false, ei: false };  // round 0: a new one

export function build(device) {
  const { state } = device, played = new Map();  // rounds played here: how the reader stood beside each strategy
  const kept = {};  // of the last drawing, so that a moving cursor costs nothing
  let at = 0;
  const showKind = choice(device, _("Hyperparameters:"), "d", { 1: _("one"), 2: _("two") }, { tried: "" });
  const showBelief = check(device, _("show the model's belief"), "belief"), showEi = check(device, _("show expected improvement"), "ei");
  const line = plot(device, {
    label: "", height: width => Math.round(state.d === 1 ? Math.min(0.55 * width, 330) + 60 : Math.min(width, 480)),
    onPoint: (x, y) => move(placed(x, y)), onAct: (x, y) => train(x === undefined ? at : placed(x, y)), onKey: step,
  });
  device.stage.append(device.status);
  const showTable = table(device, _`Median of ${RUNS} searches per strategy, with the same number of nights`);
  button(device, _("Next round"), () => renew({ round: another() }));
  button(device, _("Replay this round"), () => renew({}));

  const another = () => 1 + Math.floor(99999 * Math.random());

  function renew(changes) {
    device.set({ ...changes, tried: "" });
    line.root.focus();
  }

  function problem() {
    if (![1, 2].includes(state.d)) state.d = 1;
    state.round = Math.abs(Math.trunc(state.round)) % 100000 || another();
    const key = `${state.d} ${state.round}`;
    if (kept.key !== key) {
      Object.assign(kept, { key, problem: hidden(state.d, state.round), rivals: undefined });
      at = nearest(kept.problem, [0.5, 0.5].slice(0, state.d));
    }
    return kept.problem;
  }

  function trials() {
    const n = problem().places.length;
    return [...new Set(state.tried.split("-").filter(part => /^\d+$/.test(part)).map(Number))].filter(i => i < n).slice(0, NIGHTS[state.d]);
  }

  const scales = () => problem().axes.map(axis => scale(axis.low, axis.high, axis.log));
  const settings = i => scales().map((s, j) => s.value(problem().places[i][j]));
  const named = i => settings(i).map((v, j) => `${problem().axes[j].name} ${short(v)}`).join(", ");
  const loss = v => (problem().unit === "%" ? `${short(v)} %` : `${short(v)} ${problem().unit}`);

  function placed(x, y) {
    const [first, second] = scales();
    return nearest(problem(), second ? [first.unit(x), second.unit(y)] : [first.unit(x)]);
  }

  function move(i) {
    if (i === at) return;
    at = i;
    draw();
  }

  const over = () => trials().length === NIGHTS[state.d];

  function step(dx, dy) {
    if (over()) return;  // the end stays as it is, until a button begins the next round
    const { sizes, dimensions } = problem(), last = sizes.at(-1), clip = (v, size) => Math.min(size - 1, Math.max(0, v));
    move(dimensions === 1 ? clip(at + dx + dy, last)
      : clip(Math.floor(at / last) + dx, sizes[0]) * last + clip((at % last) + dy, last));
    device.say(trials().includes(at) ? _`${named(at)}, already tried: ${loss(problem().values[at])}` : named(at));
  }

  function train(i) {
    const before = trials();
    if (over()) return device.say(`${ended(problem(), before)} ${_("You have used all your nights. Start the next round.")}`);
    if (before.includes(i)) return device.say(_`You have already tried ${named(i)}. A new point will tell you more.`);
    at = i;
    if (before.length + 1 === NIGHTS[state.d]) count([...before, i]);
    device.set({ tried: [...before, i].join("-") });
  }

  function count(tried) {
    if (played.has(kept.key)) return;  // the first time counts
    const mine = found(problem(), tried);
    played.set(kept.key, met().map(rival => Math.sign(rival.found - mine)));
  }

  function met() {
    return kept.rivals ??= rivals(problem(), NIGHTS[state.d]);
  }

  function draw() {
    const p = problem(), tried = trials(), done = over();
    for (const show of [showKind, showBelief, showEi]) show();
    if (kept.tried !== `${kept.key} ${tried}`) {
      Object.assign(kept, { tried: `${kept.key} ${tried}`, belief: tried.length ? belief(p, tried) : undefined });
    }
    const [first, second] = p.axes.map(axis => axis.name), axes = second ? _`${first} and ${second}` : first;
    line.root.setAttribute("aria-label", _`${axes}: choose where to train next with the arrow keys and Enter`);
    (state.d === 1 ? drawLine : drawSquare)(p, tried, done);
    say(p, tried, NIGHTS[state.d]);
    showTable(done ? rows(p, tried) : []);
  }

  function say(p, tried, nights) {
    const n = tried.length;
    if (!n) device.say(_`You have ${nights} nights, one training run each. Find the lowest ${p.label}.`);
    else if (n === nights) device.say(ended(p, tried));
    else {
      const best = loss(found(p, tried));
      device.say(_`Night ${n} of ${nights}: ${named(tried.at(-1))} gives ${loss(p.values[tried.at(-1)])}. Your best so far: ${best}.`);
    }
  }

  function ended(p, tried) {
    const best = loss(found(p, tried)), better = p.values.filter(v => v < found(p, tried)).length;
    return [_`Your best: ${best}. The optimum (ringed): ${loss(p.best)}.`, better === 1 ? _`Of the ${p.places.length} points, 1 is better than yours.`
      : _`Of the ${p.places.length} points, ${better} are better than yours.`, _`The problem was ${p.name}.`].join(" ");
  }

  function rows(p, tried) {
    const ends = [{ name: _("you"), found: found(p, tried) }, ...met()], results = [...played.values()];
    const points = v => (p.unit === "%" ? _`${short(v)} points` : loss(v));
    const stood = j => {
      const [ahead, level, behind] = [1, 0, -1].map(sign => results.filter(signs => signs[j] === sign).length);
      return _`won ${ahead}, tied ${level}, lost ${behind}`;
    };
    const lines = [["", _("best found"), _("regret"), results.length === 1 ? _("your record, 1 round") : _`your record, ${results.length} rounds`],
      ...ends.map((end, j) => [end.name, loss(end.found), points(end.found - p.best), j ? stood(j - 1) : ""])];
    return results.length ? lines : lines.map(cells => cells.slice(0, 3));  // a link has shown the end of a round that nobody played
  }

  // ---- One hyperparameter: the loss upwards.
  function drawLine(p, tried, done) {
    const [x] = scales(), xs = p.places.map(([u]) => x.value(u)), back = v => (p.log ? 10 ** v : v);
    const y = scale(...p.range, p.log), inside = v => Math.min(y.high, Math.max(y.low, v));
    line.axes({ x, y, xLabel: p.axes[0].name, yLabel: _`${p.label} (${p.unit}), lower is better` });
    const b = kept.belief;
    if (state.belief && b) {
      line.band(xs.map((v, i) => [v, inside(back(b.mean[i] - 2 * b.std[i]))]), xs.map((v, i) => [v, inside(back(b.mean[i] + 2 * b.std[i]))]));
      line.line(xs.map((v, i) => [v, inside(back(b.mean[i]))]));
    }
    if (state.ei && b && Math.max(...b.ei) > 0) {
      const top = Math.max(...b.ei), peak = b.ei.indexOf(top), hill = xs.map((v, i) => [v, y.value(0.25 * b.ei[i] / top)]);
      line.band(xs.map(v => [v, y.low]), hill, "device-acquisition");
      line.text(...hill[peak], _("expected improvement"), "device-word", x.unit(xs[peak]) < 0.25 ? "start" : x.unit(xs[peak]) > 0.75 ? "end" : "middle", [0, -5]);
    }
    if (done) {
      line.line(xs.map((v, i) => [v, p.values[i]]), "device-truth");
      line.dots([[xs[p.values.indexOf(p.best)], p.best]], "device-ring", 9);
    }
    else line.upright(xs[at]);
    line.dots(tried.map(i => [xs[i], p.values[i]]));
    tried.forEach((i, n) => line.text(xs[i], p.values[i], String(n + 1), "device-word", "middle", [0, -9]));
  }

  // ---- Two: a square, the bluer the better.
  function drawSquare(p, tried, done) {
    const [x, y] = scales(), values = settings, share = p.sizes.map(size => 0.94 / (size - 1)), b = kept.belief;
    const range = p.range.map(v => (p.log ? Math.log10(v) : v)), good = v => 0.06 + 0.9 * Math.min(1, Math.max(0, (range[1] - v) / (range[1] - range[0])));
    line.axes({ x, y, xLabel: p.axes[0].name, yLabel: p.axes[1].name, room: Math.ceil(0.5 * (device.width() - 62) / p.sizes[0]) });
    const paint = (i, kind, strength) => line.cell(...values(i), share, kind, strength);
    if (done) p.places.forEach((_, i) => paint(i, "device-good", good(p.learned[i])));
    else if (state.ei && b) { const top = Math.max(...b.ei); p.places.forEach((_, i) => paint(i, "device-acquisition-cell", 0.9 * b.ei[i] / top)); }
    else if (state.belief && b) p.places.forEach((_, i) => paint(i, "device-good", good(b.mean[i])));
    tried.forEach((i, n) => {
      for (const [kind, strength] of [["device-paper", 1], ["device-good", good(p.learned[i])]]) {
        line.dots([values(i)], kind, 10)[0].setAttribute("fill-opacity", strength);
      }
      line.text(...values(i), String(n + 1), "device-number", "middle", [0, 4]);
    });
    line.dots([values(done ? p.values.indexOf(p.best) : at)], "device-ring", 9);
  }

  return draw;
}
