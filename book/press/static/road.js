// The village road of chapter 4, for the devices of other lessons too: the places are kilometres, the losses metres down to the water.

import { scale, short } from "./device.js";

export const PLACES = [...Array(201).keys()].map(i => i / 20);  // km
export const DEEP = 36, SHALLOW = 10;  // the frame: up is good, so what is drawn is minus the depth
export const ROAD = { x: scale(0, 10), y: scale(-DEEP, -SHALLOW), xLabel: _("km along the road"), yLabel: _("depth of the water (m)"), yTick: v => short(-v) };

export function water(x) {  // metres down to the water at km x; nobody knows this
  const bell = (center, width) => Math.exp(-(((x - center) / width) ** 2));
  return 26 + 2.5 * Math.sin(1.1 * x) - 13 * bell(7.6, 0.75) - 9 * bell(2.4, 1.3);
}

export const depth = i => water(PLACES[i]);
export const along = (f, places = PLACES) => places.map((x, i) => [x, -f(x, i)]);  // a curve of depths, as it is drawn
