// What a cell shows, as the book draws it. It is data: it loads nothing and covers nothing, since the code may have come with a link.
import DOMPurify from "dompurify";
import markdownIt from "markdown-it";
import katex from "katex";

const markdown = markdownIt({ html: true, typographer: true });

function formulas(text) {  // in the Markdown that a cell computes
  return text.replace(/\$\$([^$]+)\$\$|\$([^$\n]+)\$/g, (whole, block, inline) =>
    katex.renderToString(block ?? inline, { displayMode: block !== undefined, throwOnError: false }));
}

// Of what is addressed in HTML, a place in the page and data of a picture stay: any other address has a sign that is not among these.
const PLAIN = /^(?:#[-\w]*|data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,].*|[-\w\s.,%+()]*)$/s;
DOMPurify.addHook("uponSanitizeAttribute", (_node, made) => {
  if (made.attrName === "style" && !/^(?!.*position\s*:\s*(?:fixed|sticky))[-\w\s.,%+#:;]*$/is.test(made.attrValue)) made.keepAttr = false;
});
const CLEAN = {
  ALLOWED_URI_REGEXP: PLAIN, ALLOW_DATA_ATTR: false, FORBID_ATTR: ["popover", "srcset"],
  FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "dialog", "audio", "video", "source", "track"],
};

function box(css, html) {
  const made = document.createElement("div");
  made.className = css;
  made.innerHTML = DOMPurify.sanitize(html, CLEAN);
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

function picture(type, data) {  // a browser loads nothing from inside of one
  const frame = document.createElement("div"), made = new Image();
  frame.className = "live-figure";
  made.alt = _("A figure that this cell has drawn");
  made.src = `data:${type},${data}`;
  frame.append(made);
  return frame;
}

export function drawn({ kind, text: words, data }) {
  if (kind === "text") return text(words);
  if (kind === "error") return text(words, "output live-error");
  if (kind === "hint") return box("live-hint", markdown.renderInline(words));
  if (data["text/html"]) return box("output text_html", data["text/html"]);
  if (data["text/markdown"]) return box("output text_markdown", markdown.render(formulas(data["text/markdown"])));
  if (data["image/svg+xml"]) return picture("image/svg+xml", encodeURIComponent(data["image/svg+xml"].replace(/<svg(?![^>]*\sxmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"')));
  if (data["image/png"]) return picture("image/png;base64", data["image/png"]);
  if (data["text/latex"]) return box("output text_markdown", formulas(data["text/latex"]));
  return text(`${data["text/plain"]}\n`);
}
