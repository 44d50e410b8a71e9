// Two models whose errors cancel, or not: how good their best mixture is, by how alike their errors are.
//
//   error of a mixture^2 = (1 - w)^2 + w^2 b^2 + 2 w (1 - w) rho b        1: the first model's error; b: the second's; w: its share

import { closest, clamp, half, pair, plot, range, scale, signed, slider, trace } from "../device.js";
import { seeded } from "../lab.js";

export const start = { rho: 0.9, worse: 1.5 };

const WORSE = [1, 1.25, 1.5, 2], CASES = 80, KINDS = ["device-dot", "device-promise", "device-halving-dot", "device-grid-dot"];
const DRAWN = (({ normal }) => range(CASES).map(() => [normal(), normal()]))(seeded(4));

export const mixture = (w, { rho, worse: b }) => Math.sqrt(Math.max(0, (1 - w) ** 2 + (w * b) ** 2 + 2 * w * (1 - w) * rho * b));
export function share({ rho, worse: b }) {  // of the second model, in the best mixture
  const even = 1 + b * b - 2 * rho * b;
  return even > 1e-9 ? clamp((1 - rho * b) / even, 0, 1) : 0;
}

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 230 : 270);
  const shows = [slider(device, _("correlation of the errors"), "rho", { min: -1, max: 1, step: 0.05, show: signed }), slider(device, _("error of the second model"), "worse", { values: WORSE })];
  const errors = plot(device, { label: _("The errors of both models, a dot for each case"), span: half, height });
  const strip = trace(device, { label: _("The error of the best mixture against the correlation"), span: half, height, x: scale(-1, 1), y: scale(0, 1.1), xTick: signed, xLabel: _("correlation of the errors"), yLabel: _("error of the best mixture") });
  pair(device, errors, strip);

  return function draw() {
    state.rho = Number(clamp(state.rho, -1, 1).toFixed(2));
    state.worse = closest(WORSE, state.worse);
    for (const show of shows) show();
    const { rho, worse: b } = state, w = share(state), found = mixture(w, state), cases = DRAWN.map(([u, v]) => [u, b * (rho * u + Math.sqrt(1 - rho * rho) * v)]);
    errors.axes({ x: scale(-3, 3), y: scale(-6, 6), xTick: signed, yTick: signed, xLabel: _("error of the first model"), yLabel: _("error of the second model") });
    if (w > 0) errors.curve([[-3, 3 * (1 - w) / w], [3, -3 * (1 - w) / w]], "device-best-line");  // where the mixture makes none
    errors.marks(cases, "device-candidate", 4);
    errors.now(_`Correlation ${signed(rho)}`);
    strip.visit(rho, found, KINDS[WORSE.indexOf(b)], _`Correlation ${signed(rho)}: ${found.toFixed(2)}`);
    strip.level(1, "device-landmark-line");
    strip.text(-1, 1, _("the first model alone"), "device-landmark", "start", [4, -4]);
    const percent = Math.round(100 * w);
    device.say(w > 0 ? _`The best mixture gives the second model ${percent}%, and its error is ${found.toFixed(2)} of the first model's.` : _("The best mixture gives the second model 0%: the first model alone is as good."));
  };
}
