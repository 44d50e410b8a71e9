// The explosion: how long a grid takes and what it costs, and what one more of anything changes.

import { closest, element, plot, scale, slider, table } from "../device.js";

export const start = { k: 3, d: 10, minutes: 10, price: 1, machines: 1 };

const MINUTES = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300], PRICES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];
const MACHINES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], MOST = { k: 10, d: 12 }, YEAR = 24 * 365;
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
  const shows = [
    slider(device, _("values k"), "k", { min: 2, max: MOST.k }),
    slider(device, _("hyperparameters d"), "d", { min: 1, max: MOST.d }),
    slider(device, _("one run takes"), "minutes", { values: MINUTES, show: minutes => lasting(minutes / 60) }),
    slider(device, _("one hour costs"), "price", { values: PRICES, show: money }),
    slider(device, _("machines"), "machines", { values: MACHINES }),
  ];
  const picture = plot(device, {
    label: "", height: width => Math.round(Math.min(0.75 * width, 340) + 40), onKey: (dx, dy) => turn(state.d + dx, state.k + dy),
    onDrag(x, y) {
      const d = inside(Math.round(x), 1, MOST.d), logs = [...Array(MOST.k - 1).keys()].map(i => Math.log(bill({ ...state, d, k: i + 2 }).hours));
      turn(d, logs.indexOf(closest(logs, Math.log(y))) + 2);
    },
  });
  picture.root.style.touchAction = "pan-y";  // a finger that goes up or down moves the page
  device.stage.append(device.status, element("div", { class: "device-part" }));
  const showLevers = table(device, _("What each change does"));

  const inside = (value, low, high) => Math.min(high, Math.max(low, value));

  function turn(d, k) {
    const next = { d: inside(d, 1, MOST.d), k: inside(k, 2, MOST.k) };
    if (next.d !== state.d || next.k !== state.k) device.set(next);
  }

  function draw() {
    state.k = inside(Math.round(state.k), 2, MOST.k);
    state.d = inside(Math.round(state.d), 1, MOST.d);
    for (const [key, values] of [["minutes", MINUTES], ["price", PRICES], ["machines", MACHINES]]) state[key] = closest(values, state[key]);
    for (const show of shows) show();
    drawLines();
    const { trainings, hours, cost } = bill(state);
    const dimensions = count(state.d, _("1 hyperparameter"), n => _`each of ${n} hyperparameters`), on = count(state.machines, _("1 machine"), n => _`${n} machines`);
    const all = count(trainings, _("1 training run"), n => _`${n} training runs`);
    device.say(_`${state.k} values for ${dimensions}: ${all}, ${lasting(hours)} on ${on}, ${money(cost)}.`);
    const line = (name, changes) => { const found = bill({ ...state, ...changes }); return [name, large(found.trainings), lasting(found.hours), money(found.cost)]; };
    showLevers([["", _("training runs"), _("time"), _("cost")], line(_("now"), {}), line(_("one more value"), { k: state.k + 1 }), line(_("one more hyperparameter"), { d: state.d + 1 }),
      line(_("10 times the machines"), { machines: 10 * state.machines }), line(_("runs 10 times as fast"), { minutes: state.minutes / 10 })]);
  }

  function drawLines() {
    const x = { ...scale(0.6, MOST.d + 0.4), ticks: () => [...Array(MOST.d).keys()].map(i => i + 1) }, y = { ...scale(6e-3, 6e12, true), ticks: () => [] };
    picture.axes({ x, y, xLabel: _("hyperparameters d"), yLabel: _("time (log scale)") });
    for (const [name, hours] of LANDMARKS) {
      picture.level(hours, "device-landmark-line");
      picture.text(0.6, hours, name, "device-landmark", "start", [4, -3]);
    }
    const path = changes => x.ticks().map(d => [d, bill({ ...state, ...changes, d }).hours]);
    for (const k of [3, 5, MOST.k]) {
      picture.line(path({ k }), "device-other-grid");
      picture.text(...path({ k }).at(-1), `k = ${k}`, "device-landmark", "end", [-8, -4]);
    }
    if (state.machines > 1) {
      picture.line(path({ machines: 1 }), "device-one-machine");
      picture.text(...path({ machines: 1 }).at(-1), _("one machine"), "device-landmark", "end", [0, -6]);
    }
    picture.line(path({}), "device-grid-line");
    picture.dots([[state.d, bill(state).hours]], "device-ring", 9);
    picture.root.setAttribute("aria-label", _`Time against the number of hyperparameters, one line for each number of values: drag, or use the arrow keys, to change both. Now: ${lasting(bill(state).hours)}`);
  }

  return draw;
}
