// Python in a frame that has no origin and no network: the code of a cell may have come with a link.
//
// The frame (frame.html, sandbox="allow-scripts") shares nothing with the book: no storage, no cache, no cookie. By its policy it starts
// workers from blob: and loads nothing else, and its worker inherits that. So the page brings it every file of the list sums.json (name:
// size, sha256). The sha256 of the list is in the name of its folder, which the page names: who has the page has the hash of each file.
import { flood } from "./flood.js";
import html from "./frame.html";

const KEEP = "hpt-files";  // nothing that is read from it is believed
const SOON = ["pyodide-lock.json", "pyodide.asm.wasm", "python_stdlib.zip", "kernel.py", "names.py"];  // they come while the frame begins

const hex = bytes => Array.from(new Uint8Array(bytes), one => one.toString(16).padStart(2, "0")).join("");
const base64 = sha256 => btoa(sha256.replace(/../g, two => String.fromCharCode(parseInt(two, 16))));

// The bytes of this sha256 at an address, from the cache or the network; what has another is thrown away. `told` hears how many bytes have
// come, and how many more are expected.
async function checked(url, sha256, size = 0, told = () => {}) {
  const store = await self.caches?.open(KEEP).catch(() => null), digest = self.crypto.subtle;  // both are missing where there is no https
  const right = async bytes => hex(await digest.digest("SHA-256", bytes)) === sha256;
  const found = await store?.match(url), kept = await found?.arrayBuffer();
  if (kept && await right(kept)) return kept;
  for (const cache of ["default", "reload"]) {  // a second time past the browser's own cache
    const answer = await fetch(url, { cache, ...(!digest && { integrity: `sha256-${base64(sha256)}` }) });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    told(0, size);
    const parts = [], reader = answer.body.getReader();
    for (let part; !(part = await reader.read()).done;) {
      parts.push(part.value);
      told(part.value.length, 0);
    }
    const bytes = await new Blob(parts).arrayBuffer();
    if (digest && !await right(bytes)) continue;
    store?.put(url, new Response(bytes.slice(0))).then(() => forget(store, url)).catch(() => {});  // a full disk: it is fetched again next time
    return bytes;
  }
  throw new Error(_`${url.slice(url.lastIndexOf("/") + 1)} is not the file that the book was built with`);
}

async function forget(store, kept) {  // what other builds of the book have left
  const place = kept.slice(0, kept.lastIndexOf("/") + 1);
  for (const { url } of await store.keys()) if (!url.startsWith(place)) store.delete(url);
}

// The size and the sha256 of each file by its name.
export async function listed(place) {
  const text = await checked(new URL("sums.json", place).href, place.pathname.match(/python-(\w{64})\/$/)[1]);
  return new Map(Object.entries(JSON.parse(new TextDecoder().decode(text))));
}

// The files of the packages that some code imports, and of those that these need: they come while Python begins, too.
function wheels(packages, code) {
  const found = new Set(), imported = new Set([...code.matchAll(/^\s*(?:from|import)\s+(\w+)/gm)].map(([, name]) => name));
  const add = name => {
    if (!packages[name] || found.has(name)) return;
    found.add(name);
    packages[name].depends.forEach(add);
  };
  for (const [name, { imports }] of Object.entries(packages)) if (imports.some(one => imported.has(one))) add(name);
  return [...found].map(name => packages[name].file_name);
}

// What a Worker offers: postMessage, terminate, onmessage, onerror. And onflood, where so many messages come that a page would not answer.
// `code` is what it will run, as far as that is known.
export function isolated(place, code = "") {
  const { port1: port, port2 } = new MessageChannel(), frame = document.createElement("iframe"), list = listed(place);
  const flooded = flood();
  let done = 0, total = 0;
  const made = {
    onmessage() {}, onerror() {}, onflood() {},
    postMessage: message => port.postMessage(message),
    terminate() {
      made.onmessage = made.onerror = made.onflood = () => {};
      removeEventListener("message", failed);
      port.close();
      frame.remove();
    },
  };
  const failed = ({ source }) => { if (source === frame.contentWindow) made.onerror(); };
  const file = async name => {
    const [size, sha256] = (await list).get(name) ?? [];
    if (!sha256) throw new Error(`${name}: no file of the book`);
    return checked(new URL(name, place).href, sha256, size, (came, more) => {
      done += came;
      total += more;
      made.onmessage({ data: { phase: "download", done, total } });
    });
  };
  const script = file("worker.js"), soon = new Map();
  const begin = name => {
    const bytes = file(name);
    bytes.catch(() => {});  // who asks for it hears of it
    soon.set(name, bytes);
  };
  SOON.forEach(begin);
  soon.get("pyodide-lock.json").then(lock => wheels(JSON.parse(new TextDecoder().decode(lock)).packages, code).forEach(begin), () => {});
  port.onmessage = ({ data, ports: [answer] }) => {
    if (flooded(performance.now())) return made.onflood();
    if (!answer) return made.onmessage({ data });
    (soon.get(data) ?? file(data)).then(bytes => answer.postMessage(bytes, [bytes]), error => answer.postMessage(String(error.message)));
    soon.delete(data);  // its bytes are given away
  };
  addEventListener("message", failed);
  frame.onload = () => script.then(bytes => frame.contentWindow?.postMessage(bytes, "*", [port2]), () => made.onerror());
  Object.assign(frame, { srcdoc: html, title: "Python", hidden: true });
  frame.setAttribute("sandbox", "allow-scripts");
  document.body.append(frame);
  return made;
}
