// A grid of wells, along the village road and away from it: every pair of a few values, and the best water that each grid finds.

import { clamp, half, pair, player, plot, range, scale, short, slider, trace } from "../device.js";
import { DEEP, ROAD, SHALLOW, water } from "../road.js";

export const start = { k: 3, dug: 99 };

const FAR = 4, MOST = 9, ALL = 99, WIDE = 40, TALL = 12;
const CELLS = range(WIDE * TALL).map(i => [10 * (i % WIDE + 0.5) / WIDE, FAR * (Math.floor(i / WIDE) + 0.5) / TALL]);

export const field = ([x, y]) => water(x) + 1.2 * (y - 1.7) ** 2;  // metres down to the water, y km off the road
export const grid = k => range(k).flatMap(i => range(k).map(j => [10 * i / (k - 1), FAR * j / (k - 1)]));  // two loops: the last value moves fastest

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 210 : 260), dug = () => Math.min(state.dug, state.k ** 2);
  const showK = slider(device, _("values of each"), "k", { min: 2, max: MOST });
  const map = plot(device, { label: _("The wells, seen from above"), span: half, height });
  const strip = trace(device, { label: _("The best water against the number of wells"), span: half, height, x: scale(0, MOST ** 2), y: scale(-28, -SHALLOW), yTick: ROAD.yTick, xLabel: _("wells"), yLabel: _("best water (m)") });
  pair(device, map, strip);
  player(device, { step: () => { state.dug = dug() + 1; return dug() < state.k ** 2 || !(state.dug = ALL); }, rewind: () => { if (dug() === state.k ** 2) state.dug = 0; } });

  return function draw() {
    state.k = clamp(Math.round(state.k), 2, MOST);
    state.dug = clamp(Math.round(state.dug), 0, ALL);
    showK();
    const wells = grid(state.k), done = wells.slice(0, dug()), best = done.reduce((a, b) => (a && field(a) <= field(b) ? a : b), undefined);
    map.axes({ x: ROAD.x, y: scale(0, FAR), xLabel: ROAD.xLabel, yLabel: _("km off the road") });
    for (const p of CELLS) map.cell(...p, [1 / WIDE, 1 / TALL], "device-depth", 0.75 * clamp((DEEP - field(p)) / (DEEP - SHALLOW), 0, 1) ** 2);
    map.dots(wells.slice(dug()), "device-unseen", 4);
    map.dots(done, "device-grid-dot", 4.5);
    if (best) map.dots([best], "device-best", 7);
    if (dug() < state.k ** 2) map.dots(done.slice(-1), "device-ring", 9);
    map.now(_`Wells: ${done.length}`);
    const found = Math.min(...wells.map(field)), metres = (best ? field(best) : 0).toFixed(1);
    strip.visit(state.k ** 2, -found, "device-grid-dot", _`${state.k ** 2} wells: ${found.toFixed(1)} m`);
    const said = best ? _`${done.length} of ${state.k ** 2} wells: the best has water at ${metres} m, at km ${short(best[0])}.` : _("No well yet.");
    device.say(said);
  };
}
