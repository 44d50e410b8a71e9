"""What a notebook shows of a study, a space and a trial: small tables, with every text escaped."""

import numpy as np
import pytest

import hpt_lab as hpt
from hpt_lab import Float, Int, Space, Study
from hpt_lab.values.display import measured, number

EVIL = "<script>"
SPACE = Space({EVIL: Float(0, 1), "k": ["a", "<b>"]}, n=Int(1, 9).when(k="a"))


def told(values, budget=None):
    study = Study(SPACE, hpt.RandomSearch(), seed=0)
    for value in values:
        study.tell(study.ask(), value, error="no <i>" if value is None else None)
    return study


def test_a_space_is_a_row_a_hyperparameter():
    text = SPACE._repr_html_()
    assert text.count("<tr>") == 4
    assert "<td>&lt;script&gt;</td><td>Float</td><td>0 to 1</td><td></td>" in text
    assert "<td>n</td><td>Int</td><td>1 to 9</td><td>k is a</td>" in text
    assert EVIL not in text
    many = Space({f"x{i}": Float(0, 1) for i in range(60)})._repr_html_()
    assert many.count("<tr>") == 51
    assert "60 hyperparameters, the first 50" in many


def test_a_study_shows_its_five_best_trials():
    study = told([3.0, None, 2.0, 1.0, 6.0, 5.0, 4.0])
    text = study._repr_html_()
    assert [row.split("</td>")[2] for row in text.split("<tr><td>")[1:]] == [f"<td>{i}" for i in (1, 2, 3, 4, 5)]
    assert "7 trials, 1 failed, best_value=1); the best 5:" in text
    assert EVIL not in text
    assert "<b>" not in text
    assert repr(study) == "Study(RandomSearch, 7 trials, 1 failed, best_value=1)"
    assert "best_value=1)</p>" in told([1.0] * 5)._repr_html_()


def test_a_study_without_a_value_shows_its_latest_trials_and_a_new_one_none():
    text = told([None] * 7)._repr_html_()
    assert [int(row.split("</td>")[0]) for row in text.split("<tr><td>")[1:]] == [6, 5, 4, 3, 2]
    assert "the latest 5:" in text
    assert told([])._repr_html_().count("<tr>") == 1


def test_a_study_with_budgets_has_a_column_for_them():
    study = hpt.tune(lambda p, budget: p["x"], {"x": Float(0, 1)}, hpt.Hyperband(1, 3), 4, progress=False)
    assert "<th>value</th><th>budget</th><th>x</th>" in study._repr_html_()
    assert "budget" not in told([1.0])._repr_html_()


def test_a_better_value_at_a_lower_budget_is_told_where_it_is_one_of_more_trials():
    study = hpt.Study({"x": Float(0, 1)}, hpt.RandomSearch())
    for value, budget in ((1.0, 1), (2.0, 3)):
        study.add({"x": 0.5}, value, budget=budget)
    assert repr(study).endswith("best_value=2 at budget 3)")
    study.add({"x": 0.25}, 1.5, budget=1)
    assert repr(study).endswith("best_value=2 at budget 3 (of 1 trial; at budget 1: 1 of 2))")


def test_a_trial_shows_its_params_and_what_became_of_it():
    complete, failed = told([1.5, None]).trials
    assert "Trial 0: complete" in complete._repr_html_()
    assert "<td>value</td><td>1.5</td>" in complete._repr_html_()
    assert "error" not in complete._repr_html_()
    assert "<td>error</td><td>no &lt;i&gt;</td>" in failed._repr_html_()
    assert "<td>value</td>" not in failed._repr_html_()


@pytest.mark.parametrize(
    ("value", "error", "more", "said"),
    [
        (3.7512, 0.8528, {}, "3.75 ± 0.85"),
        (-0.0123, 0.0041, {}, "\u22120.0123 ± 0.0041"),
        (0.7, 0.0996, {}, "0.70 ± 0.10"),  # rounding gives the error a digit
        (12345.6, 678.9, {}, "12350 ± 680"),
        (-0.0001, 0.3, {}, "0.00 ± 0.30"),  # no minus before a zero
        (1e-7, 2e-8, {}, "0.000000100 ± 0.000000020"),
        (2.5, 0.0, {}, "2.5 ± 0"),
        (0.1234, 0.011, {"percent": True}, "12.3% ± 1.1%"),
        (-4.21, 1.3, {"words": ("better", "worse")}, "4.2 ± 1.3 better"),
        (4.21, 1.3, {"words": ("better", "worse")}, "4.2 ± 1.3 worse"),
        (np.float64(-5), 2, {"words": ("lower", "higher"), "percent": True}, "500% ± 200% lower"),
    ],
)
def test_a_measured_value_has_the_places_of_its_error_and_no_sign_beside_a_word(value, error, more, said):
    assert measured(value, error, **more) == said


@pytest.mark.parametrize(("value", "error"), [(float("nan"), 1.0), (1.0, -0.1), (1.0, float("inf"))])
def test_what_is_no_measurement_is_refused(value, error):
    with pytest.raises(ValueError, match="measured: value="):
        measured(value, error)


def test_a_sentence_has_a_true_minus_and_names_keep_their_hyphens():
    assert [number(value) for value in (-0.5, -3, 1e-7, -2e-7, "-x", None)] == ["\u22120.5", "\u22123", "1e-07", "\u22122e-07", "-x", ""]  # fmt: skip
