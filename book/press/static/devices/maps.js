// Last month's map under today's wells: how much a search believes of an earlier study, by the pairs that it puts in the right order.

import { choice, clamp, plot, range, scale, slider, trace } from "../device.js";
import { gaussianProcess, rankingLosses, rankingWeights, seeded } from "../lab.js";
import { PLACES, ROAD, along, water } from "../road.js";

export const start = { study: "month", n: 2 };

const DRAWS = 256, OPTIONS = { lengthscale: 1.2, noise: 1e-4 }, THEN = range(12).map(i => 0.4 + 0.84 * i), MOST = 9;
export const TODAY = [4.4, 8.2, 1.2, 6, 2.8, 9.4, 0.3, 7.5, 5.2];  // km, in the order in which the wells are dug
export const EARLIER = { month: x => 7 + 0.7 * water(x - 0.2), other: x => water(10 - x) };  // m; a dry month, and the map of another village

export function model(f, places) {  // a Gaussian process of the standardized depths
  const y = places.map(f), mean = y.reduce((a, b) => a + b) / y.length, sd = Math.sqrt(y.reduce((sum, v) => sum + (v - mean) ** 2, 0) / y.length) || 1;
  const z = y.map(v => (v - mean) / sd), X = places.map(x => [x]);
  return { mean, sd, X, z, gp: gaussianProcess(X, z, OPTIONS) };
}

export function weigh(study, n, rng = seeded(7)) {  // the models, and their weights: the earlier one's, today's own
  const own = model(water, TODAY.slice(0, n)), earlier = model(EARLIER[study], THEN), normals = () => range(DRAWS).map(() => own.z.map(rng.normal));
  const told = own.X.map((x, j) => { const others = i => i !== j, { mean: [m], std: [s] } = gaussianProcess(own.X.filter((_, i) => others(i)), own.z.filter((_, i) => others(i)), OPTIONS).predict([x]); return [m, s]; });
  const losses = [rankingLosses(normals().map(one => earlier.gp.sample(own.X, one)), own.z), rankingLosses(normals().map(one => told.map(([m, s], j) => m + s * one[j])), own.z, own.z)];
  return { own, earlier, losses, weights: rankingWeights(losses) };
}

export function build(device) {
  const { state } = device, NAMES = { month: _("last month's"), other: _("another village's") }, height = width => (width < 560 ? 220 : 240);
  const shows = [choice(device, _("map:"), "study", NAMES), slider(device, _("wells today"), "n", { min: 2, max: MOST })];
  const road = plot(device, { label: _("The road: an earlier map, today's wells, and what the search believes"), height });
  const strip = trace(device, { label: _("The weight of the map against the number of wells"), height: 170, x: scale(1.5, MOST + 0.5), y: scale(-0.06, 1.06), xLabel: _("wells today"), yLabel: _("weight of the map") });

  return function draw() {
    if (!Object.hasOwn(EARLIER, state.study)) state.study = start.study;
    state.n = clamp(Math.round(state.n), 2, MOST);
    for (const show of shows) show();
    const { own, earlier, weights } = weigh(state.study, state.n), dug = TODAY.slice(0, state.n), points = PLACES.map(x => [x]);
    const beliefs = [earlier, own].map(({ gp }) => gp.predict(points)), metres = side => x => { const i = Math.round(20 * x), sum = values => beliefs.reduce((all, one, k) => all + values(one, weights[k]), 0); return own.mean + own.sd * (sum((one, w) => w * one.mean[i]) + side * Math.sqrt(sum((one, w) => (w * one.std[i]) ** 2))); };
    const next = PLACES.reduce((a, b) => (metres(0)(b) < metres(0)(a) ? b : a));
    road.axes(ROAD);
    road.curve(along(EARLIER[state.study]), "device-others");
    road.band(along(metres(2)).map(inside), along(metres(-2)).map(inside));
    road.curve(along(metres(0)));
    road.marks(dug.map(x => [x, -water(x)]));
    road.upright(next);
    road.now(_`Wells: ${state.n}, deepest belief at km ${next.toFixed(1)}`);
    strip.visit(state.n, weights[0], state.study === "month" ? "device-dot" : "device-candidate", _`Wells: ${state.n}, weight ${weights[0].toFixed(2)}`);
    const wrong = (rankingLosses([dug.map(EARLIER[state.study])], own.z)[0] / 2), pairs = state.n * (state.n - 1) / 2;
    device.say(`${_`The map puts ${wrong} of ${pairs} pairs of today's wells in the wrong order; its weight is ${weights[0].toFixed(2)}.`} ${_`The water is believed to be highest at km ${next.toFixed(1)}.`}`);
  };
}

const inside = ([x, y]) => [x, clamp(y, ROAD.y.low, ROAD.y.high)];
