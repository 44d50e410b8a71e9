// Of the devices in a folder `_static`: one classic script of all, for pages that are opened from a disk, and each module and their style minified.
// Arguments: the folder, and its modules.

const { buildSync } = require("esbuild");

const [folder, ...modules] = process.argv.slice(2), devices = modules.filter(name => name.startsWith("devices/"));
const settings = { absWorkingDir: folder, minify: true, charset: "utf8", logLevel: "error" };
const imports = devices.map((name, i) => `import * as device${i} from "./${name}";`);
const named = devices.map((name, i) => `"${name.slice("devices/".length, -".js".length)}": device${i}`);
const contents = `${imports.join("\n")}\nimport { mountAll } from "./device.js";\nconst all = { ${named.join(", ")} };\nmountAll(name => all[name]);`;
buildSync({ ...settings, stdin: { contents, resolveDir: folder }, bundle: true, format: "iife", outfile: "devices-from-disk.js" });
buildSync({ ...settings, entryPoints: [...modules, "device.css"], outdir: ".", outbase: ".", allowOverwrite: true, format: "esm" });
