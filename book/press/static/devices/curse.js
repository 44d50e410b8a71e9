// The winner's curse: n candidates with noisy scores, again and again; what the winner promises, and what it is worth.
//
// A candidate's true error is Normal(20%, spread). It is measured on `rows` rows, which adds noise: Normal(0, 40 / sqrt(rows)) points.

import { button, check, clamp, closest, half, plot, restart, scale, short, slider } from "../device.js";
import { expectedMaximum, seeded } from "../lab.js";

export const start = { n: 10, rows: 400, spread: 0, draws: 1, seed: 1, limit: false };

const SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000];
const ROWS = [200, 400, 800, 1600, 3200, 6400], SPREADS = [0, 0.5, 1, 1.5, 2], MOST = 200, CENTRE = 20;
const EXPECTED = SIZES.map(expectedMaximum);

// Draw number k: a thousand pairs of standard normal numbers, of what a candidate is and of what the noise does to it.
export function world(seed, k) {
  const rng = seeded(1000 * seed + k);
  return [...Array(SIZES.at(-1))].map(() => [rng.normal(), rng.normal()]);
}

// Of one draw: the winner among the first n candidates, for each n of SIZES, as [promise, truth].
export function winners(world, spread, noise) {
  const found = [];
  let best = [Infinity];
  world.forEach(([z, e], i) => {
    const truth = CENTRE + spread * z, promise = truth + noise * e;
    if (promise < best[0]) best = [promise, truth];
    if (SIZES[found.length] === i + 1) found.push(best);
  });
  return found;
}

export const noiseOf = rows => 40 / Math.sqrt(rows);

export function build(device) {
  const { state } = device, kept = {};
  const tall = width => (width < 560 && device.width() === width ? Math.round(0.62 * width) : 280), root = plot => plot.root.classList.add("device-half");
  const cloud = plot(device, { label: "", span: half, height: tall });
  const curve = plot(device, {
    label: _("Error of the winner against the number of candidates: drag, or use the arrow keys, to change the number"),
    span: half, height: tall, touch: "pan-y", onDrag: x => resize(closest(SIZES.map(Math.log), Math.log(x))), onKey: (dx, dy) => shift(dx + dy),
  });
  [cloud, curve].forEach(root);
  button(device, _("Draw again"), () => more(1), "device-main");
  button(device, _("20 more draws"), () => more(20));
  const showRestart = restart(device, () => ({ draws: 1, seed: 1 + Math.floor(99999 * Math.random()) }));
  device.stage.append(device.status);
  const showSize = slider(device, _("candidates n"), "n", { values: SIZES });
  const showRows = slider(device, _("validation rows"), "rows", { values: ROWS, show: rows => _`${rows} (noise ${short(noiseOf(rows))})` });
  const showSpread = slider(device, _("spread of the true errors"), "spread", { values: SPREADS, show: spread => (spread === 1 ? _("1 point") : _`${spread} points`) });
  const showLimit = check(device, _("show the long-run means"), "limit");

  function more(count) {
    if (state.draws === MOST) return device.say(_`${MOST} draws are enough. Start again to get new ones.`);
    device.set({ draws: Math.min(MOST, state.draws + count) });
  }

  const resize = log => { const n = Math.round(Math.exp(log)); if (n !== state.n) device.set({ n }); };
  const shift = by => device.set({ n: SIZES[clamp(SIZES.indexOf(state.n) + by, 0, SIZES.length - 1)] });

  function drawn() {
    state.n = closest(SIZES, state.n);
    state.rows = closest(ROWS, state.rows);
    state.spread = closest(SPREADS, state.spread);
    state.draws = clamp(Math.trunc(state.draws), 1, MOST);
    state.seed = Math.abs(Math.trunc(state.seed)) % 100000;
    if (kept.seed !== state.seed) Object.assign(kept, { seed: state.seed, worlds: [] });
    while (kept.worlds.length < state.draws) kept.worlds.push(world(state.seed, kept.worlds.length));
    return kept.worlds.slice(0, state.draws);
  }

  function draw() {
    const all = drawn(), noise = noiseOf(state.rows);
    for (const show of [showSize, showRows, showSpread, showLimit, showRestart]) show();
    const won = all.map(world => winners(world, state.spread, noise));
    const mean = [0, 1].map(part => SIZES.map((_, i) => won.reduce((sum, paths) => sum + paths[i][part], 0) / won.length));
    const at = SIZES.indexOf(state.n);
    drawCloud(all.at(-1), won.at(-1)[at], noise);
    drawCurve(mean, at, noise);
    say(won.at(-1)[at], mean.map(values => values[at]));
  }

  const percent = value => `${value.toFixed(1)}%`;

  function say([promise, truth], [promised, true_]) {
    const one = state.draws === 1, led = CENTRE - promised, kept = CENTRE - true_;
    const which = one ? _("One draw") : _`Draw ${state.draws}`, winner = state.n === 1 ? _("the only candidate") : _`the best of ${state.n}`;
    const last = _`${which}: ${winner} promises ${percent(promise)}; its true error is ${percent(truth)}.`;
    const means = _`Mean of ${state.draws} draws: promise ${percent(promised)}, truth ${percent(true_)}, gap ${(true_ - promised).toFixed(1)} points.`;
    const share = _`Of the promised lead of ${led.toFixed(1)} points over the average candidate, ${Math.round(100 * kept / led)}% is real.`;
    device.say([last, ...(one ? [] : [means]), ...(one || led <= 0.5 ? [] : [share])].join(" "));
  }

  // ---- The last draw: the candidates from the truly best one to the worst; the winner is the lowest dot.
  function drawCloud(world, [promise, truth], noise) {
    const shown = world.slice(0, state.n).map(([z, e], i) => ({ i, truth: CENTRE + state.spread * z, measured: CENTRE + state.spread * z + noise * e }));
    const ranked = [...shown].sort((a, b) => a.truth - b.truth), place = new Map(ranked.map(({ i }, rank) => [i, (rank + 0.5) / state.n]));
    const winner = shown.reduce((best, one) => (one.measured < best.measured ? one : best)), at = place.get(winner.i), r = state.n > 100 ? 2 : state.n > 20 ? 3 : 4;
    cloud.axes({ x: { ...scale(0, 1), ticks: () => [] }, y: scale(8, 32), xLabel: _("candidates, the truly best on the left"), yLabel: _("error (%), latest draw") });
    for (const { i, measured } of shown) cloud.dots([[place.get(i), measured]], "device-candidate", r, i);
    cloud.line([[0, ranked[0].truth], ...ranked.map(({ i, truth: true_ }) => [place.get(i), true_]), [1, ranked.at(-1).truth]], "device-truth");
    cloud.line([[at, promise], [at, truth]], "device-gap");
    cloud.dots([[at, truth]], "device-worth", 6);
    cloud.dots([[at, promise]], "device-promise", 6);
    const side = at > 0.5 ? ["end", -10] : ["start", 10];
    cloud.text(at, promise, _("promise"), "device-word", side[0], [side[1], 12]);
    cloud.text(at, truth, _("truth"), "device-word", side[0], [side[1], -10]);
    cloud.now(_`${state.n} candidates: measured error against true error. The winner's measured error is ${percent(promise)}, its true error ${percent(truth)}`);
  }

  // ---- All draws: the winner's mean promise and mean truth against the number of candidates.
  function drawCurve(mean, at, noise) {
    const yLabel = state.draws === 1 ? _("error of the winner (%), one draw") : _`error of the winner (%), mean of ${state.draws} draws`;
    curve.axes({ x: scale(1, 1000, true), y: scale(8, 32), xLabel: _("candidates n"), yLabel });
    const [promise, truth] = mean.map(values => SIZES.map((n, i) => [n, values[i]]));
    curve.band(promise, truth, "device-curse");
    if (state.limit) {
      const total = Math.hypot(state.spread, noise);
      for (const slope of [total, state.spread ** 2 / total]) curve.line(SIZES.map((n, i) => [n, CENTRE - slope * EXPECTED[i]]), "device-truth");
    }
    curve.line(promise);
    curve.line(truth, "device-worth-line");
    curve.upright(state.n);
    const last = SIZES.length - 1;
    curve.text(1000, truth[last][1], _("truth"), "device-word", "end", [0, -8]);
    curve.text(1000, promise[last][1], _("promise"), "device-word", "end", [0, 17]);
    curve.dots([promise[at]], "device-promise", 6);
    curve.dots([truth[at]], "device-worth", 6);
    curve.now(_`${state.n} candidates: promise ${percent(promise[at][1])}, truth ${percent(truth[at][1])}.`);
  }

  return draw;
}
