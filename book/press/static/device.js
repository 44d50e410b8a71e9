// What all devices share: a box on the page that reacts. A device itself is a module of the folder devices/:
//
//   export const start = { level: 3, shown: false };      its state, with the values it begins with
//   export function build(device) { ... return draw; }    makes the controls once; draw() shows device.state, again and again
//
// The build (book/press/pages/devices.py) marks each box: <div data-device="choose" data-settings="level=4">, with a place in it, .device-stage.
// The state is in the address, as #choose:level=4&shown=1, several devices side by side behind a semicolon.

const boxes = new Map();  // by id: what mends a device to an address

function addressed() {  // what the address says, by id
  let text = "";
  try { text = decodeURIComponent(location.hash.slice(1)); } catch { /* a broken link says nothing */ }
  return new Map(text.split(";").filter(part => part.includes(":")).map(part => [part.slice(0, part.indexOf(":")), part.slice(part.indexOf(":") + 1)]));
}

// A browser lets a page write some hundred addresses in half a minute, and then refuses or forgets them: after sixty in a row
// what is new waits for the next free place.
const unwritten = new Map(), MOST = 60, PAUSE = 800;  // milliseconds
let free = MOST, since = 0, waiting;

function write() {
  const now = performance.now();
  [free, since] = [Math.min(MOST, free + (now - since) / PAUSE), now];
  clearTimeout(waiting);
  if (free < 1) return void (waiting = setTimeout(write, PAUSE));
  free -= 1;
  const parts = [...new Map([...addressed(), ...unwritten])];
  unwritten.clear();
  history.replaceState(history.state, "", "#" + parts.map(([id, text]) => `${id}:${text}`).join(";"));
}

export function mountAll(load) {
  const near = new IntersectionObserver(seen => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) { near.unobserve(target); mount(target, load); }
  }, { rootMargin: "600px" });
  for (const box of document.querySelectorAll("[data-device]")) near.observe(box);
  const follow = () => {
    for (const [id, text] of addressed()) {
      document.getElementById(id)?.scrollIntoView({ block: "nearest" });
      boxes.get(id)?.(text);
    }
  };
  addEventListener("hashchange", () => { clearTimeout(waiting); unwritten.clear(); follow(); });
  follow();
}

async function mount(box, load) {
  const { start, build } = await load(box.dataset.device);
  const stage = box.querySelector(".device-stage"), state = { ...start };
  const status = element("p", { class: "device-say", role: "status" });  // the device's only live region
  const title = box.querySelector(".admonition-title") ?? box.closest("section")?.querySelector("h2");
  for (const [name, value] of [["role", "group"], ["aria-label", title?.textContent.trim() ?? box.id]]) stage.setAttribute(name, value);
  let draw = () => {}, width = 0;
  const device = {
    state, stage, status,  // `status` is where say() speaks; it stands at the end, unless build() has put it elsewhere
    reducedMotion: matchMedia("(prefers-reduced-motion: reduce)").matches,
    draw: () => { if (width) draw(); },  // what is in the state, without a word to the address
    say(text) { if (status.textContent !== text) status.textContent = text; },
    set(changes) {
      Object.assign(state, changes);
      unwritten.set(box.id, written(state, settled));
      write();
      device.draw();
    },
    width: () => width,
  };
  read(box.dataset.settings ?? "", state, start);
  const settled = device.settled = { ...state };  // as the lesson has it: what the address need not say
  read(addressed().get(box.id) ?? "", state, start);
  draw = build(device);
  stage.querySelector(".device-without")?.remove();
  if (!stage.contains(status)) stage.append(status);
  const fit = found => {
    const whole = Math.floor(found);  // a part of a pixel too much, and two halves would not stand side by side
    if (!(whole > 0) || whole === width) return;  // on paper the stage has no width
    width = whole;
    draw();
  };
  const { paddingLeft, paddingRight } = getComputedStyle(stage);
  fit(stage.getBoundingClientRect().width - parseFloat(paddingLeft) - parseFloat(paddingRight));  // at once: nobody sees it empty
  new ResizeObserver(([{ contentRect }]) => fit(contentRect.width)).observe(stage);
  boxes.set(box.id, text => { Object.assign(state, settled); read(text, state, start); device.draw(); });
  box.classList.add("device-lives");
}

// ---- The state as text, and back. A name that the device does not know, or a value that is no number, is left out.

export const written = (state, settled) => Object.keys(settled).filter(key => state[key] !== settled[key])
  .map(key => `${key}=${typeof state[key] === "boolean" ? Number(state[key]) : state[key]}`).join("&");

export function read(text, state, start) {
  for (const [key, value] of text.split("&").map(pair => pair.split("="))) {
    if (!Object.hasOwn(start, key) || value === undefined) continue;
    if (typeof start[key] === "string") state[key] = value;
    else if (typeof start[key] === "boolean") state[key] = value === "1";
    else if (value !== "" && Number.isFinite(Number(value))) state[key] = Number(value);
  }
}

// ---- Elements and controls.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function row(device, ...children) {  // controls stand in rows, in the order in which they are made
  const place = device.place ?? device.stage;
  let last = place.lastElementChild;
  if (!last?.matches(".device-row")) place.append(last = element("div", { class: "device-part device-row" }));
  last.append(...children);
}

export function within(device, place, make) {  // what make() makes stands in `place`, an element of the stage
  device.place = place;
  make();
  device.place = undefined;
  return place;
}

export function folded(device, make) {  // the controls that make() makes, for those who want more
  const row = element("div", { class: "device-row" });
  const fold = element("details", { class: "device-part device-more" }, element("summary", {}, _("More settings")), row);
  device.stage.append(fold);
  within(device, fold, make);
  return row;
}

export function button(device, text, act, kind = "") {  // `kind` "device-main": the one that is pressed first
  const made = element("button", { type: "button", class: kind }, text);
  made.addEventListener("click", act);
  row(device, made);
  return made;
}

// Play and Stop: step() makes one step and returns whether another one follows; rewind(), before the first, starts again after the last.
// Where motion is reduced, all steps are made at once. `pace()`: milliseconds from one step to the next.
export function player(device, { step, rewind = () => {}, pace = () => 250, kind = "device-main" }) {
  let timer;
  const made = button(device, _("Play"), () => (timer ? stop() : run()), kind);
  function run() {
    rewind();
    if (device.reducedMotion) { while (step()); return device.set({}); }
    made.textContent = _("Stop");
    device.status.setAttribute("aria-live", "off");  // nobody can listen to four moments a second
    timer = setInterval(() => { if (step()) device.draw(); else stop(); }, pace());
    device.draw();
  }
  function stop() {
    clearInterval(timer);
    timer = undefined;
    made.textContent = _("Play");
    device.status.setAttribute("aria-live", "polite");
    device.set({});
  }
  return { button: made, stop: () => { if (timer) stop(); } };
}

// "Start again", which sets `changes()`; until something else is done, it is "Undo".
export function restart(device, changes) {
  let before, after;
  const is = () => JSON.stringify(device.state), made = button(device, _("Start again"), () => {
    if (is() === after) return device.set(before);
    const now = { ...device.state };
    Object.assign(device.state, changes());
    [before, after] = [now, is()];
    device.set({});
  });
  return () => { made.textContent = is() === after ? _("Undo") : _("Start again"); };
}

export function check(device, text, key) {  // a tick: the state's `key` is true or false
  const box = element("input", { type: "checkbox" });
  box.addEventListener("change", () => device.set({ [key]: box.checked }));
  row(device, element("label", {}, box, text));
  return () => { box.checked = device.state[key]; };
}

export function choice(device, text, key, options, also = {}) {  // one of several values: { value: words }; a change sets `also` too
  const menu = element("select", {}, ...Object.entries(options).map(([value, words]) => element("option", { value }, words)));
  menu.addEventListener("change", () => device.set({ ...also, [key]: typeof device.state[key] === "number" ? Number(menu.value) : menu.value }));
  row(device, element("label", {}, text, menu));
  return () => { menu.value = device.state[key]; };
}

// A number between `min` and `max`, or one of `values`, smallest first; arrow keys move it: the browser's own.
export function slider(device, text, key, { min = 0, max, step = 1, values, show = String }) {
  const bar = element("input", { type: "range", min, max: values ? values.length - 1 : max, step });
  const shown = element("span", { class: "device-value", "aria-hidden": "true" });
  bar.addEventListener("input", () => device.set({ [key]: values ? values[bar.value] : Number(bar.value) }));
  row(device, element("label", {}, text, bar, shown));
  return () => {
    bar.value = values ? values.indexOf(device.state[key]) : device.state[key];
    shown.textContent = show(device.state[key]);
    bar.setAttribute("aria-valuetext", shown.textContent);
  };
}

export function table(device, caption) {  // a function that shows rows, the first of them the heads
  const made = element("table", { class: "device-table" }), frame = element("div", { class: "device-part" }, made);
  device.stage.append(frame);
  return rows => {
    frame.hidden = !rows.length;
    made.replaceChildren(element("caption", {}, caption), ...rows.map((cells, i) => element("tr", {}, ...cells.map((cell, j) =>
      element(i && j ? "td" : "th", i && j ? {} : { scope: i ? "row" : "col" }, cell)))));
  };
}

// ---- Scales: from values to the unit interval and back, with round ticks.

export function scale(low, high, log = false) {
  const [a, b] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  return {
    low, high, log,
    unit: value => ((log ? Math.log10(value) : value) - a) / (b - a),
    value: u => (log ? 10 ** (a + u * (b - a)) : a + u * (b - a)),
    ticks(most) {  // round values, at most so many steps from one to the next
      const steps = log ? [1, 2, 3, 5, 10] : [1, 2, 2.5, 5, 10], size = log ? 1 : 10 ** Math.floor(Math.log10((b - a) / most));
      const step = size * steps.find(factor => Math.floor((b - a) / (size * factor)) <= most);
      const first = Math.ceil(a / step - 1e-9), n = Math.floor(b / step + 1e-9) - first + 1;
      return [...Array(n).keys()].map(i => (log ? 10 ** ((first + i) * step) : Number(((first + i) * step).toPrecision(12))));
    },
  };
}

export const short = value => (value === 0 ? "0" : Math.abs(value) >= 1e5 || Math.abs(value) < 0.99e-4
  ? Number(value.toPrecision(2)).toExponential().replace("e+", "e") : String(Number(value.toPrecision(3))));

export const range = n => [...Array(n).keys()];
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const signed = value => short(value).replace("-", "−");
export const closest = (values, value) => values.reduce((best, other) => (Math.abs(other - value) < Math.abs(best - value) ? other : best));

// ---- A plot: an SVG with axes. The user points at it with a mouse, a finger, or the arrow keys.
//
// Each drawing begins with axes(...). An element that the last drawing had too is kept, and device.css has it ease to its new place,
// in browsers that know how; its attributes are those of the new drawing at once. Elements are told apart by their kind (the class)
// and their order, and, where given, by a `key`. A line or a band eases only if its number of points stays the same.

const SVG = "http://www.w3.org/2000/svg";
let plots = 0;

function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export const pair = (device, ...plots) => device.stage.append(element("div", { class: "device-part device-pair" }, ...plots.map(one => one.root)));

export const half = width => (width >= 560 ? Math.floor(width / 2) : width);  // two plots side by side, on a phone one below the other

// `label` says what one sees and does; `height` is a number of pixels, or a function of the width. Handlers, all of them optional:
// onPoint(x, y) follows the mouse, onAct(x, y) a click, a tap, or Enter, onKey(dx, dy) the arrow keys (Shift: ten steps at once).
// With onDrag(x, y, begins) the pointer is held instead: it is called from the press on, until the release. `touch` says what a finger
// on the plot leaves to the page ("pan-y": to scroll), but for the grips. `span`: the plot's width, of the stage's.
export function plot(device, { label, height, onPoint, onAct, onDrag, onKey, touch = onDrag ? "none" : "manipulation", span = width => width }) {
  const acts = Boolean(onAct || onDrag || onKey), id = `device-plot-${plots++}`;
  const root = svg("svg", { class: "device-plot device-part", role: acts ? "application" : "img", "aria-label": label, id });
  if (acts) root.setAttribute("tabindex", "0");
  if (onAct || onDrag) root.style.touchAction = touch;
  (device.place ?? device.stage).append(root);
  const edge = svg("polygon", {}), clip = svg("clipPath", { id: `${id}-frame` });
  clip.append(edge);
  root.append(clip);
  let x, y, box, wide, old = [], now = [], next = 0;  // elements of the last drawing, and of this one; where it is in the last one
  const at = event => {
    const here = new DOMPoint(event.clientX, event.clientY).matrixTransform(root.getScreenCTM().inverse());  // on a slide it is enlarged
    const clip = u => Math.min(1, Math.max(0, u)), [u, v] = [(here.x - box.left) / box.width, 1 - (here.y - box.top) / box.height];
    return [x.value(clip(u)), y.value(clip(v))];
  };
  if (onPoint) root.addEventListener("pointermove", event => event.pointerType === "mouse" && onPoint(...at(event)));
  if (onAct) root.addEventListener("click", event => onAct(...at(event)));
  if (onDrag) {
    root.addEventListener("pointerdown", event => { root.setPointerCapture(event.pointerId); onDrag(...at(event), true); });
    root.addEventListener("touchstart", event => event.target.matches(".device-grip") && event.preventDefault());  // the page stays where it is
    root.addEventListener("pointermove", event => {
      if (!root.hasPointerCapture(event.pointerId)) return;
      root.classList.add("device-held");  // what is held follows without delay
      onDrag(...at(event), false);
    });
    root.addEventListener("lostpointercapture", () => root.classList.remove("device-held"));
  }
  root.addEventListener("keydown", event => {
    const step = event.shiftKey ? 10 : 1;
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (move && onKey) onKey(...move);
    else if ((event.key === "Enter" || event.key === " ") && onAct) onAct();
    else return;
    event.preventDefault();
  });
  const px = value => box.left + x.unit(value) * box.width, py = value => box.top + (1 - y.unit(value)) * box.height;
  const joined = pixels => "M" + pixels.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join("L"), path = points => joined(points.map(([a, b]) => [px(a), py(b)]));
  const finish = () => { for (const { node } of old.splice(next)) node.remove(); };
  function add(name, attributes, text, key) {
    const kind = `${name} ${attributes.class} ${key}`, found = old.findIndex((one, i) => i >= next && one.kind === kind);
    const { node } = found < 0 ? { node: svg(name, {}) } : old[found];
    if (found < 0) root.insertBefore(node, old[next]?.node ?? null);
    else { for (const passed of old.slice(next, found)) passed.node.remove(); next = found + 1; }
    now.push({ kind, node });
    for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
    if (text !== undefined && node.textContent !== String(text)) node.textContent = text;
    return node;
  }
  function leaves(across, down, kind = "device-leaves", key) {  // an arrowhead on the upper or the lower edge of the frame, that points out of it
    const up = down < box.top + box.height / 2, tip = up ? box.top : box.top + box.height;
    add("path", { class: kind, d: `M${across.toFixed(1)},${tip.toFixed(1)}l-6,${up ? 10 : -10}h12Z` }, undefined, key);
  }
  function move(node, right, down) {  // where an element has no attribute that could ease, it is moved
    node.style.transform = `translate(${right.toFixed(1)}px, ${down.toFixed(1)}px)`;
    return node;
  }
  return {
    root, px, py,
    now(text) { root.setAttribute("aria-label", label && text ? `${label}. ${text}` : label || text); },  // what it shows now, for those who cannot see it
    axes({ x: alongX, y: alongY, xLabel, yLabel, xTick = short, yTick = short, room = 0 }) {  // `room`: pixels around the box
      const width = span(device.width()), tall = typeof height === "function" ? height(width) : height;
      [x, y, box] = [alongX, alongY, { left: 50 + room, top: 24 + room, width: width - 62 - 2 * room, height: tall - 70 - 2 * room }];
      finish();
      [old, now, next] = [now, [], 0];
      queueMicrotask(finish);
      root.classList.toggle("device-still", width !== wide);  // nothing moves because the window does
      wide = width;
      edge.setAttribute("points", [[0, 0], [1, 0], [1, 1], [0, 1]].map(([u, v]) => [box.left + u * box.width, box.top + v * box.height]).join(" "));
      for (const [key, value] of Object.entries({ width, height: tall, viewBox: `0 0 ${width} ${tall}` })) root.setAttribute(key, value);
      for (const tick of x.ticks(Math.max(2, Math.floor(box.width / 64)))) {
        add("line", { class: "device-grid", x1: px(tick), x2: px(tick), y1: box.top, y2: box.top + box.height });
        add("text", { class: "device-tick", x: px(tick), y: box.top + box.height + room + 17, "text-anchor": "middle" }, xTick(tick));
      }
      for (const tick of y.ticks(Math.max(2, Math.floor(box.height / 44)))) {
        add("line", { class: "device-grid", x1: box.left, x2: box.left + box.width, y1: py(tick), y2: py(tick) });
        add("text", { class: "device-tick", x: box.left - room - 6, y: py(tick) + 4, "text-anchor": "end" }, yTick(tick));
      }
      add("text", { class: "device-axis", x: box.left + box.width / 2, y: box.top + box.height + room + 38, "text-anchor": "middle" }, xLabel);
      add("text", { class: "device-axis", x: 4, y: 14, "text-anchor": "start" }, yLabel);
    },
    line: (points, kind = "device-line", key) => points.length && add("path", { class: kind, d: path(points) }, undefined, key),
    band: (lower, upper, kind = "device-band", key) => add("path", { class: kind, d: `${path([...upper, ...[...lower].reverse()])}Z` }, undefined, key),
    dots: (points, kind = "device-dot", r = 5, key) => points.map(([a, b]) => add("circle", { class: kind, cx: px(a), cy: py(b), r }, undefined, key)),
    curve(points, kind = "device-line", key) {  // a line that may leave the frame: it ends at the edge, with an arrowhead where it crosses
      if (!points.length) return;
      const at = points.map(([a, b]) => [px(a), clamp(py(b), -9 * box.height, 10 * box.height)]);
      add("path", { class: kind, d: joined(at), "clip-path": `url(#${id}-frame)` }, undefined, key);
      for (const line of [box.top, box.top + box.height]) {
        at.forEach(([a, b], i) => {
          const [c, d] = at[i - 1] ?? [a, b], beyond = v => (line === box.top ? v < line - 0.1 : v > line + 0.1);
          if (beyond(b) !== beyond(d)) leaves(c + (a - c) * (line - d) / (b - d), line);
        });
      }
    },
    marks: (points, kind = "device-dot", r = 5, key) => points.map(([a, b]) => {  // dots; one outside of the frame is an arrowhead on its edge
      if (Math.abs(py(b) - box.top - box.height / 2) <= box.height / 2 + 0.1) return add("circle", { class: kind, cx: px(a), cy: py(b), r }, undefined, key);
      return leaves(px(a), py(b), kind, key);
    }),
    grip: (a, b) => add("circle", { class: "device-grip", cx: px(a), cy: py(b), r: 24 }),  // what a finger takes hold of
    text: (a, b, words, kind = "device-word", anchor = "middle", [dx, dy] = [0, 0], key = undefined) =>
      move(add("text", { class: kind, "text-anchor": anchor }, words, key), px(a) + dx, py(b) + dy),
    upright: (a, kind = "device-cursor") => move(add("line", { class: kind, y1: box.top, y2: box.top + box.height }), px(a), 0),
    level: (b, kind = "device-cursor") => move(add("line", { class: kind, x1: box.left, x2: box.left + box.width }), 0, py(b)),
    cell(a, b, [da, db], kind, opacity = 1, key = undefined) {  // a rectangle around (a, b), da and db wide as shares of the axes
      const [w, h] = [da * box.width, db * box.height];
      return add("rect", { class: kind, x: px(a) - w / 2, y: py(b) - h / 2, width: w, height: h, "fill-opacity": opacity.toFixed(3) }, undefined, key);
    },
  };
}

// A strip that remembers: each setting that was visited stays as a dot, its result against it, until the page is left. visit(at, result) adds
// one, and puts the ring there; dots of another `kind` or `key` are another series. It is a plot: draw more after visit(). rest() adds nothing.
export function trace(device, { label, height = 190, span, ...axes }) {
  const seen = new Map(), strip = plot(device, { label, height, span });
  strip.rest = said => {
    strip.axes(axes);
    for (const [key, [a, b, kind]] of seen) strip.marks([[a, b]], kind, 4.5, key);
    strip.now(said);
  };
  strip.visit = (at, result, kind = "device-dot", said = `${short(at)}: ${short(result)}`, key = "") => {
    seen.set(`${kind} ${at} ${key}`, [at, result, kind]);
    strip.rest(said);
    strip.marks([[at, result]], "device-ring", 9);
  };
  strip.forget = said => { seen.clear(); strip.rest(said); };
  return strip;
}
