// Stop, or train on? Real runs, epoch by epoch, a budget of 81 epochs, and the best run that was trained to its end.
//
// RUNS has sixty networks, and for each game an order of them. Its first run is whole, for everyone; each other run gets three epochs before
// it is judged, as ForecastStopping gives it. `stops` are the epochs of the runs that the reader has ended, `at` those of the run in training.

import { button, check, clamp, plot, range, restart, scale, table } from "../device.js";
import { RUNS } from "../runs.js";

export const start = { game: 1, stops: "", at: 3, band: false };

const { curves: CURVES, letters: LETTERS, orders: ORDERS, games: GAMES, budget: BUDGET } = RUNS, END = 27, WARMUP = 3, LOW = 0.05, HIGH = 0.5, UNIT = 2000;
const EPOCHS = range(END).map(i => i + 1), digits = text => [...text].map(letter => LETTERS.indexOf(letter));
const errors = digits => EPOCHS.map((_, i) => (LETTERS.length * digits[2 * i] + digits[2 * i + 1]) / UNIT);
export const NETWORKS = CURVES.map(curve => errors(digits(curve)));
const runOf = (game, i) => NETWORKS[digits(ORDERS[game - 1])[i]];
const spread = (low, high) => range(16).map(i => low * (high / low) ** (i / 15));  // hpt_lab.surrogates.curves, POWERS and RATES
const SHAPES = [...spread(0.1, 3).map(c => EPOCHS.map(t => t ** -c)), ...spread(0.8, 40).map(c => EPOCHS.map(t => Math.exp(-c * t / END)))]
  .map(g => g.map(value => (value - g.at(-1)) / (g[0] - g.at(-1))));
const sum = values => values.reduce((total, value) => total + value, 0);

// The mean and the standard deviation of a run's error after each epoch, as ForecastStopping believes it beside these whole runs.
export function forecast(losses, whole) {
  const all = [losses, ...whole].flat(), s = Math.max(...all) - Math.min(...all), n = losses.length, prior = 0.02 ** 2, noise = s / 100;
  const ends = whole.map(run => run.at(-1)).sort((a, b) => a - b), half = ends.length / 2, median = (ends[Math.ceil(half) - 1] + ends[Math.floor(half)]) / 2;
  const counts = losses.map((_, i) => (i + 1) / n), a = 1 + sum(counts) / 2, center = [median, s / 2];
  const beliefs = SHAPES.map(h => {
    const [aa, ab, bb] = [sum(counts) + prior, sum(counts.map((c, i) => c * h[i])), sum(counts.map((c, i) => c * h[i] ** 2)) + prior], det = aa * bb - ab * ab;
    const p = sum(counts.map((c, i) => c * losses[i])) + prior * center[0], q = sum(counts.map((c, i) => c * h[i] * losses[i])) + prior * center[1];
    const line = [(bb * p - ab * q) / det, (aa * q - ab * p) / det];
    const off = sum(counts.map((c, i) => c * (losses[i] - line[0] - line[1] * h[i]) ** 2)) + prior * ((line[0] - center[0]) ** 2 + (line[1] - center[1]) ** 2);
    const b = noise ** 2 + off / 2;
    const variance = h.map(v => b / a * ((bb - 2 * v * ab + v * v * aa) / det + 1) * a / (a - 1));
    return { evidence: -Math.log(det) / 2 - a * Math.log(b), mean: h.map(v => line[0] + line[1] * v), variance };
  });
  const most = Math.max(...beliefs.map(one => one.evidence)), weights = beliefs.map(one => Math.exp(one.evidence - most)), total = sum(weights);
  const mixed = value => sum(weights.map((w, k) => w / total * value(beliefs[k])));
  const mean = EPOCHS.map((_, i) => mixed(one => one.mean[i]));
  return { mean, std: EPOCHS.map((_, i) => Math.sqrt(mixed(one => one.variance[i] + (one.mean[i] - mean[i]) ** 2))) };
}

// A game as far as it has come: its runs with their epochs, and whether each would win; the whole runs, the best end, and the epochs left.
export function follow({ game, stops, at }) {
  const ended = [];
  for (const n of stops.split("-").filter(part => /^\d+$/.test(part)).map(Number)) {
    if (n >= WARMUP && n <= END && sum(ended) + n < BUDGET) ended.push(n);
  }
  const left = BUDGET - sum(ended), now = Math.min(END, left, Math.max(WARMUP, Math.trunc(at)));
  const runs = [{ losses: runOf(game, 0), n: END, wins: true }];
  let best = runs[0].losses.at(-1);
  for (const n of [...ended, now]) {
    const losses = runOf(game, runs.length), wins = losses.at(-1) < best;
    runs.push({ losses, n, wins });
    if (n === END && wins) best = losses.at(-1);
  }
  const over = now === left, judged = runs.slice(1, over && now < END ? -1 : undefined);
  return {
    ended, at: now, left: left - now, over, runs, best, whole: runs.filter(run => run.n === END).map(run => run.losses),
    lost: judged.filter(run => run.wins && run.n < END).length,  // the last run is stopped by no one
    wasted: sum(runs.slice(1).map(run => (run.wins ? 0 : Math.max(0, run.n - WARMUP)))),
  };
}

export function build(device) {
  const { state } = device, error = value => value.toFixed(4);
  const picture = plot(device, { label: _("Validation error of the runs against epochs"), height: width => Math.round(Math.min(0.9 * width, 380)) });
  const playing = act => () => (follow(state).over ? device.say(_("You have used all your epochs. Start the next round.")) : act());
  button(device, _("Train on"), playing(() => train(1)), "device-main");
  const ending = button(device, _("Stop"), playing(() => device.set({ stops: [...follow(state).ended, state.at].join("-"), at: WARMUP })));
  button(device, _("To the end"), playing(() => train(END)));
  const next = button(device, _("Next round"), () => device.set({ game: state.game % GAMES.length + 1, stops: "", at: WARMUP }));
  const showRestart = restart(device, () => ({ stops: "", at: WARMUP }));
  device.stage.append(device.status);
  const showBand = check(device, _("show the forecast"), "band");
  const showTable = table(device, _("A winner ends below the best finished run. Wasted epochs: after the third one, in runs that do not win."));

  function train(epochs) {
    if (state.at === END) return device.say(_("This run has been trained to its end. Go to the next run."));
    device.set({ at: follow({ ...state, at: state.at + epochs }).at });
  }

  function draw() {
    state.game = clamp(Math.trunc(state.game), 1, GAMES.length);
    const now = follow(state), run = now.runs.at(-1), ahead = state.band && !now.over && now.at < END && forecast(run.losses.slice(0, now.at), now.whole);
    state.at = now.at;
    for (const show of [showRestart, showBand]) show();
    ending.textContent = now.at === END ? _("Next run") : _("Stop");
    next.hidden = !now.over;
    drawRuns(now, run, ahead);
    say(now, run, ahead);
    const names = [_("forecast, 5%"), _("median rule"), _("never stop")];
    const rows = [[now.best, now.runs.length, now.lost, now.wasted], ...GAMES[state.game - 1].map(([best, ...rest]) => [best / UNIT, ...rest])];
    const shown = rows.map(([best, ...rest], i) => [i ? names[i - 1] : _("you"), error(best), ...rest.map(String)]);
    showTable(now.over ? [["", _("best error"), _("training runs"), _("winners stopped"), _("epochs wasted")], ...shown] : []);
  }

  function say({ runs, at, left, over, best, lost, wasted }, { losses, wins }, ahead) {
    if (over) {
      return device.say(_`Round ${state.game} is over: your best final error is ${error(best)}, after ${runs.length} runs. Winners stopped: ${lost}. Epochs wasted: ${wasted}.`);
    }
    const said = [_`Run ${runs.length}, epoch ${at} of ${END}: error ${error(losses[at - 1])}. Best finished run: ${error(best)}. Epochs left: ${left}.`];
    if (at === END) said.push(wins ? _("This run is finished, and is the new best.") : _("This run is finished, and is not the best."));
    if (ahead) {
      const [mean, half] = [ahead.mean.at(-1), 1.645 * ahead.std.at(-1)];
      said.push(_`Forecast of its end: ${error(mean)}, 90% band from ${error(Math.max(0, mean - half))} to ${error(mean + half)}.`);
    }
    device.say(said.join(" "));
  }

  function drawRuns({ runs, at, over, best }, run, ahead) {
    const clip = value => clamp(value, LOW, HIGH), along = (losses, from, to) => EPOCHS.slice(from, to).map((t, i) => [t, clip(losses[from + i])]);
    const x = { ...scale(1, END), ticks: () => [1, 9, 18, END] }, y = { ...scale(LOW, HIGH, true), ticks: () => [0.05, 0.1, 0.2, 0.5] };
    picture.axes({ x, y, xLabel: _("epochs of training"), yLabel: _("validation error (log scale)") });
    runs.slice(0, -1).forEach(({ losses, n }, i) => picture.line(along(losses, 0, n), "device-configuration", i));
    if (over) runs.forEach(({ losses, n, wins }, i) => n < END && picture.line(along(losses, n - 1, END), wins ? "device-truth" : "device-rest", i));
    if (ahead) {
      const edge = side => along(ahead.mean.map((mean, i) => mean + side * 1.645 * ahead.std[i]), at, END);
      picture.band(edge(-1), edge(1));
      picture.line(along(ahead.mean, at, END));
    }
    picture.level(best, "device-best-line");
    picture.text(1, best, _`best finished run ${error(best)}`, "device-word", "start", [4, 18]);
    picture.line(along(run.losses, 0, at), "device-worth-line");
    picture.dots(along(run.losses, 0, at), "device-dot", 3.5);
    picture.dots([[at, clip(run.losses[at - 1])]], "device-next", 6);
    picture.now(over ? _`Best final error ${error(best)}, ${runs.length} runs` : _`Run ${runs.length}, epoch ${at}: ${error(run.losses[at - 1])}, best ${error(best)}`);
  }

  return draw;
}
