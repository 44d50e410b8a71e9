"""What a notebook shows of a study, a space and a trial: small tables, with every text escaped."""

import hpt_lab as hpt
from hpt_lab import Float, Int, Space, Study

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
