"""The report of a study with several objectives, and of one with constraints."""

import pytest

import hpt_lab as hpt
from hpt_lab.tools.report import report
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.sentences import summary
from hpt_lab.tools.report.tables import front, settings, trials

PAIRS = [(3.0, 5.0), (1.0, 2.0), (2.0, 1.0), None, (0.5, 9.0)]
NAMED = {"size": "minimize", "accuracy": "maximize"}


@pytest.fixture(scope="module")
def study(front_of):
    return front_of(PAIRS, infeasible=[4], directions=NAMED)


def test_the_summary_says_what_was_sought_and_how_many_are_on_the_front(study):
    searched, on_front, infeasible, failed = summary(Facts(study))
    assert searched.startswith(
        "Fixed searched 1 hyperparameter for trade-offs: lowest size, highest accuracy. 5 trials: "
    )
    assert infeasible == "1 of 4 complete trials are not feasible: one of their constraints is above 0."
    assert on_front.startswith("2 trials are on the front")
    assert failed.startswith("1 of 5 trials failed")


def test_the_front_is_a_table_by_its_first_objective(study):
    facts = Facts(study)
    table = front(facts)
    assert list(table.heads[:5]) == ["trial", "size", "accuracy", "limit", "alpha"]
    assert [row[:3] for row in table.rows] == [(1, 1.0, 2.0), (0, 3.0, 5.0)]
    assert [row[0] for row in trials(facts).rows] == [1, 0, 2, 4, 3]  # the one that dominates more first
    assert settings(facts).rows[1:3] == [("size", "minimize"), ("accuracy", "maximize")]


def test_the_page_has_the_front_and_no_best_trial(study, front_of):
    page = report(study, format="html")
    assert "<h2>The front</h2>" in page
    assert "The best trial" not in page
    assert "size and accuracy of 4 trials, of which 2 are on the front." in page
    assert "accuracy (higher is better)" in page
    assert "hollow if it is not feasible" in page
    three = report(front_of([(1.0, 2.0, 3.0)], directions=["minimize"] * 3), format="html")
    assert three.count('<svg role="img"') == 3  # a figure for each pair
    assert "does not fit on any axis" in report(front_of([(1.0, 1e301)]), format="html")
    none = report(front_of([(1.0, 2.0)], infeasible=[0]), format="html")  # nothing is on the front
    assert '<svg role="img"' not in none


def test_the_best_of_a_study_with_constraints_is_feasible_in_all_sentences(front_of):
    study = hpt.Study(hpt.Space(alpha=hpt.Float(0, 1)), hpt.RandomSearch())
    for value, limit in ((1.0, 1), (4.0, 0), (3.0, -1)):
        study.tell(study.ask(), value, constraints={"limit": limit})
    best, infeasible = summary(Facts(study))[1:3]
    assert best == "The best value is 3 (trial 2). The first complete trial had 4: the best is 25% lower."
    assert infeasible.startswith("1 of 3 complete trials")
    assert "<h2>The best trial</h2>" in report(study, format="html")


def test_an_infeasible_trial_at_a_lower_budget_is_no_better_value():
    for limit in (1, 0):
        study = hpt.Study(hpt.Space(alpha=hpt.Float(0, 1)), hpt.ASHA(1, 3))
        for value in (0.1, 0.2, 0.3, 0.9):  # the last one at budget 3
            study.tell(study.ask(), value, constraints={"limit": limit if value < 0.9 else 0})
        assert any("At a lower budget there is a better value" in one for one in summary(Facts(study))) is (limit == 0)
