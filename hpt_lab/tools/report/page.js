const written = cell => cell.dataset.v ?? cell.textContent;
const button = (textContent, more = {}) => make("button", textContent, { type: "button", ...more });
const foldOf = row => [row.nextElementSibling].filter(next => next?.classList.contains("fold"));  // of a trial that is open
const dataOf = row => JSON.parse(row.dataset.it);

// Open a row's trial in detail below it, or close it.
function turn(row, opener) {
  const [open] = foldOf(row);
  opener.setAttribute("aria-expanded", !open);
  if (open) return open.remove();
  const it = dataOf(row), heads = [...row.closest("table").tHead.rows[0].cells].map(head => head.textContent);
  const rows = [...row.cells].map((cell, i) => [heads[i], cell.textContent]).filter(([, text]) => text);
  const best = [...row.parentElement.rows].find(one => one.dataset.it && Number(one.cells[0].textContent) === it.beside);
  const fold = make("tr", "", { className: "fold" }), box = make("div", "", { className: "detail" });
  fold.append(make("td", "", { colSpan: heads.length }));
  fold.firstChild.append(box);
  box.append(...detail({ ...it, rows, best: best && dataOf(best).curve }));
  row.after(fold);
}

for (const row of document.querySelectorAll("tr[data-it]")) {
  const [cell] = row.cells, opener = button(cell.textContent);
  opener.setAttribute("aria-expanded", false);
  opener.addEventListener("click", () => turn(row, opener));
  cell.replaceChildren(opener);
}
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => {
    const sorter = button(head.textContent);
    head.replaceChildren(sorter);
    sorter.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => written(row.cells[column]);
      const sign = down ? -1 : 1;
      const rows = [...body.rows].filter(row => row.dataset.it).map(row => [[row, ...foldOf(row)], key(row)]);
      rows.sort(([, a], [, b]) => (a === "") - (b === "") || sign * (a - b || (isNaN(a - b) ? a.localeCompare(b) : 0)));
      body.append(...rows.flatMap(([each]) => each));
    });
  });
  const search = make("input", "", { type: "search" }), label = make("label"), csv = button(table.dataset.csv, { className: "copy" });
  const tools = make("p"), found = make("span"), rows = [...body.rows];
  const texts = rows.map(row => `${row.textContent} ${dataOf(row).error}`.toLowerCase());
  found.setAttribute("role", "status");
  label.append(table.dataset.search, " ", search);
  tools.append(label, " ", found, " ", csv);
  table.parentElement.before(tools);
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    rows.forEach((row, i) => [row, ...foldOf(row)].forEach(each => { each.hidden = !words.every(word => texts[i].includes(word)); }));
    found.textContent = search.value.trim() && `${rows.filter(row => !row.hidden).length} / ${rows.length}`;
  });
  csv.addEventListener("click", () => {
    const lines = [...table.rows].filter(row => !row.hidden && row.className !== "fold").map(row => [...row.cells].map(cell => `"${written(cell).replaceAll('"', '""')}"`).join());
    const file = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
    make("a", "", { href: file, download: `${document.title}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(file), 1e4);
  });
}
for (const text of document.querySelectorAll("pre")) {
  if (!navigator.clipboard) break;
  const copy = button(text.dataset.copy, { className: "copy" });
  copy.addEventListener("click", () => navigator.clipboard.writeText(text.textContent).then(
    () => { copy.textContent = text.dataset.copied; }, () => getSelection().selectAllChildren(text)));
  text.after(copy);
}
