"""Was tuning worth it? The rule on losses whose truth is known, and what stands beside the verdict."""

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab.tools.report import verdict
from hpt_lab.tools.report.worth import beside, corrected

N_TRAIN = 233


def losses(default, tuned, floor=0.5, n=100):
    """Return losses of 0 and 1: so many of n rows wrong, each model wrong in the last ones."""
    return {name: 1.0 * (np.arange(n) >= n - round(share * n)) for name, share in zip(("floor", "default", "tuned"), (floor, default, tuned), strict=True)}  # fmt: skip


def answer(*given, n_train=N_TRAIN, promised=0.1, **more):
    return verdict(losses(*given, **more), n_train, promised, percent=True)


def test_the_error_is_that_of_lesson_6_2_with_each_row_as_a_repetition():
    """There: s sqrt(1 / (r k) + n_test / n_train) for r k test sets; a test set of one row is 1 / n_train of the others."""
    gains = np.array([0.0, 1.0, 0.0, -1.0, 1.0, 1.0])
    gain, error = corrected(gains, np.zeros(6), 20)
    assert gain == pytest.approx(2 / 6)
    assert error == pytest.approx(np.std(gains, ddof=1) * np.sqrt(1 / 6 + 1 / 20))
    assert corrected(gains, np.zeros(6), 10**9)[1] == pytest.approx(np.std(gains, ddof=1) / np.sqrt(6))


def test_yes_needs_a_gain_beyond_twice_its_error_over_the_defaults_and_over_the_floor():
    assert answer(0.2, 0.1).answer == "yes"
    assert answer(0.2, 0.14).answer == "yes"  # 6 of 100 rows, against twice 2.85 of them
    assert answer(0.2, 0.15).answer == "cannot be told"  # 5, against twice 2.62
    assert answer(0.2, 0.14, n_train=40).answer == "cannot be told"  # other training rows would make other models
    assert answer(0.2, 0.15, n=1000).answer == "yes"
    assert answer(0.6, 0.5, floor=0.5).answer == "cannot be told"  # better than the defaults, no better than the floor
    assert "nothing to learn" in str(answer(0.6, 0.5, floor=0.5))
    assert answer(0.1, 0.2).answer != "yes"


def test_no_needs_a_gain_that_cannot_be_worth_it():
    """A twentieth of the way from the floor to the defaults, 0.4, is 0.02."""
    assert answer(0.1, 0.1, n=1000).answer == "no"
    assert answer(0.1, 0.2).answer == "no"
    assert answer(0.1, 0.1, n=100).answer == "cannot be told"  # what 100 rows do not show may happen in 3 of 100
    assert answer(0.1, 0.09, n=1000).answer == "cannot be told"
    assert "does not differ" in str(answer(0.1, 0.1, n=100))


@pytest.mark.parametrize("percent", [True, False])
def test_where_there_is_nothing_to_gain_few_verdicts_are_yes_and_where_there_is_most_are(percent):
    rng, counts = np.random.default_rng(0), {"nothing": 0, "much": 0}
    for _ in range(400):
        for name, gain in (("nothing", 0.0), ("much", 0.15)):
            if percent:
                hard = rng.random(120)  # of each row: both models find the same rows hard
                floor = 1.0 * (rng.random(120) < 0.5)
                default, tuned = (1.0 * (hard + 0.05 * rng.normal(size=120) < share) for share in (0.3, 0.3 - gain))
            else:
                hard = np.abs(rng.normal(size=120))
                floor = hard + 1.0
                default, tuned = hard + 0.3 * rng.normal(size=120), hard - gain + 0.3 * rng.normal(size=120)
            found = verdict({"floor": floor, "default": default, "tuned": tuned}, 280, 0.0, percent=percent)
            counts[name] += found.answer == "yes"
    assert counts["nothing"] <= 0.05 * 400
    assert counts["much"] >= 0.8 * 400


def test_the_sentences_have_their_lessons_and_two_numbers_at_most():
    said = answer(0.2, 0.1, promised=0.125)
    messages = {lesson: message.format(**values) for message, values, lesson in said.told}
    assert messages["2.2"] == "Cross-validation promised a gain of 12.5%, and the test set paid 10%."
    assert "100 test rows" in messages["6.2"]
    assert "10.0% ± 3.6%" in messages["6.2"]
    assert str(said).startswith("Was tuning worth it? Yes.\n- On 100 test rows")
    lost = answer(0.1, 0.2)
    assert "paid −10%" in str(lost)


@pytest.mark.filterwarnings("ignore:importance")  # of the trials in a row
def test_beside_it_stands_what_mattered_what_presses_and_whether_more_trials_would_help():
    space = hpt.Space(step__a=hpt.Float(0, 1), step__b=hpt.Float(0, 1))
    aims = (hpt.RandomSearch(), hpt.BayesianOptimization())
    studies = [hpt.tune(lambda p: (p["step__a"] - 1.5) ** 2, space, aim, 25, seed=0, progress=False) for aim in aims]
    told = {lesson: message.format(**values) for message, values, lesson in beside(studies)}
    assert "What mattered most is a:" in told["5.10"]
    assert told["5.7"] == "The best trials press against the upper end of a: widen its range."
    assert "no sign" in told["2.4"]
    few = hpt.tune(lambda p: p["step__a"], space, hpt.RandomSearch(), 2, seed=0, progress=False)
    assert "too few" in {lesson: message for message, _, lesson in beside([few])}["5.10"]
    falling = hpt.tune(lambda p: p["step__a"], space, hpt.ManualSearch([{"step__a": a / 20, "step__b": 0.5} for a in range(20, 0, -1)]), 20, progress=False)  # fmt: skip
    assert "still improved" in {lesson: message for message, _, lesson in beside([falling])}["2.4"]


def test_losses_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match="must be of one length"):
        verdict({"floor": [0.0, 1.0], "default": [0.0, 1.0], "tuned": [0.0]}, 10, 0.0)
    with pytest.raises(ValueError, match="at least 2"):
        verdict({"floor": [0.0], "default": [0.0], "tuned": [0.0]}, 10, 0.0)
