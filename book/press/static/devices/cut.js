// Runs that stop: twenty-seven real networks, all of which stop after some epochs but the best few, and what that costs and loses.

import { clamp, half, pair, plot, range, scale, slider, trace } from "../device.js";
import { NETWORKS } from "./trainon.js";

export const start = { at: 18, keep: 9 };

const END = 27, KEPT = [1, 3, 9], LOW = 0.05, HIGH = 1, ALL = END * END;
export const RUNS = NETWORKS.slice(0, END), BEST = Math.min(...RUNS.map(run => run.at(-1)));

export function cut({ at, keep }) {  // which runs go on, as their numbers, the epochs that all take, and the best error at the end
  const left = RUNS.map((_, i) => i).sort((a, b) => RUNS[a][at - 1] - RUNS[b][at - 1] || a - b).slice(0, keep);
  return { left, epochs: END * at + keep * (END - at), best: Math.min(...left.map(i => RUNS[i].at(-1))) };
}

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 230 : 270), KINDS = ["device-candidate", "device-halving-dot", "device-dot"];
  const shows = [slider(device, _("stop after epoch"), "at", { min: 1, max: END - 1 }), slider(device, _("runs that go on"), "keep", { values: KEPT })];
  const move = at => { at = clamp(Math.round(at), 1, END - 1); if (at !== state.at) device.set({ at }); };
  const curves = plot(device, { label: _("27 learning curves: drag, or use the arrow keys, to stop them"), span: half, height, touch: "pan-y", onDrag: move, onKey: dx => move(state.at + dx) });
  const strip = trace(device, { label: _("The error that is left against the epochs"), span: half, height, x: scale(0, ALL), y: scale(0.07, 0.09), xLabel: _("epochs of all runs"), yLabel: _("best error at the end") });
  pair(device, curves, strip);

  return function draw() {
    state.at = clamp(Math.round(state.at), 1, END - 1);
    if (!KEPT.includes(state.keep)) state.keep = start.keep;
    for (const show of shows) show();
    const { left, epochs, best } = cut(state), path = (i, from, to) => range(to - from + 1).map(k => [from + k, RUNS[i][from + k - 1]]), lost = best > BEST;
    curves.axes({ x: scale(1, END), y: scale(LOW, HIGH, true), xLabel: _("epochs"), yLabel: _("error (log scale)") });
    RUNS.forEach((_, i) => left.includes(i) || curves.curve(path(i, 1, state.at), "device-configuration", i));
    for (const i of left) curves.curve(path(i, 1, END), "device-hand", i);
    const winner = RUNS.findIndex(run => run.at(-1) === BEST);
    if (lost) curves.line(path(winner, state.at, END), "device-rest", "winner");
    curves.upright(state.at);
    curves.dots([[END, BEST]], lost ? "device-unseen" : "device-best", 6);
    curves.now(_`Stopped after epoch ${state.at}: ${END - left.length}`);
    strip.visit(epochs, best, KINDS[KEPT.indexOf(state.keep)], _`${epochs} epochs: ${best.toFixed(4)}`);
    strip.level(BEST, "device-landmark-line");
    const said = lost ? _`The best run was stopped: what is left ends at ${best.toFixed(4)}, not at ${BEST.toFixed(4)}.` : _`The best run, ${BEST.toFixed(4)}, is among those that go on.`;
    device.say(`${_`${epochs} of ${ALL} epochs.`} ${said}`);
  };
}
