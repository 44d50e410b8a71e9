// What the figures compute, as programs that open in an editor below them: programs/NAME.py, with the settings of the figure.

const OWN = ["anywin", "breakit", "cancel", "choose", "condition", "copies", "curse", "cut", "edge", "explosion", "goals", "goodbad", "halving", "island", "leads", "lift", "loops", "maps", "pays", "population", "projections", "tilt", "trainon", "tree", "valley", "wells", "widths"];

function settings(figure) {  // as the lesson has them, and then as the address has them
  let hash = "";
  try { hash = decodeURIComponent(location.hash.slice(1)); } catch { /* a broken link says nothing */ }
  const addressed = hash.split(";").find(part => part.startsWith(`${figure.id}:`)) ?? "";
  return new URLSearchParams(`${figure.dataset.settings ?? ""}&${addressed.slice(figure.id.length + 1)}`);
}

// The programs that a figure offers: pairs of a name and the words on its button.
export function offers(figure) {
  const device = figure.dataset.device;
  if (OWN.includes(device)) return [[device, _("Compute these numbers in code")]];
  if (device !== "think") return [];
  const open = _("Open this code in an editor");
  const view = settings(figure).get("view") ?? "loop";
  if (view === "evidence") return [["think_evidence", open]];
  return [["think_gp", open], ...(view === "both" ? [["think_tpe", _("Open the code of TPE in an editor")]] : [])];
}

// A line of a program that sets a name of the figure's settings gets the figure's value, if that is a number or a few words: an address
// comes from anyone.
export function filled(program, figure) {
  let text = program;
  for (const [key, value] of settings(figure)) {
    if (!/^\w+$/.test(key) || !/^[\w. -]+$/.test(value)) continue;
    const written = value.trim() !== "" && Number.isFinite(Number(value)) ? String(Number(value)) : JSON.stringify(value);
    text = text.replace(new RegExp(`^${key} = [^#\n]*?(?=  #|$)`, "m"), `${key} = ${written}`);
  }
  return text;
}
