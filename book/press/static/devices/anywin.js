// Make any method win: six choices behind one table of two strategies. Whatever is ticked, every number is that of a search that ran.

import { check, choice, element, plot, table } from "../device.js";
import { SCORES } from "../scores.js";

export const start = { own: "TPE", five: false, trials: false, old: false, problems: false, seed: false, seen: false };

const NAMES = ["Climb", "TPE"], CHOICES = Object.keys(start).slice(1), ALL = SCORES.problems, GROUP = 5, SHOWN = 3;
const sum = values => values.reduce((total, value) => total + value, 0);
const byProblem = (scores, seeds) => scores.map(row => sum(seeds.map(seed => row[seed])));  // the scores are whole tenths: sums are exact

// The table that the author of `own` prints, by strategy the scores in points: for each problem, or null where it is left out, and their mean.
// `seed` is the lucky one, or -1; it and the problems are those of the largest lead.
export function printed({ own, five, trials, old, problems, seed: lucky, seen }) {
  const rival = NAMES.find(name => name !== own), theirs = SCORES[rival][old ? "old30" : "true30"];
  let ours = SCORES[own][`${seen ? "seen" : "true"}${trials ? 40 : 30}`], best = { sum: -Infinity };
  if (five) ours = ours.map(row => row.map((_, s) => Math.max(...row.slice(s - s % GROUP, s - s % GROUP + GROUP))));
  const seeds = [...theirs[0].keys()];
  for (const chosen of lucky ? seeds.map(s => [s]) : [seeds]) {
    const a = byProblem(ours, chosen), b = byProblem(theirs, chosen), gaps = a.map((score, i) => score - b[i]);
    const kept = [...ALL.keys()].sort((i, j) => gaps[j] - gaps[i] || i - j).slice(0, problems ? SHOWN : ALL.length);
    const total = sum(kept.map(i => gaps[i]));
    if (total > best.sum) best = { sum: total, seed: lucky ? chosen[0] : -1, kept, n: 10 * chosen.length, [own]: a, [rival]: b };
  }
  const { kept, n } = best, columns = {}, means = {};
  for (const name of NAMES) {
    columns[name] = ALL.map((_, i) => (kept.includes(i) ? best[name][i] / n : null));
    means[name] = sum(kept.map(i => best[name][i])) / n / kept.length;
  }
  return { columns, means, seed: best.seed, lead: best.sum / n / kept.length };
}

// The honest difference TPE minus Climb, and two standard errors of it over the seeds.
export function honest() {
  const gaps = SCORES.TPE.true30[0].map((_, s) => sum(ALL.map((_, i) => SCORES.TPE.true30[i][s] - SCORES.Climb.true30[i][s])) / ALL.length / 10);
  const mean = sum(gaps) / gaps.length;
  return [mean, 2 * Math.sqrt(sum(gaps.map(gap => (gap - mean) ** 2)) / (gaps.length - 1) / gaps.length)];
}

const ROOT = value => Math.sign(value) * Math.sqrt(Math.abs(value)), MOST = 900, TICKS = [-600, -300, -100, -20, 0, 20, 100, 300, 600];
const SIGNED = {  // from -900 to 900, by the square root: small leads and large ones can both be seen
  unit: value => (ROOT(value) / ROOT(MOST) + 1) / 2, value: u => (2 * u - 1) * Math.abs(2 * u - 1) * MOST,
  ticks: most => TICKS.filter(tick => most > 5 || ![20, 300].includes(Math.abs(tick))),
};

export function build(device) {
  const { state } = device, [mean, twice] = honest();
  const showOwn = choice(device, _("the table is by"), "own", { TPE: _("TPE's author"), Climb: _("Climb's author") });
  const boxes = element("div", { class: "device-part device-row", role: "group", "aria-label": _("The author's choices") });
  device.stage.append(boxes);
  const shows = [
    check(device, _("best of five"), "five"), check(device, _("more trials"), "trials"), check(device, _("an old rival"), "old"),
    check(device, _("the right problems"), "problems"), check(device, _("a lucky seed"), "seed"), check(device, _("seen, not true"), "seen"),
  ];
  device.stage.append(device.status);
  const picture = plot(device, { label: "", height: 112 });
  const showTable = table(device, _("The table, and the small print below it (score 0: random search, 100: the optimum)"));
  device.stage.querySelector(".device-table").classList.add("device-scores");

  function draw() {
    if (!NAMES.includes(state.own)) state.own = start.own;
    showOwn();
    for (const show of shows) show();
    const found = printed(state), { columns, means, seed, lead } = found, on = CHOICES.filter(key => state[key]).length;
    const pair = (show, values) => NAMES.map(name => mark(show(values[name]), values[name] >= Math.max(...NAMES.map(other => values[other]))));
    const whole = value => String(Math.round(value)), tenth = value => value.toFixed(1);
    const rows = ALL.map((name, i) => [element("code", {}, name), ...(columns.TPE[i] === null ? ["–", "–"] : pair(whole, { TPE: columns.TPE[i], Climb: columns.Climb[i] }))]);
    const print = (label, ours, theirs) => [label, ...NAMES.map(name => (name === state.own ? ours : theirs))];
    const first = seed - seed % GROUP, one = _`seed ${seed}`, all = _("mean of 20 seeds");
    const five = state.seed ? _`best of seeds ${first} to ${first + GROUP - 1}` : _("best of 5 seeds, mean of 4 such groups");
    showTable([
      [_("problem"), ...NAMES.map(name => (name === state.own ? _`${name} (ours)` : name))], ...rows,
      [state.problems ? _`mean of ${SHOWN} problems` : _("mean"), ...pair(tenth, means)],
      print(_("runs"), state.five ? five : state.seed ? one : all, state.seed ? one : all),
      print(_("trials"), state.trials ? "40" : "30", "30"),
      print(_("version"), _("today's"), state.old ? _("the original") : _("today's")),
      print(_("loss"), state.seen ? _("as the search saw it") : _("true"), _("true")),
    ]);
    const winner = lead > 0 ? state.own : NAMES.find(name => name !== state.own), by = Math.abs(lead).toFixed(1);
    device.say(on === 0 ? _`None of the 6 choices is on: ${winner} wins, by ${by} points.`
      : on === 1 ? _`1 of the 6 choices is on: ${winner} wins, by ${by} points.` : _`${on} of the 6 choices are on: ${winner} wins, by ${by} points.`);
    drawLead(state.own === "TPE" ? lead : -lead);
  }

  const mark = (text, bold) => (bold ? element("b", {}, text) : text);

  function drawLead(to) {
    picture.axes({ x: SIGNED, y: { unit: value => value, value: u => u, ticks: () => [] }, xLabel: _("points by which TPE leads (square-root scale)"), yLabel: _("gray: the honest difference, ± 2 standard errors") });
    picture.band([[mean - twice, 0], [mean + twice, 0]], [[mean - twice, 1], [mean + twice, 1]], "device-honest");
    picture.upright(0, "device-grid device-even");
    picture.dots([[to, 0.5]], "device-best", 8);
    for (const [name, side] of [["Climb", -1], ["TPE", 1]]) picture.text(side * MOST, 1, name, "device-word", side > 0 ? "end" : "start", [-4 * side, 14]);
    picture.now(_`TPE leads Climb by ${to.toFixed(1)} points; the honest difference is ${mean.toFixed(1)} ± ${(twice / 2).toFixed(1)}`);
  }

  return draw;
}
