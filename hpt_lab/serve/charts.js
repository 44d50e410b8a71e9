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
  context.font = "12px system-ui, sans-serif";
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

// Return the least and the greatest number, with a margin, also if they are the same.
function range(numbers) {
  let low = Infinity, high = -Infinity;
  for (const number of numbers) low = Math.min(low, number), high = Math.max(high, number);
  const margin = 0.04 * (high - low) || Math.abs(low) / 2 || 1;
  return [low - margin, high + margin];
}

// Draw axes with ticks, and return the context, and functions from numbers to pixels.
function plane(canvas, [left, right], [low, high], xLabel, yLabel) {
  const { context, width, height } = cleared(canvas), wide = width - LEFT - RIGHT, tall = height - TOP - BOTTOM;
  const x = value => LEFT + wide * (value - left) / (right - left), y = value => TOP + tall * (high - value) / (high - low);
  context.strokeStyle = color("line");
  context.fillStyle = color("soft");
  context.textAlign = "right";
  for (const value of steps(low, high, 4)) {
    context.strokeRect(LEFT, y(value), wide, 0);
    context.fillText(brief(value), LEFT - 7, y(value) + 4);
  }
  context.textAlign = "center";
  for (const value of steps(left, right, Math.max(2, wide / 80))) context.fillText(brief(value), x(value), height - BOTTOM + 17);
  context.fillText(xLabel, LEFT + wide / 2, height - 5);
  context.textAlign = "left";
  context.fillText(yLabel, 2, 11);
  return { context, x, y };
}

function dots(context, points, shade, size) {
  context.fillStyle = shade;
  if (points.length > MANY) return points.forEach(([x, y]) => context.fillRect(x - size / 2, y - size / 2, size, size));
  for (const [x, y] of points) context.beginPath(), context.arc(x, y, size, 0, 7), context.fill();
}

// Return the best of many ranked trials, and some of the others, spread by rank.
export function thinned(trials) {
  const every = Math.ceil((trials.length - MANY) / (MANY / 2));
  return trials.filter((_, rank) => rank < MANY || rank % every === 0);
}

function outlined(context, ...text) {
  [context.strokeStyle, context.lineWidth, context.fillStyle] = [color("paper"), 3, color("ink")];
  context.strokeText(...text);
  context.fillText(...text);
}

// Draw the values of a study and its best so far, by trial or in time. Of an `other` study, draw its best so far.
export function path(canvas, study, other, inTime, say) {
  const both = other ? [other, study] : [study], lasted = Math.max(...both.map(each => each.lasted));
  const [name, unit] = UNITS.find(([, seconds]) => lasted >= 2 * seconds) ?? UNITS[3];
  const at = trial => inTime ? trial.end / unit : trial.number, end = each => inTime ? each.lasted / unit : each.rows.length - 1;
  const last = Math.max(...both.map(end)) || 1, label = say(inTime ? `${name} since the first trial was asked for` : "trial");
  const { context, x, y } = plane(canvas, [0, last], range(both.flatMap(each => each.complete.map(trial => trial.value))), label, say("value"));
  canvas.dots = study.complete.map(trial => [x(at(trial)), y(trial.value), trial]);  // for those who point at one
  context.globalAlpha = canvas.dots.length > MANY ? 0.35 : 0.7;
  dots(context, canvas.dots, color("grey"), 3);
  context.globalAlpha = 1;
  let taken = Infinity;  // by a label
  for (const each of both) {
    const ended = inTime ? [...each.complete].sort((a, b) => a.end - b.end) : each.complete, bests = [];
    for (const trial of ended) if (!bests.length || each.better(trial, bests.at(-1)) < 0) bests.push(trial);
    context.strokeStyle = color(each === study ? "gold" : "sky");
    context.lineWidth = 2.5;
    context.beginPath();
    bests.forEach((trial, i) => {
      context.lineTo(x(at(trial)), y(bests[Math.max(0, i - 1)].value));
      context.lineTo(x(at(trial)), y(trial.value));
    });
    const height = y(bests.at(-1).value);
    context.lineTo(x(end(each)), height);
    context.stroke();
    dots(context, bests.map(trial => [x(at(trial)), y(trial.value)]), context.strokeStyle, 4.5);
    if (!other) continue;
    taken = Math.abs(height - 8 - taken) < 14 ? taken - 15 : height - 8;
    context.textAlign = "right";
    outlined(context, each.name, Math.max(x(end(each)), LEFT + 120), taken);
  }
  const failed = study.rows.filter(trial => trial.state === "f"), b = TOP - 4;
  context.textAlign = "right";
  if (failed.length) outlined(context, say("× failed"), x(last), 11);
  [context.strokeStyle, context.lineWidth] = [color("ink"), 1.4];
  context.beginPath();
  for (const trial of failed) {
    const a = x(at(trial));
    context.moveTo(a - 3, b - 3), context.lineTo(a + 3, b + 3), context.moveTo(a - 3, b + 3), context.lineTo(a + 3, b - 3);
  }
  context.stroke();
}

// Draw learning curves: the better a trial, the stronger.
export function curves(canvas, study, say) {
  const kept = study.ranked.filter(trial => trial.curve).slice(0, 200).reverse(), points = kept.flatMap(trial => trial.curve);
  const { context, x, y } = plane(canvas, range(points.map(([spent]) => spent)), range(points.map(([, value]) => value)), say("budget spent"), say("value"));
  canvas.dots = [];
  kept.forEach((trial, i) => {
    const best = trial === study.ranked[0];
    context.strokeStyle = color(best ? "gold" : "ink");
    context.lineWidth = best ? 3 : 1;
    context.globalAlpha = best ? 1 : 0.12 + 0.6 * ((i + 1) / kept.length) ** 2;
    context.beginPath();
    for (const [spent, value] of trial.curve) context.lineTo(x(spent), y(value));
    context.stroke();
    canvas.dots.push([x(trial.curve.at(-1)[0]), y(trial.curve.at(-1)[1]), trial]);
  });
}

// Draw parallel coordinates: the chosen trials strong, the others pale, the best in front. Return functions to and from places.
export function parallel(canvas, study, limits, chosen, say) {
  const last = study.axes.length, picked = new Set(chosen), strong = thinned(chosen).reverse(), ink = color("ink");
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
  line(chosen.slice(0, 1), color("gold"), 1);
  [...study.axes.map(axis => axis.name), say("value")].forEach((name, column) => {
    [context.strokeStyle, context.lineWidth, context.fillStyle] = [color("soft"), 1, color("vermilion")];
    context.strokeRect(at(column), top, 0, tall);
    if (limits[column]) context.fillRect(at(column) - 3, y(limits[column][1]) - 3, 6, y(limits[column][0]) - y(limits[column][1]) + 6);
    outlined(context, name, column ? at(column) - Math.min(40, context.measureText(name).width / 2) : 2, 14, GAP - 12);
    let free = Infinity;
    for (const [place, text] of study.ticksOf(column)) {
      if (y(place) > free - 13) continue;  // it would touch the one below
      outlined(context, text, at(column) + 6, y(place) + 4, GAP - 12);
      free = y(place);
    }
  });
  return { at, place: pixel => Math.min(10000, Math.max(0, 10000 * (1 - (pixel - top) / tall))) };
}
