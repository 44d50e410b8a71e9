// Starts reveal.js, and lets devices live on slides.

Reveal.initialize({
  width: 1280, height: 720, margin: 0, minScale: 0.1, maxScale: 4, center: false, display: "flex",
  hash: true, slideNumber: "c/t", transition: "none", backgroundTransition: "none",
  controlsTutorial: false, scrollActivationWidth: null, pdfMaxPagesPerSlide: 1, plugins: [RevealNotes],
  // What is typed into a device stays there, but for the keys of a presenter's remote control.
  keyboardCondition: event => event.key.startsWith("Page") || !event.target.closest(".device-stage"),
});

const LARGEST = 1184 / 1010;  // a slide's width, and a device's with its controls

const fit = new ResizeObserver(entries => {
  for (const { target } of entries) {
    const room = target.closest("[data-device]").clientHeight;
    if (room) target.style.transform = `scale(${Math.min(LARGEST, room / target.scrollHeight)})`;
  }
});
for (const stage of document.querySelectorAll(".device-stage")) fit.observe(stage);

if (document.querySelector("[data-device]")) {
  const script = document.createElement("script"), disk = location.protocol === "file:";  // there a browser refuses modules
  Object.assign(script, disk ? {} : { type: "module" });
  script.src = new URL(disk ? "devices-from-disk.js" : "mount.js", document.currentScript.src);
  document.head.append(script);
}
