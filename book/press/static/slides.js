// Starts reveal.js, and lets devices live on slides.

const upright = matchMedia("(max-aspect-ratio: 4/5)"), paper = /print-pdf/.test(location.search);

function size() {  // of a slide: on a phone held upright, as tall as the screen, so that its words are large enough to read
  const tall = upright.matches && !paper;
  document.documentElement.classList.toggle("upright", tall);
  const [width, height] = tall ? [600, Math.round(600 * innerHeight / innerWidth)] : [1280, 720];
  document.documentElement.style.setProperty("--tall", `${height}px`);
  return { width, height };
}

Reveal.initialize({
  ...size(), margin: 0, minScale: 0.1, maxScale: 4, center: false, display: "flex",
  hash: true, slideNumber: "c/t", transition: "none", backgroundTransition: "none",
  controlsTutorial: false, scrollActivationWidth: null, pdfMaxPagesPerSlide: 1, plugins: [RevealNotes],
  // What is typed into a device stays there, but for the keys of a presenter's remote control.
  keyboardCondition: event => event.key.startsWith("Page") || !event.target.closest(".device-stage"),
});
addEventListener("resize", () => Reveal.configure(size()));

// A device on a slide: its controls beside its plots, or below them, and its width such that the plots become as large as they can
// while the words stay readable. A device draws as wide as its stage, so controls beside the plots lie outside of it.
const SIDES = [360, 640, 0], LEAST = 340, STEPS = 3, LARGEST = 1.8;  // controls with their gap, the narrowest plots; widths to try; scale

function part(stage) {
  const side = document.createElement("div"), plots = document.createElement("div");
  side.className = "stage-side";
  plots.className = "stage-plots";
  const board = stage.querySelector(".device-board");  // its controls and words leave the plots
  board?.after(...[...board.children].filter(child => !child.querySelector("svg.device-plot")));
  for (const child of [...stage.children]) {
    (child.matches("svg, .device-pair") || child.querySelector("svg.device-plot, .device-scores") ? plots : side).append(child);
  }
  stage.append(plots, side);
}

async function fill(box) {
  const stage = box.querySelector(".device-stage"), { clientWidth: width, clientHeight: height } = box;
  if (!stage.querySelector(".stage-side")) part(stage);
  const [plots, side] = stage.children, frame = () => new Promise(requestAnimationFrame);
  const show = async (wide, aside) => {  // and return the scale that fits
    stage.classList.toggle("below", !aside);
    stage.style.setProperty("--side", `${aside - 30}px`);
    stage.style.setProperty("--plots", `${wide}px`);
    await frame();
    await frame();  // the device has seen its width, and drawn
    return Math.min(LARGEST, width / (wide + aside), height / Math.max(stage.scrollHeight, side.offsetHeight));
  };
  box.classList.remove("filled");
  let best = 0, found;
  for (const aside of document.documentElement.classList.contains("upright") ? [0] : SIDES) {
    for (let step = 0, wide = 1000 - aside; step < STEPS; step += 1) {
      const scale = await show(wide, aside), worth = plots.offsetHeight * wide * scale ** 2 * Math.min(1, scale) ** 2;
      if (worth > 1.01 * best) [best, found] = [worth, [wide, aside]];
      const next = Math.round(Math.max(LEAST, Math.min(2 * width, width * stage.scrollHeight / height - aside)));
      if (Math.abs(next - wide) < 8) break;
      wide = next;
    }
  }
  stage.style.transform = `scale(${await show(...found)})`;
  box.classList.add("filled");
}

const filled = new Map();  // by box: the size for which it is filled, or is being filled

async function follow(box) {
  const size = `${box.clientWidth} x ${box.clientHeight}`, busy = filled.get(box)?.busy;
  if (busy || !box.clientHeight || !box.matches(".device-lives") || filled.get(box)?.size === size) return;
  filled.set(box, { size, busy: true });
  await fill(box);
  filled.set(box, { size });
  follow(box);
}

const lives = new MutationObserver(changes => changes.forEach(({ target }) => follow(target)));
const room = new ResizeObserver(changes => changes.forEach(({ target }) => follow(target)));
for (const box of document.querySelectorAll("[data-device]")) {
  lives.observe(box, { attributes: true, attributeFilter: ["class"] });
  room.observe(box);
}
