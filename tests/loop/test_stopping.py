"""Stopping rules: what they decide, what becomes of a trial that is stopped, and what the strategies learn from it."""

import re
from functools import partial
from itertools import product

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import hpt_lab as hpt
from hpt_lab import TPE, Float, ForecastStopping, MedianStopping, Patience, RandomSearch, Space, Study, Trial
from hpt_lab.loop.stopping import expected, signed_rank, whole_runs
from hpt_lab.strategies.tpe import ByLoss
from hpt_lab.surrogates.learning import observed
from hpt_lab.tools.storage.text import from_json, to_json
from tests.loop.scripted import Scripted, wait_at

SPACE = Space(x=Float(-1, 1), slow=Float(0, 1))
MEDIAN = MedianStopping(warmup=2, n_trials=3)


def losses_of(params, n=9):
    """Learning curves that cross: a slow one ends lower."""
    return [params["x"] ** 2 + (0.5 + params["slow"]) / epoch - 0.2 * params["slow"] for epoch in range(1, n + 1)]


def objective(params):
    yield from losses_of(params)


def search(strategy=None, n_trials=25, objective=objective, space=SPACE, stopping=MEDIAN, **more):
    return hpt.tune(objective, space, strategy or RandomSearch(), n_trials, stopping=stopping, progress=False, **more)


def known(trial):
    return trial.number, dict(trial.params), trial.value, trial.curve, trial.spent, trial.stopped, trial.expected


STRATEGIES = [RandomSearch(), TPE(), hpt.BayesianOptimization(), hpt.GeneticAlgorithm(5, 2)]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: type(strategy).__name__)
def test_each_decision_follows_from_the_curves_of_the_history(strategy):
    study = search(strategy)
    assert study.history.stopped
    for trial in study.trials:
        whole = [t.curve for t in study.trials[: trial.number] if t.expected is None]
        curve = losses_of(trial.params)
        ends = [n for n in range(2, 9) if len(whole) >= 3 and _median_stops(curve[:n], whole)]
        n = min(ends, default=9)
        assert trial.curve == tuple(curve[:n])
        assert (trial.spent, trial.value, trial.state) == (n, curve[n - 1], "complete")
        assert trial.stopped == (repr(MEDIAN) if ends else None)
        assert trial.expected == (_expected(curve[:n], whole) if ends else None)


def _median_stops(losses, whole):
    """In the words of the definition: the best so far is worse than the median of the best so far."""
    return sum(min(curve[: len(losses)]) < min(losses) for curve in whole) > len(whole) / 2


def _expected(losses, whole):
    gains = np.median([curve[-1] - curve[len(losses) - 1] for curve in whole])
    return max(losses[-1] + float(gains), min(curve[-1] for curve in whole))


@pytest.mark.parametrize(("percentile", "n"), [(50, 5), (50, 9), (25, 5), (25, 9), (75, 5)])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_rule_is_optunas_where_curves_improve_at_each_step(percentile, n, direction):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rng, sign = np.random.default_rng(n), 1 if direction == "minimize" else -1
    curves = sign * np.minimum.accumulate(rng.normal(size=(n + 40, 6)), axis=1)
    done, study = optuna.trial.TrialState.COMPLETE, optuna.create_study(direction=direction)
    for curve in curves[:n]:
        values = dict(enumerate(curve.tolist()))
        study.add_trial(optuna.create_trial(state=done, value=float(curve[-1]), intermediate_values=values))
    pruner = optuna.pruners.PercentilePruner(percentile, n_startup_trials=n, n_warmup_steps=1)
    rule, whole = hpt.PercentileStopping(percentile, warmup=2, n_trials=n), (sign * curves[:n]).tolist()
    seen = set()
    for curve in curves[n:]:
        trial = study.ask()
        for step, value in enumerate(curve[:-1].tolist()):
            trial.report(value, step)
            theirs = pruner.prune(study, study._storage.get_trial(trial._trial_id))
            assert rule.stop((sign * curve[: step + 1]).tolist(), whole) == theirs
            seen.add((step > 0, theirs))
    assert seen == {(False, False), (True, False), (True, True)}


def test_a_rule_waits_for_the_warmup_and_for_whole_runs_and_never_ends_the_last_unit():
    good, bad = [0.1, 0.1, 0.1], [0.9, 0.9, 0.9]
    rule = MedianStopping(warmup=2, n_trials=3)
    assert [rule.stop(bad[:n], [good] * 3) for n in (1, 2, 3)] == [False, True, False]
    assert not rule.stop(bad[:2], [good] * 2)
    assert not rule.stop(good[:2], [good] * 3)  # a tie goes on
    assert rule.stop(bad, [good, good, [0.1] * 4])  # one was longer


def test_patience_counts_the_units_without_a_loss_that_is_lower_by_the_least_gain():
    curve = [0.9, 0.5, 0.49, 0.6, 0.48, 0.7, 0.47]
    ends = {p: [n for n in range(1, 8) if p.stop(curve[:n], [])] for p in (Patience(1), Patience(2), Patience(2, 0.05))}
    assert ends == {Patience(1): [4, 6], Patience(2): [], Patience(2, 0.05): [4, 5, 6, 7]}


def test_a_run_that_lost_its_patience_is_whole():
    study = search(stopping=Patience(2, 0.1))
    assert {trial.stopped for trial in study.trials} == {"Patience(units=2, min_delta=0.1)"}
    assert all(trial.expected is None and len(trial.curve) < 9 for trial in study.trials)
    assert study.best_value == min(trial.value for trial in study.trials)
    assert len(whole_runs(study.history)) == 25


def test_a_given_up_trial_is_best_only_where_no_whole_one_is():
    def falls(params):
        yield from ([0.9, 0.8, 0.7] if params["x"] < 0 else [0.3, 0.2, 0.1])

    class Never:
        def stop(self, losses, others):
            return losses[-1] == 0.3

    line = Space(x=Float(-1, 1))
    points = [{"x": 0.5}, {"x": -0.5}, {"x": -0.6}]
    study = search(hpt.ManualSearch(points), 1, falls, line, Never())
    assert (study.best.number, study.best.stopped, study.best.expected) == (0, "Never", 0.3)
    hpt.run(study, falls, 3, stopping=Never(), progress=False)
    assert (study.best.number, study.best_value) == (1, 0.7)
    assert [trial.number for trial in study.history.ranked] == [1, 2, 0]
    assert [t.number for t in study.history.incumbents] == [0, 1, 1]
    assert study.history.index(ByLoss).complete == [0, 1, 2]  # by what was expected of it


def test_the_strategies_learn_what_was_expected_and_not_the_half_trained_value():
    study = search(RandomSearch(), 40)
    history, given_up = study.history, [t for t in study.trials if t.expected is not None]
    wanted = [t.value if t.expected is None else t.expected for t in study.trials]
    assert len(given_up) > 10
    assert observed(history)[1].tolist() == history.losses.tolist() == [history.loss(t) for t in study.trials] == wanted
    assert history.index(ByLoss).complete == np.argsort(wanted, kind="stable").tolist()
    end = np.array([losses_of(t.params)[-1] for t in given_up])
    off = [np.abs(np.array([getattr(t, field) for t in given_up]) - end).mean() for field in ("expected", "value")]
    assert off[0] < 0.6 * off[1]  # it is nearer to the value of a whole run
    assert min(t.expected for t in given_up) >= study.best_value


def test_what_is_expected_is_never_better_than_the_best_whole_run():
    assert expected([0.5], [[0.9, 0.2], [0.8, 0.3], [0.9, 0.1]]) == 0.1
    assert expected([0.95, 0.5], [[0.9, 0.7, 0.6], [0.8, 0.3]]) == pytest.approx(0.45)  # the second did not get further
    assert expected([0.5], []) == 0.5


def test_a_search_for_the_highest_value_is_the_mirrored_one():
    def mirrored(params):
        for loss in losses_of(params):
            yield -loss

    down, up = search(TPE()), search(TPE(), objective=mirrored, direction="maximize")
    assert down.history.stopped
    for one, other in zip(down.trials, up.trials, strict=True):
        assert (one.params, one.stopped, one.spent) == (other.params, other.stopped, other.spent)
        assert one.curve == tuple(-value for value in other.curve)
        assert one.expected == (None if other.expected is None else -other.expected)
    assert up.best_value == -down.best_value


def test_a_killed_search_resumes_and_decides_alike(tmp_path):
    whole, left = search(TPE()), [57]  # units until the interrupt, which comes inside of a run

    def interrupted(params):
        for loss in losses_of(params):
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            yield loss

    where = {"storage": tmp_path / "runs.db", "name": "net"}
    first = search(TPE(), objective=interrupted, **where)
    assert 3 < len(first.trials) < 25
    first.close()
    again = search(TPE(), **where)
    assert [*map(known, again.trials)] == [*map(known, whole.trials)]
    opened = Study.open(tmp_path / "runs.db")
    assert [*map(known, opened.trials)] == [*map(known, whole.trials)]
    assert from_json(to_json(whole.history), SPACE).trials == whole.trials


def test_a_rule_travels_to_a_process_with_the_curves_of_the_history():
    study = search(n_trials=12, trial_timeout=60.0)  # which has a process of its own
    assert study.history.stopped
    assert [*map(known, study.trials)] == [*map(known, search(n_trials=12).trials)]


def test_with_several_workers_a_rule_knows_what_had_ended_when_the_run_began(monkeypatch):
    executor = wait_at(monkeypatch, Scripted(lambda n: n - 1))
    seen = []

    class Counts:
        def stop(self, losses, others):
            seen.append(len(others))
            return False

    study = search(n_trials=5, executor=lambda: executor, n_workers=2, stopping=Counts())
    assert len(study.history.finished) == 5
    assert seen[::9] == [0, 1, 2, 3, 0]  # trial 0 ends last


def test_an_objective_that_asks_for_its_hyperparameters_is_stopped_too():
    def asks(hp):
        yield from losses_of({"x": hp.Float("x", -1, 1), "slow": hp.Float("slow", 0, 1)})

    study = search(objective=asks, space=hpt.HyperParameters())
    assert 0 < len(study.history.stopped) < 25


def test_total_budget_counts_the_units_that_were_trained():
    study = search(n_trials=None, total_budget=100)
    assert 100 <= study.spent == sum(len(trial.curve) for trial in study.trials) < 109
    assert len(study.trials) > 12
    assert study.history.saved == 9 * len(study.trials) - study.spent


class Raises:
    def stop(self, losses, others):
        return 1 / (len(losses) - 2) > 0 and False


class Forgets:
    def stop(self, losses, others):
        pass


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (Raises(), "RuntimeError: the stopping rule Raises raised ZeroDivisionError: division by zero"),
        (Forgets(), "WrongType: the stopping rule Forgets returned None, which must be True or False"),
    ],
    ids=["raises", "forgets to return"],
)
def test_a_rule_that_goes_wrong_fails_the_trial_and_says_so(rule, why):
    closed = []

    def watched(params):
        try:
            yield from losses_of(params)
        finally:
            closed.append(params)

    with pytest.raises((RuntimeError, TypeError), match=re.escape(why.partition(": ")[2])) as raised:
        search(n_trials=2, objective=watched, stopping=rule)
    assert [trial.error for trial in raised.value.study.trials] == [why] * 2
    assert len(closed) == 2


@pytest.mark.parametrize(
    ("wrong", "error", "why"),
    [
        ({"stopping": MedianStopping}, TypeError, "must be an object with stop(losses, others), like MedianStopping()"),
        ({"stopping": "median"}, TypeError, "stopping='median' must be an object with stop(losses, others)"),
        ({"stopping": 5}, TypeError, "stopping=5 must be an object with stop(losses, others)"),
        ({"objective": lambda p: p["x"]}, ValueError, "needs an objective that yields its value after each unit"),
        ({"objective": partial(lambda f, p: f(p), objective)}, ValueError, "needs an objective that yields its value"),
        ({"strategy": hpt.ASHA(1, 9)}, ValueError, "must be None with ASHA, which decides how far each trial trains"),
    ],
)
def test_a_wrong_rule_is_refused_in_one_sentence_and_nothing_is_trained(wrong, error, why, tmp_path):
    with pytest.raises(error, match=re.escape(why)) as raised:
        search(**wrong, storage=tmp_path / "runs.db", name="net")
    assert "\n" not in str(raised.value)
    assert not Study.open(tmp_path / "runs.db").trials


def test_an_earlier_study_passes_on_what_was_stopped():
    earlier, later = search(), Study(SPACE, RandomSearch(), seed=1)
    later.add_trials(earlier)
    assert [known(t)[1:] for t in later.trials] == [known(t)[1:] for t in earlier.trials]
    assert later.best_value == earlier.best_value


def test_no_run_that_was_given_up_is_recommended():
    study = Study({"x": Float(-1, 1)}, RandomSearch())
    whole = [Trial(i, {"x": x}, value=x**2, state="complete") for i, x in enumerate(np.linspace(0.3, 1, 12).tolist())]
    study.add_trials(whole)
    study.add_trials([Trial(12, {"x": 0.1}, value=0.5, state="complete", stopped="rule", expected=0.05)])
    assert hpt.recommend(study) == study.best == study.trials[0]


class _Bar:
    n = initial = 0
    disable = False

    def __init__(self, shown):
        self.set_postfix_str = shown.append

    def close(self):
        pass


def test_tables_bars_figures_and_reports_say_what_was_stopped(monkeypatch):
    from hpt_lab.plots import PURPLE, incumbent_path

    study, shown = search(), []
    n, saved = len(study.history.stopped), study.history.saved
    monkeypatch.setattr("hpt_lab.loop.progress.bar", lambda *_, **__: _Bar(shown))
    hpt.run(study, objective, 26, stopping=MEDIAN)
    assert re.search(rf"{n} stopped: {saved} units saved", shown[0])
    study = search()
    frame = study.to_frame()
    assert frame["stopped"].notna().sum() == frame["expected"].notna().sum() == n
    assert frame["spent"].sum() == study.spent
    assert "stopped" not in search(stopping=None).to_frame()
    ax = incumbent_path(study, Figure().add_subplot())
    shades = [to_hex(shade) for shade in ax.collections[0].get_facecolor()]
    assert shades.count(PURPLE.lower()) == n
    assert max(ax.get_lines()[0].get_ydata()[-1:]) == study.best_value
    assert repr(MEDIAN) in study.history.stopped[0]._repr_html_()
    page = hpt.report.report(study, format="md")
    sentence = f"{n} of 25 complete trials were stopped early, by {MEDIAN!r}"
    assert sentence in page.replace("\\", "")
    assert f"saved {saved} units of budget, assuming that each would have trained for 9 units" in page
    assert "stopped after" in page


WHOLE = [[0.9, 0.6, 0.45, 0.38, 0.34, 0.31, 0.29, 0.28], [0.8, 0.5, 0.36, 0.28, 0.24, 0.22, 0.21, 0.2]]
FLAT, PROMISING = [0.9, 0.8, 0.75, 0.72, 0.7, 0.69, 0.69], [0.9, 0.5, 0.35, 0.27, 0.23, 0.21, 0.2]


def test_a_forecast_stops_a_run_that_will_not_get_below_the_best_whole_one():
    rule = ForecastStopping()
    assert rule.stop(FLAT, WHOLE)
    assert not any(rule.stop(PROMISING[:n], WHOLE) for n in range(1, 8))


def test_a_forecast_compares_with_the_best_whole_run_not_with_the_others():
    middle = [0.85, 0.55, 0.41, 0.34, 0.3, 0.28, 0.27]  # better than the first, worse than the second
    assert not ForecastStopping().stop(middle, WHOLE[:1])
    assert ForecastStopping().stop(middle, WHOLE)


@pytest.mark.parametrize(
    ("rule", "losses", "others"),
    [
        (ForecastStopping(warmup=8), FLAT, WHOLE),
        (ForecastStopping(n_trials=3), FLAT, WHOLE),
        (ForecastStopping(), FLAT, []),
        (ForecastStopping(), [*FLAT, 0.69], WHOLE),  # as long as the longest whole run
        (ForecastStopping(), [0.5] * 4, [[0.5] * 8]),
    ],
)
def test_a_forecast_is_not_asked_too_early_nor_too_late_nor_about_equal_losses(rule, losses, others):
    assert not rule.stop(losses, others)


def test_a_larger_probability_stops_more_runs():
    curves = [[0.9, level + 0.2, level + 0.1, level + 0.05] for level in np.linspace(0.1, 0.5, 21)]
    stopped = [sum(ForecastStopping(p).stop(curve, WHOLE) for curve in curves) for p in (0.01, 0.05, 0.2, 0.5)]
    assert stopped == sorted(set(stopped))


@pytest.mark.parametrize(
    "diverged", [[1e4] + [0.9] * 7, [10.0 ** (30 * n) for n in range(1, 9)], [-1e308] + [1e308] * 7]
)
def test_a_run_that_diverged_neither_fails_the_others_nor_ends_all_stopping(diverged):
    for others in ([diverged], [diverged, WHOLE[0]], [diverged, *WHOLE], [*WHOLE, *WHOLE, diverged]):
        assert not any(ForecastStopping().stop(PROMISING[:n], others) for n in range(3, 8))
    assert ForecastStopping().stop(FLAT, [*WHOLE, *WHOLE, [*diverged[:-1], 1.0]])
    assert not ForecastStopping().stop(diverged[:4], [diverged])


@pytest.mark.parametrize(("scale", "shift"), [(1000.0, 0.0), (1e-3, 5.0), (1.0, -7.0)])
def test_a_forecast_decides_alike_in_any_units(scale, shift):
    moved = [[scale * loss + shift for loss in curve] for curve in WHOLE]
    for curve in (FLAT, PROMISING, [0.85, 0.55, 0.41, 0.34, 0.3]):
        for n in range(3, len(curve)):
            there = [scale * x + shift for x in curve[:n]]
            assert ForecastStopping().stop(curve[:n], WHOLE) == ForecastStopping().stop(there, moved)


# Repeated evaluations


@pytest.mark.parametrize("n", [1, 4, 7, 10])
def test_the_signed_ranks_are_those_of_scipy_and_with_ties_those_of_all_signs(n):
    from scipy.stats import wilcoxon

    rng = np.random.default_rng(n)
    for _ in range(5):
        d = rng.normal(0.3, 1, n)
        assert signed_rank(d) == pytest.approx(wilcoxon(d, alternative="greater", method="exact").pvalue, abs=1e-12)
        tied = rng.integers(-2, 4, n)
        kept = np.abs(tied[tied != 0])
        ranks = [(kept < a).sum() + ((kept == a).sum() + 1) / 2 for a in kept]
        sums = [
            sum(r for r, sign in zip(ranks, signs, strict=True) if sign) for signs in product([0, 1], repeat=len(kept))
        ]
        own = sum(r for r, a in zip(ranks, tied[tied != 0], strict=True) if a > 0)
        assert signed_rank(0.1 * tied) == pytest.approx(np.mean([s >= own for s in sums]), abs=1e-12)
    assert signed_rank([]) == signed_rank([0.0, 0.0]) == 1.0


def test_folds_are_paired_with_those_of_the_best_run_and_the_mean_is_the_value():
    fold = np.random.default_rng(0).normal(0, 1, 10)  # some folds are harder: far more than configurations differ

    def objective(params):
        means = np.cumsum(params["x"] ** 2 + fold) / np.arange(1, 11)
        yield from map(float, means)

    def run_with(rule):
        return hpt.tune(objective, {"x": hpt.Float(-1, 1)}, hpt.RandomSearch(), 30, stopping=rule, progress=False)

    whole, study = run_with(hpt.MedianStopping(warmup=99)), run_with(hpt.WilcoxonStopping())
    best = study.trials[0]
    for trial, full in zip(study.trials[1:], whole.trials[1:], strict=True):
        worse = full.value > best.value
        assert len(trial.curve) == (4 if worse else 10)  # all folds alike: the fourth tells
        best = best if worse else trial
        assert trial.value == trial.curve[-1] == full.curve[len(trial.curve) - 1]
    assert study.best.number == whole.best.number
    assert study.spent < 0.6 * whole.spent
    rule = hpt.WilcoxonStopping(p=0.5, warmup=3)
    assert [rule.stop([1.0] * n, [[0.0] * 5, [2.0] * 5]) for n in range(1, 6)] == [False, False, True, True, False]
    assert not hpt.WilcoxonStopping(p=0.0625).stop([1.0] * 4, [[0.0] * 5])
    assert not rule.stop([1.0] * 4, [])
