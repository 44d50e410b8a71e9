"""Was tuning worth it? Yes, no, or it cannot be told: from the losses of three models on the rows of one test set.

    error = s sqrt(1 / n_test + 1 / n_train)

s is the standard deviation of the differences of two models, row by row. The second term is the correction of Nadeau and
Bengio (2003), for other training rows. Lesson 6.2; how often it is right: `benchmarks/bench_your_table.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt_lab.analysis import importance
from hpt_lab.study import Study
from hpt_lab.tools.report import languages
from hpt_lab.tools.report.sentences import improving, pressed
from hpt_lab.values.checks import array
from hpt_lab.values.display import measured, number

WORTH = 0.05  # a gain below this share of what the defaults gain over the floor is not worth a search
SEEN = 3  # by the rule of three, an event that n rows do not show has a rate of at most 3 / n


@dataclass(frozen=True)
class Verdict:
    """The answer, the gain over the defaults per row, its error, and sentences: message, values and lesson of each."""

    answer: str
    gain: float
    error: float
    told: tuple[tuple[str, Mapping[str, Any], str], ...]

    def said(self, language: str = "en") -> str:
        """Return the answer and the sentences as text, in English or Korean ("ko")."""
        say, line = languages.say(language), "- {sentence} (lesson {lesson})"
        lines = [say(line, sentence=say(one, **values), lesson=lesson) for one, values, lesson in self.told]
        return "\n".join([say(f"Was tuning worth it? {self.answer.capitalize()}."), *lines])

    __str__ = said


def corrected(one: np.ndarray, other: np.ndarray, n_train: int) -> tuple[float, float]:
    """Return the mean of the differences of two models' losses, and its corrected error."""
    return float((one - other).mean()), float((one - other).std(ddof=1) * np.sqrt(1 / len(one) + 1 / n_train))


def verdict(
    losses: Mapping[str, Any], n_train: int, promised: float, studies: Iterable[Study] = (), *, percent: bool = False
) -> Verdict:
    """Return whether tuning was worth it: yes if the gain over the defaults, and that over the floor, exceed twice their errors.

    Raises ValueError if the three arrays are not of one length of at least two.

    Parameters
    ----------
    losses : mapping of arrays of shape (n_test,): of the best constant ("floor"), of the defaults ("default"), and "tuned"
    n_train : int, the number of rows that the models were fitted on
    promised : float, the gain over the defaults by cross-validation
    studies : iterable of Study, the searches; the first of them answers what mattered
    percent : bool, whether the losses are 0 and 1, so that their means are shares
    """
    floor, default, tuned = (array(f"verdict: losses[{one!r}]", losses[one]) for one in ("floor", "default", "tuned"))
    n, shapes = len(tuned), {floor.shape, default.shape, tuned.shape}
    if n < 2 or shapes != {(n,)}:
        raise ValueError(f"verdict: losses of the shapes {sorted(shapes)} must be of one length, at least 2")
    gain, error = corrected(default, tuned, n_train)
    (before, before_error), (after, after_error) = corrected(floor, default, n_train), corrected(floor, tuned, n_train)
    answer, message = "cannot be told", "Keep the defaults until there are more rows: on {n} test rows"
    message += " tuning gains {gain}, which may be luck." if error else " the tuned model does not differ."
    if before <= 2 * before_error and after <= 2 * after_error:
        message = "On {n} test rows neither model clearly beats the best constant: there may be nothing to learn."
    elif gain > 2 * error:
        answer, message = "yes", "On {n} test rows the tuned model is better than the defaults, by {gain}."
    elif gain < -2 * error or max(gain + 2 * error, SEEN / n * percent) < WORTH * before:
        answer, message = "no", "Keep the defaults: on {n} test rows tuning gains {gain}, too little to matter."
    told = [(message, {"n": n, "gain": measured(gain, error, percent=percent)}, "6.2")]
    sides = [number(float(f"{one * (100 if percent else 1):.3g}")) + "%" * percent for one in (promised, gain)]
    message = "Cross-validation promised a gain of {promised}, and the test set paid {paid}."
    told.append((message, {"promised": sides[0], "paid": sides[1]}, "2.2"))
    return Verdict(answer, gain, error, (*told, *beside(list(studies))))


def beside(studies: list[Study]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield what mattered, what presses against a bound, and whether more trials would help."""
    if studies and len(studies[0].space) > 1:
        try:
            name, share = next(iter(importance(studies[0]).shares.items()))
            message = "What mattered most is {name}: alone, it explains {share:.0%} of the differences between trials."
            yield message, {"name": name.rpartition("__")[2], "share": share}, "5.10"
        except ValueError:
            yield "The trials are too few, or too equal, to say what mattered.", {}, "5.10"
    for name, end in {name: end for study in studies for name, end in pressed(study).items()}.items():
        message = f"The best trials press against the {end} end of {{name}}: widen its range."
        yield message, {"name": name.rpartition("__")[2]}, "5.7"
    if any(improving([*study.history.losses]) for study in studies):
        yield "The last quarter of the trials still improved the best: more trials may help.", {}, "2.4"
    elif studies:
        yield "The last quarter of the trials shows no sign that more of them would help.", {}, "2.4"
