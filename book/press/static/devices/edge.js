// Is the space too small? The village road up to an end that moves, a well every 100 metres, the best of them, and one well past the end.

import { clamp, plot, range, scale, signed, slider, trace } from "../device.js";
import { ROAD, water } from "../road.js";

export const start = { end: 7 };

const FROM = 6, ENDS = [6.5, 9];  // km

export function look(end) {  // the wells; the best of them, and whether it lies in the outer three tenths; the well past the end, and what it brings
  const wells = range(Math.round(10 * (end - FROM)) + 1).map(i => (10 * FROM + i) / 10), best = wells.reduce((a, b) => (water(b) < water(a) ? b : a));
  const past = end + (end - FROM) / 4;
  return { wells, best, near: end - best < 0.3 * (end - FROM) - 1e-9, past, gain: water(best) - water(past) };
}

export function build(device) {
  const { state } = device, fix = end => clamp(Math.round(10 * end), 10 * ENDS[0], 10 * ENDS[1]) / 10, move = end => device.set({ end: fix(end) }), label = _("the road ends at km");
  const show = slider(device, label, "end", { min: ENDS[0], max: ENDS[1], step: 0.1 });
  const road = plot(device, { label: _("The road: drag its end, or move it with the arrow keys"), height: 240, touch: "pan-y", onDrag: move, onKey: dx => move(state.end + dx / 10) });
  const strip = trace(device, { label: _("What a well past the end brings"), x: scale(...ENDS), y: scale(-10, 5), yTick: signed, xLabel: label, yLabel: _("water past the end is nearer by (m)") });

  return function draw() {
    const end = state.end = fix(state.end), { wells, best, near, past, gain } = look(end), at = x => [x, -water(x)];
    show();
    road.axes({ ...ROAD, x: scale(FROM, 10) });
    road.upright(end);
    road.dots(wells.map(at), "device-dot", 4);
    road.dots([at(best)], "device-best", 7);
    road.dots([at(past)], "device-next", 7);
    road.grip(end, -20);
    const found = _`The best well is at km ${best}, with water at ${water(best).toFixed(1)} m.`;
    road.now(found);
    strip.visit(end, gain, near ? "device-next" : "device-dot");
    strip.level(0, "device-landmark-line");
    const where = near ? _("It is near the end.") : _("It is not near the end."), beyond = gain > 0 ? _`Past the end, the water is ${gain.toFixed(1)} m nearer.` : _("Past the end, the water is no nearer.");
    device.say(`${found} ${where} ${beyond}`);
  };
}
