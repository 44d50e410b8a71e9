// Shares of a surface that one can tilt: how much of its variance each hyperparameter explains alone (hpt_lab's importance), and both together.

import { clamp, half, pair, plot, range, scale, signed, slider } from "../device.js";

export const start = { a: 1, b: 0.5, c: 0 };

const SIDE = 15, US = range(SIDE).map(i => i / (SIDE - 1) - 0.5);
const mean = values => values.reduce((sum, v) => sum + v, 0) / values.length, variance = values => mean(values.map(v => v * v)) - mean(values) ** 2;

export const surface = ({ a, b, c }) => US.map(u => US.map(v => a * u + b * v + 2 * c * u * v));  // rows: x; columns: y

export function shares(table) {  // of x, of y, and of both together
  const all = variance(table.flat()), own = [table, US.map((_, j) => table.map(row => row[j]))].map(rows => (all > 1e-12 ? variance(rows.map(mean)) / all : 0));
  return [...own, all > 1e-12 ? Math.max(0, 1 - own[0] - own[1]) : 0];
}

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 230 : 280), NAMES = ["x", "y", _("together")], KINDS = ["device-dot", "device-good", "device-acquisition-cell"];
  const shows = [[_("slope along x"), "a"], [_("slope along y"), "b"], [_("twist"), "c"]].map(([words, key]) => slider(device, words, key, { min: -2, max: 2, step: 0.1, show: signed }));
  const map = plot(device, { label: _("The surface, seen from above"), span: half, height }), bars = plot(device, { label: _("What each explains of the variance"), span: half, height });
  pair(device, map, bars);

  return function draw() {
    for (const key of ["a", "b", "c"]) state[key] = Number(clamp(state[key], -2, 2).toFixed(1));
    for (const show of shows) show();
    const table = surface(state), found = shares(table), top = Math.max(...table.flat()), low = Math.min(...table.flat()), unit = { ...scale(-0.5 - 0.5 / SIDE, 0.5 + 0.5 / SIDE), ticks: () => [] };
    map.axes({ x: unit, y: unit, xLabel: "x", yLabel: "y" });
    US.forEach((u, i) => US.forEach((v, j) => map.cell(u, v, [1 / SIDE, 1 / SIDE], "device-depth", top > low ? 0.1 + 0.8 * (top - table[i][j]) / (top - low) : 0.5)));
    map.now(_`Lowest ${signed(low)}, highest ${signed(top)}`);
    bars.axes({ x: { ...scale(0, 3), ticks: () => [0.5, 1.5, 2.5] }, y: scale(0, 100), xTick: at => NAMES[Math.floor(at)], xLabel: "", yLabel: _("share of the variance (%)") });
    const percent = found.map(share => Math.round(100 * share));
    found.forEach((share, k) => {
      bars.cell(k + 0.5, 50 * share, [0.2, share], KINDS[k], 0.8, k);
      bars.text(k + 0.5, 100 * share, `${percent[k]}%`, "device-word", "middle", [0, share > 0.9 ? 16 : -6], k);
    });
    bars.now(`${NAMES[0]}: ${percent[0]}%, ${NAMES[1]}: ${percent[1]}%, ${NAMES[2]}: ${percent[2]}%`);
    device.say(top > low ? _`Alone, x explains ${percent[0]}% of the variance and y ${percent[1]}%. Both together explain another ${percent[2]}%.` : _("The surface is level: there is nothing to explain."));
  };
}
