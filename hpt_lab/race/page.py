"""The leaderboard as one page: no script, no other file, no other host; for a dark room and for a phone.

Every cell of the table of problems shows its number, and a colour that repeats it.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hpt_lab.values.display import shown

if TYPE_CHECKING:
    from hpt_lab.race.board import Result

__all__ = ["body", "page"]

LOWEST = -50.0  # score of the deepest colour below zero
STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 1.5rem auto; padding: 0 1rem; color: #222; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #161616 } }
"""
INNER = """
.race { overflow-x: auto } .race table { border-collapse: collapse; font-variant-numeric: tabular-nums }
.race th, .race td { padding: .2rem .6rem; text-align: right; border: 0; white-space: nowrap }
.race td.name, .race th.name { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 8rem } .race tr.first td { border-top: 2px solid #888 }
.race tr.entered .name { font-weight: 700 } .race th.problem { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left }
li { overflow-wrap: anywhere } .race td.bar { min-width: 5rem } .race .bar div { height: .8rem; background: #0072b2 }
"""
REGION = '<div class="race" role="region" tabindex="0" aria-label="{}">'  # which the keyboard can scroll


def page(result: Result) -> str:
    """The whole page of a race."""
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>The race</title>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head><body>\n<h1>The race</h1>\n'
        f"{body(result)}\n</body></html>\n"
    )


def body(result: Result) -> str:
    """The board, the scores on each problem, and who is disqualified: also what a notebook shows."""
    how = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in result.sentences)
    parts = [f"<style>{INNER}</style>", how, REGION.format("The board"), _board(result), "</div>"]
    parts += ["<h2>Problem by problem</h2>", REGION.format("Problem by problem"), _problems(result), "</div>"]
    for title, said in (("Disqualified", result.reasons), ("Printed", result.printed)):
        if said:
            items = "".join(f"<li><b>{_text(name)}</b>: {html.escape(text)}</li>" for name, text in said.items())
            parts.append(f"<h2>{title}</h2><ul>{items}</ul>")
    return "\n".join(parts)


def _board(result: Result) -> str:
    heads = ("rank", "strategy", "score", "error", "", "ms a trial")
    rows = []
    for name, attributes in _rows(result):
        best, worst = result.ranks[name]
        rank, points = str(best) if best == worst else f"{best}–{worst}", result.scores[name]
        width = max(0.0, min(100.0, points))
        rows.append(
            f'<tr{attributes}><td>{rank}</td><td class="name">{_text(name)}</td><td>{points:.1f}</td>'
            f'<td>{result.errors[name]:.1f}</td><td class="bar"><div style="width:{width:.0f}%"></div></td>'
            f"<td>{1000 * result.seconds[name]:.1f}</td></tr>"
        )
    line = "".join(f'<th class="{"name" if head == "strategy" else ""}">{head}</th>' for head in heads)
    return f"<table><thead><tr>{line}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _problems(result: Result) -> str:
    heads = "".join(f'<th class="problem">{_text(name)}</th>' for name in result.problems)
    rows = []
    for name, attributes in _rows(result):
        cells = "".join(map(_cell, result.by_problem(name).mean(axis=1).tolist()))
        rows.append(f'<tr{attributes}><td class="name">{_text(name)}</td>{cells}</tr>')
    line = f'<tr><th class="name">strategy</th>{heads}</tr>'
    return f"<table><thead>{line}</thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(points: float) -> str:
    """The score on one problem: bluer towards 100, redder below 0."""
    colour, share = ("0 114 178", points / 100) if points >= 0 else ("213 94 0", points / LOWEST)
    return f'<td style="background:rgb({colour} / {0.6 * min(1.0, share):.2f})">{points:.0f}</td>'


def _rows(result: Result) -> Iterable[tuple[str, str]]:
    """Each name, best first, and the attributes of its row: a rule over each group, and who entered in bold."""
    for group in result.groups:
        for name in group:
            classes = ["first"] * (name == group[0]) + ["entered"] * (name in result.entered)
            yield name, f' class="{" ".join(classes)}"' if classes else ""


def _text(name: str) -> str:
    return html.escape(shown(name))
