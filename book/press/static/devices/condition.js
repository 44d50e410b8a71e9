// Conditioning: hold the value of a function at one place, and its values at all others follow.
//
// Two pictures of one belief, which is the prior of lesson 4.2 (depths vary by SD metres around their mean): the values at two places
// A and B as a normal distribution in the plane, and all places at once, as a Gaussian process over a road of ten kilometres. The
// state counts metres of water above the mean; the axes show the depth below ground, as the lesson does, with deeper water lower.

import { check, choice, clamp, pair, plot, range, scale, short, slider } from "../device.js";
import { gaussianProcess, pdf, seeded } from "../lab.js";

export const start = { xa: 4, a: 6, xb: 5.2, second: false, xc: 5, c: 0, kernel: "rbf", lengthscale: 1, curves: true };

const SD = 5, MEAN = 24, LIMIT = 12, KERNELS = { rbf: "rbf", matern52: "Matérn 5/2", matern32: "Matérn 3/2" };
const PLACES = range(101).map(i => i / 10);  // km
const HANDS = { a: "A", b: "B", c: "C" };  // what a finger or the keys can hold
const REACH = 30;  // pixels from which a press takes hold
const EDGE = 15, inside = v => clamp(v, -EDGE, EDGE);  // metres: the frame
const near = (x, low, high, parts) => Math.round(parts * clamp(x, low, high)) / parts;
const level = v => inside(v) - MEAN, deep = v => short(-v);  // where metres above the mean are on an axis, and its ticks
const signed = v => (v < 0 ? `−${short(-v)}` : short(v));

export function build(device) {
  const { state } = device, kept = {};  // of the last drawing: the curves of the prior
  let hand = "a", held;  // what the keys move, and what a pointer has taken hold of
  const wide = width => width >= 560, side = width => (wide(width) ? Math.round(0.42 * width) : Math.min(width, 280));
  const tall = () => side(device.width()) + 10;
  const square = plot(device, {
    label: _("The values at A and B: move A with the left and right arrow keys"), span: side, height: tall,
    touch: "pan-y", onDrag: dragLine, onKey: (dx, dy) => hold("a", state.xa, state.a + 0.5 * (dx + dy)),
  });
  const road = plot(device, {
    label: _("The values along the road: move the selected point with the arrow keys, select the next one with Enter"), touch: "pan-y",
    span: width => (wide(width) ? width - side(width) - 1 : width), height: () => Math.min(tall(), wide(device.width()) ? 330 : 240),
    onDrag: drag, onKey: (dx, dy) => hold(hand, place(hand) + 0.1 * dx, value(hand) + 0.5 * dy), onAct: x => x === undefined && change(),
  });
  pair(device, square, road);
  device.stage.append(device.status);
  const showKernel = choice(device, _("kernel"), "kernel", KERNELS);
  const showLengthscale = slider(device, _("lengthscale"), "lengthscale", { min: 0.2, max: 4, step: 0.1, show: v => `${short(v)} km` });
  const showSecond = check(device, _("also fix a hole C"), "second"), showCurves = check(device, _("show curves"), "curves");

  const hands = () => Object.keys(HANDS).filter(key => key !== "c" || state.second);
  const place = key => state[`x${key}`], value = key => (key === "b" ? inside(believed().mean) : state[key]);

  function hold(key, x, y) {  // B is a place alone: its value follows
    hand = key;
    device.set({ [`x${key}`]: near(x, 0, 10, 10), ...(key === "b" ? {} : { [key]: near(y, -LIMIT, LIMIT, 10) }) });
  }

  function change() {
    const all = hands();
    hand = all[(all.indexOf(hand) + 1) % all.length];
    draw();
    device.say(_`Selected: ${HANDS[hand]}, at km ${short(place(hand))}.`);
  }

  function drag(x, y, begins) {
    if (begins) {
      const away = key => Math.hypot(road.px(place(key)) - road.px(x), road.py(level(value(key))) - road.py(y));
      const nearest = hands().sort((one, other) => away(one) - away(other))[0];
      held = away(nearest) < REACH ? nearest : undefined;
    }
    if (held) hold(held, x, y + MEAN);
  }

  function dragLine(x, y, begins) {
    if (begins) held = Math.abs(square.px(level(state.a)) - square.px(x)) < REACH ? "a" : undefined;
    if (held) hold("a", state.xa, x + MEAN);
  }

  // ---- The belief, given the holes that are held.
  const holes = (also = []) => [...also, ...(state.second && state.xc !== state.xa ? [[state.xc, state.c]] : [])];
  const belief = held => gaussianProcess(held.map(([x]) => [x]), held.map(([, y]) => y), { kernel: state.kernel, lengthscale: state.lengthscale, signal: SD ** 2, noise: 1e-6 });
  const at = (held, x) => { const { mean, std } = belief(held).predict([[x]]); return { mean: mean[0], std: std[0] }; };

  function believed() {  // what is believed at B: with A, without it, and how far it follows a metre of A
    const known = at(holes([[state.xa, state.a]]), state.xb), follows = at(holes([[state.xa, state.a + 1]]), state.xb).mean - known.mean;
    return { ...known, follows, without: at(holes(), state.xb), a: at(holes(), state.xa) };
  }

  function curves() {  // three draws from the prior; each is moved until it runs through the holes
    const key = `${state.kernel} ${state.lengthscale}`, held = holes([[state.xa, state.a]]);
    if (kept.key !== key) {
      const rng = seeded(7), points = PLACES.map(x => [x]);
      Object.assign(kept, { key, drawn: [0, 1, 2].map(() => belief([]).sample(points, points.map(() => rng.normal()))) });
    }
    return kept.drawn.map(values => {
      const missing = belief(held.map(([x, y]) => [x, y - values[Math.round(10 * x)]])).predict(PLACES.map(x => [x])).mean;
      return PLACES.map((x, i) => [x, level(values[i] + missing[i])]);
    });
  }

  function mend() {  // a state may come from anybody
    for (const key of ["a", "b", "c"]) state[`x${key}`] = near(state[`x${key}`], 0, 10, 10);
    for (const key of ["a", "c"]) state[key] = near(state[key], -LIMIT, LIMIT, 10);
    state.lengthscale = near(state.lengthscale, 0.2, 4, 10);
    if (!Object.hasOwn(KERNELS, state.kernel)) state.kernel = start.kernel;
    if (!hands().includes(hand)) hand = "a";
  }

  function drawSquare({ mean, std, follows, without, a }) {
    const s = scale(-EDGE - MEAN, EDGE - MEAN), [sa, sb] = [a.std, without.std], rho = Math.max(-1, Math.min(1, sb > 1e-3 ? follows * sa / sb : 0));
    square.axes({ x: s, y: s, xTick: deep, yTick: deep, xLabel: _("depth at A (m)"), yLabel: _("depth at B (m)") });
    for (const r of [1, 2]) {
      square.line(range(73).map(i => i * Math.PI / 36).map(t => [level(a.mean + r * sa * Math.cos(t)),
        level(without.mean + r * sb * (rho * Math.cos(t) + Math.sqrt(1 - rho * rho) * Math.sin(t)))]));
    }
    square.upright(level(state.a));
    const zs = range(61).map(i => (i - 30) / 10), side = state.a > 5 ? -1 : 1;  // the bell of B, on its side
    square.band(zs.map(z => [level(state.a), level(mean + z * std)]), zs.map(z => [level(state.a) + side * 9 * pdf(z), level(mean + z * std)]), "device-band");
    square.dots([[level(state.a), level(mean)]], "device-promise", 6);
    square.grip(level(state.a), level(mean));
  }

  function drawRoad({ mean, std }) {
    const held = holes([[state.xa, state.a]]), all = belief(held).predict(PLACES.map(x => [x]));
    road.axes({ x: scale(0, 10), y: scale(-EDGE - MEAN, EDGE - MEAN), yTick: deep, xLabel: _("km along the road"), yLabel: _("depth below ground (m)") });
    road.band(PLACES.map((x, i) => [x, level(all.mean[i] - 2 * all.std[i])]), PLACES.map((x, i) => [x, level(all.mean[i] + 2 * all.std[i])]));
    if (state.curves) for (const points of curves()) road.line(points, "device-curve");
    road.line(PLACES.map((x, i) => [x, level(all.mean[i])]));
    road.line([[state.xb, level(mean - 2 * std)], [state.xb, level(mean + 2 * std)]], "device-span");
    road.dots([[state.xb, level(mean)]], "device-promise", 6);
    road.dots(held.map(([x, y]) => [x, level(y)]), "device-dot", 6);
    road.dots([[place(hand), level(value(hand))]], "device-ring", 11);
    for (const key of hands()) {
      road.text(place(key), level(value(key)), HANDS[key], "device-word", "middle", [0, -15]);
      road.grip(place(key), level(value(key)));
    }
  }

  function draw() {
    mend();
    for (const show of [showKernel, showLengthscale, showSecond, showCurves]) show();
    const b = believed();
    drawSquare(b);
    drawRoad(b);
    for (const plot of [square, road]) plot.now(_`A: ${short(MEAN - state.a)} m. B: ${short(Math.round(10 * (MEAN - b.mean)) / 10)} ± ${short(Math.round(10 * b.std) / 10)} m.`);
    const apart = short(Math.abs(state.xb - state.xa)), follows = signed(Math.round(100 * b.follows));
    const [mean, std, before, spread] = [MEAN - b.mean, b.std, MEAN - b.without.mean, b.without.std].map(v => signed(Math.round(10 * v) / 10));
    device.say(_`A is fixed at a depth of ${short(MEAN - state.a)} m. B, ${apart} km away, moves ${follows}% as much as A. Our estimate of B: ${mean} ± ${std} m (s.d.); without A, it would be ${before} ± ${spread} m.`);
  }

  return draw;
}
