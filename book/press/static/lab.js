// The mathematics of the devices: what hpt_lab computes in Python, as small functions that a browser runs.
//
// A point is an array of coordinates in the unit cube; X is an array of points. The names are those of the Python modules
// (surrogates/gaussian_process, surrogates/acquisition, surrogates/parzen), and a test compares the two on random inputs.

// ---- Random numbers: the same from the same seed, in every browser (Steele, Lea and Flood 2014, in 32 bits).

export function seeded(seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const integer = n => Math.floor(n * random());  // from 0 to n - 1
  return { random, normal, integer };
}

// The first n points of Sobol's sequence in one or two dimensions; `rng` shifts its digits.
export function sobol(n, dimensions, rng) {
  const directions = [[], []];
  for (let k = 0, m = 1; k < 32; k++, m = m ^ (m << 1)) {
    directions[0].push(2 ** (31 - k));
    directions[1].push((m >>> 0) * 2 ** (31 - k));
  }
  const shift = [0, 1].map(() => (rng ? Math.floor(rng.random() * 2 ** 32) : 0));
  const digits = [0, 0], points = [];
  for (let i = 0; i < n; i++) {
    points.push(digits.slice(0, dimensions).map((digit, j) => ((digit ^ shift[j]) >>> 0) / 2 ** 32));
    const bit = Math.clz32(~i & (i + 1)) ^ 31;  // the lowest 0 of i: the order of Gray's code
    for (const j of [0, 1]) digits[j] = (digits[j] ^ directions[j][bit]) >>> 0;
  }
  return points;
}

// ---- The standard normal. Mills' ratio Phi(-t) / phi(t) = 1 / (t + 1 / (t + 2 / (t + 3 / ...))) for t >= 1.

export const pdf = z => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

function fraction(t) {  // 1 / (t + 2 / (t + ...))
  let value = 0;
  for (let k = 250; k >= 1; k--) value = k / (t + value);
  return value;
}

export function cdf(z) {
  if (z < -1) return pdf(z) / (-z + fraction(-z));
  if (z > 1) return 1 - cdf(-z);
  let term = z, sum = z;
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) sum += term *= z * z / k;
  return 0.5 + pdf(z) * sum;
}

export function quantile(p) {  // the z of cdf(z) = p, by halving: 60 times are more than enough
  let low = -38, high = 38;
  for (let k = 0; k < 60; k++) cdf((low + high) / 2) < p ? (low = (low + high) / 2) : (high = (low + high) / 2);
  return (low + high) / 2;
}

// The mean of the largest of n standard normal numbers: the integral of [x > 0] - cdf(x)^n, here from -9 to 9.
export function expectedMaximum(n) {
  const steps = 1800, power = k => NORMAL[k] ** n;
  let sum = (power(0) + power(steps)) / 2;
  for (let k = 1; k < steps; k++) sum += power(k);
  return 9 - 18 * sum / steps;
}

const NORMAL = [...Array(1801).keys()].map(k => cdf(-9 + k / 100));

// ---- Gaussian process.

export const KERNELS = {  // of the squared distance r2, in lengthscales
  rbf: r2 => Math.exp(-r2 / 2),
  matern32: r2 => { const r = Math.sqrt(3 * r2); return (1 + r) * Math.exp(-r); },
  matern52: r2 => { const r = Math.sqrt(5 * r2); return (1 + r + r * r / 3) * Math.exp(-r); },
};

export function cholesky(K) {  // the lower triangle L of K = L L'
  const L = K.map(row => row.map(() => 0));
  for (let i = 0; i < K.length; i++) {
    for (let j = 0; j <= i; j++) {
      let value = K[i][j];
      for (let k = 0; k < j; k++) value -= L[i][k] * L[j][k];
      if (i === j && !(value > 0)) throw new RangeError("cholesky: the matrix must be positive definite: add noise");
      L[i][j] = i === j ? Math.sqrt(value) : value / L[j][j];
    }
  }
  return L;
}

export function forward(L, y) {  // the x of L x = y
  const x = [];
  for (let i = 0; i < y.length; i++) {
    let value = y[i];
    for (let j = 0; j < i; j++) value -= L[i][j] * x[j];
    x.push(value / L[i][i]);
  }
  return x;
}

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

// Condition on losses y at points X. `lengthscale` is one number, or one for each dimension; the variances are in units of y^2.
export function gaussianProcess(X, y, { kernel = "matern52", lengthscale = 1, signal = 1, noise = 1e-6 } = {}) {
  const scale = X.length ? X[0].map((_, j) => lengthscale[j] ?? lengthscale) : [];
  const k = (a, b) => signal * KERNELS[kernel](a.reduce((r2, v, j) => r2 + ((v - b[j]) / (scale[j] ?? lengthscale)) ** 2, 0));
  const L = cholesky(X.map((a, i) => X.map((b, j) => k(a, b) + (i === j ? noise : 0))));
  const z = forward(L, y);  // y' (K + v I)^-1 y = z' z
  const against = x => forward(L, X.map(a => k(a, x)));
  return {
    evidence: -0.5 * dot(z, z) - L.reduce((sum, row, i) => sum + Math.log(row[i]), 0) - 0.5 * y.length * Math.log(2 * Math.PI),
    predict(points) {  // mean and standard deviation of f at each point
      const found = points.map(x => { const b = against(x); return [dot(b, z), Math.sqrt(Math.max(signal - dot(b, b), 0))]; });
      return { mean: found.map(([mean]) => mean), std: found.map(([, std]) => std) };
    },
    sample(points, normals) {  // one function drawn at the points, from as many standard normal numbers
      const B = points.map(against);
      const covariance = points.map((x, i) => points.map((other, j) => k(x, other) - dot(B[i], B[j]) + (i === j ? 1e-8 * signal : 0)));
      return cholesky(covariance).map((row, i) => dot(B[i], z) + dot(row, normals));
    },
  };
}

// ---- Acquisition functions, of one belief f ~ Normal(mean, std^2) and the best loss so far.

export function expectedImprovement(mean, std, best, xi = 0) {
  const gain = best - mean - xi;
  return std > 0 ? Math.max(gain * cdf(gain / std) + std * pdf(gain / std), 0) : Math.max(gain, 0);
}

export function probabilityOfImprovement(mean, std, best, xi = 0) {
  const gain = best - mean - xi;
  return std > 0 ? cdf(gain / std) : Number(gain > 0);
}

export const lowerConfidenceBound = (mean, std, kappa = 1.96) => mean - kappa * std;

// ---- Parzen estimator on the unit cube: a cut-off Gaussian around each point, and a uniform prior.

export function parzen(points, dimensions, { bandwidth, narrowest = 1 } = {}) {  // a `bandwidth` for all; else each has its own
  const n = points.length, axes = [...Array(dimensions).keys()];
  const width = axes.map(j => widths(points.map(point => point[j]), bandwidth, narrowest));
  const reach = axes.map(j => points.map((point, i) => {
    const below = cdf(-point[j] / width[j][i]), above = cdf((1 - point[j]) / width[j][i]);
    return { below, mass: above - below };
  }));
  const kernel = (i, u) => axes.reduce((log, j) => log - 0.5 * ((u[j] - points[i][j]) / width[j][i]) ** 2
    - Math.log(Math.sqrt(2 * Math.PI) * width[j][i] * reach[j][i].mass), 0);
  return {
    logDensity(u) {
      const terms = points.map((_, i) => kernel(i, u)).concat(0), largest = Math.max(...terms);
      return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0)) - Math.log(n + 1);
    },
    draw(rng) {
      const i = Math.floor(rng.random() * (n + 1));
      if (i >= n) return axes.map(() => rng.random());
      return axes.map(j => {
        const z = quantile(reach[j][i].below + rng.random() * reach[j][i].mass);
        return Math.min(1, Math.max(0, points[i][j] + width[j][i] * z));
      });
    },
  };
}

function widths(centers, bandwidth, narrowest) {  // as far as to the farther neighbor
  const n = centers.length;
  if (bandwidth) return centers.map(() => bandwidth);
  const order = centers.map((_, i) => i).sort((a, b) => centers[a] - centers[b] || a - b), found = [];
  order.forEach((i, place) => {
    const gaps = [order[place - 1], order[place + 1]].filter(other => other !== undefined).map(other => Math.abs(centers[i] - centers[other]));
    const widest = gaps.length ? Math.max(...gaps) : Math.max(centers[i], 1 - centers[i]);
    found[i] = Math.min(1, Math.max(widest, narrowest / Math.min(n + 2, 100)));
  });
  return found;
}

// TPE's two densities: l of the good trials, g of the others. `gamma` is a share of the trials, or "linear" (a tenth, at most 25).
export function densities(points, losses, { gamma = "linear", contrast = 2, ...kernels } = {}) {
  const n = losses.length, dimensions = points[0].length;
  const good = gamma === "linear" ? Math.min(Math.ceil(0.1 * n), 25) : Math.ceil(gamma * n);
  const ranked = losses.map((_, i) => i).sort((a, b) => losses[a] - losses[b] || a - b).map(i => points[i]);
  const l = parzen(ranked.slice(0, good), dimensions, { ...kernels, narrowest: 1 / contrast });
  const g = parzen(ranked.slice(good), dimensions, { ...kernels, narrowest: contrast });
  return { l, g, good, logRatio: u => l.logDensity(u) - g.logDensity(u) };
}

// ---- The ranking-weighted ensemble (surrogates/prior).

// Of each draw of the losses, how many ordered pairs stand in the wrong order; `others`: what each is compared with, instead of the draw itself.
export const rankingLosses = (drawn, y, others) => drawn.map(draw => y.reduce((sum, a, j) => sum + y.filter((b, k) => k !== j && (draw[j] < (others ?? draw)[k]) !== (a < b)).length, 0));

export function rankingWeights(losses) {  // a row of ranking losses for each model, this study's last: the share of draws in which it has the fewest
  const sorted = losses.map(row => [...row].sort((a, b) => a - b)), n = losses[0].length, at = (row, q) => { const i = q * (n - 1), low = Math.floor(i); return row[low] + (i - low) * ((row[low + 1] ?? row[low]) - row[low]); };
  const kept = losses.map((_, i) => at(sorted[i], 0.5) <= at(sorted.at(-1), 0.95)), weights = losses.map(() => 0);
  for (let d = 0; d < n; d++) {
    const fewest = Math.min(...losses.filter((_, i) => kept[i]).map(row => row[d])), first = losses.map((row, i) => kept[i] && row[d] === fewest), number = first.filter(Boolean).length;
    first.forEach((is, i) => { if (is) weights[i] += 1 / number / n; });
  }
  return weights;
}
