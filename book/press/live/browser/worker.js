// Python in the worker of a frame (frame.js): it runs the cells of one page, one after the other. It loads Pyodide when it is first asked to.
//
// In:  { run: number, sources: { number: source }, all }  runs the cells that this one needs, or all above it, and it
//      { files: { name: bytes } }  puts files where cells find them, or takes one away: null
//      { call: name, given, file, packages, id }  calls a function of your_table.py, with the bytes of a file before what is given
// Out: name, with a port that gets its bytes, or a sentence         a file that it needs: there is no other way to one
//      { phase, names }                                             packages that are being loaded
//      { begins: number } { shows: number, message } { ends: number, ok, seconds } { over: number, failed }
//      { answers: id, value, failed }
import { loadPyodide } from "pyodide/pyodide.mjs";
import createPyodideModule from "pyodide/pyodide.asm.mjs";

const BASE = "https://files.invalid/";  // what Pyodide calls the place of its files
const known = new Map();  // the package of an import
let port, python, names, kernel, running;

const post = message => port.postMessage(message);

const file = name => new Promise((resolve, reject) => {
  const { port1: answer, port2 } = new MessageChannel();
  answer.onmessage = ({ data }) => data instanceof ArrayBuffer ? resolve(data) : reject(new Error(data));
  port.postMessage(name, [port2]);
});

const text = async name => new TextDecoder().decode(await file(name));

self.fetch = async what => {
  const url = String(what?.url ?? what);
  if (!url.startsWith(BASE)) throw new TypeError("a cell has no network");
  return new Response(await file(url.slice(BASE.length)), { headers: { "Content-Type": url.endsWith(".wasm") ? "application/wasm" : "" } });
};

async function start() {
  const lock = await text("pyodide-lock.json");
  for (const { name, imports } of Object.values(JSON.parse(lock).packages)) for (const one of imports) known.set(one.split(".")[0], name);
  const env = { MPLBACKEND: "agg", TQDM_DISABLE: "1", HOME: "/home/pyodide" };
  python = await loadPyodide({ indexURL: BASE, packageBaseUrl: BASE, lockFileContents: lock, createPyodideModule, env });
  python.FS.mkdir("/home/pyodide/hpt_live");
  for (const name of ["kernel.py", "names.py"]) python.FS.writeFile(`/home/pyodide/hpt_live/${name}`, await text(name));
  python.runPython("import sys; sys.path.insert(0, '/home/pyodide')");
  names = python.pyimport("hpt_live.names");
  kernel = python.pyimport("hpt_live.kernel").Kernel(message => {
    post({ shows: running, message: message.toJs({ dict_converter: Object.fromEntries }) });
    message.destroy();
  });
}

async function load(imports) {
  const wanted = imports.map(name => known.get(name)).filter(name => name && !(name in python.loadedPackages));
  if (!wanted.length) return;
  post({ phase: "packages", names: wanted });
  await python.loadPackage(wanted, { messageCallback() {}, errorCallback(text) { throw new Error(text); } });
}

async function cell(number, source) {
  await load(names.packages(source, [...known.keys()]).toJs());
  running = number;
  post({ begins: number });
  const from = performance.now(), tried = new Set();
  for (;;) {
    const fault = kernel.run(number, source);
    // A package that the lab imports where it is used: it is loaded, and the cell runs again.
    if (known.has(fault) && !tried.has(fault)) {
      tried.add(fault);
      await load([fault]);
      post({ shows: number, message: { kind: "clear" } });
      continue;
    }
    post({ ends: number, ok: !fault, seconds: (performance.now() - from) / 1000 });
    return !fault;
  }
}

const CALL = `import json
from pathlib import Path
from hpt_live import your_table
lambda name, given, file: json.dumps(getattr(your_table, name)(*([Path(file).read_bytes()] if file else []), *json.loads(given)))`;
let call;

async function answer({ call: name, given, file, packages, id }) {
  await load(packages);
  post({ answers: id, value: JSON.parse(call(name, JSON.stringify(given), file ?? "")) });
}

async function asked({ data }) {
  try {
    if (!kernel) await start();
    if (!call && (data.files || data.call)) {  // the page of a table
      python.FS.writeFile("/home/pyodide/hpt_live/your_table.py", await text("your_table.py"));
      call = python.runPython(CALL);
    }
    for (const [name, bytes] of Object.entries(data.files ?? {})) {
      if (bytes) python.FS.writeFile(name, bytes);
      else if (python.FS.analyzePath(name).exists) python.FS.unlink(name);
    }
    if (data.call) await answer(data);
    if (!data.sources) return;
    const sources = new Map(Object.entries(data.sources).map(([key, value]) => [Number(key), value]));
    const given = python.toPy(sources), order = kernel.order(given, data.run, Boolean(data.all)).toJs();
    given.destroy();
    for (const number of order) if (!await cell(number, sources.get(number)) && !data.all) break;
    post({ over: data.run });
  } catch (error) {
    post({ ...(data.call ? { answers: data.id } : { over: data.run }), failed: String(error?.message ?? error) });
  }
}

self.onmessage = ({ ports }) => {
  self.onmessage = null;
  [port] = ports;
  let queue = Promise.resolve();  // one after the other
  port.onmessage = event => { queue = queue.then(() => asked(event)); };
};
