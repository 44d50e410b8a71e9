// The claims on the front page: one stop for the keyboard, arrow keys from dot to dot, and below them the sentence of a dot.
// Without this file, the first dot is a stop, and all of them are links with a title.

const claims = document.querySelector(".claims"), dots = claims ? [...claims.children] : [];

if (claims) {
  const told = document.createElement("p");
  told.className = "claim-told";
  told.setAttribute("aria-hidden", "true");  // a dot's title says it to those who listen
  told.textContent = _("Point at a dot, or use the arrow keys, to read its claim.");
  claims.after(told);
  const tell = event => { if (dots.includes(event.target)) told.textContent = event.target.title || event.target.ariaLabel; };
  for (const dot of dots) {  // the sentence appears below, not over the dots as well
    dot.ariaLabel = dot.title;
    dot.removeAttribute("title");
  }
  claims.addEventListener("pointerover", tell);
  claims.addEventListener("focusin", tell);
  claims.addEventListener("keydown", event => {
    const to = neighbor(dots.indexOf(document.activeElement), event.key);
    if (!to) return;
    for (const dot of dots) dot.tabIndex = dot === to ? 0 : -1;
    to.focus();
    event.preventDefault();
  });
}

function neighbor(i, key) {  // the dot to which a key leads, or nothing
  const along = { ArrowLeft: dots[i - 1], ArrowRight: dots[i + 1], Home: dots[0], End: dots.at(-1) };
  if (key in along) return along[key];
  const row = dots.filter(dot => dot.offsetTop === dots[0].offsetTop).length;  // as many as a row holds
  return { ArrowUp: dots[i - row], ArrowDown: dots[i + row] }[key];
}
