// Grid, random, Sobol: the same number of trials in a square, and what each axis sees of them. Two grids, as lesson 2.4 has them.
//
//   error(x, y) = wx (x - bx)^2 + wy (y - by)^2        wx, wy: importance;  (bx, by): the best point

import { button, check, clamp, closest, folded, plot, range, scale, slider, table } from "../device.js";
import { seeded, sobol } from "../lab.js";

export const start = { n: 9, done: 100, wx: 1, wy: 0.03, bx: 0.29, by: 0.6, draw: 1, cells: false };  // done: per cent of the n trials

const SIDES = [2, 3, 4, 5, 6, 7, 8], MOST = 64, PLACES = 1000;
const WEIGHTS = [0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1];
const STRIP = 34, UNDER = 86, GAP = 14, TITLE = 26;  // pixels: beside a square and under it, between two, above one

// The trials of each way, in the order in which they run: the grids' last axis fastest. The others go on for as long as one likes.
export const WAYS = {
  "grid (ends)": side => lattice(range(side).map(i => i / (side - 1))),
  "grid (centered)": side => lattice(range(side).map(i => (i + 0.5) / side)),
  random: (side, seed) => { const rng = seeded(seed); return [...Array(side * side)].map(() => [rng.random(), rng.random()]); },
  Sobol: (side, seed) => sobol(side * side, 2, seeded(seed)),
};
const NAMES = { "grid (ends)": _("grid (ends)"), "grid (centered)": _("grid (centered)"), random: _("random"), Sobol: "Sobol" };
const lattice = values => values.flatMap(x => values.map(y => [x, y]));

export const error = ([x, y], { wx, wy, bx, by }) => wx * (x - bx) ** 2 + wy * (y - by) ** 2;
export const lowest = (points, problem) => points.reduce((best, point) => (error(point, problem) < error(best, problem) ? point : best));

// Cells of side x side equal ones that hold none of the points, as [column, row].
export function empty(points, side) {
  const held = new Set(points.map(point => point.map(u => Math.min(side - 1, Math.floor(u * side))).join()));
  return lattice(range(side)).filter(cell => !held.has(cell.join()));
}

// Mean best error of each way after `count` trials, over PLACES best points at random, each with draws of its own.
export function means(side, count, wx, wy) {
  worlds.length || worlds.push(...world());
  return Object.entries(WAYS).map(([name, way]) => {
    const fixed = name.startsWith("grid") && way(side);
    return worlds.reduce((sum, { best, drawn }) => {
      const points = fixed || drawn[name];
      let least = Infinity;
      for (let i = 0; i < count; i++) least = Math.min(least, wx * (points[i][0] - best[0]) ** 2 + wy * (points[i][1] - best[1]) ** 2);
      return sum + least;
    }, 0) / PLACES;
  });
}

const worlds = [];

function world() {
  const rng = seeded(7), side = Math.sqrt(MOST);
  return range(PLACES).map(i => ({
    best: [rng.random(), rng.random()],
    drawn: { random: WAYS.random(side, 2 * i + 1e6), Sobol: WAYS.Sobol(side, 2 * i + 1e6 + 1) },
  }));
}

export function build(device) {
  const { state } = device, unit = v => clamp(v, 0, 1), kept = {};
  const squares = plot(device, {
    label: _("Four squares with the same number of trials. Move the best point with a click or the arrow keys; Enter draws again"),
    height: () => frame().height + 70,  // the frame around a plot: the first names and the last axes stand in it
    onAct: (x, y) => (x === undefined ? again() : place(x, y)),
    onKey: (dx, dy) => device.set({ bx: rounded(state.bx + 0.02 * dx), by: rounded(state.by + 0.02 * dy) }),
  });
  const slope = document.createElementNS("http://www.w3.org/2000/svg", "defs");
  squares.root.append(slope);
  button(device, _("Draw again"), again, "device-main");
  const halves = device.settled.cells;  // the lesson that asks for the empty cells asks what half of the trials have seen
  let trials, ran, weightX, weightY, cells;
  const showRun = () => { ran = slider(device, _("run so far"), "done", { min: 5, max: 100, step: 5, show: () => _`${count()} of ${state.n}` }); }, weigh = () => { weightY = slider(device, _("weight of y"), "wy", { values: WEIGHTS }); };
  (halves ? showRun : weigh)();
  device.stage.append(device.status);
  folded(device, () => {
    trials = slider(device, _("trials"), "n", { values: SIDES.map(k => k * k) });
    (halves ? weigh : showRun)();
    weightX = slider(device, _("weight of x"), "wx", { values: WEIGHTS });
    cells = check(device, _("shade the empty cells"), "cells");
  });
  const rows = table(device, _`Error of the best trial, in thousandths. Mean error: over ${PLACES} positions of the best point, each with a draw of its own`);

  const rounded = v => Math.round(1000 * unit(v)) / 1000;
  const count = () => Math.max(1, Math.round(state.done * state.n / 100));
  const thousandths = value => (1000 * value).toFixed(2);
  function again() { device.set({ draw: state.draw % 99999 + 1 }); }

  // ---- Where the squares stand, in pixels from the lower left corner.
  function frame() {
    const width = device.width() - 62, columns = width > 480 ? 4 : 2, pitch = (width + STRIP + GAP) / columns;
    const side = pitch - STRIP - GAP, row = TITLE + side + UNDER;
    return { width, columns, pitch, side, row, height: row * 4 / columns - TITLE - 40 };
  }

  function corner(i) {
    const { columns, pitch, side, row, height } = frame();
    return [(i % columns) * pitch, height - Math.floor(i / columns) * row - side];
  }

  function place(x, y) {
    const { side } = frame();
    for (let i = 0; i < 4; i++) {
      const [left, low] = corner(i), u = (x - left) / side, v = (y - low) / side, about = 8 / side;
      if (Math.max(Math.abs(u - 0.5), Math.abs(v - 0.5)) < 0.5 + about) device.set({ bx: rounded(u), by: rounded(v) });
    }
  }

  // ---- What is drawn and said.
  function mend() {  // a state may come from anyone
    state.n = closest(SIDES.map(k => k * k), state.n);
    for (const key of ["wx", "wy"]) state[key] = closest(WEIGHTS, state[key]);
    for (const key of ["bx", "by"]) state[key] = rounded(state[key]);
    state.done = clamp(Math.round(state.done), 5, 100);
    state.draw = Math.abs(Math.trunc(state.draw)) % 100000;
  }

  function draw() {
    mend();
    for (const show of [trials, ran, weightX, weightY, cells]) show();
    const { width, height } = frame(), bare = length => ({ ...scale(0, length), ticks: () => [] }), side = Math.sqrt(state.n);
    squares.axes({ x: bare(width), y: bare(height), xLabel: "", yLabel: "" });
    slope.innerHTML = valley();
    const key = `${state.n} ${count()} ${state.wx} ${state.wy}`;
    if (kept.key !== key) Object.assign(kept, { key, means: means(side, count(), state.wx, state.wy) });
    const found = Object.entries(WAYS).map(([name, way], i) => {
      const points = way(side, 2 * state.draw + Number(name === "Sobol")).slice(0, count()), best = lowest(points, state);
      const holes = empty(points, side), values = [0, 1].map(j => new Set(points.map(point => point[j].toFixed(9))).size);
      square(i, name, points, best, holes);
      return { name: NAMES[name], holes: holes.length, values, best: error(best, state), mean: kept.means[i] };
    });
    rows([["", _("values of x, y"), ...(state.cells ? [_("empty cells")] : []), _("error here"), _("mean error")], ...found.map(f =>
      [f.name, f.values.join(", "), ...(state.cells ? [f.holes] : []), thousandths(f.best), thousandths(f.mean)])]);
    const order = [...found].sort((a, b) => a.mean - b.mean).map(f => `${f.name} ${thousandths(f.mean)}`);
    const here = found.reduce((a, b) => (b.best < a.best ? b : a));
    const mean = _`${count()} of ${state.n} trials, weights x : y = ${state.wx} : ${state.wy}. Mean error in thousandths: ${order.join(", ")}.`;
    const least = _`Here, with the best point at (${state.bx}, ${state.by}), the lowest error is ${thousandths(here.best)}: ${here.name}.`;
    device.say(`${mean} ${least}`);
    squares.now(_`${count()} of ${state.n} trials, the best point at (${state.bx}, ${state.by})`);
  }

  function valley() {  // light where the error is low: its root grows evenly, in ellipses
    const most = Math.max(state.wx, state.wy) || 1, wide = w => 1 / Math.max(0.01, Math.sqrt(w / most));
    return `<radialGradient id="${squares.root.id}-valley" cx="0" cy="0" r="1" gradientTransform="translate(${state.bx} ${1 - state.by}) scale(${wide(state.wx)} ${wide(state.wy)})">`
      + '<stop offset="0" stop-opacity="0" class="device-height"/><stop offset="1" stop-opacity="0.6" class="device-height"/></radialGradient>';
  }

  function square(i, name, points, best, holes) {
    const { side, width, height } = frame(), [left, low] = corner(i), n = Math.sqrt(state.n);
    const at = ([u, v]) => [left + u * side, low + v * side], box = (middle, size, kind) => squares.cell(...at(middle), [size * side / width, size * side / height], kind);
    const kind = `device-way device-${name.match(/\w+/g).join("-")}`, r = (device.width() < 500 ? 3 : 4) - (state.n > 30);
    box([0.5, 0.5], 1, "device-frame").style.fill = `url(#${squares.root.id}-valley)`;
    if (state.cells) for (const [a, b] of holes) box([(a + 0.5) / n, (b + 0.5) / n], 1 / n, "device-empty");
    squares.text(...at([0, 1]), NAMES[name], "device-word", "start", [0, -8]);
    // Under the square and beside it, the values that were tried: each trial falls on its value of x, and on its value of y, and the
    // dashed line is the error along this axis alone.
    const rise = (w, u, b, high) => Math.min(1, w * (u - b) ** 2 / 0.6) * high / side, us = range(41).map(k => k / 40);
    const below = u => at([u, (8 - UNDER) / side + rise(state.wx, u, state.bx, UNDER - 50)]), beside = v => at([-9 / side - rise(state.wy, v, state.by, STRIP - 14), v]);
    const tried = [...new Set(points.map(([u]) => u.toFixed(9)))];
    for (const value of tried) squares.line([at([value, 0]), below(value)], "device-fall");
    squares.line(us.map(below), "device-profile");
    squares.line(us.map(beside), "device-profile");
    squares.line([at(best), at([state.bx, state.by])], "device-missed");
    squares.text(...at([0, 1]), "y", "device-tick", "middle", [-14, -8]);
    points.forEach((point, k) => squares.dots([at(point)], kind, r, k));
    points.forEach(([u, v], k) => { squares.dots([below(u)], kind, r, `x${k}`); squares.dots([beside(v)], kind, Math.min(r, 3), `y${k}`); });
    squares.text(...at([0.5, 0]), tried.length === 1 ? _("1 value of x") : _`${tried.length} values of x`, "device-word", "middle", [0, 20]);
    squares.dots([at(best)], kind, r + 2);
    squares.dots([at([state.bx, state.by])], "device-ring", 6);
  }

  return draw;
}
