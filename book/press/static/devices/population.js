// A population on Branin's function: the lesson's loop of tournaments, crossover, and mutation, child by child, and random search beside it.

import { button, clamp, closest, half, pair, player, plot, range, scale, short, slider, trace } from "../device.js";
import { seeded } from "../lab.js";

export const start = { size: 20, step: 0.3, seed: 1, n: 20 };

const SIZES = [5, 10, 20, 40, 60], STEPS = [0, 0.003, 0.03, 0.3, 1], MOST = 200, RIVALS = 5, SMALLEST = 0.003, SEEDS = 20, LOWEST = 0.397887, FLOOR = 1e-5;
const VALLEYS = [[(5 - Math.PI) / 15, 12.275 / 15], [(Math.PI + 5) / 15, 2.275 / 15], [(3 * Math.PI + 5) / 15, 2.475 / 15]];
const SIDE = 24, CELLS = range(SIDE * SIDE).map(i => [(i % SIDE + 0.5) / SIDE, (Math.floor(i / SIDE) + 0.5) / SIDE]);

export function loss([u, v]) {
  const x1 = 15 * u - 5, bend = 15 * v - 5.1 * x1 ** 2 / (4 * Math.PI ** 2) + 5 * x1 / Math.PI - 6;
  return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x1) + 10;
}
const DARK = CELLS.map(u => 0.8 * (1 - Math.log(loss(u)) / Math.log(310)));

export function mutate(u, step, rng) {  // a random step in at least one coordinate; without steps, the child stays as it is
  if (!step) return u;
  const length = SMALLEST * (step / SMALLEST) ** rng.random(), moved = u.map(() => rng.random() < 1 / u.length);
  moved[rng.integer(u.length)] = true;
  return u.map((value, j) => { const v = moved[j] ? value + length * rng.normal() : value; return 1 - Math.abs(1 - (v % 2 + 2) % 2); });
}

// Two hundred trials: { u, loss, parents }; the first ones, as many as the population has members, are random and have no parents.
export function evolve({ size, step, seed }) {
  const rng = seeded(seed), trials = [], alive = [];
  const join = (u, parents = []) => {
    const value = loss(u), place = alive.findIndex(i => trials[i].loss > value);
    alive.splice(place < 0 ? alive.length : place, 0, trials.push({ u, loss: value, parents }) - 1);
    alive.length = Math.min(alive.length, size);
  };
  const tournament = () => {  // of the members, best first: the lowest number of those drawn
    const drawn = new Set();
    while (drawn.size < Math.min(RIVALS, size)) drawn.add(rng.integer(alive.length));
    return alive[Math.min(...drawn)];
  };
  while (trials.length < size) join([rng.random(), rng.random()]);
  while (trials.length < MOST) {
    const parents = [tournament(), tournament()];
    join(mutate([0, 1].map(j => trials[parents[Number(rng.random() < 0.5)]].u[j]), step, rng), parents);
  }
  return trials;
}

export const chance = seed => { const rng = seeded(5000 + seed); return [...Array(MOST)].map(() => loss([rng.random(), rng.random()])); };
export const members = (trials, n, size) => trials.slice(0, n).map((_, i) => i).sort((a, b) => trials[a].loss - trials[b].loss || a - b).slice(0, size);

export function valleys(points) {  // how many of the three have a member nearest to them
  return new Set(points.map(u => { const far = VALLEYS.map(v => Math.hypot(u[0] - v[0], u[1] - v[1])); return far.indexOf(Math.min(...far)); })).size;
}

export function summary({ size, step }) {  // over twenty seeds, after all trials: the median regrets, and how often all members are in one valley
  const median = values => { const sorted = values.sort((a, b) => a - b); return (sorted[SEEDS / 2 - 1] + sorted[SEEDS / 2]) / 2 - LOWEST; };
  const seeds = range(SEEDS).map(i => i + 1), runs = seeds.map(seed => evolve({ size, step, seed }));
  const lone = runs.filter(run => valleys(members(run, MOST, size).map(i => run[i].u)) === 1).length;
  return { evolution: median(runs.map(run => Math.min(...run.map(one => one.loss)))), random: median(seeds.map(seed => Math.min(...chance(seed)))), lone };
}

export function build(device) {
  const { state } = device, kept = {}, height = () => (device.width() < 560 ? 240 : 260), KINDS = ["device-candidate", "device-grid-dot", "device-promise", "device-member", "device-best"];
  const showSize = slider(device, _("population"), "size", { values: SIZES }), showStep = slider(device, _("longest mutation"), "step", { values: STEPS, show: step => (step ? short(step) : _("none")) });
  const map = plot(device, { label: _("Branin's function with its three valleys, and the population"), span: half, height });
  const race = plot(device, { label: _("Regret against trials: drag, or use the arrow keys, to change the number of trials"), span: half, height, touch: "pan-y", onDrag: go, onKey: (dx, dy) => go(state.n + dx + dy) });
  pair(device, map, race);
  const playing = player(device, { step: () => { state.n += 1; return state.n < MOST; }, rewind: () => { if (state.n === MOST) state.n = state.size; }, pace: () => 120 });
  button(device, _("Next generation"), () => go(state.n + state.size));
  button(device, _("Another start"), () => { playing.stop(); device.set({ seed: 1 + state.seed % SEEDS, n: state.size }); });

  const strip = trace(device, { label: _("The median regret of twenty starts against the population"), height: 170, x: { ...scale(0, 65), ticks: () => SIZES }, y: scale(FLOOR, 100, true), xLabel: _("population"), yLabel: _`median regret of ${SEEDS} starts, after ${MOST} trials` });

  function go(n) {
    playing.stop();
    n = clamp(Math.round(n), state.size, MOST);
    if (n !== state.n) device.set({ n });
  }

  function draw() {
    state.size = closest(SIZES, state.size);
    state.step = closest(STEPS, state.step);
    state.seed = 1 + (Math.abs(Math.round(state.seed) - 1) % SEEDS);
    state.n = clamp(Math.round(state.n), state.size, MOST);
    for (const show of [showSize, showStep]) show();
    const key = [state.size, state.step, state.seed].join();
    if (kept.key !== key) Object.assign(kept, { key, trials: evolve(state), random: chance(state.seed), summary: undefined });
    const alive = members(kept.trials, state.n, state.size), regret = losses => Math.min(...losses) - LOWEST;
    drawMap(alive);
    drawRace();
    const now = regret(kept.trials.slice(0, state.n).map(one => one.loss)), other = regret(kept.random.slice(0, state.n)), held = valleys(alive.map(i => kept.trials[i].u));
    const said = [_`After ${state.n} trials: regret ${short(now)}, random search ${short(other)}.`, held === 1 ? _("All members are in one valley.") : _`The members are in ${held} valleys.`];
    if (state.n < MOST) strip.rest(_`After ${state.n} trials: not yet`);
    else {
      const { evolution, random, lone } = kept.summary ??= summary(state);
      strip.visit(state.size, evolution, KINDS[STEPS.indexOf(state.step)], _`Population ${state.size}: ${short(evolution)}`);
      strip.level(random, "device-landmark-line");
      strip.text(0, random, _("random search"), "device-landmark", "start", [4, -4]);
      said.push(_`On ${SEEDS} starts: median regret ${short(evolution)}, random search ${short(random)}; all members in one valley on ${lone}.`);
    }
    device.say(said.join(" "));
    map.now(_`Members: ${alive.length}, valleys: ${held}`);
    race.now(_`${state.n} trials: ${short(now)}, random search ${short(other)}`);
  }

  function drawMap(alive) {
    const unit = { ...scale(0, 1), ticks: () => [0, 1] }, { trials } = kept, { u, parents } = trials[state.n - 1];
    map.axes({ x: unit, y: unit, xLabel: "u1", yLabel: "u2" });
    CELLS.forEach(([a, b], i) => map.cell(a, b, [1 / SIDE, 1 / SIDE], "device-depth", DARK[i]));
    for (const parent of parents) map.line([trials[parent].u, u], "device-trail");
    for (const i of alive) map.dots([trials[i].u], "device-member", 4.5, i);
    map.dots([u], "device-ring", 8);
  }

  function drawRace() {
    const so = losses => { let best = Infinity; return losses.slice(0, state.n).map((value, i) => { best = Math.min(best, value); return [i + 1, best - LOWEST]; }); };
    const paths = [[kept.random, _("random search"), "device-others"], [kept.trials.map(one => one.loss), _("evolution"), "device-gain-line"]].map(([losses, ...rest]) => [so(losses), ...rest]);
    race.axes({ x: scale(1, MOST), y: scale(FLOOR, 100, true), xLabel: _("trials"), yLabel: _("regret (log scale)") });
    race.upright(state.size, "device-landmark-line");
    const lower = Number(paths[1][0].at(-1)[1] <= paths[0][0].at(-1)[1]);
    paths.forEach(([path, words, kind], k) => {
      race.curve(path, kind);
      race.text(path.at(-1)[0], Math.max(FLOOR, path.at(-1)[1]), words, "device-word", state.n > 90 ? "end" : "start", [0, k === lower ? 18 : -8]);
    });
    race.marks([paths[1][0].at(-1)], "device-ring", 8);
  }

  return draw;
}
