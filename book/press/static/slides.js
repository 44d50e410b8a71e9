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

// A device on a slide: plots on the left, controls on the right, and so wide that both fill the room below the question.
const SIDE = 360, LEAST = 360, STEPS = 6;  // pixels of the controls with their gap, of the narrowest plot; widths to try

function part(stage) {
  const side = document.createElement("div"), plots = document.createElement("div");
  side.className = "stage-side";
  plots.className = "stage-plots";
  for (const child of [...stage.children]) {
    (child.matches("svg, .device-pair") || child.querySelector("svg.device-plot, .device-scores") ? plots : side).append(child);
  }
  stage.append(plots, side);
}

async function fill(box) {
  const stage = box.querySelector(".device-stage"), frame = () => new Promise(requestAnimationFrame);
  if (!stage.querySelector(".stage-side")) part(stage);
  const narrow = document.documentElement.classList.contains("upright"), aside = narrow ? 0 : SIDE;
  const { clientWidth: width, clientHeight: height } = box;
  if (!width || !height) return;
  let plots = narrow ? width : 620, best = 0, found = plots;
  for (let step = 0; step < STEPS; step += 1) {
    stage.style.setProperty("--plots", `${plots}px`);
    await frame();
    await frame();  // the device has seen its width, and drawn
    const scale = Math.min(width / (plots + aside), height / stage.scrollHeight), covered = scale * (plots + aside) / width;
    const gain = covered * Math.min(1, scale);  // wide, but with words that are not small
    if (gain > best * 1.01) [best, found] = [gain, plots];
    const next = Math.round(Math.max(LEAST, width * stage.scrollHeight / height - aside));
    if (Math.abs(next - plots) < 8) break;
    plots = next;
  }
  stage.style.setProperty("--plots", `${found}px`);
  await frame();
  await frame();
  stage.style.transform = `scale(${Math.min(width / (found + aside), height / stage.scrollHeight)})`;
}

const lives = new MutationObserver(changes => {
  for (const { target } of changes) if (target.matches(".device-lives")) fill(target);
});
for (const box of document.querySelectorAll("[data-device]")) {
  lives.observe(box, { attributes: true, attributeFilter: ["class"] });
  new ResizeObserver(() => box.matches(".device-lives") && fill(box)).observe(box);
}

if (document.querySelector("[data-device]")) {
  const script = document.createElement("script"), disk = location.protocol === "file:";  // there a browser refuses modules
  Object.assign(script, disk ? {} : { type: "module" });
  script.src = new URL(disk ? "devices-from-disk.js" : "mount.js", document.currentScript.src);
  document.head.append(script);
}
