// Two goals: a well shall be near the village and its water shall be high. The front, and what each well adds to it.

import { button, clamp, half, pair, plot, restart, scale, short, trace } from "../device.js";
import { seeded } from "../lab.js";
import { DEEP, PLACES, ROAD, along, depth } from "../road.js";

export const start = { tried: "", at: 100 };

const VILLAGE = 4, FARTHEST = 6, END = PLACES.length - 1;

export const goals = i => [Math.abs(PLACES[i] - VILLAGE), depth(i)];  // km to carry, metres to dig: both are to be small
export const front = places => places.filter(i => !places.some(j => { const [a, b] = goals(i), [c, d] = goals(j); return c <= a && d <= b && (c < a || d < b); }))
  .sort((i, j) => goals(i)[0] - goals(j)[0]);

export function hypervolume(places) {  // what the front dominates, up to the farthest place and the deepest well
  const on = front(places).map(goals);
  return on.reduce((sum, [km, m], k) => sum + (FARTHEST - km) * ((k ? on[k - 1][1] : DEEP) - m), 0);
}

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 220 : 250), wells = () => [...new Set(state.tried.split("-").filter(text => /^\d+$/.test(text)).map(Number).filter(i => i <= END))];
  const whole = hypervolume(PLACES.map((_, i) => i)), dig = i => device.set({ at: i, tried: [...wells(), i].join("-") });
  const road = plot(device, { label: _("The road: dig a well with a click, or with the arrow keys and Enter"), span: half, height, onAct: x => dig(x === undefined ? state.at : Math.round(20 * x)), onKey: dx => device.set({ at: clamp(state.at + 4 * dx, 0, END) }) });
  const fronts = plot(device, { label: _("The wells by their two goals"), span: half, height });
  pair(device, road, fronts);
  button(device, _("Dig at random"), () => { const free = PLACES.map((_, i) => i).filter(i => !wells().includes(i)), n = wells().length; if (free.length) dig(free[Math.floor(free.length * (n * 0.618034 + 0.31 + 0.1 * seeded(n).random()) % free.length) % free.length]); }, "device-main");
  const showAgain = restart(device, () => ({ tried: "" }));

  return function draw() {
    state.at = clamp(Math.round(state.at), 0, END);
    const dug = wells(), on = front(dug), newest = dug.at(-1), area = Math.round(100 * hypervolume(dug) / whole), points = on.map(goals);
    showAgain();
    road.axes(ROAD);
    road.line(along(x => depth(Math.round(20 * x))), "device-truth");
    road.upright(PLACES[state.at]);
    road.text(VILLAGE, -DEEP, _("village"), "device-word", "middle", [0, -6]);
    for (const i of dug) road.dots([[PLACES[i], -depth(i)]], on.includes(i) ? "device-best" : "device-candidate", 5, i);
    road.now(_`Km ${short(PLACES[state.at])}; wells: ${dug.length}`);
    fronts.axes({ x: scale(0, FARTHEST), y: ROAD.y, yTick: ROAD.yTick, xLabel: _("km to the village"), yLabel: ROAD.yLabel });
    const steps = points.flatMap(([km, m], k) => [[km, k ? -points[k - 1][1] : -DEEP], [km, -m]]);
    fronts.line([...steps, ...(points.length ? [[FARTHEST, -points.at(-1)[1]]] : [])], "device-best-line");
    for (const i of dug) fronts.dots([[goals(i)[0], -goals(i)[1]]], on.includes(i) ? "device-best" : "device-candidate", 5, i);
    if (newest !== undefined) fronts.dots([[goals(newest)[0], -goals(newest)[1]]], "device-ring", 9);
    fronts.now(_`On the front: ${on.length}`);
    const last = newest === undefined ? _("No well yet.") : on.includes(newest) ? _`The well at km ${short(PLACES[newest])} is on the front.` : _`The well at km ${short(PLACES[newest])} is dominated: another one is nearer and no deeper, or less deep and no farther.`;
    device.say(`${last} ${_`Wells: ${dug.length}, on the front: ${on.length}. The front has ${area}% of the largest possible area.`}`);
  };
}
