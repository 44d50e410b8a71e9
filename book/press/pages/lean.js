// Run by node: writes style sheets again with what pages and scripts need. Reads, as JSON, the paths of the pages, the scripts, the sheets
// to be cut, and our own sheets, which stay whole and read variables of the others.
const { readFileSync, writeFileSync } = require("fs");
const { PurgeCSS } = require("purgecss");

const { pages, scripts, ours, sheets } = JSON.parse(readFileSync(0, "utf8"));
const read = files => files.map(file => readFileSync(file, "utf8"));
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);
const words = (html, attribute) => all(html, new RegExp(`(?<![\\w-])${attribute}="([^"]*)"`, "g")).flatMap(names => names.split(/\s+/));

const html = read(pages), js = read(scripts);
const named = text => ({
  classes: words(text, "class"),
  ids: words(text, "id"),
  tags: all(text, /<([a-z][\w-]*)/g),
  attributes: { names: all(text, /\s([a-z][\w-]*)(?=[=\s>])/g), values: all(text, /="([^"]*)"/g) },
});
const variables = [...[...html, ...read(ours)].flatMap(text => all(text, /var\(\s*(--[\w-]+)/g)), ...js.flatMap(text => all(text, /(--[\w-]+)/g))];

(async () => {
  const lean = await new PurgeCSS().purge({
    content: [...html.map(raw => ({ raw, extension: "html" })), ...js.map(raw => ({ raw, extension: "js" }))],  // of a script, all words
    extractors: [{ extensions: ["html"], extractor: named }],
    css: sheets, variables: true, keyframes: true, fontFace: true,
    safelist: { standard: [":focus-visible"], variables },
    dynamicAttributes: ["data-bs-popper"],  // a script joins its name
  });
  for (const { css, file } of lean) writeFileSync(file, css);
})();
