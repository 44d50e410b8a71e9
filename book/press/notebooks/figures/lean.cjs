// Reads a JSON list of SVG files and writes them in fewer bytes: two decimals of a point, and no ids but those that say "kept".
const { optimize } = require("svgo");

const floatPrecision = 2;
const plugins = [
  { name: "preset-default", params: { floatPrecision, overrides: { cleanupIds: false, convertColors: false, convertTransform: false } } },
  { name: "cleanupIds", params: { force: true, preservePrefixes: ["kept"] } },
];
const pictures = JSON.parse(require("fs").readFileSync(0, "utf8"));
const lean = pictures.map(text => optimize(text, { multipass: true, floatPrecision, plugins }).data);
process.stdout.write(JSON.stringify(lean));
