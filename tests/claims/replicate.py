"""Run every claim of the book on fresh seeds, and write the page that says how well it replicates.

    python tests/claims/replicate.py [NAME ...]      all claims, or those whose name or lesson contains NAME

Two claims run side by side. What a claim gives is stored in replication.json as soon as its blocks are done, so that an
interrupt loses nothing, and book/replication.md is written anew.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import importlib
import json
import sys
from pathlib import Path

from claim import BLOCKS, CLAIMS, Effect

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "book" / "replication.md"
RESULTS = HERE / "replication.json"

HEAD = """# How well this book replicates

Each empirical sentence below is a function in `tests/claims`, which repeats its experiment on a block of seeds; `make replicate`
runs them on {blocks} blocks that the lessons do not use. A cell shows the effect with its standard error, turned so that the
claim says it is above zero (or above or within what the last column says). A claim *holds* on a block where the effect is at
least two standard errors on the right side.

Read the counts with this in mind: the same blocks helped to write the book. What missed on them was weakened, was given more
seeds, or was taken out, so they are better than those of blocks that nobody has seen would be.

**{held} of {total} blocks hold; {whole} of {n} claims hold on all of their blocks.**
"""


def load() -> None:
    """Import all files of claims beside this one."""
    for path in sorted(HERE.glob("claims_*.py")):
        importlib.import_module(path.stem)


def run_one(task: tuple[str, int]) -> Effect:
    load()
    name, first_seed = task
    return CLAIMS[name].on(first_seed)


def page(results: dict[str, list[Effect]]) -> str:
    """The table of all claims, chapter by chapter; what was not run yet says so."""
    effects = [effect for found in results.values() for effect in found]
    lines = [
        HEAD.format(
            blocks=len(BLOCKS),
            n=len(results),
            held=sum(e.holds for e in effects),
            total=len(effects),
            whole=sum(all(e.holds for e in found) for found in results.values()),
        )
    ]
    if missing := len(CLAIMS) - len(results):
        lines.append(f"\n{missing} more claims were written and not run on these blocks yet.\n")
    chapter = None
    for name, claim in sorted(CLAIMS.items(), key=lambda item: item[1].lesson):
        folder, lesson = claim.lesson.split("/")
        if folder != chapter:
            chapter = folder
            blocks = " | ".join(f"seeds {block}+" for block in BLOCKS)
            lines.append(f"\n## Chapter {int(folder[:2])}\n\n| claim | {blocks} | holds | effect |\n|---|" + "---|" * 5)
        label = str(int(lesson[:2])) if lesson[:2].isdigit() else lesson
        link = f"{int(folder[:2])}.[{label}](../chapters/{claim.lesson}.ipynb)"
        found = results.get(name)
        cells = [f"{e}{'' if e.holds else ' ✗'}" for e in found] if found else ["not run yet"] * len(BLOCKS)
        holds, unit = (f"{sum(e.holds for e in found)} of {len(found)}", found[0].unit) if found else ("", "")
        lines.append(f"| {link} {claim.sentence} | {' | '.join(cells)} | {holds} | {unit} |")
    return "\n".join(lines) + "\n"


def stored() -> dict[str, list[Effect]]:
    """The results so far, of the claims that there are."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    return {name: [Effect(**effect) for effect in known[name]] for name in CLAIMS if name in known}


def store(results: dict[str, list[Effect]]) -> None:
    plain = {name: [dataclasses.asdict(effect) for effect in results[name]] for name in sorted(results)}
    RESULTS.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8", newline="\n")


def main(names: list[str]) -> int:
    load()
    chosen = [n for n, c in CLAIMS.items() if not names or any(part in n or part in c.lesson for part in names)]
    results = stored()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        blocks = {name: [pool.submit(run_one, (name, block)) for block in BLOCKS] for name in chosen}
        for done, (name, futures) in enumerate(blocks.items(), 1):
            results[name] = [future.result() for future in futures]
            store(results)
            PAGE.write_text(page(results), encoding="utf-8", newline="\n")
            shown = ", ".join(f"{effect}{'' if effect.holds else ' DOES NOT HOLD'}" for effect in results[name])
            print(f"{done}/{len(chosen)}  {name}: {shown}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
