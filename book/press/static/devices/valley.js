// A ball in a valley, f(w) = s w^2: gradient descent with a learning rate, step by step. It starts at the height 1, however steep the valley.

import { clamp, closest, half, pair, player, plot, range, scale, short, signed, slider, trace } from "../device.js";

export const start = { rate: 0.05, steepness: 1, steps: 10, at: 10 };

const STEEPNESS = [1, 2, 4, 8], STEPS = [10, 20, 40], ARRIVED = 1e-3, RATES = [0.01, 1.2], WIDE = 2.4, HIGH = 4, LOSSES = [1e-4, 100];
const KINDS = ["device-dot", "device-promise", "device-member", "device-halving-dot"];

export const factor = ({ rate, steepness }) => Number((1 - 2 * rate * steepness).toFixed(6));  // what each step does to w

export function descend(state) {  // the path of the ball: [w, loss] after each step, from the start on
  return range(state.steps + 1).map(k => factor(state) ** k).map(w => [w / Math.sqrt(state.steepness), w ** 2]);
}

export const arrival = path => path.findIndex(([, loss]) => loss < ARRIVED);  // the first step that is there; -1 if none is

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 210 : 230);
  const shows = [
    slider(device, _("learning rate η"), "rate", { min: RATES[0], max: RATES[1], step: 0.01, show: short }),
    slider(device, _("steepness of the valley"), "steepness", { values: STEEPNESS }),
    slider(device, _("steps"), "steps", { values: STEPS }),
  ];
  const valley = plot(device, { label: _("The valley and the path of the ball"), span: half, height });
  const curve = plot(device, { label: _("Loss against step: drag, or use the arrow keys, to change the step"), span: half, height, touch: "pan-y", onDrag: go, onKey: (dx, dy) => go(now() + dx + dy) });
  pair(device, valley, curve);
  const playing = player(device, { step: () => { state.at = now() + 1; return state.at < state.steps; }, rewind: () => { if (now() === state.steps) state.at = 0; } });
  const strip = trace(device, { label: _("The loss after the last step against the learning rate"), height: 170, x: scale(0, RATES[1]), y: scale(...LOSSES, true), xLabel: _("learning rate η"), yLabel: _("loss after the last step (log scale)") });

  const now = () => clamp(Math.round(state.at), 0, state.steps);

  function go(at) {
    playing.stop();
    at = clamp(Math.round(at), 0, state.steps);
    if (at !== state.at) device.set({ at });
  }

  function draw() {
    state.rate = Number(clamp(state.rate, ...RATES).toFixed(2));
    state.steepness = closest(STEEPNESS, state.steepness);
    state.steps = closest(STEPS, state.steps);
    for (const show of shows) show();
    const path = descend(state);
    drawValley(path);
    drawLoss(path);
    strip.visit(state.rate, path.at(-1)[1], KINDS[STEEPNESS.indexOf(state.steepness)], _`Learning rate ${short(state.rate)}: loss ${short(path.at(-1)[1])}`, state.steps);
    strip.level(ARRIVED, "device-landmark-line");
    say(path);
  }

  function drawValley(path) {
    valley.axes({ x: scale(-WIDE, WIDE), y: scale(-0.15, HIGH), xLabel: _("weight w"), yLabel: _("loss") });
    const side = Math.sqrt(0.99 * HIGH / state.steepness), ws = range(101).map(i => side * (i / 50 - 1));
    valley.line(ws.map(w => [w, state.steepness * w * w]), "device-others");
    const seen = path.slice(0, now() + 1), inside = seen.filter(([, loss]) => loss <= HIGH);
    valley.curve(seen, "device-trail");
    valley.dots(inside, "device-dot", 3.5);
    if (seen.at(-1)[1] <= HIGH) valley.dots(seen.slice(-1), "device-ring", 9);
  }

  function drawLoss(path) {
    const [low, high] = LOSSES, shown = path.slice(0, now() + 1).map(([, loss], k) => [k, loss]), there = arrival(path), x = scale(0, state.steps);
    curve.axes({ x: { ...x, ticks: most => x.ticks(most).filter(Number.isInteger) }, y: scale(low, high, true), xLabel: _("step"), yLabel: _("loss (log scale)") });
    curve.level(ARRIVED, "device-landmark-line");
    curve.text(0, ARRIVED, _("below this line, the ball has arrived"), "device-landmark", "start", [4, 15]);
    curve.curve(shown, "device-worth-line");
    curve.marks(shown.filter(([, loss], k) => k === now() || loss >= low && loss <= high), "device-dot", 3.5);
    if (there >= 0 && there <= now()) curve.marks([shown[there]], "device-best", 6);
    curve.marks(shown.slice(-1), "device-ring", 9);
  }

  function say(path) {
    const by = factor(state), there = arrival(path), loss = path[now()][1], size = Math.abs(by);
    const fate = there >= 0 && there <= now() ? _`The ball arrived at step ${there}.`
      : size > 1 ? _("Every step jumps across the valley and lands higher.") : size === 1 ? _("The ball jumps from side to side, forever at the same height.")
        : now() === state.steps ? _("The ball has not arrived.") : _("The ball has not arrived yet.");
    const value = loss < LOSSES[0] ? _("less than 0.0001") : loss > 1e4 ? _("more than 10,000") : short(loss);
    device.say(`${_`Step ${now()} of ${state.steps}: loss ${value}.`} ${_`Each step multiplies w by ${short(by).replace("-", "−")}.`} ${fate}`);
    valley.now(_`Steepness ${state.steepness}, learning rate ${short(state.rate)}, ${now()} steps`);
    curve.now(_`Step ${now()}: ${value}`);
  }

  return draw;
}
