// Lines that copy each other: eight runs with a learning rate each, and every few epochs the worst two go on from copies of the best two,
// with half and with one and a half times the rate, in turns.
//
// A run is a noisy quadratic (Zhang et al. 2019) with two curvatures h: one step at rate r takes E[w^2] to (1 - r h)^2 E[w^2] + r^2 h, and the
// loss is the sum of h E[w^2] / 2. A high rate is fast and stays high; a low one is slow and ends low.

import { choice, clamp, half, pair, player, plot, range, scale, short, slider, trace } from "../device.js";

export const start = { every: 0, at: 27 };

const MEMBERS = 8, EPOCHS = 27, STEPS = 20, H = [1, 0.03], EVERY = [0, 9, 3, 1], FIRST = range(MEMBERS).map(i => 0.002 * 10 ** (i * 2.7 / (MEMBERS - 1)));
const height = w => w.reduce((sum, v, k) => sum + H[k] * v / 2, 0);

export function train(w, rate) {  // one epoch
  for (let step = 0; step < STEPS; step++) w = w.map((v, k) => (1 - rate * H[k]) ** 2 * v + rate * rate * H[k]);
  return w;
}

// Each member after each epoch, from the start on: { loss, rate, from }; `from` is the member that it has just copied.
export function population(every) {
  let members = FIRST.map(rate => ({ w: [20, 20], rate }));
  const seen = [members.map(({ w, rate }, i) => ({ loss: height(w), rate, from: i }))];
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    members = members.map(({ w, rate }) => ({ w: train(w, rate), rate }));
    const rank = members.map((_, i) => i).sort((a, b) => height(members[a].w) - height(members[b].w)), from = range(MEMBERS);
    if (every && epoch % every === 0 && epoch < EPOCHS) {
      for (const k of [0, 1]) {
        const [best, worst] = [rank[k], rank.at(-1 - k)];
        members[worst] = { w: members[best].w, rate: members[best].rate * ((epoch / every + k) % 2 ? 0.5 : 1.5) };
        from[worst] = best;
      }
    }
    seen.push(members.map(({ w, rate }, i) => ({ loss: height(w), rate, from: from[i] })));
  }
  return seen;
}

export function lineage(seen, epoch = EPOCHS) {  // the best member, and whom it comes from, back to the start
  let i = seen[epoch].reduce((a, one, k, all) => (one.loss < all[a].loss ? k : a), 0);
  const line = [];
  for (let t = epoch; t >= 0; t--) { line.unshift({ epoch: t, ...seen[t][i] }); i = seen[t][i].from; }
  return line;
}

export function build(device) {
  const { state } = device, tall = () => (device.width() < 560 ? 220 : 250);
  const shows = [choice(device, _("the worst copy the best:"), "every", { 0: _("never"), 9: _("every 9 epochs"), 3: _("every 3 epochs"), 1: _("every epoch") })];
  const losses = plot(device, { label: _("Eight losses against the epoch"), span: half, height: tall }), rates = plot(device, { label: _("Eight learning rates against the epoch"), span: half, height: tall });
  pair(device, losses, rates);
  player(device, { step: () => { state.at += 1; return state.at < EPOCHS; }, rewind: () => { if (state.at >= EPOCHS) state.at = 0; }, pace: () => 200 });

  return function draw() {
    if (!EVERY.includes(state.every)) state.every = start.every;
    state.at = clamp(Math.round(state.at), 0, EPOCHS);
    for (const show of shows) show();
    const seen = population(state.every), line = lineage(seen, state.at), x = scale(0, EPOCHS);
    for (const [picture, key, y, yLabel] of [[losses, "loss", scale(0.005, 30, true), _("loss (log scale)")], [rates, "rate", scale(5e-4, 2, true), _("learning rate (log scale)")]]) {
      picture.axes({ x, y, xLabel: _("epoch"), yLabel });
      range(MEMBERS).forEach(i => {
        const path = range(state.at + 1).map(t => [t, seen[t][i][key]]);
        picture.curve(path, "device-configuration", i);
        path.forEach(([t, value]) => { const { from } = seen[t][i]; if (from !== i) picture.marks([[t, value]], "device-member", 3.5, `${i} ${t}`); });
      });
      picture.curve(line.map(one => [one.epoch, one[key]]), "device-best-line");
      picture.marks([[state.at, line.at(-1)[key]]], "device-ring", 8);
    }
    const { loss, rate } = line.at(-1), copied = line.filter((one, t) => t && one.rate !== line[t - 1].rate).length;
    losses.now(_`Epoch ${state.at}: ${short(loss)}`);
    rates.now(_`Epoch ${state.at}: ${short(rate)}`);
    const story = copied ? _`Its line began with the rate ${short(line[0].rate)}, was copied ${copied} times, and now has ${short(rate)}.` : _`Its rate is ${short(rate)}, from the start on.`;
    device.say(`${_`Epoch ${state.at} of ${EPOCHS}: the best loss is ${short(loss)}.`} ${story}`);
  };
}
