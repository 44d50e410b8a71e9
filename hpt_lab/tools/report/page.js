const written = cell => cell.dataset.v ?? cell.textContent;
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => written(row.cells[column]);
      const sign = down ? -1 : 1;
      const rows = [...body.rows].map(row => [row, key(row)]);
      rows.sort(([, a], [, b]) => (a === "") - (b === "") || sign * (a - b || (isNaN(a - b) ? a.localeCompare(b) : 0)));
      body.append(...rows.map(([row]) => row));
    });
  });
}
for (const table of document.querySelectorAll("table.sortable")) {  // search and download
  const search = Object.assign(document.createElement("input"), { type: "search" }), label = document.createElement("label");
  const csv = Object.assign(document.createElement("button"), { type: "button", className: "copy", textContent: table.dataset.csv });
  const tools = document.createElement("p"), found = document.createElement("span"), rows = [...table.tBodies[0].rows];
  found.setAttribute("role", "status");
  label.append(table.dataset.search, " ", search);
  tools.append(label, " ", found, " ", csv);
  table.parentElement.before(tools);
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const row of rows) row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
    found.textContent = search.value.trim() && `${rows.filter(row => !row.hidden).length} / ${rows.length}`;
  });
  csv.addEventListener("click", () => {
    const lines = [...table.rows].filter(row => !row.hidden).map(row => [...row.cells].map(cell => `"${written(cell).replaceAll('"', '""')}"`).join());
    const file = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
    Object.assign(document.createElement("a"), { href: file, download: `${document.title}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(file), 1e4);
  });
}
for (const text of document.querySelectorAll("pre")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = text.dataset.copy;
  button.addEventListener("click", () => navigator.clipboard.writeText(text.textContent).then(
    () => { button.textContent = text.dataset.copied; }, () => getSelection().selectAllChildren(text)));
  text.after(button);
}
