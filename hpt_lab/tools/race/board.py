"""The leaderboard: the true losses of every strategy, and the scores, errors, ranks and groups computed from them.

Templates next to this file show it as HTML: board.html, and page.html, which needs no other file and no other server.
"""

import html
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hpt_lab.tools.race import score
from hpt_lab.values import intervals
from hpt_lab.values.checks import WrongType, array, finite, one_of, positive, seed, short
from hpt_lab.values.display import html_table, measured, render, shown
from hpt_lab.values.files import file_path, write_whole

if TYPE_CHECKING:
    import pandas as pd

Losses = tuple[tuple[float, ...], ...]  # for each problem and seed
FINE = 10  # points, to be detected with more seeds
HEADS = ("rank", "strategy", "score", "error", "behind", "± seeds", "± problems", "ms/trial")
MEASURE = "TPE"  # the strategy whose score earns all points


@dataclass(frozen=True)
class Result:
    """The result of a race, shown as a board, as text or in a notebook.

    Attributes
    ----------
    problems : tuple of str
    seeds : tuple of int
    n_trials : int
    random, optimum : tuple of float
        For each problem, the mean loss of random search and the best possible loss, with scores 0 and 100.
    losses : dict, name of a strategy -> for each problem and seed, the true loss of its search's incumbent
    seconds : dict
        Name -> mean processor time of a suggestion; the lab's stored ones are from the machine that stored them.
    entered : tuple of str, the names of those that entered this race; the others are the lab's own
    reasons, printed : dict, name -> the reason for its disqualification; the beginning of its output
    """

    problems: tuple[str, ...]
    seeds: tuple[int, ...]
    n_trials: int
    random: tuple[float, ...]
    optimum: tuple[float, ...]
    losses: Mapping[str, Losses]
    seconds: Mapping[str, float]
    entered: tuple[str, ...]
    reasons: Mapping[str, str]
    printed: Mapping[str, str]

    def by_problem(self, name: str) -> np.ndarray:
        """Return the scores of a strategy, shape (n_problems, n_seeds). Raises ValueError if it has none."""
        losses = self.losses[one_of("Result: name", name, list(self.losses))]
        return score.scores(np.array(losses), np.array(self.random), np.array(self.optimum))

    @cached_property
    def _by_seed(self) -> np.ndarray:
        return np.array([self.by_problem(name).mean(axis=0) for name in self.losses])

    @cached_property
    def _tables(self) -> list[np.ndarray]:
        by_problem = np.array([self.by_problem(name).mean(axis=1) for name in self.losses])
        return [self._by_seed, by_problem][: 1 + (len(self.problems) >= score.MANY)]

    @cached_property
    def _apart(self) -> np.ndarray:
        return score.apart(*self._tables)

    @cached_property
    def scores(self) -> dict[str, float]:
        """Name -> score: 0 is random search, 100 the optimum of every problem with every seed."""
        return dict(zip(self.losses, self._by_seed.mean(axis=1).tolist(), strict=True))

    @cached_property
    def errors(self) -> dict[str, float]:
        """Name -> standard error of its score, over the seeds."""
        return dict(zip(self.losses, score.error(self._by_seed).tolist(), strict=True))

    @cached_property
    def ranks(self) -> dict[str, tuple[int, int]]:
        """Name -> its best and worst possible rank; strategies that we cannot tell apart share them."""
        return dict(zip(self.losses, score.ranks(self._by_seed.mean(axis=1), self._apart), strict=True))

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The names, best first, in groups in which we cannot tell any strategy apart from the first."""
        names = list(self.losses)
        return tuple(tuple(names[i] for i in group) for group in score.groups(self._by_seed.mean(axis=1), self._apart))

    @property
    def resolution(self) -> float:
        """The points by which two strategies of this race must typically differ for us to tell them apart."""
        return score.resolution(*self._tables)

    def seeds_for(self, points: float) -> int:
        """Return how many seeds it would typically take to detect a difference of this many points, on these problems."""
        return score.seeds_for(finite("seeds_for: points", points, above=0), self._by_seed)

    def difference(self, first: str, second: str) -> tuple[float, float, float, bool]:
        """Return by how many points the first is better, two standard errors, and True if we can tell them apart.

        The first error is over the seeds, on these problems; the second over the problems (NaN if there is only one).
        """
        names = list(self.losses)
        i, j = (names.index(one_of("difference: a strategy", name, names)) for name in (first, second))
        points = self.by_problem(first) - self.by_problem(second)
        over_seeds, means = float(score.error(points.mean(axis=0))), points.mean(axis=1)
        over_problems = float(score.error(means)) if len(means) > 1 else math.nan
        return float(means.mean()), over_seeds, over_problems, bool(self._apart[i, j])

    def behind(self, name: str) -> tuple[float, float, float]:
        """Return how many points a strategy is behind the first, with its errors over the seeds and the problems."""
        return self.difference(self.groups[0][0], name)[:3]

    def points(self, name: str, most: float = 10) -> float:
        """Return the grade of a strategy written as an exercise, in points, to a tenth; 0 for a disqualified one.

        They grow from 0 at random search's score to `most` at that of the lab's TPE; the standard error is first added to
        the score, so that bad luck with the seeds costs nothing.
        """
        if name in self.reasons:
            return 0.0
        one_of("points: name", name, list(self.losses))
        full = self.scores.get(MEASURE, 0.0)
        if full <= 0:
            raise ValueError(f"points: {MEASURE} scores {full:.1f}, which must be above 0; give the race more trials")
        share = (self.scores[name] + self.errors[name]) / full
        return round(finite("points: most", most, above=0) * min(1.0, max(0.0, share)), 1)

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each strategy, best first, with those without a score at the end.

        Columns: strategy, entered, group, best_rank, worst_rank, score, error, behind, behind_error,
        behind_problem_error, milliseconds, reason; scores by problem.
        """
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for number, group in enumerate(self.groups, 1):
            for name in group:
                best, worst = self.ranks[name]
                row = {"strategy": name, "entered": name in self.entered, "group": number, "best_rank": best}
                row |= {"worst_rank": worst, "score": self.scores[name], "error": self.errors[name]}
                row |= zip(("behind", "behind_error", "behind_problem_error"), self.behind(name), strict=True)
                row |= {"milliseconds": 1000 * self.seconds[name], "reason": ""}
                rows.append(row | dict(zip(self.problems, self.by_problem(name).mean(axis=1).tolist(), strict=True)))
        rows += [{"strategy": name, "entered": True, "reason": reason} for name, reason in self.reasons.items()]
        return pd.DataFrame(rows)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result to a file, as JSON, all of it or nothing."""
        write_whole(file_path("Result.save: path", path, "race.json"), json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Result":
        """Return the result that `save` wrote to a file. Raises ValueError if the file holds none."""
        try:
            values = json.loads(Path(path).read_text(encoding="utf-8"))
            for name in ("problems", "seeds", "random", "optimum", "entered"):
                values[name] = tuple(values[name]) if isinstance(values[name], list) else None
            values["losses"] = {name: tuple(map(tuple, losses)) for name, losses in values["losses"].items()}
            return cls(**values)
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            raise ValueError(f"Result: the file {os.fspath(path)} must be one that save wrote") from None

    def __post_init__(self) -> None:
        shape = len(self.problems), len(self.seeds)
        for text in chain(self.problems, self.entered, self.losses, *self.reasons.items(), *self.printed.items()):
            if not isinstance(text, str):
                raise WrongType(f"Result: {short(text)} must be a string")
        if not (self.problems and self.losses):
            raise ValueError("Result: problems and losses must hold at least one")
        for name, losses in self.losses.items():
            table = array(f"Result: losses[{name!r}]", losses)
            if table.shape != shape or not np.isfinite(table).all():
                raise ValueError(f"Result: losses[{name!r}] of shape {table.shape} must be finite, of shape {shape}")
            finite(f"Result: seconds[{name!r}]", self.seconds.get(name), least=0)
        if not len(self.random) == len(self.optimum) == len(self.problems):
            raise ValueError("Result: random and optimum must have a loss for each problem")
        for random, optimum in zip(self.random, self.optimum, strict=True):
            finite("Result: random", random, above=finite("Result: optimum", optimum))
        if len({seed("Result: a seed in seeds", one) for one in self.seeds}) < max(2, len(self.seeds)):
            raise ValueError(f"Result: seeds={short(self.seeds)} must be at least two seeds, each of them once")
        positive("Result: n_trials", self.n_trials)
        for field in ("reasons", "printed"):  # written by strangers' processes: shortened, and printable text only
            object.__setattr__(self, field, {name: shown(text, 400) for name, text in getattr(self, field).items()})

    def _rows(self, mark: str, blank: str = "") -> list[tuple[str, ...]]:
        """Return the cells of each strategy, best first, with a mark before the names of those that entered."""
        rows = []
        for name in chain(*self.groups):
            best, worst = self.ranks[name]
            rank = str(best) if best == worst else f"{best}-{worst}"
            numbers = self.scores[name], self.errors[name], *self.behind(name), 1000 * self.seconds[name]
            marked = f"{mark if name in self.entered else blank}{shown(name)}"
            rows.append((rank, marked, *(f"{number:.1f}" for number in numbers)))
        return rows

    @property
    def _picture(self) -> str:
        """Return the board as HTML: each score as a dot, with two standard errors to each side, and all numbers behind a fold."""
        firsts = {group[0] for group in self.groups}
        ends = {name: (s, s - 2 * self.errors[name], s + 2 * self.errors[name]) for name, s in self.scores.items()}
        span, lines = intervals.frame(value for one in ends.values() for value in one), []
        texts = {name: measured(self.scores[name], self.errors[name]) for name in ends}
        room = f"--room:{max(map(len, texts.values()))}ch"
        rows = self._rows("\N{BLACK STAR} ")
        for name, (rank, marked, *_) in zip(chain(*self.groups), rows, strict=True):
            cell = f'<div class="has-interval" style="{room}"><p>{texts[name]}</p>{intervals.drawn(*ends[name], span)}</div>'
            css = " ".join(["first"] * (name in firsts) + ["entered"] * (name in self.entered))
            rank = rank.replace("-", "\N{EN DASH}")
            lines.append(
                f'<tr class="{css}"><td>{rank}</td><td class="name">{html.escape(marked)}</td><td>{cell}</td></tr>'
            )
        head = f"<tr><th>rank</th><th>strategy</th><th>score{intervals.axis(span, room)}</th></tr>"
        return (
            f'<table class="intervals"><thead>{head}</thead><tbody>{"".join(lines)}</tbody></table>\n'
            f"<details><summary>All numbers</summary>\n{html_table('Behind the first, with its errors over the seeds and over the problems', HEADS, rows)}\n</details>"
        )

    def __repr__(self) -> str:
        """Return the board as text, for a terminal."""
        firsts = {1 + n for n in accumulate(map(len, self.groups), initial=0)}  # the rows below a rule
        rows = [HEADS, *self._rows("* ", "  ")]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        rule, lines = "-" * (sum(widths) + 2 * len(widths) - 2), list[str]()
        for number, row in enumerate(rows):
            cells = [c.ljust(w) if i == 1 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
            lines += [rule] * (number in firsts) + ["  ".join(cells).rstrip()]
        lines += [rule, *self.sentences]
        lines += [f"disqualified: {shown(name)}: {reason}" for name, reason in self.reasons.items()]
        lines += [f"printed by {shown(name)}: {text}" for name, text in self.printed.items()]
        return "\n".join(lines)

    @property
    def sentences(self) -> tuple[str, str, str]:
        """Three paragraphs that explain how to read the board."""
        useful = self.resolution < score.WHOLE
        fine = max(score.resolution(self._by_seed) / 2, 1e-9) if useful else FINE
        luck = f"A difference below about {self.resolution:.0f} points is typically luck."
        if not useful:
            luck = f"With {len(self.seeds)} seeds, this race can tell nothing: even {score.WHOLE} points, the distance from random "
            luck += "search to the optimum, may be luck."
        both = ", over the seeds and over the problems" if len(self._tables) > 1 else ""
        return (
            f"A score of 0 is what random search finds in {self.n_trials} trials, 100 is the optimum. It is the mean over "
            f"{len(self.problems)} problems and {len(self.seeds)} seeds, with its standard error over the seeds. Behind is "
            f"the distance to the first, with its errors over the seeds and over the problems.",
            f"Between two rules, no strategy can be distinguished from the first one there{both}; the ranks show which could "
            f"change places. {luck} On these problems alone, detecting {fine:.0f} points would take about {self.seeds_for(fine)} seeds.",
            "The problems are public, and so are their optima. The race finds strategies that recite an optimum, but not "
            "every way of using one, so trust a score only after reading the code of the strategy.",
        )

    def _repr_html_(self) -> str:
        try:
            return render("tools/race/board.html", result=self)
        except ImportError:  # without jinja2, such as in a page of the book, the picture stands alone
            return self._picture + "".join(f"\n<p>{sentence}</p>" for sentence in self.sentences[:2])

    def to_html(self) -> str:
        """Return the leaderboard as an HTML page that needs no other file and no other server. This needs jinja2."""
        return render("tools/race/page.html", result=self, title="The race")
