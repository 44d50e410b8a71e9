// The lead: what Bayesian optimization reports over random search, and what other training runs leave of it, seed by seed.
//
// LEADS has, for each seed of the lesson, the lead in the winner's error: as the two searches report it, and in the re-test. Seed s saw
// training run s mod 30: network s mod 3, three of them at each stop.

import { button, check, choice, clamp, player, plot, range, scale, short } from "../device.js";
import { LEADS } from "../tables.js";

export const start = { runs: "all", n: 12, single: false };

const SEEDS = LEADS.reported.length, { networks, stops } = LEADS, ALL = networks * stops.length, FRAMES = [15, 30, 60, SEEDS];
const stopOf = seed => stops[Math.floor(seed % ALL / networks)], networkOf = seed => 1 + seed % networks;
const RUNS = {  // which training runs the searches see: its words, and its seeds
  all: [_("all thirty"), () => true],
  ...Object.fromEntries(stops.map(stop => [`stop${stop}`, [_`stopped after ${stop} epochs`, seed => stopOf(seed) === stop]])),
  ...Object.fromEntries([1, 2, 3].map(network => [`network${network}`, [_`those of network ${network}`, seed => networkOf(seed) === network]])),
};

// The mean of some values, and two standard errors of it: NaN for one value.
export function band(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, 2 * Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length)];
}

// After each of the seeds that see these runs: the seed, how many runs it makes, and both leads with their bands. Searches that saw the
// same run are averaged first; if `single`, each search counts as an experiment of its own.
export function growing(runs, single) {
  const seeds = range(SEEDS).filter(RUNS[runs][1]), seen = new Set(), sets = new Map();
  return seeds.map(seed => {
    const key = single ? seed : seed % ALL;
    seen.add(seed % ALL);
    sets.set(key, [...sets.get(key) ?? [], seed]);
    const lead = ["reported", "retest"].map(name => band([...sets.values()].map(set => band(set.map(one => LEADS[name][one] / LEADS.unit))[0])));
    return { seed, runs: seen.size, lead };
  });
}

export function build(device) {
  const { state } = device;
  let rows = [], kept, shown, frame;  // what the rows are of; the training runs, and for how many seeds the plot has room
  const picture = plot(device, {
    label: _("Mean lead of Bayesian optimization against the number of seeds: drag, or use the arrow keys, to change the number"),
    height: width => Math.round(Math.min(0.75 * width, 340)), touch: "pan-y",
    onDrag: x => { if (Math.round(x) !== now()) go(Math.round(x)); }, onKey: (dx, dy) => go(now() + dx + dy),
  });
  const loop = player(device, {
    step: () => { state.n = now() + 1; return now() < rows.length; },
    rewind: () => { state.n = now() < rows.length ? now() : 1; }, pace: () => (rows.length > 40 ? 100 : 250),
  });
  button(device, _("One more seed"), () => (now() < rows.length ? go(now() + 1) : device.say(_`These are all ${rows.length} seeds. Choose other training runs.`)));
  const showRuns = choice(device, _("Training runs seen:"), "runs", Object.fromEntries(Object.entries(RUNS).map(([key, [words]]) => [key, words])));
  const showSingle = check(device, _("count each search as an experiment"), "single");

  const now = () => Math.min(rows.length, state.n);  // the seeds of a longer choice are kept for it

  function go(n) {
    loop.stop();
    device.set({ n: clamp(n, 1, rows.length) });
  }

  function draw() {
    if (!Object.hasOwn(RUNS, state.runs)) state.runs = start.runs;
    state.n = clamp(Math.trunc(state.n), 1, SEEDS);
    const name = `${state.runs} ${state.single}`;
    if (name !== kept) [kept, rows] = [name, growing(state.runs, state.single)];
    for (const show of [showRuns, showSingle]) show();
    drawLeads();
    say();
  }

  const minus = text => text.replace("-", "−"), number = value => minus(value.toFixed(4));

  function say() {
    const n = now(), { seed, runs, lead: [[reported, r], [retest, t]] } = rows[n - 1];
    const whose = _`Seed ${n} of ${rows.length}: its searches saw network ${networkOf(seed)} after ${stopOf(seed)} epochs. Training runs seen so far: ${runs}.`;
    if (n === 1) return device.say(`${whose} ${_`Lead as reported: ${number(reported)}. In the re-test: ${number(retest)}. One seed has no band.`}`);
    const about = (mean, half) => (mean - half > 0 ? _("above zero") : mean + half < 0 ? _("below zero") : _("with zero inside"));
    const range = (mean, half) => [number(mean), number(mean - half), number(mean + half), about(mean, half)];
    const [a, b, c, d] = range(reported, r), [e, f, g, h] = range(retest, t);
    const end = retest > 0 ? _`Of the reported lead, ${Math.round(100 * retest / reported)}% is left.` : _("Judged by other runs, random search is ahead on average.");
    device.say([whose, _`Lead as reported: ${a}, band from ${b} to ${c}, ${d}.`, _`In the re-test: ${e}, band from ${f} to ${g}, ${h}.`, ...(n === rows.length ? [end] : [])].join(" "));
  }

  function drawLeads() {
    const n = now(), [low, high] = state.runs.startsWith("stop") ? [-0.04, 0.04] : [-0.015, 0.02];
    const path = rows.map((_, i) => [Math.min(n, i + 1), rows[Math.min(n - 1, i)].lead]);  // as many points as there are seeds: the line grows
    if (shown !== state.runs) [shown, frame] = [state.runs, 0];
    frame = Math.max(frame, Math.min(rows.length, FRAMES.find(most => most >= n)));  // it grows, and does not shrink under a finger
    const x = scale(1, frame), ticks = most => x.ticks(most).filter(Number.isInteger);
    picture.axes({ x: { ...x, ticks }, y: scale(low, high), xLabel: _("number of seeds"), yLabel: _("lead over random search (error)"), yTick: value => minus(short(value)) });
    picture.level(0, "device-landmark-line");
    const clip = value => clamp(value, low, high), along = (i, side = 0) => path.map(([k, lead]) => [k, clip(lead[i][0] + side * (lead[i][1] || 0))]);
    const heads = [along(0).at(-1), along(1).at(-1)], above = Number(heads[1][1] > heads[0][1]), right = n > frame / 2;
    for (const [i, kind] of [[1, "device-curse"], [0, "device-band"]]) if (n >= 2) picture.band(along(i, -1), along(i, 1), kind);
    picture.line(along(1), "device-worth-line");
    picture.line(along(0));
    for (const [i, words, kind] of [[1, _("in the re-test"), "device-worth"], [0, _("as reported"), "device-promise"]]) {
      picture.dots([heads[i]], kind, 6);
      picture.text(...heads[i], words, "device-word", right ? "end" : "start", [right ? -8 : 10, i === above ? -10 : 20]);
    }
    const [reported, retest] = rows[n - 1].lead.map(([mean]) => number(mean));
    picture.now(_`Now ${n}: ${reported} as reported, ${retest} in the re-test`);
  }

  return draw;
}
