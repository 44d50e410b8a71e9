// The feasible island: the lesson's network, whose width costs time on the chip; the limit is the reader's.

import { clamp, half, pair, plot, range, scale, short, slider, trace } from "../device.js";

export const start = { limit: 45 };

const WIDTHS = range(201).map(i => i / 200), LIMITS = [11, 58];

export const loss = w => 4 + 9 * Math.exp(-3 * w) + 0.5 * Math.cos(9 * w);  // %
export const milliseconds = w => 10 + 40 * w + 9 * Math.sin(14 * w);
export const fits = limit => WIDTHS.filter(w => milliseconds(w) <= limit);
export const best = limit => fits(limit).reduce((a, b) => (loss(b) < loss(a) ? b : a));

export function islands(limit) {  // the feasible widths, as stretches of neighbors
  const found = [];
  for (const w of fits(limit)) (found.at(-1)?.at(-1) > w - 0.0075 ? found.at(-1) : found[found.push([]) - 1]).push(w);
  return found;
}

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 210 : 240), rounded = limit => Math.round(2 * clamp(limit, ...LIMITS)) / 2, move = limit => device.set({ limit: rounded(limit) });
  const show = slider(device, _("limit (ms)"), "limit", { min: LIMITS[0], max: LIMITS[1], step: 0.5 });
  const time = plot(device, { label: _("Time against width: drag the limit, or use the arrow keys"), span: half, height, touch: "pan-y", onDrag: (x, y) => move(y), onKey: (dx, dy) => move(state.limit + dx + dy) });
  const error = plot(device, { label: _("Error against width"), span: half, height });
  pair(device, time, error);
  const strip = trace(device, { label: _("The best feasible width against the limit"), height: 170, x: scale(...LIMITS), y: scale(0, 1), xLabel: _("limit (ms)"), yLabel: _("best feasible width") });

  return function draw() {
    state.limit = rounded(state.limit);
    show();
    const found = islands(state.limit), w = best(state.limit), curve = (f, ws) => ws.map(w => [w, f(w)]), x = scale(0, 1);
    for (const [picture, f, y, yLabel] of [[time, milliseconds, scale(0, 60), _("time (ms)")], [error, loss, scale(3, 14), _("error (%)")]]) {
      picture.axes({ x, y, xLabel: _("width of the network"), yLabel });
      picture.line(curve(f, WIDTHS), "device-truth");
      found.forEach((ws, k) => picture.line(curve(f, ws), "device-worth-line", k));
      if (f === milliseconds) { picture.level(state.limit); picture.grip(1, state.limit); }
      picture.dots([[w, f(w)]], "device-best", 7);
    }
    time.now(_`Limit ${short(state.limit)} ms, islands: ${found.length}`);
    error.now(_`Width ${short(w)}: ${loss(w).toFixed(2)}%`);
    strip.visit(state.limit, w, "device-dot", _`Limit ${short(state.limit)} ms: width ${short(w)}`);
    const pieces = found.length === 1 ? _("The feasible widths are 1 stretch.") : _`The feasible widths are ${found.length} islands.`;
    device.say(`${pieces} ${_`Best: width ${short(w)}, ${milliseconds(w).toFixed(1)} of ${short(state.limit)} ms, error ${loss(w).toFixed(2)}%.`}`);
  };
}
