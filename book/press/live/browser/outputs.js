// What a cell shows, as the book draws it. HTML and SVG are cleaned: the code of a cell may have come with a link.
import DOMPurify from "dompurify";
import markdownIt from "markdown-it";
import katex from "katex";

const markdown = markdownIt({ html: true, typographer: true });

function formulas(text) {  // in the Markdown that a cell computes
  return text.replace(/\$\$([^$]+)\$\$|\$([^$\n]+)\$/g, (whole, block, inline) =>
    katex.renderToString(block ?? inline, { displayMode: block !== undefined, throwOnError: false }));
}

function box(css, html) {
  const made = document.createElement("div");
  made.className = css;
  made.innerHTML = DOMPurify.sanitize(html, { ADD_TAGS: ["use"], ADD_ATTR: ["target"] });
  return made;
}

function text(words, css = "output text_plain live-text") {
  const made = document.createElement("pre");
  made.textContent = words;
  const frame = document.createElement("div");
  frame.className = css;
  frame.append(made);
  frame.firstChild.tabIndex = 0;
  return frame;
}

let figures = 0;

function figure(svg) {
  const frame = document.createElement("div");
  frame.className = "live-figure";
  const own = `live-${figures++}-`;  // the ids of two figures must differ
  const clean = svg.replace(/\bid="/g, `id="${own}`).replace(/url\(#/g, `url(#${own}`).replace(/href="#/g, `href="#${own}`);
  frame.innerHTML = DOMPurify.sanitize(clean, { USE_PROFILES: { svg: true, svgFilters: true }, ADD_TAGS: ["use", "style"], ADD_ATTR: ["xlink:href", "href", "clip-path"] });
  const picture = frame.querySelector("svg");
  picture?.setAttribute("role", "img");
  picture?.setAttribute("aria-label", _("A figure that this cell has drawn"));
  return frame;
}

export function drawn({ kind, text: words, data }) {
  if (kind === "text") return text(words);
  if (kind === "error") return text(words, "output live-error");
  if (kind === "hint") return box("live-hint", markdown.renderInline(words));
  if (data["text/html"]) return box("output text_html", data["text/html"]);
  if (data["text/markdown"]) return box("output text_markdown", markdown.render(formulas(data["text/markdown"])));
  if (data["image/svg+xml"]) return figure(data["image/svg+xml"]);
  if (data["image/png"]) return box("live-figure", `<img alt="" src="data:image/png;base64,${data["image/png"].replace(/[^A-Za-z0-9+/=]/g, "")}">`);
  if (data["text/latex"]) return box("output text_markdown", formulas(data["text/latex"]));
  return text(`${data["text/plain"]}\n`);
}
