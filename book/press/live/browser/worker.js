// Python in a worker: it loads Pyodide when it is first asked to run something, and runs the cells of one page, one after the other.
//
// In:  { run: number, sources: { number: source }, all }  runs the cells that this one needs, or all above it, and it
// Out: { phase, done, total }                                       what is being loaded, in bytes
//      { begins: number } { shows: number, message } { ends: number, ok, seconds } { over: number, failed }

const base = new URL(".", self.location.href), KEEP = "hpt-python";
const known = new Map(), depending = new Map(), have = new Set();  // imports: their package; packages: what they need
let python, names, kernel, sizes, loaded = 0, expected = 0, running;

const post = message => self.postMessage(message);

// What was fetched once is kept by the browser: the folder's name changes with its content.
async function kept(url) {
  const store = self.caches && await caches.open(KEEP).catch(() => null);
  const found = store && await store.match(url);
  if (found) return found;
  const answer = await network(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const parts = [], reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    loaded += value.length;
    post({ phase: "download", done: loaded, total: Math.max(expected, loaded) });
  }
  const whole = new Response(new Blob(parts), { headers: { "Content-Type": url.endsWith(".wasm") ? "application/wasm" : answer.headers.get("Content-Type") ?? "" } });
  if (store) {
    await store.put(url, whole.clone()).catch(() => {});  // a full disk: it is fetched again next time
    forget(store);
  }
  return whole;
}

async function forget(store) {  // what other builds of the book have left
  for (const { url } of await store.keys()) if (!url.startsWith(base.href)) store.delete(url);
}

const network = self.fetch.bind(self);
self.fetch = (what, options) => {
  const url = new URL(what instanceof Request ? what.url : what, base).href;
  return url.startsWith(base.href) ? kept(url) : network(what, options);
};

async function start() {
  sizes = await (await kept(new URL("sizes.json", base).href)).json();
  expect(["pyodide.asm.wasm", "python_stdlib.zip"]);
  const { packages } = await (await kept(new URL("pyodide-lock.json", base).href)).json();
  for (const { name, imports, depends, file_name } of Object.values(packages)) {
    depending.set(name, { depends, file: file_name });
    for (const one of imports) known.set(one.split(".")[0], name);
  }
  const { loadPyodide } = await import(new URL("pyodide.mjs", base).href);
  python = await loadPyodide({ indexURL: base.href, env: { MPLBACKEND: "agg", TQDM_DISABLE: "1", HOME: "/home/pyodide" } });
  python.FS.mkdir("/home/pyodide/hpt_live");
  for (const name of ["kernel.py", "names.py"]) python.FS.writeFile(`/home/pyodide/hpt_live/${name}`, await (await fetch(new URL(name, base).href)).text());
  python.runPython("import sys; sys.path.insert(0, '/home/pyodide')");
  names = python.pyimport("hpt_live.names");
  kernel = python.pyimport("hpt_live.kernel").Kernel(message => {
    post({ shows: running, message: message.toJs({ dict_converter: Object.fromEntries }) });
    message.destroy();
  });
}

function expect(names) {
  for (const name of names) expected += sizes[name] ?? 0;
}

async function load(imports) {
  const wanted = imports.map(name => known.get(name)).filter(name => name && !have.has(name)), files = new Set();
  const add = name => {
    const one = depending.get(name.toLowerCase().replaceAll("_", "-"));
    if (!one || files.has(one.file) || have.has(name)) return;
    files.add(one.file);
    have.add(name);
    one.depends.forEach(add);
  };
  wanted.forEach(add);
  if (!wanted.length) return;
  expect(files);
  post({ phase: "packages", names: wanted });
  await python.loadPackage(wanted, { messageCallback() {}, errorCallback(text) { throw new Error(text); } });
}

async function cell(number, source) {
  running = number;
  post({ begins: number });
  const from = performance.now(), tried = new Set();
  await load(names.packages(source, [...known.keys()]).toJs());
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

self.onmessage = async ({ data }) => {
  try {
    if (!python) await start();
    const sources = new Map(Object.entries(data.sources).map(([key, value]) => [Number(key), value]));
    const given = python.toPy(sources), order = kernel.order(given, data.run, Boolean(data.all)).toJs();
    given.destroy();
    for (const number of order) if (!await cell(number, sources.get(number)) && !data.all) break;
    post({ over: data.run });
  } catch (error) {
    post({ over: data.run, failed: String(error?.message ?? error) });
  }
};
