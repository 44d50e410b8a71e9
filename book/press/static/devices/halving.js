// Halving: rungs that fill, the workers that fill them, and the price paid so far.

import { button, check, choice, clamp, folded, player, plot, scale, short, table } from "../device.js";
import { drawn, ETA, FIRST, HOURS, inHand, simulate } from "../rungs.js";
import { CURVES } from "../tables.js";

export const start = { table: "epochs", draw: 1, way: "halving", workers: 1, hour: 10, rest: false };

const WAYS = { halving: _("synchronous halving"), asha: "ASHA" }, CREWS = { 1: _("one"), 8: _("eight") };
const UNITS = {  // of a table's budgets
  epochs: { option: _("epochs of a network"), name: _("epochs"), axis: _("epochs trained"), count: n => (n === 1 ? _("1 epoch") : _`${n} epochs`) },
  trees: { option: _("trees of a boosted model"), name: _("trees"), axis: _("trees trained"), count: n => _`${n} trees` },
};
const RUNS = 8;  // rows of the table

export function build(device) {
  const { state } = device, seen = new Map(), kept = {};  // seen: rows of the table, one for each run that was seen to its end
  const showWay = choice(device, _("Method:"), "way", WAYS), showWorkers = choice(device, _("Workers:"), "workers", CREWS);
  const ladder = plot(device, { label: "", height: width => Math.round(Math.min(0.55 * width, 250) + 60) });
  const shifts = plot(device, { label: "", height: () => 82 + (state.workers === 1 ? 16 : 13 * state.workers) });
  const loop = player(device, {
    step: () => { const { times } = trial(); state.hour = times.find(hour => hour > state.hour) ?? times.at(-1); return state.hour < times.at(-1); },
    rewind: () => { if (state.hour >= trial().end) state.hour = 0; },
  });
  button(device, _("Step"), () => walk(1));
  button(device, _("Back"), () => walk(-1));
  button(device, _("Rewind"), () => { loop.stop(); device.set({ hour: 0 }); });
  button(device, _("New draw"), () => { loop.stop(); device.set({ draw: 1 + Math.floor(99999 * Math.random()) }); });
  device.stage.append(device.status);
  let showTable, showRest;
  folded(device, () => {
    showTable = choice(device, _("Budget:"), "table", { epochs: UNITS.epochs.option, trees: UNITS.trees.option });
    showRest = check(device, _("show how stopped runs would have continued"), "rest");
  });
  const showSeen = table(device, _("Completed runs"));

  function walk(by) {
    loop.stop();
    const { times } = trial(), here = times.findLastIndex(hour => hour <= state.hour);
    device.set({ hour: times[clamp(here + by, 0, times.length - 1)] });
  }

  // The whole run of a state, and the hours at which something ends. ASHA gets as many hours as halving takes. The state's hour may
  // be later than the end: so it stays what it is while a reader compares eight workers with one.
  function trial() {
    if (!Object.hasOwn(CURVES, state.table)) state.table = start.table;
    if (!Object.hasOwn(WAYS, state.way)) state.way = start.way;
    if (!Object.hasOwn(CREWS, state.workers)) state.workers = start.workers;
    state.draw = Math.abs(Math.trunc(state.draw)) % 100000 || start.draw;
    const key = [state.table, state.draw, state.way, state.workers].join(" ");
    if (kept.key !== key) {
      const rows = drawn(state.table, state.draw), waits = simulate(rows, "halving", state.workers);
      const end = Math.max(...waits.map(({ ended }) => ended)), trials = state.way === "asha" ? simulate(rows, "asha", state.workers, end) : waits;
      const times = [...new Set([0, ...trials.map(({ ended }) => ended).filter(hour => hour < end), end])].sort((a, b) => a - b);
      Object.assign(kept, { key, rows, trials, times, end });
    }
    state.hour = Math.max(0, Math.trunc(state.hour));
    return kept;
  }

  const percent = loss => `${loss.toPrecision(3)}%`;
  const [unit, price] = [() => UNITS[state.table], rung => CURVES[state.table].budgets[rung]];

  function account(hour) {  // what is paid, and how it stands
    const { rows, trials, end } = trial(), begun = trials.filter(({ began }) => began < hour || (!began && !hour)), done = trials.filter(({ ended }) => ended <= hour);
    const worked = begun.reduce((sum, { began, ended }) => sum + Math.min(ended, hour) - began, 0);
    const met = new Set(done.filter(({ rung }) => !rung).map(({ config }) => config)), hand = inHand(trials, hour);
    const rank = hand && 1 + [...met].filter(config => rows[config].at(-1) < rows[hand.config].at(-1)).length;
    return { done, met: met.size, hand, rank, over: hour === end, idle: hour ? 1 - worked / (hour * state.workers) : 0, paid: done.reduce((sum, { rung }) => sum + price(rung), 0) };
  }

  function draw() {
    const { trials, rows, end } = trial(), hour = Math.min(end, state.hour), now = account(hour);
    for (const show of [showTable, showWay, showWorkers, showRest]) show();
    drawLadder(rows, trials, hour, now);
    drawShifts(trials, hour, end);
    say(hour, now);
    if (now.over && !seen.has(kept.key)) {
      seen.set(kept.key, [`${state.draw}: ${unit().name}, ${WAYS[state.way]}, ${CREWS[state.workers]}`, `${hour}`, `${now.paid}`, share(now.idle), percent(now.hand.loss), _`${now.rank} of ${now.met}`]);
    }
    const several = [...seen.values()].slice(-RUNS);
    showSeen(several.length > 1 ? [[_("draw: budget, method, workers"), _("hours"), _("spent"), _("idle"), _("best"), _("rank")], ...several] : []);
  }

  const share = part => `${Math.round(100 * part)}%`;

  function say(hour, { paid, idle, hand, met, rank, over }) {
    const { count } = unit();
    const held = hand ? _`Current best model: ${percent(hand.loss)} after ${count(price(hand.rung))}.` : _("No model yet.");
    const bill = _`Hour ${hour}. Spent: ${count(paid)}; training all ${FIRST} to the end costs ${FIRST * price(HOURS.length - 1)}. Idle: ${share(idle)} of the workers' time.`;
    device.say([bill, held, ...(over ? [_`Had all ${met} been trained to the end, this model would rank number ${rank}.`] : [])].join(" "));
  }

  // ---- The rungs: loss against budget, one line a configuration.
  function drawLadder(rows, trials, hour, { done }) {
    const { budgets, label } = CURVES[state.table], tall = state.table === "epochs" ? [5, 130] : [8, 300];
    const x = { ...scale(budgets[0] / 1.6, budgets.at(-1) * 1.6, true), ticks: () => budgets };
    const y = { ...scale(...tall, true), ticks: () => [5, 10, 20, 50, 100, 200].filter(v => v >= tall[0] && v <= tall[1]) };
    ladder.axes({ x, y, xLabel: unit().axis, yLabel: _`${label} (%), lower is better`, yTick: short });
    const reached = new Map(), point = (config, rung) => [budgets[rung], rows[config][rung]];
    for (const { config, rung } of done) reached.set(config, Math.max(rung, reached.get(config) ?? 0));
    const hand = inHand(trials, hour);
    for (const [config, rung] of reached) {
      const kind = config === hand.config ? "device-hand" : "device-configuration";
      const climb = from => budgets.map((_, k) => point(config, from(k)));  // four points, so that the line grows from rung to rung
      ladder.line(climb(k => Math.min(k, rung)), kind, config);
      if (state.rest) ladder.line(climb(k => Math.max(k, rung)), "device-rest", config);
      ladder.dots([point(config, rung)], kind === "device-hand" ? "device-halving-dot" : "device-left", kind === "device-hand" ? 6 : 3.5, config);
    }
    const words = budgets.map((budget, rung) => {
      const here = done.filter(trial => trial.rung === rung).length;
      return state.way === "asha" ? `${here}` : _`${here} of ${FIRST / ETA ** rung}`;
    });
    budgets.forEach((budget, rung) => ladder.text(budget, y.high, words[rung], "device-word", "middle", [0, 14]));
    const trained = budgets.map((budget, rung) => _`${words[rung]} trained for ${unit().count(budget)}`);
    ladder.now(_`Rungs: ${trained.join(", ")}`);
  }

  // ---- The workers' hours, a row each; the fuller the colour, the higher the rung.
  function drawShifts(trials, hour, end) {
    const n = state.workers, x = scale(0, end), y = { ...scale(n + 0.5, 0.5), ticks: () => (n === 1 ? [1] : [1, n]) };
    shifts.axes({ x, y, xLabel: _("hours"), yLabel: _("worker (stronger color: longer run)") });
    const begun = trials.filter(({ began }) => began <= hour && began < end);
    for (const { worker, rung, began, ended } of begun) {
      const until = Math.min(ended, end), kind = ended <= hour ? "device-shift" : "device-shift device-running";
      shifts.cell((began + until) / 2, worker + 1, [(until - began) / end, 0.8 / n], kind, ended <= hour ? 0.15 + 0.26 * rung : 0, began);
    }
    shifts.upright(hour);
    const busy = hour < end ? begun.filter(({ ended }) => ended > hour).length : 0;
    shifts.now(_`Hour ${hour} of ${end}: ${busy} of ${n} workers busy`);
  }

  return draw;
}
