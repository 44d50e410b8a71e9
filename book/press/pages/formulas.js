// Run by node: draws the formulas that wait on pages, and prints what is wrong with those that it cannot draw. Reads the pages' paths.
const { readFileSync, writeFileSync } = require("fs");
const katex = require("katex");

// The tag that opens, with the number of the equation, and the TeX, \(...\) or \[...\]. In a `div` a formula has its own line.
const WAITING = /(<(span|div) class="math\b[^>]*>(?:<span class="eqno">.*?<\/span>)?)\s*(\\[([][^<]*\\[)\]])\s*<\/\2>/gs;
const SIGNS = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&" };
const wrong = [];

function drawn(formula) {
  const displayMode = formula.startsWith("\\[");
  const html = katex.renderToString(formula.slice(2, -2), { displayMode, output: "htmlAndMathml", strict: "error" });
  return html.replace(/<annotation [^]*?<\/annotation>/g, "");  // the TeX again
}

for (const page of JSON.parse(readFileSync(0, "utf8"))) {
  const text = readFileSync(page, "utf8");
  const filled = text.replace(WAITING, (waiting, open, tag, escaped) => {
    const formula = escaped.replace(/&[#\w]+;/g, sign => SIGNS[sign] ?? sign);
    try {
      return `${open}${drawn(formula)}</${tag}>`;
    } catch (error) {
      wrong.push([page, formula, error.message]);
      return waiting;
    }
  });
  if (filled !== text) writeFileSync(page, filled);
}
console.log(JSON.stringify(wrong));
