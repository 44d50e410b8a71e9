// Rounds of "You choose the next trial": the hidden problem of a round, what a model believes of it, and how three strategies do on it.
//
// A problem has finitely many places, in the order of the first axis, then of the second; the reader's `first` trial is at a random one. Every third round is a row or the whole of
// a table of real trainings (tables.js, from hpt_lab.problems), the others are made up: a slope with a few wells in it.

import { seeded, sobol, gaussianProcess, expectedImprovement, densities } from "./lab.js";
import { TABLES } from "./tables.js";

const LENGTHSCALES = { 1: [0.08, 0.13, 0.2, 0.35, 0.6, 1], 2: [0.13, 0.25, 0.5, 1] };  // one along each axis
const FIRST = 3;  // trials before a strategy has something to learn from
export const NIGHTS = { 1: 7, 2: 10 };
export const RUNS = 15;  // of each strategy: the reader meets the one whose end is their median

export function hidden(dimensions, round) {
  const rng = seeded(1000 * round + dimensions);
  const problem = round % 3 === 0 ? tabulated(dimensions, rng) : madeUp(dimensions, rng);
  const sizes = problem.axes.map(axis => axis.size);
  const lines = sizes.map(size => [...Array(size).keys()].map(i => i / (size - 1)));
  const places = dimensions === 1 ? lines[0].map(u => [u]) : lines[0].flatMap(u => lines[1].map(v => [u, v]));
  const values = problem.values ?? rescaled(places.map(problem.f), rng);
  const first = seeded(1000 * round + 500 + dimensions).integer(places.length);
  const learned = values.map(v => (problem.log ? Math.log10(v) : v));
  return { ...problem, dimensions, sizes, places, values, learned, best: Math.min(...values), first };
}

function tabulated(dimensions, rng) {
  const table = TABLES[rng.integer(TABLES.length)];
  const [first, second] = table.axes;
  if (dimensions === 2) return { ...table, values: table.values.flat() };
  const rows = table.values.map((row, i) => ({ axis: second, values: row, name: `${table.name}, ${first.name} = ${first.values[i]}` }));
  const columns = second.values.map((value, j) => ({ axis: first, values: table.values.map(row => row[j]), name: `${table.name}, ${second.name} = ${value}` }));
  const deep = [...rows, ...columns].filter(({ values }) => Math.max(...values) > 1.3 * Math.min(...values));
  const { axis, values, name } = deep[rng.integer(deep.length)];
  return { ...table, axes: [axis], values, name };
}

function madeUp(dimensions, rng) {
  const between = (a, b) => a + (b - a) * rng.random();
  const slope = [between(-0.6, 0.6), between(-0.3, 0.3)];
  const wells = [0, 1, 2].map(() => ({
    center: [rng.random(), rng.random()], width: dimensions === 1 ? [between(0.06, 0.2)] : [between(0.12, 0.3), between(0.2, 0.7)], depth: between(0.4, 1),
  }));
  const f = u => u.reduce((sum, v, j) => sum + slope[j] * v, 0) - wells.reduce((sum, { center, width, depth }) =>
    sum + depth * Math.exp(-u.reduce((r2, v, j) => r2 + ((v - center[j]) / width[j]) ** 2, 0)), 0);
  const size = dimensions === 1 ? 101 : 21;
  const axes = [{ name: _("learning rate"), low: 1e-4, high: 1, log: true, size }, { name: _("weight decay"), low: 1e-5, high: 0.1, log: true, size }];
  return { name: _("a made-up function"), label: _("error"), unit: "%", log: true, range: [0.5, 100], axes: axes.slice(0, dimensions), f };
}

function rescaled(values, rng) {  // errors in per cent, from a few to most
  const [low, high] = [Math.min(...values), Math.max(...values)], bottom = 0.2 + 0.4 * rng.random();
  return values.map(v => Math.round(100 * 10 ** (bottom + (1.9 - bottom) * (v - low) / (high - low))) / 100);
}

// Mean, standard deviation and expected improvement at every place, in the units of `problem.learned`, from the trials `tried`.
export function belief(problem, tried) {
  const y = tried.map(i => problem.learned[i]), centre = y.reduce((a, b) => a + b, 0) / y.length;
  const spread = Math.sqrt(y.reduce((sum, v) => sum + (v - centre) ** 2, 0) / y.length) || 1, z = y.map(v => (v - centre) / spread);
  const X = tried.map(i => problem.places[i]), typical = 0.6 * problem.dimensions ** 0.25;
  const along = LENGTHSCALES[problem.dimensions], scales = problem.dimensions === 1 ? along.map(l => [l]) : along.flatMap(a => along.map(b => [a, b]));
  let model, highest = -Infinity;
  for (const lengthscale of scales) {  // the evidence and a prior choose, as in hpt_lab
    const tryOut = gaussianProcess(X, z, { lengthscale, noise: 1e-4 });
    const worth = tryOut.evidence - lengthscale.reduce((sum, l) => sum + (Math.log(l / typical) / 1.5) ** 2 / 2, 0);
    if (worth > highest) [model, highest] = [tryOut, worth];
  }
  const { mean, std } = model.predict(problem.places), best = Math.min(...z);
  const ei = mean.map((m, i) => (tried.includes(i) ? 0 : expectedImprovement(m, std[i], best)));
  return { mean: mean.map(m => centre + spread * m), std: std.map(s => spread * s), ei };
}

export const highest = values => values.indexOf(Math.max(...values));

export function nearest(problem, u) {  // the number of the place nearest to a point of the unit cube
  return u.reduce((number, v, j) => number * problem.sizes[j] + Math.round(Math.min(1, Math.max(0, v)) * (problem.sizes[j] - 1)), 0);
}

const SUGGEST = {
  "random search": (problem, tried, rng) => untried(problem, tried, rng),
  "TPE": (problem, tried, rng) => {
    if (tried.length < FIRST) return untried(problem, tried, rng);
    const { l, logRatio } = densities(tried.map(i => problem.places[i]), tried.map(i => problem.learned[i]));
    const drawn = [...Array(24)].map(() => nearest(problem, l.draw(rng))).filter(i => !tried.includes(i));
    return drawn.length ? drawn[highest(drawn.map(i => logRatio(problem.places[i])))] : untried(problem, tried, rng);
  },
  "Bayesian optimization": (problem, tried, rng, starts) => {
    const first = tried.length < FIRST && nearest(problem, starts[tried.length]);
    if (first !== false) return tried.includes(first) ? untried(problem, tried, rng) : first;
    return highest(belief(problem, tried).ei);
  },
};

export const NAMES = { "random search": _("random search"), "TPE": "TPE", "Bayesian optimization": _("Bayesian optimization") };

function untried(problem, tried, rng) {
  for (;;) {
    const i = rng.integer(problem.places.length);
    if (!tried.includes(i)) return i;
  }
}

// One search: the numbers of its places, in their order.
export function search(problem, strategy, nights, seed) {
  const rng = seeded(seed), starts = sobol(FIRST + 1, problem.dimensions, rng).slice(1), tried = [];
  while (tried.length < nights) tried.push(SUGGEST[strategy](problem, tried, rng, starts));
  return tried;
}

export const found = (problem, tried) => Math.min(...tried.map(i => problem.values[i]));

// What each strategy does with as many nights: of its RUNS searches, the one whose end is the median. It pauses after each search.
export function* race(problem, nights) {
  const ends = [];
  for (const strategy of Object.keys(SUGGEST)) {
    const runs = [];
    for (let seed = 0; seed < RUNS; seed++) {
      const tried = search(problem, strategy, nights, seed);
      runs.push({ strategy, name: NAMES[strategy], tried, found: found(problem, tried) });
      yield;
    }
    ends.push(runs.sort((a, b) => a.found - b.found)[(RUNS - 1) / 2]);
  }
  return ends;
}

export function rivals(problem, nights, running = race(problem, nights)) {  // a race without a pause
  for (;;) {
    const { done, value } = running.next();
    if (done) return value;
  }
}
