// One trial in detail, for the report and for the live page: its rank, its error, all of its row, its curve, its params.

export const make = (tag, text = "", more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });
const LEFT = 58, RIGHT = 348, TOP = 12, BOTTOM = 140;  // of a curve, in pixels at 360 of width

// Return the figure of a learning curve, over that of the best trial; both have pairs of units of budget and values.
function drawn(curve, best, caption) {
  const figure = make("figure"), brief = value => String(Number(value.toPrecision(4)));
  const [[first, last], [low, high]] = [0, 1].map(place => [...best, ...curve].map(point => point[place]).sort((a, b) => a - b)).map(all => [all[0], all.at(-1)]);
  const x = spent => LEFT + (RIGHT - LEFT) * (spent - first) / (last - first || 1), y = value => BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low || 1);
  const line = (kind, points) => `<path class="${kind}" d="M${points.map(([spent, value]) => `${x(spent)} ${y(value)}`).join("L")}"/>`;
  const text = (x, y, anchor, number) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${brief(number)}</text>`;
  const level = value => line("grid", [[first, value], [last, value]]) + text(LEFT - 6, y(value) + 4, "end", value);
  const parts = [level(low), level(high), text(LEFT, 158, "start", first), text(RIGHT, 158, "end", last), best.length ? line("best", best) : "", line("own", curve)];
  const picture = `<svg viewBox="0 0 360 165" aria-hidden="true">${parts.join("")}</svg>`;  // nothing but numbers
  figure.append(new DOMParser().parseFromString(picture, "text/html").body.firstChild, make("figcaption", caption));
  return figure;
}

// Return the parts of a trial in detail. `rows` has the name and the text of each cell; `best` is the curve of the best trial.
export function detail({ lines, error, rows, curve = [], best = [], caption, code }) {
  const list = make("dl");
  for (const [name, text] of rows) list.append(make("div")), list.lastChild.append(make("dt", name), make("dd", text));
  return [make("p", lines.join(" ")), make("p", error, { className: "error" }), list, curve.length ? drawn(curve, best, caption) : "", make("pre", code)];
}
