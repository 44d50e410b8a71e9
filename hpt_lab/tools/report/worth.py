"""Was tuning worth it? Yes, no, or it cannot be told: from the losses of three models on the rows of one test set.

    floor, default, tuned    the loss of each test row: of the best constant, of the defaults, of the tuned model
    error = s sqrt(1 / n_test + 1 / n_train)

s is the standard deviation of the differences of two models, row by row. The second term is the correction of Nadeau and
Bengio (2003) with each test row as a repetition: the models themselves would differ after other training rows. Lesson 6.2;
`benchmarks/bench_your_table.py` measures how often the answer is yes where there is nothing to gain, and where there is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt_lab.analysis import importance
from hpt_lab.study import Study
from hpt_lab.tools.report.sentences import improving, pressed
from hpt_lab.values.checks import array
from hpt_lab.values.display import measured, number

NAMES = ("floor", "default", "tuned")
WORTH = 0.05  # a gain below this share of what the defaults gain over the floor is not worth a search
SEEN = 3  # by the rule of three, an event that n rows do not show has a rate of at most 3 / n

Told = tuple[str, Mapping[str, Any], str]  # a message for `str.format`, its values, and the lesson that explains it


@dataclass(frozen=True)
class Verdict:
    """What the test set says. `str` is the text of all `sentences`.

    Attributes
    ----------
    answer : {"yes", "no", "cannot be told"}
    gain, error : float, the mean loss of the defaults less that of the tuned model, and its error
    told : tuple of (message, values, lesson), for a translation
    """

    answer: str
    gain: float
    error: float
    told: tuple[Told, ...]

    @property
    def sentences(self) -> list[str]:
        return [f"{message.format(**values)} (lesson {lesson})" for message, values, lesson in self.told]

    def __str__(self) -> str:
        return "\n".join([f"Was tuning worth it? {self.answer.capitalize()}.", *(f"- {one}" for one in self.sentences)])


def paired(one: Any, other: Any, n_train: int) -> tuple[float, float]:
    """Return the mean of the differences of two models' losses, row by row, and its corrected error."""
    difference = np.asarray(one, float) - np.asarray(other, float)
    return float(difference.mean()), float(difference.std(ddof=1) * np.sqrt(1 / len(difference) + 1 / n_train))


def verdict(
    losses: Mapping[str, Any], n_train: int, promised: float, studies: Iterable[Study] = (), *, percent: bool = False
) -> Verdict:
    """Return whether tuning was worth it, as the test rows say, and what the searches say beside it.

    Parameters
    ----------
    losses : mapping of arrays of shape (n_test,): "floor", "default" and "tuned"
    n_train : int, the number of rows that the three models were fitted on
    promised : float, the gain over the defaults by cross-validation
    studies : iterable of Study, the searches; the first answers what mattered
    percent : bool, True for losses of 0 and 1, whose means are shares

    Raises
    ------
    ValueError
        If the arrays are not of one length of at least two, or not finite.
    """
    floor, default, tuned = (
        array(f"verdict: losses[{name!r}]", losses[name]) for name in ("floor", "default", "tuned")
    )
    if not len(floor) == len(default) == len(tuned) >= 2:
        raise ValueError(
            f"verdict: {len(floor)}, {len(default)} and {len(tuned)} losses must be as many, and at least 2"
        )
    n, (gain, error) = len(tuned), paired(default, tuned, n_train)
    (before, before_error), (after, after_error) = paired(floor, default, n_train), paired(floor, tuned, n_train)
    learned = before > 2 * before_error, after > 2 * after_error
    most, worth = max(gain + 2 * error, SEEN / n * percent), WORTH * max(before, 0.0)
    if not any(learned):
        answer, message = "cannot be told", "On {n} test rows neither model is clearly better than the best constant."
        message += " There may be nothing to learn in these columns."
    elif learned[1] and gain > 2 * error:
        answer, message = "yes", "On {n} test rows the tuned model is better than the defaults, by {gain}."
    elif most < worth:
        answer, message = "no", "Keep the defaults: on {n} test rows tuning gains {gain}, too little to matter."
    else:
        answer, message = "cannot be told", "Keep the defaults until there are more rows: on {n} test rows"
        message += " tuning gains {gain}, which may be luck." if error else " the tuned model does not differ."
    told: list[Told] = [(message, {"n": n, "gain": measured(gain, error, percent=percent)}, "6.2")]
    if any(learned):
        sides = [number(float(f"{one * (100 if percent else 1):.3g}")) + "%" * percent for one in (promised, gain)]
        message = "Cross-validation promised a gain of {promised}, and the test set paid {paid}."
        told.append((message, dict(zip(("promised", "paid"), sides, strict=True)), "2.2"))
    return Verdict(answer, gain, error, (*told, *beside(list(studies))))


def beside(studies: list[Study]) -> Iterator[Told]:
    """Yield what mattered, what presses against a bound, and whether more trials would help."""
    if studies and len(studies[0].space) > 1:
        try:
            name, share = next(iter(importance(studies[0]).shares.items()))
            message = "What mattered most is {name}: alone, it explains {share:.0%} of the differences between trials."
            yield message, {"name": _last(name), "share": share}, "5.10"
        except ValueError:
            yield "The trials are too few, or too equal, to say what mattered.", {}, "5.10"
    ends = {name: end for study in studies for name, end in pressed(study).items()}
    for name, end in ends.items():
        yield f"The best trials press against the {end} end of {{name}}: widen its range.", {"name": _last(name)}, "5.7"
    if studies and not ends:
        yield "The best trials press against no end of a range.", {}, "5.7"
    if any(improving(study.history.losses) for study in studies):
        yield "The last quarter of the trials still improved the best: more trials may help.", {}, "2.4"
    elif studies:
        yield "The last quarter of the trials shows no sign that more of them would help.", {}, "2.4"


def _last(name: str) -> str:
    """Return the name of a hyperparameter without the steps of its pipeline."""
    return name.rpartition("__")[2]
