// The width slides: the real losses of lesson 7.4's networks against the learning rate, with the standard start and with maximal updates.

import { check, pair, half, plot, scale, short, slider, trace } from "../device.js";
import { WIDTHS } from "../width_losses.js";

export const start = { width: 32, mup: false };

const { widths, rates, standard, scaled } = WIDTHS, BASE = 32;
const lowest = losses => losses.indexOf(Math.min(...losses));

export function compared({ width, mup }) {  // the losses of a width; the rate that is best for it, and the one that is best for 32 units, as numbers
  const table = mup ? scaled : standard, losses = table[widths.indexOf(width)];
  return { losses, best: lowest(losses), kept: lowest(table[widths.indexOf(BASE)]) };
}

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 230 : 270), seen = new Map();
  const shows = [slider(device, _("units in each layer"), "width", { values: widths }), check(device, _("maximal updates (μP)"), "mup")];
  const picture = plot(device, { label: _("Validation loss against the learning rate"), span: half, height });
  const strip = trace(device, { label: _("The best rate against the width"), span: half, height, x: scale(12, 680, true), y: scale(7e-4, 0.12, true), xLabel: _("units in each layer (log scale)"), yLabel: _("best learning rate (log scale)") });
  pair(device, picture, strip);

  return function draw() {
    if (!widths.includes(state.width)) state.width = start.width;
    for (const show of shows) show();
    const { losses, best, kept } = compared(state), curve = losses => losses.map((loss, k) => [rates[k], loss]);
    seen.set(`${state.mup} ${state.width}`, losses);
    picture.axes({ x: scale(7e-4, 0.14, true), y: scale(0.1, 2.5, true), xLabel: _("learning rate (log scale)"), yLabel: _("validation loss (log scale)") });
    for (const [key, losses] of seen) if (key.startsWith(state.mup)) picture.line(curve(losses), "device-curve", key);
    picture.upright(rates[kept], "device-landmark-line");
    picture.line(curve(losses), "device-worth-line");
    picture.dots([[rates[kept], losses[kept]]], "device-ring", 9);
    picture.dots([[rates[best], losses[best]]], "device-best", 7);
    picture.now(_`Units ${state.width}: lowest at ${short(rates[best])}`);
    strip.visit(state.width, rates[best], state.mup ? "device-promise" : "device-best", _`Units ${state.width}: best rate ${short(rates[best])}`);
    strip.level(rates[kept], "device-landmark-line");
    const times = (losses[kept] / losses[best]).toFixed(1);
    device.say(_`With ${state.width} units, the best rate is ${short(rates[best])}: loss ${losses[best].toFixed(2)}. At the rate that is best for 32 units (ring), the loss is ${losses[kept].toFixed(2)}, ${times} times as high.`);
  };
}
