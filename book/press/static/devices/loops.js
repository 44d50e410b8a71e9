// Two loops that turn: the inner one takes twenty steps down a valley, the outer one sees where they end, and the reader turns it.
//
// The valley has two directions, one twenty times as steep as the other; a ball starts on each, and the loss is the mean of their heights.

import { clamp, half, pair, player, plot, range, restart, scale, short, slider, trace } from "../device.js";

export const start = { rate: 0.003, tried: "", at: 0 };

export const RATES = [0.001, 0.003, 0.01, 0.02, 0.03, 0.04, 0.045, 0.05, 0.055, 0.06, 0.1, 0.3, 1];
const STEPS = 20, STEEP = [1, 20], TURNS = 8, CIRCLE = range(61).map(i => 2 * Math.PI * i / 60);

export const inner = rate => range(STEPS + 1).map(k => STEEP.reduce((sum, s) => sum + (1 - 2 * s * rate) ** (2 * k) / 2, 0));
const at = (turn, out = 1) => [out * Math.sin(turn), out * Math.cos(turn)];  // clockwise from the top

export function build(device) {
  const { state } = device, height = () => (device.width() < 560 ? 240 : 270);
  const turns = () => state.tried.split("-").map(Number).filter(rate => RATES.includes(rate)).slice(0, TURNS);
  const showRate = slider(device, _("learning rate η"), "rate", { values: RATES });
  const loops = plot(device, { label: _("A small circle, the inner loop, on a large one, the outer loop"), span: half, height });
  const strip = trace(device, { label: _("What the outer loop sees: the loss against the learning rate"), span: half, height, x: scale(0.0008, 1.2, true), y: scale(0, 1), xLabel: _("learning rate η"), yLabel: _("loss after 20 steps") });
  pair(device, loops, strip);
  const playing = player(device, {
    rewind: () => { if (turns().length === TURNS) state.tried = ""; state.at = 0; },
    step: () => { state.at += 1; if (state.at === STEPS) state.tried = [...turns(), state.rate].join("-"); return state.at < STEPS; }, pace: () => 60,
  });
  const showAgain = restart(device, () => { playing.stop(); return { tried: "", at: 0 }; });

  return function draw() {
    const [rates, path] = [turns(), inner(RATES.includes(state.rate) ? state.rate : state.rate = start.rate)];
    state.at = clamp(Math.round(state.at), 0, STEPS);
    showRate();
    showAgain();
    const running = state.at < STEPS, spot = rates.length - (running ? 0 : 1), all = STEPS * rates.length + (running ? state.at : 0);
    const bare = wide => ({ ...scale(-1.6 * wide, 1.6 * wide), ticks: () => [] }), angle = 2 * Math.PI * spot / TURNS, [cx, cy] = at(angle);
    loops.axes({ x: bare((half(device.width()) - 62) / (height() - 70)), y: bare(1), xLabel: _("outer loop: a turn is one training run"), yLabel: "" });
    loops.line(CIRCLE.map(turn => at(turn)), "device-others");
    range(TURNS).forEach(k => loops.dots([at(2 * Math.PI * k / TURNS)], k < rates.length ? "device-dot" : "device-unseen", 5, k));
    loops.line(CIRCLE.map(turn => [cx + at(turn, 0.4)[0], cy + at(turn, 0.4)[1]]), "device-line");
    const [dx, dy] = at(angle + 2 * Math.PI * state.at / STEPS, 0.4);
    loops.dots([[cx + dx, cy + dy]], "device-next", 6);
    loops.text(0, 1.6, _`inner loop: step ${state.at}`, "device-word", "middle", [0, -8]);
    loops.now(_`Turns: ${rates.length}, steps: ${all}`);
    for (const rate of [...rates, ...(rates.length ? rates.slice(-1) : [])]) strip.visit(rate, inner(rate).at(-1), "device-dot", _`Learning rate ${short(rate)}: loss ${short(inner(rate).at(-1))}`);
    if (!rates.length) strip.forget(_("0 numbers yet"));
    const loss = short(path[state.at]), sees = rates.length === 1 ? _("The outer loop has seen 1 number") : _`The outer loop has seen ${rates.length} numbers`;
    device.say(`${_`Learning rate ${short(state.rate)}, step ${state.at} of ${STEPS}: loss ${loss}.`} ${sees}${_`, the inner loop has taken ${all} steps.`}`);
  };
}
