// The claims as pictures, on the front page and chapter by chapter: one stop for the keyboard, arrow keys from claim to claim, and below
// them the sentence of a claim. Without this file, the first of a picture is a stop, and all of them are links with a title.

for (const claims of document.querySelectorAll(".claims")) {
  const dots = [...claims.querySelectorAll(".claim")], told = document.createElement("p");
  told.className = "claim-told";
  told.setAttribute("aria-hidden", "true");  // a claim's name says it to those who listen
  told.textContent = claims.matches(".with-intervals") ? _("Point at a claim, or use the arrow keys, to read it.") : _("Point at a dot, or use the arrow keys, to read its claim.");
  claims.after(told);
  const tell = event => { const dot = event.target.closest(".claim"); if (dot) told.textContent = dot.ariaLabel; };
  for (const dot of dots) {  // the sentence appears below, not over the dots as well
    dot.ariaLabel = dot.title;
    dot.removeAttribute("title");
  }
  claims.addEventListener("pointerover", tell);
  claims.addEventListener("focusin", tell);
  claims.addEventListener("keydown", event => {
    const to = neighbor(dots, dots.indexOf(document.activeElement), event.key);
    if (!to) return;
    for (const dot of dots) dot.tabIndex = dot === to ? 0 : -1;
    to.focus();
    event.preventDefault();
  });
}

function neighbor(dots, i, key) {  // the claim to which a key leads, or nothing
  const along = { ArrowLeft: dots[i - 1], ArrowRight: dots[i + 1], Home: dots[0], End: dots.at(-1) };
  if (key in along) return along[key];
  const rows = [...new Set(dots.map(dot => dot.offsetTop))], row = rows.indexOf(dots[i].offsetTop) + { ArrowUp: -1, ArrowDown: 1 }[key];
  const away = dot => Math.abs(dot.offsetLeft - dots[i].offsetLeft);
  return dots.filter(dot => dot.offsetTop === rows[row]).reduce((best, dot) => (best && away(best) <= away(dot) ? best : dot), undefined);
}

// ---- A link to a row opens the fold that it is in.

function open() {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1))), fold = row?.closest("details:not([open])");
  if (!fold) return;
  fold.open = true;
  row.scrollIntoView();
}
addEventListener("hashchange", open);
open();
