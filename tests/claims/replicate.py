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
from collections.abc import Iterable
from pathlib import Path

from claim import BLOCKS, CLAIMS, LATER, Claim, Effect

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "book" / "replication.md"
RESULTS = HERE / "replication.json"

HEAD = """# How well this book replicates

Each empirical sentence below is a function in `tests/claims`, which repeats its experiment on a block of seeds. `make replicate`
runs it on {blocks} blocks that nobody had looked at when the sentence was written. (They begin at the seeds {first}; for a
sentence that was written after those had spoken, at {later}.) A cell shows the effect with its standard error, turned so
that the claim says it is above zero, or above or within what the column *effect* says. A claim *holds* on a block where the effect
is at least two standard errors on the right side; ✗ marks a block where it does not.

**Of {n} claims, {whole} hold on all of their blocks. {n_fallen} fell: a block spoke against them.** The fallen are
[at the end](#what-fell), with what the lessons say instead.
"""

FALLEN = """
## What fell

Once the lessons said so. An effect that is above zero on every block may be real and smaller than we thought; the lesson now
says no more than the blocks bear.

| the book said | 1st block | 2nd | 3rd | effect | the lesson says instead |
|---|---|---|---|---|---|
"""


def load() -> None:
    """Import all files of claims beside this one."""
    for path in sorted(HERE.glob("claims_*.py")):
        importlib.import_module(path.stem)


def run_one(task: tuple[str, int]) -> Effect:
    load()
    name, first_seed = task
    return CLAIMS[name].on(first_seed)


def numbers(seeds: Iterable[int]) -> str:
    *some, last = (f"{seed:,}".replace(",", "\N{NO-BREAK SPACE}") for seed in seeds)
    return f"{', '.join(some)} and {last}"


def cells(found: list[Effect] | None) -> str:
    return " | ".join(f"{e}{'' if e.holds else ' ✗'}" for e in found) if found else " | ".join(["not run yet"] * 3)


def where(claim: Claim) -> str:
    folder, lesson = claim.lesson.split("/")
    label = str(int(lesson[:2])) if lesson[:2].isdigit() else lesson
    return f"[{int(folder[:2])}.{label}](../chapters/{claim.lesson}.ipynb)"


def page(results: dict[str, list[Effect]]) -> str:
    """The table of the claims, chapter by chapter, and that of the fallen; what was not run yet says so."""
    listed = sorted(CLAIMS.items(), key=lambda item: item[1].lesson)
    standing = {name: claim for name, claim in listed if claim.fallen is None}
    fallen = {name: claim for name, claim in listed if claim.fallen is not None}
    judged = [results[name] for name in standing if name in results]
    lines = [
        HEAD.format(
            blocks="three",
            first=numbers(BLOCKS),
            later=numbers(LATER),
            n=len(judged) + len(fallen),
            whole=sum(all(e.holds for e in found) for found in judged),
            n_fallen=len(fallen),
        )
    ]
    if missing := len(standing) - len(judged):
        lines.append(f"\n{missing} more claims were written and not run on these blocks yet.\n")
    chapter = None
    for name, claim in standing.items():
        if claim.lesson[:2] != chapter:
            chapter = claim.lesson[:2]
            lines.append(
                f"\n## Chapter {int(chapter)}\n\n| claim | 1st block | 2nd | 3rd | holds | effect |\n|---|" + "---|" * 5
            )
        found = results.get(name)
        holds, unit = (f"{sum(e.holds for e in found)} of {len(found)}", found[0].unit) if found else ("", "")
        lines.append(f"| {where(claim)} {claim.sentence} | {cells(found)} | {holds} | {unit} |")
    if fallen:
        lines.append(FALLEN.rstrip("\n"))
    for name, claim in fallen.items():
        found = results.get(name)
        unit = found[0].unit if found else ""
        lines.append(f"| {where(claim)} {claim.sentence} | {cells(found)} | {unit} | {claim.fallen} |")
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
        blocks = {name: [pool.submit(run_one, (name, block)) for block in CLAIMS[name].blocks] for name in chosen}
        for done, (name, futures) in enumerate(blocks.items(), 1):
            results[name] = [future.result() for future in futures]
            store(results)
            PAGE.write_text(page(results), encoding="utf-8", newline="\n")
            shown = ", ".join(f"{effect}{'' if effect.holds else ' DOES NOT HOLD'}" for effect in results[name])
            print(f"{done}/{len(chosen)}  {name}: {shown}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
