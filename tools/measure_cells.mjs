// Run the cells of pages in Pyodide under node, as the page would: node measure_cells.mjs FOLDER-OF-PYODIDE FOLDER-OF-PYTHON FILE.json ...
// Prints a line of JSON for each cell: { file, index, ok, seconds, shown }. `python -m tools.measure_cells` calls it.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const [pyodide, folder, ...files] = process.argv.slice(2);
const base = resolve(folder) + "/";
const ours = name => import(pathToFileURL(`${pyodide}/${name}`).href);
const { loadPyodide } = await ours("pyodide.mjs"), { default: createPyodideModule } = await ours("pyodide.asm.mjs");
const { packages } = JSON.parse(readFileSync(base + "pyodide-lock.json", "utf8"));
const known = new Map(Object.values(packages).flatMap(({ name, imports }) => imports.map(one => [one.split(".")[0], name])));
const python = await loadPyodide({ indexURL: base, createPyodideModule, env: { MPLBACKEND: "agg", TQDM_DISABLE: "1", HOME: "/home/pyodide" } });
python.FS.mkdir("/home/pyodide/hpt_live");
for (const name of ["kernel.py", "names.py"]) python.FS.writeFile(`/home/pyodide/hpt_live/${name}`, readFileSync(base + name, "utf8"));
python.runPython("import sys; sys.path.insert(0, '/home/pyodide')");
const { Kernel } = python.pyimport("hpt_live.kernel"), { packages: imported } = python.pyimport("hpt_live.names");
const load = async names => {
  const wanted = names.map(name => known.get(name)).filter(Boolean);
  if (wanted.length) await python.loadPackage(wanted, { messageCallback() {} });
};

for (const file of files) {
  let shown = [];
  const kernel = Kernel(message => { shown.push(message.toJs({ dict_converter: Object.fromEntries })); message.destroy(); });
  for (const { index, source, kind, cannot } of JSON.parse(readFileSync(file, "utf8"))) {
    if (kind === "stub") continue;  // the solution runs in the place of the stub
    await load(imported(source, [...known.keys()]).toJs());
    let fault, seconds, tried = new Set();
    do {
      shown = [];
      const from = process.cpuUsage();  // processor time: a busy machine measures what an idle one would
      fault = kernel.run(index, source);
      const { user, system } = process.cpuUsage(from);
      seconds = (user + system) / 1e6;
      if (!known.has(fault) || tried.has(fault)) break;
      tried.add(fault);
      await load([fault]);
    } while (true);
    if (!cannot) console.log(JSON.stringify({ file, index, ok: !fault, seconds, shown }));
  }
  kernel.destroy();
}
