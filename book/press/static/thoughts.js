// How a thought of "Watch it think" looks, and how it reads. A thought is what a search knows and has made of it: the settings of the
// device, its trials [i, loss], and `gp` and `tpe` as thinking.js computes them; a picture shows what is there after `line` lines.

import { scale, short } from "./device.js";
import { DEEP, ROAD, SHALLOW } from "./road.js";
import { LENGTHS, PLACES, depth, highest } from "./thinking.js";

export { DEEP, SHALLOW };
export const ACQUISITIONS = { pi: "PI", ei: "EI", lcb: "LCB" };
export const WHO = { gp: _("the Gaussian process"), tpe: "TPE" };
const x = scale(0, 10), curve = values => values.map((v, i) => [PLACES[i], v]);
const inside = v => -Math.min(DEEP, Math.max(SHALLOW, v));
const km = i => PLACES[i].toFixed(2), metres = v => `${v.toFixed(1)} m`, signed = v => v.toFixed(1).replace("-", "−");

export function drawBelief(plot, { gp, tpe, trials, line, view, truth, walking, newest }, at) {
  plot.axes(ROAD);
  if (line > 1) {
    plot.band(curve(gp.mean.map((m, i) => inside(m + 2 * gp.std[i]))), curve(gp.mean.map((m, i) => inside(m - 2 * gp.std[i]))));
    plot.line(curve(gp.mean.map(inside)));
  }
  if (truth) plot.line(curve(PLACES.map((_, i) => -depth(i))), "device-truth");
  if (line > 3 && walking) plot.upright(PLACES[gp.chosen]);
  if (at !== undefined) plot.upright(PLACES[at], "device-cursor device-at");
  trials.forEach(([i, loss], k) => {
    plot.dots([[PLACES[i], inside(loss)]], view === "both" && line > 0 && tpe.good.includes(k) ? "device-best" : "device-dot");
    if (loss > DEEP) plot.text(PLACES[i], -DEEP, `${short(loss)} m`, "device-word", "middle", [0, -9]);
  });
  if (line === 5) for (const [kind, r] of [["device-dot", 5], ["device-ring", 9]]) plot.dots([[PLACES[newest], inside(depth(newest))]], kind, r);
}

export function drawAcquisition(plot, { gp, line, acquisition }) {
  const top = Math.max(...gp.values, 1e-9), bottom = Math.min(...gp.values, 0);
  plot.axes({ x, y: scale(bottom, top), xLabel: "km", yLabel: { pi: "PI", ei: "EI (m)", lcb: _("best − LCB (m)") }[acquisition] });
  if (line > 2) plot.band(PLACES.map(p => [p, bottom]), curve(gp.values), "device-acquisition");
  if (line > 3) plot.dots([[PLACES[gp.chosen], gp.values[gp.chosen]]], "device-next", 6);
}

export function drawEvidence(plot, { gp, line, learn }) {
  const shown = learn ? gp.worth : gp.evidence, top = Math.max(...shown), floor = top - 12;
  plot.axes({ x: scale(0.1, 10, true), y: scale(floor, top + 1), xLabel: _("lengthscale (km)"), yLabel: learn ? _("log evidence + log prior") : _("log evidence") });
  if (line === 0) return;
  const seen = k => [k - 1, k, k + 1].some(other => shown[other] >= floor);  // the curve leaves the frame at its floor
  plot.line(LENGTHS.map((l, k) => [l, Math.max(floor, shown[k])]).filter((_, k) => seen(k)));
  const handle = [gp.lengthscale, Math.max(floor, shown[nearest(gp.lengthscale)])];
  plot.upright(gp.lengthscale);
  plot.dots([handle], "device-next", 7);
  plot.grip(...handle);
}

export const nearest = length => highest(LENGTHS.map(l => -Math.abs(Math.log(l / length))));  // its number in LENGTHS

export function drawDensities(plot, { tpe, trials, line }) {
  const top = 1.15 * Math.max(...tpe.l, ...tpe.g), kinds = { g: "device-others", l: "device-best-line" };
  plot.axes({ x, y: scale(0, top), xLabel: _("km along the road"), yLabel: _("density (per km)") });
  for (const [name, ks] of [["g", tpe.others], ["l", tpe.good]]) {
    const values = tpe[name], peak = highest(values);
    if (line > 1) plot.line(curve(values), kinds[name]);
    if (line > 1) plot.text(Math.min(9.7, Math.max(0.3, PLACES[peak])), values[peak], name, "device-word", "middle", [0, -5]);
    if (line > 0) for (const k of ks) plot.line([[PLACES[trials[k][0]], 0], [PLACES[trials[k][0]], 0.09 * top]], kinds[name]);
  }
}

export function drawRatio(plot, { tpe, line }) {
  const top = 1.05 * Math.max(...tpe.ratio);
  plot.axes({ x, y: scale(0, top), xLabel: "km", yLabel: _("l / g, and the candidates") });
  if (line > 2) for (const i of tpe.drawn) plot.line([[PLACES[i], 0], [PLACES[i], 0.12 * top]], "device-curve");
  if (line < 4) return;
  plot.line(curve(tpe.ratio), "device-gain-line");
  plot.dots([[PLACES[tpe.chosen], tpe.ratio[tpe.chosen]]], "device-next", 6);
}

// What each plot shows now, in words.
export function named({ gp, tpe, trials, line, acquisition }) {
  const best = metres(Math.min(...trials.map(([, loss]) => loss))), wants = line > 2, [l, g] = [tpe.l, tpe.g].map(highest);
  return {
    belief: _`Best of ${trials.length} trials: ${best}.`,
    wanted: wants ? _`${ACQUISITIONS[acquisition]} is highest at km ${km(highest(gp.values))}.` : "",
    evidence: line ? _`${trials.length} trials, with a lengthscale of ${short(gp.lengthscale)} km.` : "",
    density: line > 1 ? _`l is highest at km ${km(l)}, g at km ${km(g)}.` : "",
    ratio: line > 3 ? _`${"TPE"} picks km ${km(tpe.chosen)}.` : "",
  };
}

// What the last line did.
export function said({ gp, tpe, trials, line, view, who, walking, learn, acquisition, newest }) {
  const n = trials.length, name = ACQUISITIONS[acquisition], best = metres(Math.min(...trials.map(([, loss]) => loss)));
  const length = short(gp.lengthscale), peak = highest(gp.evidence);
  if (!walking) return _`Lengthscale ${length} km: log evidence ${signed(gp.at)}. The highest, ${signed(gp.evidence[peak])}, is at ${short(LENGTHS[peak])} km.`;
  if (line === 0) return _`${n} trials. What does the search make of them? Press Step.`;
  if (line === 5) {
    const off = Math.abs(depth(newest) - gp.mean[newest]) / gp.std[newest];
    return off <= 2 ? _`Trial ${n + 1}, at km ${km(newest)}: ${metres(depth(newest))}, inside the band. The best before it: ${best}.`
      : _`Trial ${n + 1}, at km ${km(newest)}: ${metres(depth(newest))}, outside the band. The best before it: ${best}.`;
  }
  const wanting = (subject, i) => _`${subject} picks km ${km(i)}.`;
  const both = { gp: _`The Gaussian process picks km ${km(gp.chosen)}.`, tpe: wanting("TPE", tpe.chosen) };
  const wants = view === "both" ? `${both[who]} ${both[who === "gp" ? "tpe" : "gp"]}` : wanting(name, gp.chosen);
  const thought = {
    gp: [
      learn ? _`From ${n} trials and the prior, the model learns a lengthscale of ${length} km.` : _`${n} trials, with a lengthscale of ${length} km.`,
      _`The mean is best at km ${km(highest(gp.mean.map(v => -v)))}, the band is widest at km ${km(highest(gp.std))}.`,
      _`${name} is highest at km ${km(highest(gp.values))}.`,
    ],
    tpe: [
      tpe.good.length === 1 ? _`Of ${n} trials, 1 is good.` : _`Of ${n} trials, ${tpe.good.length} are good.`,
      _`l is highest at km ${km(highest(tpe.l))}, g at km ${km(highest(tpe.g))}.`,
      _`${tpe.drawn.length} candidates are drawn from l.`,
    ],
  }[who];
  const least = _`Best of ${n} trials: ${best}.`;
  return [...thought, `${wants} ${least}`][line - 1];
}
