// The explosion: how long a grid takes and what it costs, and what one more of anything changes.

import { check, clamp, closest, folded, pair, plot, range, scale, slider, table } from "../device.js";

export const start = { k: 3, d: 10, minutes: 10, price: 1, machines: 1, log: false };

const MINUTES = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300], PRICES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];
const MACHINES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], MOST = { k: 10, d: 12 }, SQUARE = 240, YEAR = 24 * 365;
const LANDMARKS = [[_("an hour"), 1], [_("a night"), 12], [_("a year"), YEAR], [_("a century"), 100 * YEAR], [_("a million years"), 1e6 * YEAR]];

// A grid of k values in each of d dimensions: trainings, hours until the last ends, and what all hours cost.
export function bill({ k, d, minutes, price, machines }) {
  const trainings = k ** d;
  return { trainings, hours: Math.ceil(trainings / machines) * minutes / 60, cost: trainings * minutes / 60 * price };
}

const round = value => (value < 100 ? Number(value.toPrecision(2)) : Math.round(value)).toLocaleString("en-US");
const SCALES = { ko: [[1e12, "조"], [1e8, "억"], [1e4, "만"]], en: [[1e9, " billion"], [1e6, " million"]] };  // each counts in its own steps
function large(value) {
  const [unit, name] = (SCALES[document.documentElement.lang] ?? SCALES.en).find(([from]) => value >= from) ?? [1, ""];
  return `${round(value / unit)}${name}`;
}
const count = (value, one, many) => (large(value) === "1" ? one : many(large(value)));

const runs = value => count(value, _("1 training run"), n => _`${n} training runs`);

// The lines with which one more hyperparameter divides each cell of a unit square: [where its cell begins, where it goes], along x or, for an even
// level, along y.
export const division = (k, level) => { const n = k ** Math.ceil(level / 2); return range(n).filter(i => i % k).map(i => [(i - i % k) / n, i / n]); };

export function lasting(hours) {  // in words
  if (hours < 1 / 60) return count(3600 * hours, _("1 second"), n => _`${n} seconds`);
  if (hours < 1) return count(60 * hours, _("1 minute"), n => _`${n} minutes`);
  if (hours < 48) return count(hours, _("1 hour"), n => _`${n} hours`);
  if (hours < YEAR) return count(hours / 24, _("1 day"), n => _`${n} days`);
  return count(hours / YEAR, _("1 year"), n => _`${n} years`);
}

export const money = dollars => (dollars < 1 ? `$${dollars.toFixed(2)}` : `$${large(dollars)}`);

export function build(device) {
  const { state } = device;
  const picture = plot(device, {
    label: _("Time against the number of hyperparameters, one line for each number of values: drag, or use the arrow keys, to change both"),
    height: width => Math.round(Math.min(0.7 * width, 290) + 40), touch: "pan-y", onKey: (dx, dy) => turn(state.d + dx, state.k + dy),
    span: width => (width < 560 ? width : width - SQUARE),
    onDrag(x, y) {  // the line that runs nearest to the pointer
      const d = clamp(Math.round(x), 1, MOST.d), heights = range(MOST.k - 1).map(i => picture.py(clip(bill({ ...state, d, k: i + 2 }).hours)));
      turn(d, heights.indexOf(closest(heights, picture.py(y))) + 2);
    },
  });
  const cells = plot(device, { label: _("The grid: each hyperparameter divides every cell"), span: width => (width < 560 ? width : SQUARE), height: width => (width > SQUARE ? 190 : 330) });
  pair(device, picture, cells);
  let divided = 0;
  const shows = [
    slider(device, _("values k"), "k", { min: 2, max: MOST.k }),
    slider(device, _("hyperparameters d"), "d", { min: 1, max: MOST.d }),
    slider(device, _("machines"), "machines", { values: MACHINES }),
  ];
  device.stage.append(device.status);
  folded(device, () => shows.push(
    slider(device, _("one run takes"), "minutes", { values: MINUTES, show: minutes => lasting(minutes / 60) }),
    slider(device, _("one hour costs"), "price", { values: PRICES, show: money }),
    check(device, _("log scale"), "log"),
  ));
  const showLevers = table(device, _("What each change does"));

  function turn(d, k) {
    const next = { d: clamp(d, 1, MOST.d), k: clamp(k, 2, MOST.k) };
    if (next.d !== state.d || next.k !== state.k) device.set(next);
  }

  function draw() {
    state.k = clamp(Math.round(state.k), 2, MOST.k);
    state.d = clamp(Math.round(state.d), 1, MOST.d);
    for (const [key, values] of [["minutes", MINUTES], ["price", PRICES], ["machines", MACHINES]]) state[key] = closest(values, state[key]);
    for (const show of shows) show();
    const { trainings, hours, cost } = bill(state);
    const dimensions = count(state.d, _("1 hyperparameter"), n => _`each of ${n} hyperparameters`), on = count(state.machines, _("1 machine"), n => _`${n} machines`);
    const all = runs(trainings);
    drawLines();
    drawCells(all);
    device.say(_`${state.k} values for ${dimensions}: ${all}, ${lasting(hours)} on ${on}, ${money(cost)}.`);
    const line = (name, changes) => { const found = bill({ ...state, ...changes }); return [name, large(found.trainings), lasting(found.hours), money(found.cost)]; };
    showLevers([["", _("training runs"), _("time"), _("cost")], line(_("now"), {}), line(_("one more value"), { k: state.k + 1 }), line(_("one more hyperparameter"), { d: state.d + 1 }),
      line(_("10 times the machines"), { machines: 10 * state.machines }), line(_("runs 10 times as fast"), { minutes: state.minutes / 10 })]);
  }

  // Without the log scale the frame ends at two years, and a line that leaves it has no end in sight.
  const frame = () => (state.log ? scale(6e-3, 6e12, true) : scale(0, 2 * YEAR)), clip = hours => Math.min(frame().high, hours);

  function drawLines() {
    const ds = range(MOST.d).map(i => i + 1), x = { ...scale(0.6, MOST.d + 0.4), ticks: () => ds }, y = { ...frame(), ticks: () => [] }, top = y.high;
    picture.axes({ x, y, xLabel: _("hyperparameters d"), yLabel: state.log ? _("time (log scale)") : _("time") });
    for (const [name, hours] of LANDMARKS.filter(([, hours]) => (state.log ? true : hours > YEAR / 20 && hours < top))) {
      picture.level(hours, "device-landmark-line");
      picture.text(0.6, hours, name, "device-landmark", "start", [4, -3]);
    }
    const smooth = (d, { k, machines, minutes }) => Math.max(1, k ** d / machines) * minutes / 60;
    const path = changes => {  // to where the line leaves the frame; as many points for each, so that it eases
      const now = { ...state, ...changes }, leaves = Math.log(top * 60 / now.minutes * now.machines) / Math.log(now.k), end = Math.min(MOST.d, leaves);
      return range(89).map(i => 1 + i * (end - 1) / 88).map(d => [d, Math.min(top, smooth(d, now))]);
    };
    const label = (points, words) => {
      const [d, hours] = points.at(-1), out = hours > 0.98 * top;
      picture.text(d, hours, words, "device-landmark", out ? "middle" : "end", out ? [0, -5] : [-4, -8]);
    };
    for (const k of [3, 5, MOST.k].filter(k => k !== state.k)) {
      picture.line(path({ k }), "device-other-grid", k);
      label(path({ k }), `k = ${k}`);
    }
    if (state.machines > 1) {
      picture.line(path({ machines: 1 }), "device-one-machine");
      const points = path({ machines: 1 }), [d, hours] = points.find(([, hours]) => y.unit(hours) > 0.7) ?? points.at(-1);
      picture.text(d, hours, _("one machine"), "device-landmark", "end", [-8, -4]);
    }
    picture.line(path({}), "device-grid-line");
    picture.dots(ds.map(d => [d, bill({ ...state, d }).hours]).filter(([, hours]) => hours <= top), "device-grid-dot", 4);
    const { hours } = bill(state), left = state.d > MOST.d / 2;
    picture.dots([[state.d, clip(hours)]], "device-ring", 9);
    picture.text(state.d, clip(hours), hours > top ? `↑ ${lasting(hours)}` : lasting(hours), "device-word", left ? "end" : "start", [left ? -14 : 14, hours > top ? 14 : -6]);
    picture.now(_`Now: ${lasting(hours)}`);
  }

  function drawCells(all) {
    const unit = { ...scale(0, 1), ticks: () => [] }, finest = device.width() < 560 ? 90 : 135;  // in so many parts a side can still be seen
    const levels = range(state.d).map(i => i + 1).filter(level => state.k ** Math.ceil(level / 2) < finest);
    for (const spread of [0, 1]) {  // a new line begins where its cell does, and moves to its place
      cells.axes({ x: unit, y: unit, xLabel: _`one cell: ${runs(state.k ** (state.d - levels.length))}`, yLabel: all });
      cells.cell(0.5, 0.5, [1, 1], "device-division");
      for (const level of levels) {
        const lines = division(state.k, level).map(([from, to]) => (level > divided && !spread ? from : to));
        const path = lines.flatMap((at, i) => (i % 2 ? [[at, 1], [at, 0]] : [[at, 0], [at, 1]]));  // up and down, along the frame
        cells.line(level % 2 ? path : path.map(([a, b]) => [b, a]), "device-division", level).style.strokeWidth = 3 / (level + 1);
      }
      cells.root.getBoundingClientRect();
    }
    divided = levels.length;
    cells.now(all);
  }

  return draw;
}
