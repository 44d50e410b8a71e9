// What a search thinks on the road of lessons 4.2 to 4.4: the places are kilometres, the losses metres down to the water.
//
// A history is a list of trials [i, loss] in the order in which they were made; i is the number of a place. A search thinks in five
// lines (LINES), and `believe`, `choose` and `split` are what it thinks, by a Gaussian process and by TPE.

import { densities, expectedImprovement, gaussianProcess, lowerConfidenceBound, probabilityOfImprovement, seeded } from "./lab.js";
import { PLACES, depth } from "./road.js";

export { PLACES, depth };
export const LENGTHS = [...Array(61).keys()].map(i => Number((0.1 * 10 ** (i / 30)).toPrecision(2)));  // km
export const CANDIDATES = 24;
const MEAN = 24, SD = 5;  // m, from the old survey
const TYPICAL = 6, WIDTH = 1.5;  // of the prior on the lengthscale: log l ~ Normal(log 6 km, 1.5^2)

export const LINES = {
  gp: ["gp = believe(X, losses)", "mean, std = gp.predict(road)", "values = acquisition(mean, std, best)", "x = road[values.argmax()]", "trials.append((x, depth(x)))"],
  tpe: ["good, others = split(trials, gamma)", "l, g = density(good), density(others)", "candidates = draw(l, 24)", "x = candidates[(l / g).argmax()]", "trials.append((x, depth(x)))"],
};

export const highest = values => values.indexOf(Math.max(...values));

function untried(trials, values) {  // the place of the largest value where no trial is
  const taken = new Set(trials.map(([i]) => i));
  return highest(values.map((value, i) => (taken.has(i) ? -Infinity : value)));
}

// ---- The Gaussian process. The survey's mean and spread are its prior, or, where it learns, those of the losses.

function measured(trials, learn) {
  const losses = trials.map(([, loss]) => loss), mean = losses.reduce((sum, v) => sum + v, 0) / losses.length;
  const spread = Math.sqrt(losses.reduce((sum, v) => sum + (v - mean) ** 2, 0) / losses.length);
  const [centre, unit] = learn && spread > 0 ? [mean, spread] : [MEAN, SD];
  return { X: trials.map(([i]) => [PLACES[i]]), z: losses.map(v => (v - centre) / unit), centre, unit };
}

export function believe(trials, { kernel, lengthscale, noise, learn }) {
  const { X, z, centre, unit } = measured(trials, learn), options = { kernel, noise: (noise / unit) ** 2 };
  const evidence = LENGTHS.map(l => gaussianProcess(X, z, { ...options, lengthscale: l }).evidence - z.length * Math.log(unit));
  const worth = evidence.map((value, k) => value - (learn ? (Math.log(LENGTHS[k] / TYPICAL) / WIDTH) ** 2 / 2 : 0));
  const length = learn ? LENGTHS[highest(worth)] : lengthscale;
  const gp = gaussianProcess(X, z, { ...options, lengthscale: length }), found = gp.predict(PLACES.map(x => [x]));
  const metres = values => values.map(v => centre + unit * v);
  return {
    evidence, worth, lengthscale: length, at: gp.evidence - z.length * Math.log(unit),
    mean: metres(found.mean), std: found.std.map(v => unit * v), best: Math.min(...metres(gp.predict(X).mean)),
  };
}

export function choose(trials, { mean, std, best }, { acquisition, xi, kappa }) {  // how much we want to measure at each place
  const values = mean.map((m, i) => (acquisition === "lcb" ? best - lowerConfidenceBound(m, std[i], kappa)
    : (acquisition === "pi" ? probabilityOfImprovement : expectedImprovement)(m, std[i], best, xi)));
  return { values, chosen: untried(trials, values.map(v => Number(v.toFixed(9)))) };
}

// ---- TPE, with the textbook's kernels.

export function split(trials, { gamma }) {
  const { l, g, good, logRatio } = densities(trials.map(([i]) => [PLACES[i] / 10]), trials.map(([, loss]) => loss), { gamma, contrast: 1 });
  const rng = seeded(1000 + trials.length), drawn = [...Array(CANDIDATES)].map(() => Math.round(200 * l.draw(rng)[0]));
  const ratio = PLACES.map(x => Math.exp(logRatio([x / 10]))), per = model => PLACES.map(x => Math.exp(model.logDensity([x / 10])) / 10);
  const ranked = trials.map((_, k) => k).sort((a, b) => trials[a][1] - trials[b][1] || a - b);
  const taken = new Set(trials.map(([i]) => i)), fresh = drawn.filter(i => !taken.has(i));
  const chosen = fresh.length ? fresh[highest(fresh.map(i => ratio[i]))] : untried(trials, ratio);
  return { good: ranked.slice(0, good), others: ranked.slice(good), l: per(l), g: per(g), ratio, drawn, chosen };
}
