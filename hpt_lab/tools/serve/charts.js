// Figures on canvases, in the colors of the page, sharp on every screen. Positions on an axis are from 0 to 10 000.

const LEFT = 56, RIGHT = 14, TOP = 22, BOTTOM = 40;  // of a figure, in pixels
const GAP = 104;  // the least distance of two parallel axes
const MANY = 1000;  // trials: more are drawn in a faster way
const UNITS = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]];

const color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const brief = value => String(Number(value.toPrecision(3)));

// Return the context of a canvas, cleared, and its width and height in pixels of the page.
function cleared(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas, context = canvas.getContext("2d"), sharp = devicePixelRatio;
  [canvas.width, canvas.height] = [Math.round(width * sharp), Math.round(height * sharp)];
  context.scale(sharp, sharp);
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  context.lineJoin = "round";
  return { context, width, height };
}

// Return round numbers from low to high, about `most` of them.
function steps(low, high, most) {
  const rough = (high - low) / most, unit = 10 ** Math.floor(Math.log10(rough)), numbers = [];
  const step = unit * [1, 2, 5, 10].find(k => k * unit >= rough * 0.999);
  for (let k = Math.ceil(low / step); k * step <= high; k++) numbers.push(k * step);
  return numbers;
}

// Return the least and the greatest number.
export function extent(numbers) {
  let low = Infinity, high = -Infinity;
  for (const number of numbers) low = Math.min(low, number), high = Math.max(high, number);
  return [low, high];
}

// Return the least and the greatest number, with a margin, also if they are the same.
function range(numbers) {
  const [low, high] = extent(numbers);
  const margin = 0.04 * (high - low) || Math.abs(low) / 2 || 1;
  return [low - margin, high + margin];
}

// Draw axes with ticks, and return the context, and functions from numbers to pixels.
function plane(canvas, [left, right], [low, high], xLabel, yLabel, { most = Infinity, xTicks, yTicks } = {}) {
  const { context, width, height } = cleared(canvas), wide = width - LEFT - RIGHT, tall = height - TOP - BOTTOM;
  const x = value => LEFT + wide * (value - left) / (right - left), y = value => TOP + tall * (high - value) / (high - low);
  context.strokeStyle = color("line");
  context.fillStyle = color("soft");
  context.textAlign = "right";
  const numbered = values => values.map(value => [value, brief(value)]);
  let free = Infinity;  // for the next label
  for (const [value, text] of yTicks ?? numbered(steps(low, high, 4))) {
    context.strokeRect(LEFT, y(value), wide, 0);
    if (y(value) < free) context.fillText(text, LEFT - 7, y(value) + 4, LEFT - 8), free = y(value) - 13;
  }
  context.textAlign = "center";
  free = -Infinity;
  for (const [value, text] of xTicks ?? numbered(steps(left, right, Math.min(most, Math.max(2, wide / 80))))) {
    const half = Math.min(90, context.measureText(text).width) / 2 + 3;
    if (x(value) - half < free) continue;
    context.fillText(text, Math.min(x(value), width - half), height - BOTTOM + 17, 90);
    free = x(value) + half;
  }
  context.fillText(xLabel, LEFT + wide / 2, height - 5);
  context.textAlign = "left";
  context.fillText(yLabel, 2, 11);
  return { context, x, y, wide, tall };
}

function dots(context, points, shade, size) {
  context.fillStyle = shade;
  if (points.length > MANY) return points.forEach(([x, y]) => context.fillRect(x - size / 2, y - size / 2, size, size));
  for (const [x, y] of points) context.beginPath(), context.arc(x, y, size, 0, 7), context.fill();
}

// Draw all trials: hollow if they are not feasible, purple if they were given up. `points`: x, y and the trial of each.
function scatter(context, points) {
  context.globalAlpha = points.length > MANY ? 0.35 : 0.7;
  for (const [shade, givenUp] of [["grey", false], ["purple", true]]) {
    const some = points.filter(([, , trial]) => (trial.expected != null) === givenUp);
    dots(context, some.filter(([, , trial]) => !trial.violation), color(shade), 3);
    [context.strokeStyle, context.lineWidth] = [color(shade), 1];
    for (const [x, y] of some.filter(([, , trial]) => trial.violation)) context.beginPath(), context.arc(x, y, 3, 0, 7), context.stroke();
  }
  context.globalAlpha = 1;
}

// Draw a line of steps through points, and dots at them.
function stairs(context, points, end, shade) {
  [context.strokeStyle, context.lineWidth] = [shade, 2.5];
  context.beginPath();
  points.forEach(([x, y], i) => { context.lineTo(x, points[Math.max(0, i - 1)][1]), context.lineTo(x, y); });
  if (end) context.lineTo(...end);
  context.stroke();
}

// Return the best of many ranked trials, and some of the others, spread by rank.
export function thinned(trials) {
  const every = Math.ceil((trials.length - MANY) / (MANY / 2));
  return trials.filter((_, rank) => rank < MANY || rank % every === 0);
}

function outlined(context, text, x, y, shade = "ink", most = undefined) {
  [context.strokeStyle, context.lineWidth, context.fillStyle] = [color("paper"), 3, color(shade)];
  context.strokeText(text, x, y, most);
  context.fillText(text, x, y, most);
}

// Draw the values of a study and its best so far, by trial or in time. Of an `other` study, draw its best so far.
export function path(canvas, study, other, inTime, say) {
  const both = other ? [other, study] : [study], lasted = Math.max(...both.map(each => each.lasted));
  const [name, unit] = UNITS.find(([, seconds]) => lasted >= 2 * seconds) ?? UNITS[3];
  const at = trial => inTime ? trial.end / unit : trial.number, end = each => inTime ? each.lasted / unit : each.rows.length - 1;
  const last = Math.max(...both.map(end)) || 1, label = say(inTime ? `${name} since the first trial was asked for` : "trial");
  const { context, x, y } = plane(canvas, [0, last], range(both.flatMap(each => each.complete.map(trial => trial.values[0]))), label, say("value"), { most: inTime ? Infinity : last });
  const place = trial => [x(at(trial)), y(trial.values[0]), trial];
  canvas.dots = study.complete.map(place);  // for those who point at one
  scatter(context, canvas.dots);
  let taken = Infinity;  // by a label
  for (const each of both) {
    const ended = inTime ? [...each.complete].sort((a, b) => a.end - b.end) : each.complete, bests = [];
    for (const trial of ended) if (!trial.violation && (!bests.length || each.better(trial, bests.at(-1)) < 0)) bests.push(trial);
    if (!bests.length) continue;
    const points = bests.map(place), height = points.at(-1)[1], shade = color(each === study ? "gold" : "sky");
    stairs(context, points, [x(end(each)), height], shade);
    dots(context, points, shade, 4.5);
    if (!other) continue;
    taken = Math.abs(height - 8 - taken) < 14 ? taken - 15 : height - 8;
    context.textAlign = "right";
    outlined(context, each.name, Math.max(x(end(each)), LEFT + 120), taken);
  }
  const failed = study.rows.filter(trial => trial.state === "f"), b = TOP - 4;
  context.textAlign = "right";
  let right = x(last);
  for (const [there, text, shade] of [
    [failed.length, "× failed", "ink"], [study.complete.some(trial => trial.expected != null), "• given up", "purple"],
    [study.complete.some(trial => trial.violation), "○ not feasible", "grey"],
  ]) {
    if (there) outlined(context, say(text), right, 11, shade), right -= context.measureText(say(text)).width + 10;
  }
  [context.strokeStyle, context.lineWidth] = [color("ink"), 1.4];
  context.beginPath();
  for (const trial of failed) {
    const a = x(at(trial));
    context.moveTo(a - 3, b - 3), context.lineTo(a + 3, b + 3), context.moveTo(a - 3, b + 3), context.lineTo(a + 3, b - 3);
  }
  context.stroke();
}

export const pairs = objectives => objectives.flatMap((_, i) => objectives.slice(i + 1).map((_, j) => [i, i + 1 + j]));

// Draw two objectives of a study against each other, and its front. Of an `other` study, draw its front.
export function front(canvas, study, other, pair, say) {
  const both = other ? [other, study] : [study], ranges = pair.map(k => range(both.flatMap(each => each.complete.map(trial => trial.values[k]))));
  const labels = pair.map(k => say(`{name} (${study.signs[k] < 0 ? "higher" : "lower"} is better)`, { name: study.objectives[k][0] }));
  const { context, x, y } = plane(canvas, ...ranges, ...labels), place = trial => [x(trial.values[pair[0]]), y(trial.values[pair[1]]), trial];
  canvas.dots = study.complete.map(place);
  scatter(context, canvas.dots);
  for (const each of both) {
    const points = each.complete.filter(trial => trial.onFront).map(place).sort(([a], [b]) => study.signs[pair[0]] * (a - b));
    if (!points.length) continue;
    const shade = color(each === study ? "gold" : "sky"), [a, b] = points[each === study ? 0 : points.length - 1];
    if (study.objectives.length === 2) stairs(context, points, null, shade);
    dots(context, points, shade, 4.5);
    context.textAlign = a < canvas.clientWidth / 2 ? "left" : "right";
    if (other) outlined(context, each.name, a + (context.textAlign === "left" ? 8 : -8), each === study ? b - 8 : Math.min(b + 16, canvas.clientHeight - BOTTOM - 4));
  }
}

// Return the worst value of each objective in two studies and, if asked for, the volume that each front dominates there.
export function hypervolumes(study, other, measured) {
  const both = [study, other], all = both.flatMap(each => each.complete), { signs } = study;
  const point = signs.map((sign, k) => extent(all.map(trial => trial.values[k]))[sign > 0 ? 1 : 0]);
  const sides = each => each.complete.filter(trial => trial.onFront).map(trial => signs.map((sign, k) => sign * (point[k] - trial.values[k])));
  return [point, ...measured ? both.map(each => volume(sides(each))) : []];
}

// Return the volume of the union of boxes from a common corner, by slices along their last side.
function volume(boxes) {
  let sum = 0, flat = 0;
  boxes = [...boxes].sort((a, b) => b.at(-1) - a.at(-1));
  boxes.forEach((box, i) => {
    const depth = box.at(-1) - (boxes[i + 1]?.at(-1) ?? 0);
    flat = box.length === 2 ? Math.max(flat, box[0]) : depth && volume(boxes.slice(0, i + 1).map(each => each.slice(0, -1)));
    sum += depth * flat;
  });
  return sum;
}

// Draw learning curves of trials: the earlier in the list, the stronger, and one in gold.
export function curves(canvas, trials, gold, say) {
  const kept = trials.filter(trial => trial.curve).slice(0, 200).reverse(), points = kept.flatMap(trial => trial.curve);
  const { context, x, y } = plane(canvas, range(points.map(([spent]) => spent)), range(points.map(([, value]) => value)), say("budget spent"), say("value"));
  canvas.dots = [];
  kept.forEach((trial, i) => {
    const best = trial === gold;
    context.strokeStyle = color(best ? "gold" : trial.expected == null ? "ink" : "purple");
    context.lineWidth = best ? 3 : 1;
    context.globalAlpha = best ? 1 : trial.expected == null ? 0.12 + 0.6 * ((i + 1) / kept.length) ** 2 : 0.5;
    context.beginPath();
    for (const [spent, value] of trial.curve) context.lineTo(x(spent), y(value));
    context.stroke();
    canvas.dots.push([x(trial.curve.at(-1)[0]), y(trial.curve.at(-1)[1]), trial]);
  });
}

const PLACES = [0, 1e4], MARGIN = 300;  // of an axis of places

// Draw an objective against a hyperparameter, the best trial or the front in gold.
export function slice(canvas, study, column, k, say) {
  const { name, ticks } = study.axes[column], trials = thinned(study.ranked).filter(trial => trial.places[column] != null).reverse();
  const label = study.objectives[k][0] || say("value"), places = [PLACES[0] - MARGIN, PLACES[1] + MARGIN];
  const { context, x, y } = plane(canvas, places, range(trials.map(trial => trial.values[k])), name, study.several ? label : say("value"), { xTicks: ticks });
  canvas.dots = trials.map(trial => [x(trial.places[column]), y(trial.values[k]), trial]);
  scatter(context, canvas.dots);
  dots(context, canvas.dots.filter(([, , trial]) => study.several && trial.onFront), color("gold"), 4.5);
  star(context, study, canvas.dots);
}

// Draw a star at the best trial.
function star(context, study, points) {
  [context.font, context.textAlign, context.textBaseline] = ["22px system-ui, sans-serif", "center", "middle"];
  for (const [x, y, trial] of points) if (!study.several && trial === study.ranked[0] && !trial.violation) outlined(context, "★", x, y, "gold");
  [context.font, context.textBaseline] = ["12px system-ui, sans-serif", "alphabetic"];
}

const SHADES = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], BANDS = 12;  // viridis

// Return red, green and blue of a number from 0 to 1, the same within a band.
function shadeOf(part) {
  const at = Math.min(BANDS - 1, Math.floor(BANDS * part)) / (BANDS - 1) * (SHADES.length - 1), i = Math.min(SHADES.length - 2, Math.floor(at));
  return SHADES[i].map((from, k) => Math.round(from + (at - i) * (SHADES[i + 1][k] - from)));
}

// Draw the values that a model expects over two hyperparameters, with contours, and the trials.
export function map(canvas, study, { at, places, grid }) {
  const [a, b] = at.map(column => study.axes[column]);
  const { context, x, y, wide, tall } = plane(canvas, PLACES, PLACES, a.name, b.name, { xTicks: a.ticks, yTicks: b.ticks });
  const [low, high] = extent(grid.flat()), bend = low > 0 && high > 4 * low ? Math.log : value => value / 2;  // the largest difference is a number
  const part = value => high > low ? (bend(value) - bend(low)) / (bend(high) - bend(low)) : 0.5;
  const [columns, rows] = [[a, Math.round(wide), places[0]], [b, Math.round(tall), places[1]]].map(([axis, n, known]) => {
    return Array.from({ length: n }, (_, pixel) => {  // the places before and after a pixel, and how near the second is
      const place = 1e4 * (pixel + 0.5) / n, after = Math.max(1, known.findIndex(one => one > place)), i = known.at(-1) <= place ? known.length - 1 : after;
      const share = Math.min(1, Math.max(0, (place - known[i - 1]) / (known[i] - known[i - 1])));
      return [i - 1, i, axis.has_order ? share : Math.round(share)];
    });
  });
  const picture = document.createElement("canvas"), image = new ImageData(columns.length, rows.length);
  rows.reverse().forEach(([below, above, up], row) => columns.forEach(([left, right, on], column) => {
    const between = i => (1 - up) * grid[i][below] + up * grid[i][above];
    image.data.set([...shadeOf(part((1 - on) * between(left) + on * between(right))), 255], 4 * (row * columns.length + column));
  }));
  [picture.width, picture.height] = [columns.length, rows.length];
  picture.getContext("2d").putImageData(image, 0, 0);
  context.drawImage(picture, LEFT, TOP, wide, tall);
  const trials = thinned(study.ranked).filter(trial => at.every(column => trial.places[column] != null)).reverse();
  canvas.dots = trials.map(trial => [x(trial.places[at[0]]), y(trial.places[at[1]]), trial]);
  dots(context, canvas.dots, "#000000", 3.6);
  dots(context, canvas.dots, "#ffffff", 2.6);
  star(context, study, canvas.dots);
  context.textAlign = "right";
  const right = LEFT + wide, text = brief(high);
  outlined(context, text, right, 11, "soft");
  const end = right - context.measureText(text).width - 6;
  for (let band = 0; band < BANDS; band++) {
    context.fillStyle = `rgb(${shadeOf((band + 0.5) / BANDS)})`;
    context.fillRect(end - 84 + 7 * band, 2, 7, 10);
  }
  outlined(context, brief(low), end - 90, 11, "soft");
}

// Draw parallel coordinates: the chosen trials strong, the others pale, the best or the front before them. Return functions to and from places.
export function parallel(canvas, study, limits, chosen) {
  const last = study.columns.length - 1, picked = new Set(chosen), strong = thinned(chosen).reverse(), ink = color("ink");
  canvas.style.width = `${Math.max(canvas.parentElement.clientWidth, GAP * last + 150)}px`;
  const { context, width, height } = cleared(canvas), top = 34, tall = height - top - 14;
  const at = column => 24 + column * (width - 100) / last, y = place => top + tall * (1 - place / 10000);
  const line = (trials, shade, alpha) => {
    [context.strokeStyle, context.globalAlpha] = [shade, alpha];
    context.beginPath();
    for (const trial of trials) {
      let broken = true;  // where a hyperparameter is inactive
      for (let column = 0; column <= last; column++) {
        const place = study.placeOf(trial, column);
        if (place != null) context[broken ? "moveTo" : "lineTo"](at(column), y(place));
        broken = place == null;
      }
    }
    context.stroke();
  };
  line(thinned(study.ranked.filter(trial => !picked.has(trial))), color("grey"), 0.12);
  const paler = Math.min(1, 8 / Math.sqrt(strong.length));  // where many lines overlap
  strong.forEach((trial, i) => line([trial], ink, paler * (0.1 + 0.6 * ((i + 1) / strong.length) ** 2)));
  context.lineWidth = 3;
  if (study.several) context.lineWidth = 1.6;
  line(chosen.filter((trial, rank) => study.several ? trial.onFront : !rank && !trial.violation), color("gold"), 1);
  study.columns.forEach((name, column) => {
    [context.strokeStyle, context.lineWidth, context.fillStyle] = [color("soft"), 1, color("vermilion")];
    context.strokeRect(at(column), top, 0, tall);
    if (limits[column]) context.fillRect(at(column) - 3, y(limits[column][1]) - 3, 6, y(limits[column][0]) - y(limits[column][1]) + 6);
    outlined(context, name, column ? at(column) - Math.min(40, context.measureText(name).width / 2) : 2, 14, "ink", GAP - 12);
    let free = Infinity;
    for (const [place, text] of study.ticksOf(column)) {
      if (y(place) > free - 13) continue;  // it would touch the one below
      outlined(context, text, at(column) + 6, y(place) + 4, "ink", GAP - 12);
      free = y(place);
    }
  });
  return { at, place: pixel => Math.min(10000, Math.max(0, 10000 * (1 - (pixel - top) / tall))) };
}
