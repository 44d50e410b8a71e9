// Break the model: a wrong lengthscale, noise, idle dimensions. On one side what the model believes along a line through Branin's function, and
// where it goes next; on the other the regrets of whole searches in the plane, which examples/tables/make_broken_models.py has stored.

import { clamp, closest, folded, half, pair, player, plot, range, scale, short, slider } from "../device.js";
import { expectedImprovement, gaussianProcess, seeded } from "../lab.js";
import { BROKEN } from "../broken_models.js";

export const start = { lengthscale: 0, noise: 0, idle: 0, trials: 8 };

const { lengthscales, noises, idle, regrets, random } = BROKEN, FIRST = 5, MOST = 25, CANDIDATES = 256, FLOOR = 1e-3, BAR = 3;
const LINE = range(121).map(i => i / 120), X2 = 2.275, [LOW, HIGH] = [-100, 300];
const LENGTHS = [0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5], NOISES = [1e-4, 1e-2, 0.1, 1];
const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;

export function loss(u) {  // Branin's function, where it cuts two of its valleys
  const x1 = 15 * u - 5, bend = X2 - 5.1 * x1 ** 2 / (4 * Math.PI ** 2) + 5 * x1 / Math.PI - 6;
  return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x1) + 10;
}

// The lesson's loop: five random trials, and then expected improvement. Returns the trials, the next one, and the belief on the line through it.
export function search({ lengthscale, noise, idle, trials }, seed = 3) {
  const rng = seeded(seed), point = () => [...Array(1 + idle)].map(rng.random), X = [], y = [];
  for (;;) {
    let next = point(), belief;
    if (X.length >= FIRST) {
      const centre = mean(y), unit = Math.sqrt(mean(y.map(v => (v - centre) ** 2))), z = y.map(v => (v - centre) / unit), best = Math.min(...z);
      const options = lengthscale ? [{ lengthscale, noise: 1e-4 }] : LENGTHS.flatMap(length => NOISES.map(v => ({ lengthscale: length, noise: v })));
      const models = options.map(option => ({ ...gaussianProcess(X, z, option), ...option })), gp = models.reduce((a, b) => (b.evidence > a.evidence ? b : a));
      const candidates = [...Array(CANDIDATES)].map(point), { mean: m, std: s } = gp.predict(candidates);
      const gains = m.map((value, i) => Number(expectedImprovement(value, s[i], best).toFixed(6)));
      next = candidates[gains.indexOf(Math.max(...gains))];
      const found = gp.predict(LINE.map(u => [u, ...next.slice(1)])), gain = found.mean.map((value, i) => expectedImprovement(value, found.std[i], best));
      belief = { mean: found.mean.map(v => centre + unit * v), std: found.std.map(v => unit * v), gain, lengthscale: gp.lengthscale };
    }
    if (X.length === trials) return { trials: X.map(([u], i) => [u, y[i]]), next: next[0], ...belief };
    X.push(next);
    y.push(loss(next[0]) + noise * rng.normal());
  }
}

export function compared(state) {  // the regrets of both, how far the model is ahead, and the standard error of that
  const noise = noises.indexOf(state.noise), chance = random[noise], model = regrets[lengthscales.indexOf(state.lengthscale)][noise][idle.indexOf(state.idle)];
  const leads = chance.map((value, i) => value - model[i]), lead = mean(leads);
  return { chance, model, lead, error: Math.sqrt(mean(leads.map(value => (value - lead) ** 2)) / (leads.length - 1)) };
}

const named = value => (value ? short(value) : _("learned"));

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 220 : 240), seen = new Map();
  const shows = [
    slider(device, _("lengthscale"), "lengthscale", { values: lengthscales, show: named }),
    slider(device, _("noise (s.d.)"), "noise", { values: noises }),
    slider(device, _("idle dimensions"), "idle", { values: idle }),
  ];
  const belief = plot(device, { label: _("What the model believes along one line through Branin's function"), span: half, height });
  const races = plot(device, { label: _("Regrets of whole searches, a dot for each seed"), span: half, height });
  pair(device, belief, races);
  const ROWS = idle.flatMap(d => noises.map(noise => [noise, d])), column = value => lengthscales.indexOf(value), row = (noise, d) => ROWS.findIndex(one => one[0] === noise && one[1] === d);
  const go = (i, j) => { const [noise, d] = ROWS[clamp(j, 0, ROWS.length - 1)]; device.set({ lengthscale: lengthscales[clamp(i, 0, lengthscales.length - 1)], noise, idle: d }); };
  const map = plot(device, {  // every visited setting stays: won, lost, or a draw
    label: _("Who wins: click a cell, or use the arrow keys"), height: 220, onAct: (x, y) => x !== undefined && go(Math.floor(x), Math.floor(y)),
    onKey: (dx, dy) => go(column(state.lengthscale) + Math.sign(dx), row(state.noise, state.idle) + Math.sign(dy)),
  });
  player(device, { step: () => { state.trials += 1; return state.trials < MOST; }, rewind: () => { if (state.trials === MOST) state.trials = FIRST; }, pace: () => 500 });
  folded(device, () => shows.push(slider(device, _("trials on the line"), "trials", { min: FIRST, max: MOST })));

  function draw() {
    for (const [key, values] of [["lengthscale", lengthscales], ["noise", noises], ["idle", idle]]) state[key] = closest(values, state[key]);
    state.trials = clamp(Math.round(state.trials), FIRST, MOST);
    for (const show of shows) show();
    const one = search(state), all = compared(state);
    drawBelief(one);
    drawRaces(all);
    drawMap(all);
    say(one, all);
  }

  const fate = ({ lead, error }) => Math.sign(lead) * (Math.abs(lead) > BAR * error);

  function drawMap(all) {
    const i = column(state.lengthscale), j = row(state.noise, state.idle), middles = n => ({ ...scale(0, n), ticks: () => range(n).map(k => k + 0.5) });
    seen.set(`${i} ${j}`, [i, j, fate(all)]);
    map.axes({ x: middles(lengthscales.length), y: middles(ROWS.length), xLabel: _("lengthscale"), yLabel: _("noise, idle dimensions"), xTick: at => named(lengthscales[Math.floor(at)]), yTick: at => ROWS[Math.floor(at)].join(", ") });
    for (const [key, [a, b, won]] of seen) {
      map.cell(a + 0.5, b + 0.5, [0.98 / lengthscales.length, 0.94 / ROWS.length], won > 0 ? "device-good" : "device-depth", won < 0 ? 0.9 : won ? 0.8 : 0.25, key);
      map.text(a + 0.5, b + 0.5, won > 0 ? _("wins") : won < 0 ? _("loses") : _("draw"), "device-landmark", "middle", [0, 4], key);
    }
    map.cell(i + 0.5, j + 0.5, [0.98 / lengthscales.length, 0.94 / ROWS.length], "device-ring", 1);
    map.now(_`Cells filled: ${seen.size} of ${lengthscales.length * ROWS.length}`);
  }


  function drawBelief({ trials, next, mean, std, gain }) {
    const inside = v => clamp(v, LOW, HIGH), x = u => 15 * u - 5, most = Math.max(...gain, 1e-9), edge = side => LINE.map((u, i) => [x(u), mean[i] + side * std[i]]), framed = ([a, v]) => [a, inside(v)];
    belief.axes({ x: scale(-5, 10), y: scale(LOW, HIGH), xLabel: _("x1, with x2 in a valley"), yLabel: _("loss") });
    belief.band(edge(-2).map(framed), edge(2).map(framed));
    belief.band(LINE.map(u => [x(u), LOW]), LINE.map((u, i) => [x(u), LOW + 60 * gain[i] / most]), "device-acquisition");
    belief.curve(LINE.map(u => [x(u), loss(u)]), "device-truth");
    belief.curve(edge(0));
    belief.upright(x(next));
    belief.marks(trials.map(([u, y]) => [x(u), y]));
    belief.now(_`${trials.length} trials. The next one is at ${x(next).toFixed(1)}`);
  }

  function drawRaces({ chance, model }) {
    const columns = [[_("random search"), chance, "device-candidate"], [_("this model"), model, "device-good"]];
    races.axes({ x: { ...scale(0, 2), ticks: () => [0.5, 1.5] }, y: scale(FLOOR, 200, true), xTick: at => columns[Math.floor(at)][0], xLabel: _`${chance.length} seeds; line: mean`, yLabel: _("regret after 32 trials (log scale)") });
    columns.forEach(([, values, kind], k) => {
      races.marks(values.map((value, i) => [k + 0.2 + 0.6 * i / (values.length - 1), value]), kind, 3.5);
      races.line([0.12, 0.88].map(at => [k + at, mean(values)]), "device-worth-line");
    });
    races.now(_`Means: random search ${mean(chance).toFixed(2)}, this model ${mean(model).toFixed(2)}`);
  }

  function say({ lengthscale }, { chance, model, lead, error }) {
    const by = Math.abs(lead).toFixed(2), width = error.toFixed(2), ahead = lead < 0 && by > 0 ? _`Random search is ahead by ${by} ± ${width}.` : _`The model is ahead by ${by} ± ${width}.`, verdict = lead > BAR * error ? _("The model wins.") : lead < -BAR * error ? _("The model loses.") : _("That is a draw.");
    const line = state.lengthscale ? [] : [_`On the line it has learned a lengthscale of ${short(lengthscale)}.`];
    device.say([_`Mean regret: random search ${mean(chance).toFixed(2)}, this model ${mean(model).toFixed(2)}.`, ahead, verdict, ...line].join(" "));
  }

  return draw;
}
