// Run by node: reads a list of formulas, \(...\) or \[...\], and prints, for each, its HTML with its MathML, or what is wrong with it.
const katex = require("katex");

const drawn = formula => {
  const displayMode = formula.startsWith("\\[");
  const html = katex.renderToString(formula.slice(2, -2), { displayMode, output: "htmlAndMathml", strict: "error" });
  return html.replace(/<annotation [^]*?<\/annotation>/g, "");  // the TeX again
};

const answers = JSON.parse(require("fs").readFileSync(0, "utf8")).map(formula => {
  try {
    return { html: drawn(formula) };
  } catch (error) {
    return { error: error.message };
  }
});
console.log(JSON.stringify(answers));
