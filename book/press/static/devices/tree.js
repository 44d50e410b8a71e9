// A tree that deepens: it asks about one measurement of 442 patients, s5, and is judged on those it learned from and on others.

import { clamp, half, pair, player, plot, range, scale, slider } from "../device.js";
import { PATIENTS } from "../patients.js";

export const start = { depth: 2, split: 1 };

const { s5, progression } = PATIENTS, splits = PATIENTS.splits.map(split => split.flatMap(four => [27, 9, 3, 1].map(one => Math.floor(four / one) % 3)));
const DEEPEST = 12, DEPTHS = range(DEEPEST).map(i => i + 1);
const [LEFT, RIGHT] = [3.2, 6.2], GRID = range(301).map(i => LEFT + (RIGHT - LEFT) * i / 300);

// The patients of a part (0: training, 1: validation) of a split, by their s5: [s5, progression]. scikit-learn takes 32 bits of s5.
export const patients = (split, part) => s5.map((x, i) => [Math.fround(x), progression[i]]).filter((_, i) => splits[split - 1][i] === part).sort((a, b) => a[0] - b[0]);

// The groups of a regression tree, from left to right: { until, guess, n }. Each cut leaves the smallest sum of squared errors.
export function grow(rows, depth, until = Infinity) {
  const all = rows.reduce((sum, [, y]) => sum + y, 0), n = rows.length, leaf = [{ until, guess: all / n, n }];
  if (!depth || n < 2 || rows.every(([, y]) => y === rows[0][1])) return leaf;
  let cut = 0, best = -Infinity, left = 0;
  for (let k = 1; k < n; k++) {
    left += rows[k - 1][1];
    const gain = left ** 2 / k + (all - left) ** 2 / (n - k);
    if (rows[k][0] > rows[k - 1][0] && gain > best) [cut, best] = [k, gain];
  }
  if (!cut) return leaf;
  return [...grow(rows.slice(0, cut), depth - 1, (rows[cut - 1][0] + rows[cut][0]) / 2), ...grow(rows.slice(cut), depth - 1, until)];
}

const guess = (tree, x) => tree.find(({ until }) => x <= until).guess;

export function errors(split) {  // for each depth: the mean absolute error on the training and on the validation data
  const parts = [0, 1].map(part => patients(split, part));
  return DEPTHS.map(depth => {
    const tree = grow(parts[0], depth);
    return parts.map(rows => rows.reduce((sum, [x, y]) => sum + Math.abs(y - guess(tree, x)), 0) / rows.length);
  });
}

export const lowest = values => 1 + values.indexOf(Math.min(...values));  // the depth with the lowest error

export function build(device) {
  const { state } = device, known = [], height = () => (device.width() < 560 ? 230 : 300);
  const showDepth = slider(device, _("depth"), "depth", { min: 1, max: DEEPEST });
  const showSplit = slider(device, _("split of the patients"), "split", { min: 1, max: splits.length, show: split => _`${split} of ${splits.length}` });
  const curve = plot(device, { label: _("Progression against s5"), span: half, height });
  const judged = plot(device, { label: _("Errors against depth: drag, or use the arrow keys, to change the depth"), span: half, height, touch: "pan-y", onDrag: deepen, onKey: (dx, dy) => deepen(state.depth + dx + dy) });
  pair(device, curve, judged);
  const playing = player(device, { step: () => { state.depth += 1; return state.depth < DEEPEST; }, rewind: () => { if (state.depth === DEEPEST) state.depth = 1; } });

  function deepen(depth) {
    playing.stop();
    depth = clamp(Math.round(depth), 1, DEEPEST);
    if (depth !== state.depth) device.set({ depth });
  }

  function draw() {
    state.depth = clamp(Math.round(state.depth), 1, DEEPEST);
    state.split = clamp(Math.round(state.split), 1, splits.length);
    for (const show of [showDepth, showSplit]) show();
    for (let split = 1; split <= state.split; split++) known[split - 1] ??= errors(split);
    const tree = grow(patients(state.split, 0), state.depth);
    drawCurve(tree);
    drawErrors();
    say(tree);
  }

  function drawCurve(tree) {
    curve.axes({ x: scale(LEFT, RIGHT), y: scale(20, 350), xLabel: _("s5, a blood measurement"), yLabel: _("progression after a year") });
    curve.dots(patients(state.split, 1), "device-unseen", 3.5);
    curve.dots(patients(state.split, 0), "device-seen", 2.5);
    curve.line(GRID.map(x => [x, guess(tree, x)]));
    curve.now(_`Training patients are dots, validation patients circles, and the guesses of the tree are a staircase of ${tree.length} steps`);
  }

  function drawErrors() {
    const now = known[state.split - 1].slice(0, state.depth), path = part => now.map((pair, i) => [i + 1, pair[part]]), best = lowest(now.map(([, valid]) => valid));
    judged.axes({ x: { ...scale(0.6, DEEPEST + 0.4), ticks: () => DEPTHS }, y: scale(20, 75), xLabel: _("depth"), yLabel: _("mean absolute error") });
    for (const before of known.slice(0, state.split - 1)) judged.line(before.map(([, valid], i) => [i + 1, valid]), "device-curve");
    judged.line(path(0), "device-others");
    judged.dots([path(0).at(-1)], "device-others", 4);
    judged.line(path(1), "device-worth-line");
    judged.dots([[best, now[best - 1][1]]], "device-best", 6);
    judged.dots([path(1).at(-1)], "device-ring", 9);
    for (const [part, words, dy] of [[0, _("on the training data"), 20], [1, _("on the validation data"), -14]]) {
      judged.text(...path(part).at(-1), words, "device-word", state.depth > 4 ? "end" : "start", [0, dy]);
    }
    const [train, valid] = now.at(-1).map(error => error.toFixed(1));
    judged.now(_`Depth ${state.depth}: training ${train}, validation ${valid}`);
  }

  function say(tree) {
    const now = known[state.split - 1], [train, valid] = now[state.depth - 1].map(error => error.toFixed(1)), alone = tree.filter(({ n }) => n === 1).length;
    const said = [_`Depth ${state.depth}: ${tree.length} groups, ${alone} of a single patient. Training error ${train}, validation error ${valid}.`];
    if (state.depth === DEEPEST) said.push(_`In this split, the validation error is lowest at depth ${lowest(now.map(([, error]) => error))}.`);
    if (state.depth === DEEPEST && state.split > 1) {
      const mean = DEPTHS.map((_, i) => known.slice(0, state.split).reduce((sum, one) => sum + one[i][1], 0));
      said.push(_`Its mean over the ${state.split} splits so far is lowest at depth ${lowest(mean)}.`);
    }
    device.say(said.join(" "));
  }

  return draw;
}
