// One report moves: what a smooth model makes of it, on the slope of a valley and at its bottom (the village road, with noisy depths).

import { clamp, plot, range, scale, signed, slider, trace } from "../device.js";
import { gaussianProcess } from "../lab.js";
import { ROAD, along, water } from "../road.js";

export const start = { at: 6.9, by: 0 };

const MEAN = 24, SD = 5, LENGTH = 1, NOISE = 2, BY = 3, END = [5, 10];  // m, m, km, m, m, km
const PLACES = range(501).map(i => END[0] + i / 100);
export const REPORTS = [5.3, 6.1, 6.9, 7.7, 8.5, 9.3];  // km

export function believe({ at, by }) {  // the depth that the model believes at each place, and where it would dig
  const y = REPORTS.map(x => (water(x) + (x === at ? by : 0) - MEAN) / SD);
  const mean = gaussianProcess(REPORTS.map(x => [x]), y, { lengthscale: LENGTH, noise: (NOISE / SD) ** 2 }).predict(PLACES.map(x => [x])).mean.map(v => MEAN + SD * v);
  const lowest = mean.indexOf(Math.min(...mean));
  return { mean, place: PLACES[lowest], depth: mean[lowest] };
}

export function build(device) {
  const { state } = device, before = believe(start), near = x => REPORTS.reduce((a, b) => (Math.abs(b - x) < Math.abs(a - x) ? b : a));
  const take = (at, by) => { by = clamp(Math.round(2 * by) / 2, -BY, BY); if (at !== state.at || by !== state.by) device.set({ at, by }); };
  const showBy = slider(device, _("report is off by (m)"), "by", { min: -BY, max: BY, step: 0.5, show: signed });
  const road = plot(device, {
    label: _("The road: drag a report up or down, or choose one with the arrow keys to the side and move it with those up and down"), height: width => (width < 560 ? 220 : 250), touch: "pan-y",
    onDrag: (x, y, begins) => { const at = begins ? near(x) : state.at; if (begins) state.by = at === state.at ? state.by : 0; take(at, -y - water(at)); },
    onKey: (dx, dy) => take(REPORTS[clamp(REPORTS.indexOf(state.at) + Math.sign(dx), 0, REPORTS.length - 1)], dx ? 0 : state.by - dy / 2),
  });
  const strip = trace(device, { label: _("How far the place to dig moves, against the report that was dragged"), height: 170, x: scale(...END), y: scale(-0.15, 0.15), yTick: signed, xLabel: _("report at km"), yLabel: _("place to dig moves by (km)") });

  return function draw() {
    state.at = near(state.at);
    state.by = Math.round(2 * clamp(state.by, -BY, BY)) / 2;
    showBy();
    const now = believe(state), shown = REPORTS.map(x => [x, -water(x) - (x === state.at ? state.by : 0)]), held = shown[REPORTS.indexOf(state.at)];
    road.axes({ ...ROAD, x: scale(...END) });
    road.line(along((_, i) => before.mean[i], PLACES), "device-curve");
    road.line(along((_, i) => now.mean[i], PLACES));
    road.dots([[before.place, -before.depth]], "device-unseen", 7);
    road.dots(shown);
    road.dots([[now.place, -now.depth]], "device-best", 7);
    road.dots([held], "device-ring", 9);
    for (const point of shown) road.grip(...point);
    const moved = Number((now.place - before.place).toFixed(2)), lifted = Number((now.depth - before.depth).toFixed(1));
    road.now(_`Report at km ${state.at}: ${(-held[1]).toFixed(1)} m`);
    if (state.by) strip.visit(state.at, moved, state.by < 0 ? "device-best" : "device-dot", _`Report at km ${state.at}: ${signed(moved)} km`);
    else strip.rest(_("0 km: nothing has been dragged"));
    device.say(_`The report at km ${state.at} is ${signed(state.by)} m off. The place to dig, km ${now.place.toFixed(2)}, has moved by ${signed(moved)} km; its depth, ${now.depth.toFixed(1)} m, by ${signed(lifted)} m.`);
  };
}
