"""Run every claim of the book on fresh seeds, and write the page that says how well it replicates.

    python tests/claims/replicate.py [NAME ...]      all claims, or those whose name or lesson contains NAME
    python tests/claims/replicate.py --page          none: the page alone, out of what is stored

Two processes work side by side (or as many as REPLICATE_PROCESSES says), each on a block of a lesson, whose claims share
what they remember. What the claims give is stored in replication.json as soon as their lesson's blocks are done, with the
day, so that an interrupt loses little, and book/replication.md is written again.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime
import importlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from claim import CLAIMS, Effect, pool
from withdrawn import WITHDRAWN

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "book" / "replication.md"
RESULTS = HERE / "replication.json"

HEAD = """# How well this book replicates

{verdict}

For each empirical sentence below, a function in `tests/claims` repeats the experiment on a block of seeds. `make replicate`
runs it on three blocks that no one had looked at when the sentence was written.

**How to read the pictures.** Each column is a claim, and the line is where the claim would fall. The large dot is the effect over
all three blocks, and its bar reaches two standard errors to each side. The small dots are the three blocks. Each claim has a scale of
its own, on which the large dots of those that hold stand at one height: the longer the bar, the less sure the claim. Those that
fell are gray. Point at a column to read its claim, and click to see its numbers.

:::{{dropdown}} What the numbers count
The column *run* gives the day, and the first seed of the first block. The other blocks begin 10,000 and 20,000 later.

A cell of the tables shows the effect with its standard error. Every effect is signed so that the claim says it is above or within
the number in the column *must be*. **The column *all* decides. It pools the three blocks.** A claim holds if its pooled
effect is at least two standard errors on its side of that number (a little more if the seeds are few: Student's *t*).

**What an error counts.** An error is computed over what is independent: the seeds of a block, or the training runs or problems
where many seeds share them. The column *seeds* says how many there are. Training runs and problems are the same in all blocks, so
pooling does not make their error smaller. The error of a share is at least that of the share with which it is compared.

A claim of "no difference" states its margin: a third of the effect that the claim is about, or less, wherever
that many seeds could be run. {n_rivals} of the claims name a rival for which they must fail, such as random search in place of the
model, and a test shows that they do. What follows from a definition or a table is a test, and is not listed here.
:::
"""

FALLEN = """
## What fell

The lessons once made these claims. An effect that is above zero on every block may be real, but smaller than we thought; the
lesson now says no more than the blocks support. A sentence that could not have failed was withdrawn, whatever its number.
"""
AGAIN = """\
**One good run brings no sentence back.** What fell is judged by all blocks on which its experiment ever ran, each with the program of
its day. The column *ever* pools them, with their number in parentheses, and is bold where the claim holds. By this rule, {n_ever} of
the {n_run} sentences that we still run would hold. The latest blocks alone would bring back {n_lucky} more. Most of these sentences
fell when each single block had to show the effect, and some say too little to be worth a sentence. We leave the lessons as they are:
what they say instead is weaker, and it is true as well.
"""
CLAIMED = "claim | 1st block | 2nd | 3rd | all | must be | holds | effect | seeds | run"
SAID = "the book said | 1st block | 2nd | 3rd | all | must be | ever | effect | run | the lesson says instead"

Results = dict[str, "Run"]


@dataclass(frozen=True)
class Run:
    """What the blocks of a claim gave, on which day, and where the first of them began; and blocks `before` these, of a claim that fell."""

    day: str
    first: int
    blocks: tuple[Effect, ...]
    before: tuple[Effect, ...] = ()

    @property
    def whole(self) -> Effect:
        return pool(self.blocks)

    @property
    def ever(self) -> Effect:
        """The effect over all blocks that the claim ever saw."""
        return pool((*self.before, *self.blocks))

    def after(self, old: Run) -> Run:
        """Return this run with the blocks of an older one before it, unless they are the same blocks run again."""
        seen = old.before if self.first == old.first else (*old.before, *old.blocks)
        return dataclasses.replace(self, before=seen)

    def __str__(self) -> str:
        return f"{self.day}, {self.first:,}"


def load() -> None:
    """Import all files of claims beside this one."""
    for path in sorted(HERE.glob("claims_*.py")):
        importlib.import_module(path.stem)


def run_block(names: list[str], first_seed: int) -> dict[str, Effect]:
    load()
    return {name: CLAIMS[name].on(first_seed) for name in names}


def cells(run: Run | None) -> str:
    """Return the effects of the blocks, that of all of them, and what this must be."""
    if run is None:
        return " | ".join(["not run yet"] * 4 + [""])
    whole = run.whole
    least = f"above {whole.above:.3g}" if whole.within is None else f"within {whole.within:.3g}"
    return " | ".join([*map(str, (*run.blocks, whole)), least])


def shown(mark: int | str, title: str, heads: str, rows: list[str], told: str = "") -> str:
    """Return the place of a picture of some claims, which the book draws out of their rows; the rows stand behind a fold, below `told`."""
    rule = "|---" * len(heads.split(" | "))
    body = "\n".join(rows)
    return f"\n<!-- claims {mark} -->\n\n::::{{dropdown}} {title}\n{told}:::{{table}}\n:class: of-claims\n\n| {heads} |\n{rule}|\n{body}\n:::\n::::"


def where(path: str, name: str) -> str:
    """Return a link to a lesson, behind the place on the page to which the claim's dot on the front page leads."""
    folder, lesson = path.split("/")
    label = str(int(lesson[:2])) if lesson[:2].isdigit() else lesson
    return f'<a id="{name.replace("_", "-")}"></a>[{int(folder[:2])}.{label}](../chapters/{path}.ipynb)'


def verdict(standing: list[Run], n_missing: int, n_fallen: int) -> str:
    """How many claims hold, and what else there is."""
    made, n_holding = len(standing) + n_missing, sum(run.whole.holds for run in standing)
    told = f"**Of {made} claims that the book makes, {n_holding} hold. Another {n_fallen} fell or were withdrawn.** These are"
    told += "\n[at the end](#what-fell), with what the lessons say now."
    return told + (f"\nNot run on these blocks yet: {n_missing} of the {made}." if n_missing else "")


def page(results: Results) -> str:
    """The table of the claims, chapter by chapter, and that of the fallen; what was not run yet says so."""
    listed = sorted(CLAIMS.items(), key=lambda item: item[1].lesson)
    standing = {name: claim for name, claim in listed if claim.fallen is None}
    fallen = {name: claim for name, claim in listed if claim.fallen is not None}
    judged = [results[name] for name in standing if name in results]
    told = verdict(judged, len(standing) - len(judged), len(fallen) + len(WITHDRAWN))
    n_rivals = sum(bool(claim.rival) for claim in standing.values())
    lines = [HEAD.format(verdict=told, n_rivals=n_rivals)]
    of_chapter: dict[int, list[str]] = {}
    for name, claim in standing.items():
        run = results.get(name)
        holds, unit = ("yes" if run.whole.holds else "**no**", run.blocks[0].unit) if run else ("", "")
        n, day = (run.blocks[0].n, run) if run else (claim.n_seeds, "")
        row = f"| {where(claim.lesson, name)} {claim.sentence} | {cells(run)} | {holds} | {unit} | {n} | {day} |"
        of_chapter.setdefault(int(claim.lesson[:2]), []).append(row)
    for chapter, rows in of_chapter.items():
        lines += [f"\n## Chapter {chapter}", shown(chapter, f"The {len(rows)} claims in numbers", CLAIMED, rows)]
    rows = []
    for name, claim in fallen.items():
        run = results.get(name)
        unit, day = (run.blocks[0].unit, run) if run else ("", "")
        mark = "**" if run and run.ever.holds else ""
        ever = f"{mark}{run.ever}{mark} ({len(run.before) + len(run.blocks)})" if run else ""
        rows.append(
            f"| {where(claim.lesson, name)} {claim.sentence} | {cells(run)} | {ever} | {unit} | {day} | {claim.fallen} |"
        )
    for i, (lesson, told, instead) in enumerate(WITHDRAWN, 1):
        rows.append(f"| {where(lesson, f'withdrawn-{i}')} {told} | | | | | | | | withdrawn | {instead} |")
    again = [(results[name].ever.holds, results[name].whole.holds) for name in fallen if name in results]
    n_ever, n_lucky = sum(ever for ever, _ in again), sum(now and not ever for ever, now in again)
    lines += [
        FALLEN.rstrip("\n"),
        shown(
            "fell",
            f"The {len(rows)} sentences, and what the lessons say now",
            SAID,
            rows,
            AGAIN.format(n_ever=n_ever, n_run=len(again), n_lucky=n_lucky) + "\n",
        ),
    ]
    return "\n".join(lines) + "\n"


def stored() -> Results:
    """The results so far, of the claims that there are."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    return {
        name: Run(
            one["day"], one["first"], *(tuple(Effect(**b) for b in one.get(part, ())) for part in ("blocks", "before"))
        )
        for name in CLAIMS
        if (one := known.get(name))
    }


def store(results: Results) -> None:
    plain = {name: dataclasses.asdict(results[name]) for name in sorted(results)}
    for run in plain.values():
        for part in ("blocks", "before"):
            run[part] = [{k: v for k, v in block.items() if k != "parts" or v} for block in run[part]]
        if not run["before"]:
            del run["before"]
    RESULTS.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8", newline="\n")


def main(names: list[str]) -> int:
    load()
    chosen = [n for n, c in CLAIMS.items() if not names or any(part in n or part in c.lesson for part in names)]
    PAGE.write_text(page(stored()), encoding="utf-8", newline="\n")
    day, lessons, done = datetime.date.today().isoformat(), {CLAIMS[name].lesson: None for name in chosen}, 0
    with concurrent.futures.ProcessPoolExecutor(int(os.environ.get("REPLICATE_PROCESSES", "2"))) as workers:
        futures: dict[str, dict[int, concurrent.futures.Future[dict[str, Effect]]]] = {}
        for lesson in lessons:
            of_block: dict[int, list[str]] = {}
            for name in chosen:
                for block in CLAIMS[name].blocks if CLAIMS[name].lesson == lesson else ():
                    of_block.setdefault(block, []).append(name)
            futures[lesson] = {block: workers.submit(run_block, names, block) for block, names in of_block.items()}
        for lesson, blocks in futures.items():
            found = {block: future.result() for block, future in blocks.items()}
            names = [name for name in chosen if CLAIMS[name].lesson == lesson]
            runs = {
                name: Run(day, CLAIMS[name].blocks[0], tuple(found[block][name] for block in CLAIMS[name].blocks))
                for name in names
            }
            results = (old := stored()) | runs
            for name in old.keys() & runs.keys():
                if CLAIMS[name].fallen is not None:
                    results[name] = runs[name].after(old[name])
            store(results)
            PAGE.write_text(page(results), encoding="utf-8", newline="\n")
            for name, run in runs.items():
                done += 1
                told = f"{', '.join(map(str, run.blocks))}: {run.whole}{'' if run.whole.holds else ' FAILS'}"
                print(f"{done}/{len(chosen)}  {name}: {told}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
