// Good and bad: the split of sixteen trials and the width of the kernels, and what TPE's two densities, their ratio, and its candidates become.

import { clamp, closest, element, half, pair, player, plot, range, scale, short, slider } from "../device.js";
import { densities, seeded } from "../lab.js";
import { SIXTEEN } from "../sixteen.js";

export const start = { good: 4, bandwidth: 0 };

const { x: PLACES, losses } = SIXTEEN, [LOW, HIGH] = [-4, 1], MOST = 12, DRAWS = 24, WIDTHS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0];
const GRID = range(501).map(i => i / 500), at = u => LOW + (HIGH - LOW) * u, highest = values => values.indexOf(Math.max(...values));
const RANKED = losses.map((_, i) => i).sort((a, b) => losses[a] - losses[b] || a - b);

// What TPE thinks of this split: l, g and l / g along the range, where the ratio is largest, and the best of 24 candidates drawn from l.
export function think({ good, bandwidth }) {
  const kernels = bandwidth ? { bandwidth } : {}, model = densities(PLACES.map(x => [(x - LOW) / (HIGH - LOW)]), losses, { gamma: good / losses.length, contrast: 1, ...kernels });
  const along = density => GRID.map(u => Math.exp(density.logDensity([u])) / (HIGH - LOW)), ratio = GRID.map(u => Math.exp(model.logRatio([u])));
  const rng = seeded(1), drawn = [...Array(DRAWS)].map(() => model.l.draw(rng)), peak = highest(ratio);
  return { l: along(model.l), g: along(model.g), ratio, peak: at(GRID[peak]), most: ratio[peak], drawn: drawn.map(([u]) => at(u)), next: at(drawn[highest(drawn.map(model.logRatio))][0]) };
}

export function build(device) {
  const { state } = device, wide = () => device.width() >= 560, low = () => (wide() ? 175 : 150);
  const showGood = slider(device, _("good trials"), "good", { min: 1, max: MOST, show: good => _`${good} of ${losses.length}` });
  const showWidth = slider(device, _("width of the kernels"), "bandwidth", { values: WIDTHS, show: width => (width ? short(width) : _("by the neighbors")) });
  const trials = plot(device, { label: _("Error of the trials: drag the line between good and other trials, or use the arrow keys"), span: half, height: () => (wide() ? 350 : 220), touch: "pan-y", onDrag: divide, onKey: (dx, dy) => split(state.good + dx + dy) });
  const density = plot(device, { label: _("TPE: the density l of the good trials and g of the others"), span: half, height: low });
  const ratio = plot(device, { label: _("The ratio l / g"), span: half, height: low });
  pair(device, trials, { root: element("div", {}, density.root, ratio.root) });
  const playing = player(device, { step: () => { state.good += 1; return state.good < MOST; }, rewind: () => { if (state.good === MOST) state.good = 1; }, pace: () => 700 });

  function split(good) {
    playing.stop();
    good = clamp(good, 1, MOST);
    if (good !== state.good) device.set({ good });
  }

  function divide(x, y) {
    split(losses.filter(loss => 100 * loss <= y).length);
  }

  function draw() {
    state.good = clamp(Math.round(state.good), 1, MOST);
    state.bandwidth = closest(WIDTHS, state.bandwidth);
    for (const show of [showGood, showWidth]) show();
    const now = think(state), x = scale(LOW, HIGH), xLabel = _("x = log10 gamma"), points = RANKED.map(i => [PLACES[i], 100 * losses[i]]);
    trials.axes({ x, y: scale(1, 100, true), xLabel, yLabel: _("validation error (%)") });
    const line = Math.sqrt(points[state.good - 1][1] * points[state.good][1]);
    trials.level(line);
    trials.text(LOW, line, _("good below"), "device-landmark", "start", [4, 15]);
    points.forEach((point, k) => trials.dots([point], k < state.good ? "device-best" : "device-rest-dot", 5.5));
    trials.now(_`${state.good} good trials`);
    density.axes({ x, y: scale(0, 1.05 * Math.max(0.6, ...now.l, ...now.g)), xLabel: "", yLabel: _("density") });
    const lines = [[now.g, "g", "device-others"], [now.l, "l", "device-best-line"]];
    for (const [values, name, kind] of lines) {
      density.line(GRID.map((u, i) => [at(u), values[i]]), kind);
      density.text(at(GRID[highest(values)]), values[highest(values)], name, "device-word", "middle", [0, -5]);
    }
    const top = values => at(GRID[highest(values)]).toFixed(2).replace("-", "−");
    density.now(_`l is largest at x = ${top(now.l)}, g at x = ${top(now.g)}`);
    ratio.axes({ x, y: scale(0, 1.05 * Math.max(2, now.most)), xLabel, yLabel: "l / g" });
    ratio.band(GRID.map(u => [at(u), 0]), GRID.map((u, i) => [at(u), now.ratio[i]]), "device-acquisition");
    ratio.dots(now.drawn.map(place => [place, 0]), "device-candidate", 4);
    ratio.upright(now.next);
    const [peak, most, next] = [now.peak.toFixed(2), now.most < 10 ? now.most.toFixed(2) : now.most.toFixed(0), now.next.toFixed(2)].map(text => text.replace("-", "−"));
    ratio.now(_`Largest at ${peak}: ${most}. The next trial is at ${next}`);
    device.say(`${_`The ratio is largest at x = ${peak}, where it is ${most}.`} ${_`Of ${DRAWS} candidates drawn from l, the best is x = ${next}: TPE tries it next.`}`);
  }

  return draw;
}
