"""A page as it is written, part after part: HTML that needs no other file and no other host, or Markdown.

Every text comes in as it is and is escaped here, since names, choices and errors are anybody's.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from typing import Any

from hpt_lab.report.languages import say
from hpt_lab.report.svg import Drawing, png, svg
from hpt_lab.report.tables import Table
from hpt_lab.values.display import shown

__all__ = ["Html", "Markdown"]

LONGEST = 400  # letters of a cell
WIDE = 5.5  # inches: a wider figure scrolls inside itself on a phone
STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1c1e21; --soft: #55585e; --line: #d5d8dd; --shade: #f3f5f7;
  --link: #0b5c8e; --blue: #0072b2; --vermilion: #d55e00; --grey: #767676; --green: #009e73; --purple: #cc79a7; --sky: #56b4e9;
  --orange: #e69f00; --letters: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #e6e7e9; --soft: #a9adb4; --line: #3a3e45;
  --shade: #21242a; --link: #7cc0ee; --blue: #55aee6; --vermilion: #ff8f45; --grey: #a0a0a0; --green: #2cc299; --purple: #dd9cc0 }
  svg text { fill: var(--ink) !important } }
@media print { :root { --paper: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --shade: #ffffff } }
* { box-sizing: border-box }
body { font: 1rem/1.55 var(--letters); color: var(--ink); background: var(--paper); margin: 0 }
main { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .5rem 0 1rem; overflow-wrap: anywhere }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line) }
p, li { max-width: 46rem; overflow-wrap: anywhere } ul { padding-left: 1.2rem } li { margin: .3rem 0 }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .7rem; margin: 1rem 0 }
dl > div { background: var(--shade); border-radius: .5rem; padding: .6rem .8rem }
dt { font-size: .85rem; color: var(--soft) } dd { margin: 0; font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere }
pre { background: var(--shade); border-radius: .5rem; padding: .8rem 1rem; margin: .6rem 0; font-size: .9rem;
  font-family: ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
.scroll { overflow-x: auto; margin: .6rem 0 } .scroll.tall { max-height: 36rem; overflow-y: auto }
.scroll:focus-visible, button:focus-visible { outline: 3px solid var(--link); outline-offset: 1px }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
td { max-width: 24rem; overflow-wrap: break-word } .n { text-align: right; white-space: nowrap }
thead th { position: sticky; top: 0; background: var(--paper); white-space: nowrap; border-bottom: 2px solid var(--line) }
th button, .copy { font: inherit; color: var(--link); background: none; border: 0; padding: .25rem 0; cursor: pointer;
  min-height: 1.6rem } .copy { text-decoration: underline }
th[aria-sort=ascending] button::after { content: " \\2191" } th[aria-sort=descending] button::after { content: " \\2193" }
.figures { display: grid; gap: .8rem 1.2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, var(--each)), 1fr)) }
.figures > div { min-width: 0; overflow-x: auto }
svg { display: block; width: 100%; height: auto; max-width: var(--most); min-width: var(--least) }
svg * { stroke-linejoin: round; stroke-linecap: butt }
svg text { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 2.5px; stroke-linejoin: round }
"""
SCRIPT = """
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
      const key = row => row.cells[column].dataset.v ?? row.cells[column].textContent;
      const sign = down ? -1 : 1;
      const rows = [...body.rows].map(row => [row, key(row)]);
      rows.sort(([, a], [, b]) => (a === "") - (b === "") || sign * (a - b || (isNaN(a - b) ? a.localeCompare(b) : 0)));
      body.append(...rows.map(([row]) => row));
    });
  });
}
for (const text of document.querySelectorAll("pre")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", () => navigator.clipboard.writeText(text.textContent).then(
    () => { button.textContent = "Copied"; }, () => getSelection().selectAllChildren(text)));
  text.after(button);
}
"""
STYLES = {"ko": ":lang(ko) { word-break: keep-all }\n"}  # what a language adds


class Html:
    """One page. Only its own script runs, and it can load nothing."""

    def __init__(self, language: str = "en") -> None:
        self.parts: list[str] = []
        self._language, self._say = language, say(language)
        self._script = SCRIPT
        for word in ("Copy", "Copied"):
            self._script = self._script.replace(f'"{word}"', json.dumps(self._say(word), ensure_ascii=False))
        self._n_figures = 0

    def title(self, text: str) -> None:
        text = html.escape(text)
        allowed = f"'sha256-{digest(self._script)}'"
        policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {allowed}"
        self.parts += [
            f'<!doctype html>\n<html lang="{self._language}"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{text}</title>',
            f"<style>{STYLE}{STYLES.get(self._language, '')}</style></head><body><main>\n<h1>{text}</h1>",
        ]

    def heading(self, text: str) -> None:
        self.parts.append(f"<h2>{html.escape(text)}</h2>")

    def text(self, text: str) -> None:
        self.parts.append(f"<p>{html.escape(text)}</p>")

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """A few words or numbers, large."""
        inside = "".join(f"<div><dt>{html.escape(a)}</dt><dd>{html.escape(b)}</dd></div>" for a, b in facts)
        self.parts.append(f"<dl>{inside}</dl>")

    def sentences(self, sentences: Sequence[str]) -> None:
        self.parts.append(f"<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in sentences)}</ul>")

    def code(self, text: str) -> None:
        self.parts.append(f"<pre>{html.escape(text)}</pre>")

    def table(self, name: str, table: Table, *, sortable: bool = False) -> None:
        numbers = [_is_numeric([row[i] for row in table.rows]) for i in range(len(table.heads))]
        marks = [' class="n"' if number else "" for number in numbers]
        heads = zip(table.heads, marks, strict=True)
        head = "".join(f'<th scope="col"{mark}>{html.escape(shown(text))}</th>' for text, mark in heads)
        body = "\n".join(
            f"<tr>{''.join(_cell(cell, mark) for cell, mark in zip(row, marks, strict=True))}</tr>"
            for row in table.rows
        )
        kind, tall = (' class="sortable"', " tall") if sortable else ("", "")
        self.parts.append(
            f'<div class="scroll{tall}" tabindex="0" role="region" aria-label="{html.escape(name)}"><table{kind}>'
            f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
        )

    def figures(self, drawings: Sequence[Drawing]) -> None:
        """Beside each other, as many as there is room for."""
        width = drawings[0].size[0]
        wide = width > WIDE
        most, each = f"{width * 97:.0f}px", "100%" if wide else f"{width * 80:.0f}px"
        least = f"{width * 70:.0f}px" if wide else "0"
        self.parts.append(f'<div class="figures" style="--most: {most}; --each: {each}; --least: {least}">')
        for drawing in drawings:
            self._n_figures += 1
            focus = f' tabindex="0" role="region" aria-label="{self._say("Figure")}"' if wide else ""
            self.parts.append(f"<div{focus}>{svg(drawing, f'f{self._n_figures}-', self._language)}</div>")
        self.parts.append("</div>")

    def end(self) -> str:
        return "\n".join([*self.parts, f"<script>{self._script}</script></main></body></html>", ""])


def digest(script: str) -> str:
    """What the policy of a page knows its script by."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _is_numeric(cells: Sequence[Any]) -> bool:
    return all(cell is None or (isinstance(cell, (int, float)) and not isinstance(cell, bool)) for cell in cells)


def _cell(value: Any, mark: str) -> str:
    text = shown(value, LONGEST)
    exact = f' data-v="{value!r}"' if isinstance(value, float) and repr(value) != text else ""
    return f"<td{mark}{exact}>{html.escape(text)}</td>"


class Markdown:
    """The same parts as Markdown."""

    def __init__(self, language: str = "en") -> None:
        self.parts: list[str] = []
        self._language, self._say = language, say(language)

    def title(self, text: str) -> None:
        self.parts.append(f"# {_plain(text)}")

    def heading(self, text: str) -> None:
        self.parts.append(f"## {_plain(text)}")

    def text(self, text: str) -> None:
        self.parts.append(_plain(text))

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        self.table("", Table((self._say("what"), self._say("value")), facts))

    def sentences(self, sentences: Sequence[str]) -> None:
        self.parts.append("\n".join(f"- {_plain(one)}" for one in sentences))

    def code(self, text: str) -> None:
        fence = "~~~" + "~" * max((len(run) for run in text.split() if set(run) == {"~"}), default=0)
        self.parts.append(f"{fence}python\n{text}\n{fence}")

    def table(self, name: str, table: Table, *, sortable: bool = False) -> None:
        lines = [table.heads, ["---"] * len(table.heads), *table.rows]
        self.parts.append(
            "\n".join(f"| {' | '.join(_plain(shown(cell, LONGEST)) for cell in line)} |" for line in lines)
        )

    def figures(self, drawings: Sequence[Drawing]) -> None:
        for drawing in drawings:
            data = base64.b64encode(png(drawing, self._language)).decode()
            self.parts.append(f"![{_plain(drawing.alt)}](data:image/png;base64,{data})")

    def end(self) -> str:
        return "\n\n".join([*self.parts, ""])


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else."""
    return "".join(f"\\{sign}" if sign in r"\|`*_[]<>&#$~" else sign for sign in text)
