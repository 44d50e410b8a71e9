// A model pays once a training run takes long enough: two searches side by side, one of which thinks before each of its fewer runs.

import { closest, plot, range, scale, signed, slider, trace } from "../device.js";

export const start = { run: 10, needs: 30 };

const DICE = 40, THINK = 10, RUNS = [1, 2, 5, 10, 15, 20, 30, 45, 60], NEEDS = [20, 30, 36], KINDS = ["device-best", "device-dot", "device-rest-dot"];

export const minutes = ({ run, needs }) => [DICE * run / 60, needs * (run + THINK) / 60];  // of random search, and of the model

export function build(device) {
  const { state } = device, label = _("seconds of a training run");
  const shows = [slider(device, label, "run", { values: RUNS }), slider(device, _("trials that the model needs"), "needs", { values: NEEDS })];
  const race = plot(device, { label: _("Two searches, run by run"), height: 200 });
  const strip = trace(device, { label: _("How far the model is ahead"), x: scale(0, 60), y: scale(-8, 18), yTick: signed, xLabel: label, yLabel: _("model ahead by (min)") });

  return function draw() {
    const run = state.run = closest(RUNS, state.run), needs = state.needs = closest(NEEDS, state.needs), [dice, model] = minutes(state), most = 1.03 * Math.max(dice, model), ahead = dice - model;
    for (const show of shows) show();
    race.axes({ x: scale(0, most), y: scale(0, 1), xLabel: _("minutes"), yLabel: "", yTick: () => "" });
    const block = (begins, long, level, kind) => race.cell((begins + long / 2) / 60, level, [0.85 * long / 60 / most, 0.2], kind);
    for (const i of range(DICE)) block(i * run, run, 0.62, "device-depth");
    for (const i of range(needs)) block(i * (run + THINK), THINK, 0.12, "device-good") && block(i * (run + THINK) + THINK, run, 0.12, "device-depth");
    [_`random search: ${DICE} runs`, _`a model: ${needs} pauses and runs`].forEach((text, i) => race.text(0, 0.8 - 0.5 * i, text, "device-word", "start"));
    const took = _`Random search takes ${dice.toFixed(1)} minutes, the model ${model.toFixed(1)}.`;
    race.now(took);
    strip.visit(run, ahead, KINDS[NEEDS.indexOf(needs)]);
    strip.level(0, "device-landmark-line");
    const first = Math.abs(ahead) < 0.01 ? _("Both are done at the same time.") : ahead > 0 ? _("The model is done first.") : _("Random search is done first.");
    device.say(`${took} ${first}`);
  };
}
