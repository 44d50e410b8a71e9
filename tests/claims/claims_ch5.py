"""Chapter 5: stopping early, evolution, ensembles, honest numbers, lost leads, searches that survive, what they learned, and goals and limits."""

import contextlib
import warnings
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from claim import Effect, claim, effect, instead, proportion, trainings
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict, train_test_split
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import hpt_lab as hpt
from hpt_lab import datasets, problems
from hpt_lab.analysis import non_dominated, select
from hpt_lab.loop import compare
from hpt_lab.study.lens import seen
from hpt_lab.surrogates import GaussianProcess, expected_improvement
from hpt_lab.surrogates.learning import Learning, learn

STOP = "05_trade_offs/01_stop_early"
WAITS = "05_trade_offs/02_nobody_waits"
EVOLUTION = "05_trade_offs/03_evolution"
ENSEMBLES = "05_trade_offs/04_ensembles"
HONEST = "05_trade_offs/05_honest_evaluation"
LOSES = "05_trade_offs/06_when_bayesian_optimization_loses"
WHICH = "05_trade_offs/07_which_strategy_when"
CLUSTER = "05_trade_offs/08_from_laptop_to_cluster"
SERVICE = "05_trade_offs/09_tuning_as_a_service"
LEARNED = "05_trade_offs/10_what_did_the_search_learn"
GOALS = "05_trade_offs/11_two_goals"
LIMITS = "05_trade_offs/12_within_limits"
POINTS = "percentage points of regret saved"
N = 32
# All ten training runs of each configuration; the problems of the other chapters have the first three.
MLP, SVM, BOOSTING = (problems.get(name, n_seeds=10) for name in ("mlp_mnist", "svm_mnist", "boosting_boston"))
TABLES: dict[str, Any] = {"digits": SVM, "epochs": MLP, "trees": BOOSTING}
STRATEGIES: dict[str, Any] = {
    "random": hpt.RandomSearch(),
    "bayesian": hpt.BayesianOptimization(),
    "TPE": hpt.TPE(),
    "genetic": hpt.GeneticAlgorithm(),
    "hyperband": hpt.Hyperband(1, 27),
    "BOHB": hpt.Hyperband(1, 27, source=hpt.TPE()),
    "ASHA": hpt.ASHA(1, 27),
}


# 5.1 and 5.1b


@cache
def after_epochs(name: str, seed: int, epochs: int = 540) -> float:
    """Regret in percentage points of the model in hand after so many epochs of MNIST networks."""
    n_trials = 115 if name in ("hyperband", "BOHB") else 20
    run = compare({name: STRATEGIES[name]}, MLP, n_trials, [seed], progress=False)
    return 100 * float(run[run["cost"] <= epochs]["regret"].iloc[-1])


@claim(STOP, n_seeds=40, rival=instead("after_epochs", name="random"))
def stopping_early_pays_early(seeds: Sequence[int]) -> Effect:
    """After 108 epochs Hyperband has a better model in hand than random search after the same number"""
    return effect(
        (after_epochs("random", s, 108) - after_epochs("hyperband", s, 108) for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(WAITS, n_seeds=40, rival=instead("after_epochs", name="random"))
def stopping_early_with_a_model_pays_early(seeds: Sequence[int]) -> Effect:
    """After 108 epochs BOHB has a better model in hand than random search after the same number"""
    return effect(
        (after_epochs("random", s, 108) - after_epochs("BOHB", s, 108) for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(STOP, n_seeds=20, rival=instead("after_epochs", name="hyperband"))
def full_trainings_with_a_model_win_late(seeds: Sequence[int]) -> Effect:
    """After 540 epochs Bayesian optimization with full runs is ahead of Hyperband"""
    return effect(
        (after_epochs("hyperband", s) - after_epochs("bayesian", s) for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(WAITS, n_seeds=40, rival=instead("after_epochs", name="BOHB"))
def the_model_of_bohb_wants_full_trainings(seeds: Sequence[int]) -> Effect:
    """After 540 epochs TPE with full runs only is ahead of BOHB, which uses the same model"""
    return effect(
        (after_epochs("BOHB", s) - after_epochs("TPE", s) for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@cache
def with_a_rule(name: str, rule: str, seed: int) -> tuple[float, float]:
    """Regret in percentage points after 108 and after 540 epochs, each of which is paid for once, also by ASHA."""
    table = MLP
    repetition = table.training(seed)
    rules = {"none": None, "median": hpt.MedianStopping(warmup=3)}

    def train(params: Any) -> Any:
        for epochs in table.budgets:
            yield table(params, epochs, repetition)

    more: Any = {"stopping": rules[rule], "total_budget": 540, "progress": False}
    study = hpt.tune(train, table.space, STRATEGIES[name], seed=seed, **more)
    spent, held = np.cumsum([trial.spent for trial in study.trials]), study.history.incumbents
    bests = [held[np.searchsorted(spent, epochs, side="right") - 1] for epochs in (108, 540)]
    early, late = (100 * (best.value - table.optimum_at(repetition)) for best in bests)
    return early, late


@claim(STOP, n_seeds=20, rival=instead("with_a_rule", rule="none"))
def the_median_rule_helps_random_search(seeds: Sequence[int]) -> Effect:
    """After 540 epochs the median rule has lowered the regret of random search"""
    return effect(
        (with_a_rule("random", "none", s)[1] - with_a_rule("random", "median", s)[1] for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(STOP, n_seeds=40, rival=instead("with_a_rule", rule="none"))
def the_median_rule_helps_tpe(seeds: Sequence[int]) -> Effect:
    """After 540 epochs the median rule has lowered the regret of TPE"""
    return effect(
        (with_a_rule("TPE", "none", s)[1] - with_a_rule("TPE", "median", s)[1] for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(STOP, n_seeds=40, rival=instead("with_a_rule", name="TPE"))
def halving_is_ahead_while_the_rule_waits(seeds: Sequence[int]) -> Effect:
    """After 108 epochs ASHA is ahead of TPE with the median rule, which has not judged a run yet"""
    return effect(
        (with_a_rule("TPE", "median", s)[0] - with_a_rule("ASHA", "none", s)[0] for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(STOP, n_seeds=20, rival=instead("with_a_rule", name={"TPE": "ASHA"}, rule="none"))
def tpe_with_the_median_rule_wins_late(seeds: Sequence[int]) -> Effect:
    """After 540 epochs TPE with the median rule is ahead of ASHA with random draws"""
    return effect(
        (with_a_rule("ASHA", "none", s)[1] - with_a_rule("TPE", "median", s)[1] for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(
    STOP,
    n_seeds=40,
    fallen="We see no difference, but ten networks are too few to say that it is within 0.13",
)
def the_rule_and_halving_save_alike(seeds: Sequence[int]) -> Effect:
    """After 540 epochs random search with the median rule and ASHA with random draws are no different"""
    gaps = (with_a_rule("random", "median", s)[1] - with_a_rule("ASHA", "none", s)[1] for s in seeds)
    return effect(gaps, "percentage points of difference", within=0.13, trainings=trainings(seeds, MLP))


@cache
def price(unit: str, name: str, seed: int, limit: int = 20) -> float:
    """Full training runs until 99% of the best accuracy (or R²) of a table; the limit, if it is not reached."""
    table = TABLES[unit]
    full, repetition = table.budgets[-1], table.training(seed)
    strategies: dict[str, Any] = {
        "bayesian": hpt.BayesianOptimization(),
        "hyperband": hpt.Hyperband(1, full),
        "BOHB": hpt.Hyperband(1, full, source=hpt.TPE()),
    }
    goal = 0.99 * (1 - table.optimum_at(repetition))
    study = hpt.Study(table.space, strategies[name], seed=seed)
    paid: dict[Any, int] = {}
    spent = 0
    while spent < limit * full:
        trial = study.ask()
        budget = trial.budget or full
        config = trial.info.get("bracket"), trial.info.get("config", trial.number)
        spent += budget - (paid.get(config, 0) if unit != "digits" else 0)
        paid[config] = budget
        loss = table(trial.params, budget, repetition)
        study.tell(trial, loss)
        if budget == full and round(1 - loss - goal, 9) >= 0:
            return min(spent / full, limit)
    return limit


TRAININGS = "full training runs saved, of 20 at most"


@claim(WAITS, n_seeds=60, rival=instead("price", name="bayesian"))
def stopping_early_is_first_with_epochs(seeds: Sequence[int]) -> Effect:
    """To reach 99% of the best, BOHB needs fewer epochs than Bayesian optimization on most seeds"""
    first = [price("epochs", "BOHB", s) < price("epochs", "bayesian", s) for s in seeds]
    return proportion(first, "% of the searches (above 50)", above=0.5, trainings=trainings(seeds, MLP))


@claim(WAITS, n_seeds=20, rival=instead("price", name="bayesian"))
def stopping_early_wins_with_digits(seeds: Sequence[int]) -> Effect:
    """To reach 99% of the best, BOHB pays for fewer digits than Bayesian optimization"""
    return effect(
        (price("digits", "bayesian", s) - price("digits", "BOHB", s) for s in seeds),
        TRAININGS,
        trainings=trainings(seeds, SVM),
    )


def hyperband_lead(unit: str, seed: int) -> float:
    """Full training runs that Hyperband saves against Bayesian optimization."""
    return price(unit, "bayesian", seed) - price(unit, "hyperband", seed)


@claim(STOP, n_seeds=60, rival=instead("price", name="bayesian"))
def hyperband_leads_with_digits(seeds: Sequence[int]) -> Effect:
    """To reach 99% of the best, Hyperband pays for fewer digits than Bayesian optimization ..."""
    return effect((hyperband_lead("digits", s) for s in seeds), TRAININGS, trainings=trainings(seeds, SVM))


@claim(STOP, n_seeds=60, rival=instead("hyperband_lead", unit="digits"))
def the_first_trees_mislead(seeds: Sequence[int]) -> Effect:
    """... and with trees less than a third of that lead is left"""
    return effect(
        (hyperband_lead("digits", s) / 3 - hyperband_lead("trees", s) for s in seeds),
        f"{TRAININGS}, short of a third of the lead",
        trainings=trainings(seeds, SVM, BOOSTING),
    )


@claim(STOP, n_seeds=120, fast=True)
def the_survivor_is_among_the_best(seeds: Sequence[int]) -> Effect:
    """The survivor of 27 is among the best three of them in most draws"""
    table = MLP

    def place(seed: int) -> int:
        halving = hpt.SuccessiveHalving(27, 1, 27)
        own = partial(table, seed=table.training(seed))
        study = hpt.tune(own, table.space, halving, 40, seed=seed, progress=False)
        drawn = [own(trial.params, 27) for trial in study.trials[:27]]
        return 1 + sum(loss < study.best_value for loss in drawn)

    return proportion(
        [place(s) <= 3 for s in seeds],
        "% of the draws (above 60)",
        above=0.6,
        trainings=trainings(seeds, MLP),
    )


class Waits:
    """Successive halving, one bracket of 40 trials after the other."""

    def suggest(self, history: hpt.History) -> hpt.Suggestion | None:
        n = len(history.trials)
        if n % 40 == 0 and history.n_running:
            return None
        own = hpt.History(history.space, tuple(history.trials[n // 40 * 40 :]), seed=1000 * history.seed + n // 40)
        return hpt.SuccessiveHalving(27, 1, 27).suggest(own)


class Overlaps(hpt.Hyperband):
    """Its longest bracket alone; the next one begins while a rung waits."""

    @property
    def brackets(self) -> list[list[tuple[int, int]]]:
        return super().brackets[:1]


@cache
def found_in_time(name: str, seed: int, n_workers: int = 4, until: float = 4.0) -> float:
    """Regret in percentage points when the simulated time is up."""
    strategies: dict[str, Any] = {**STRATEGIES, "waits": Waits(), "overlaps": Overlaps(1, 27)}
    table = MLP
    study, clock, running = hpt.Study(table.space, strategies[name], seed=seed), 0.0, []
    while True:
        while len(running) < n_workers and clock < until:
            try:
                trial = study.ask()
            except hpt.NothingToSuggest:
                break
            a, b = trial.params["units_1"], trial.params["units_2"]
            full = (784 * a + a * b + 10 * b) / (784 * 256 + 256 * 256 + 2560)
            assert trial.budget is not None
            running.append((round(clock + trial.budget / 27 * full, 9), trial.number, trial))
        if not running:
            return 100 * (study.best_value - table.optimum_at(table.training(seed)))
        running.sort(key=lambda entry: entry[:2])
        clock, _, trial = running.pop(0)
        if clock <= until:
            study.tell(trial, table(trial.params, trial.budget, table.training(seed)))


@claim(WAITS, n_seeds=150, rival=instead("found_in_time", name="ASHA"))
def waiting_costs(seeds: Sequence[int]) -> Effect:
    """With four workers and equal time, ASHA finds a better model than synchronous halving"""
    return effect(
        (found_in_time("waits", s) - found_in_time("ASHA", s) for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(WAITS, n_seeds=150, rival=instead("found_in_time", name={"overlaps": "waits"}))
def another_bracket_costs_little(seeds: Sequence[int]) -> Effect:
    """Halving with overlapping brackets loses less than a third of what waiting for its rungs costs"""

    def lost(name: str, seed: int) -> float:
        return found_in_time(name, seed) - found_in_time("ASHA", seed)

    gaps = (lost("waits", s) / 3 - lost("overlaps", s) for s in seeds)
    return effect(
        gaps,
        "percentage points of regret, below a third of the cost of waiting",
        trainings=trainings(seeds, MLP),
    )


# 5.3


@cache
def hartmann(name: str, seed: int, n_trials: int) -> np.ndarray:
    six = problems.hartmann6()
    study = hpt.tune(six, six.space, STRATEGIES[name], n_trials, seed=seed, progress=False)
    return np.minimum.accumulate(study.history.losses) - six.optimum


@claim(EVOLUTION, n_seeds=20, rival=instead("hartmann", name="random"))
def evolution_beats_dice(seeds: Sequence[int]) -> Effect:
    """On the Hartmann function, evolution is ahead of random search after 200 trials"""
    return effect((hartmann("random", s, 200)[-1] - hartmann("genetic", s, 200)[-1] for s in seeds), "regret saved")


@claim(EVOLUTION, n_seeds=20, rival=instead("hartmann", name={"bayesian": "random"}))
def evolution_needs_more_trials(seeds: Sequence[int]) -> Effect:
    """Bayesian optimization has a lower regret after 30 trials than evolution after 60"""
    gaps = (hartmann("genetic", s, 200)[59] - hartmann("bayesian", s, 30)[-1] for s in seeds)
    return effect(gaps, "regret saved")


@cache
def settled(size: int, seed: int) -> tuple[int, float]:
    """In how many valleys of Branin a population ends after 200 trials, and the regret."""
    problem = problems.branin()
    study = hpt.tune(problem, problem.space, hpt.GeneticAlgorithm(size), 200, seed=seed, progress=False)
    bottoms = [{"x1": k * np.pi, "x2": x2} for k, x2 in ((-1, 12.275), (1, 2.275), (3, 2.475))]
    places = np.array([problem.space.encode(bottom) for bottom in bottoms])
    alive = np.array([problem.space.encode(trial.params) for trial in study.history.ranked[:size]])
    nearest = ((alive[:, None] - places) ** 2).sum(axis=2).argmin(axis=1)
    return len(set(nearest.tolist())), study.best_value - problem.optimum


@claim(EVOLUTION, n_seeds=20, rival=instead("settled", size=60))
def a_small_population_settles_in_one_valley(seeds: Sequence[int]) -> Effect:
    """A population of twenty settles in one of Branin's three valleys on most seeds"""
    return proportion([settled(20, s)[0] == 1 for s in seeds], "% of the searches (above 60)", above=0.6)


@claim(EVOLUTION, n_seeds=60, rival=instead("settled", size=20))
def a_large_population_keeps_several_valleys(seeds: Sequence[int]) -> Effect:
    """A population of sixty keeps several of Branin's valleys alive on most seeds"""
    return proportion([settled(60, s)[0] > 1 for s in seeds], "% of the searches (above 60)", above=0.6)


@claim(EVOLUTION, n_seeds=100, rival=instead("settled", size=20))
def a_large_population_is_slower(seeds: Sequence[int]) -> Effect:
    """After 200 trials a population of sixty is further from the optimum than one of twenty"""
    return effect((settled(60, s)[1] - settled(20, s)[1] for s in seeds), "of regret more")


# 5.4

KINDS: dict[str, dict[str, Any]] = {
    "tree": {"max_depth": hpt.Int(1, 12), "min_leaf": hpt.Int(1, 20, log=True), "features": hpt.Int(2, 10)},
    "neighbours": {"k": hpt.Int(1, 30, log=True)},
    "ridge": {"alpha": hpt.Float(1e-2, 1e3, log=True)},
    "forest": {"leaf": hpt.Int(1, 20, log=True), "columns": hpt.Int(2, 10)},
}
THREE = ("tree", "neighbours", "ridge")
HOUSES = "of error saved (1000 USD)"


def build(params: Any) -> Any:
    if params["kind"] == "tree":
        own = {"max_depth": params["max_depth"], "min_samples_leaf": params["min_leaf"]}
        return DecisionTreeRegressor(**own, max_features=params["features"], random_state=0)
    if params["kind"] == "forest":
        leaf, columns = params["leaf"], params["columns"]
        return RandomForestRegressor(50, min_samples_leaf=leaf, max_features=columns, random_state=0)
    near = params["kind"] == "neighbours"
    model = KNeighborsRegressor(params["k"], weights="distance") if near else Ridge(params["alpha"])
    return make_pipeline(StandardScaler(), model)


def mse(y: np.ndarray, prediction: np.ndarray) -> float:
    return float(np.mean((y - prediction) ** 2))


@cache
def ensemble_errors(kinds: tuple[str, ...], seed: int, patients: bool = False, n_trials: int = 30) -> dict[str, float]:
    """Test errors, on one split, of several ways to use the models of one search."""
    data = datasets.diabetes() if patients else datasets.boston()
    X, y = np.concatenate([data.X_cv, data.X_test]), np.concatenate([data.y_cv, data.y_test])
    A, B, a, b = train_test_split(X, y, test_size=1 / 3, random_state=seed)
    folds, kept = KFold(5, shuffle=True, random_state=0), []

    def objective(params: Any) -> float:
        kept.append(cross_val_predict(build(params), A, a, cv=folds))
        return mse(a, kept[-1])

    own = {name: d.when(kind=kind) for kind in kinds for name, d in KINDS[kind].items()}
    space = hpt.Space(kind=hpt.Categorical(list(kinds)), **own)
    study = hpt.tune(objective, space, hpt.RandomSearch(), n_trials, seed=seed, progress=False)
    order = np.argsort(study.history.losses[:30], kind="stable")[:20]
    models = [build(study.trials[i].params).fit(A, a) for i in order]
    on_test, by_heart = (np.array([model.predict(rows) for model in models]) for rows in (B, A))
    out_of_fold = np.array(kept)[order]
    found = {
        "best": on_test[0],
        "longer": build(study.best.params).fit(A, a).predict(B),
        "by heart": select(by_heart, a, mse) @ on_test,
        "mean": on_test.mean(axis=0),
        "two": select(out_of_fold, a, mse, 2) @ on_test,
        "greedy": select(out_of_fold, a, mse) @ on_test,
    }
    return {name: mse(b, prediction) ** 0.5 for name, prediction in found.items()}


@cache
def forest_error(seed: int) -> float:
    """Test error of a forest with default settings, on the same split."""
    data = datasets.boston()
    X, y = np.concatenate([data.X_cv, data.X_test]), np.concatenate([data.y_cv, data.y_test])
    A, B, a, b = train_test_split(X, y, test_size=1 / 3, random_state=seed)
    return mse(b, RandomForestRegressor(random_state=0).fit(A, a).predict(B)) ** 0.5


def three_kinds(seed: int) -> dict[str, float]:
    return ensemble_errors(THREE, seed, n_trials=60)


def saves(errors: dict[str, float]) -> float:
    return errors["best"] - errors["greedy"]


ALL_THE_SAME = dict.fromkeys(("best", "longer", "by heart", "mean", "two", "greedy"), 3.0)
USELESS = instead("ensemble_errors", lambda *args, **kwargs: ALL_THE_SAME) + instead("forest_error", lambda seed: 3.0)
FEW = instead("ensemble_errors", n_trials=20) + instead("RandomForestRegressor", n_estimators=3)
GREAT = instead("ensemble_errors", lambda *args, **kwargs: {"best": 3.0, "by heart": 2.5, "greedy": 2.0})


@claim(ENSEMBLES, n_seeds=20, rival=USELESS, small=FEW)
def the_ensemble_beats_its_best_model(seeds: Sequence[int]) -> Effect:
    """On the houses the greedy ensemble of three kinds beats the best single model"""
    return effect((saves(three_kinds(s)) for s in seeds), HOUSES)


@claim(ENSEMBLES, n_seeds=20, rival=USELESS, small=FEW)
def an_ensemble_beats_a_longer_search(seeds: Sequence[int]) -> Effect:
    """It saves more than a search that is twice as long"""
    return effect((three_kinds(s)["longer"] - three_kinds(s)["greedy"] for s in seeds), HOUSES)


@claim(ENSEMBLES, n_seeds=20, rival=USELESS, small=FEW)
def a_plain_mean_beats_the_best_model(seeds: Sequence[int]) -> Effect:
    """On the houses even the unweighted mean of the twenty best models beats the best one"""
    return effect((three_kinds(s)["best"] - three_kinds(s)["mean"] for s in seeds), HOUSES)


@claim(ENSEMBLES, n_seeds=20, rival=USELESS, small=FEW)
def the_second_addition_brings_much(seeds: Sequence[int]) -> Effect:
    """The second addition alone brings more than a third of the gain"""
    gaps = (three_kinds(s)["best"] - three_kinds(s)["two"] - saves(three_kinds(s)) / 3 for s in seeds)
    return effect(gaps, "of error saved, above a third of the whole gain")


@claim(ENSEMBLES, n_seeds=20, rival=USELESS, small=FEW)
def a_forest_beats_the_best_model(seeds: Sequence[int]) -> Effect:
    """An untuned random forest beats the best model of the search"""
    return effect((three_kinds(s)["best"] - forest_error(s) for s in seeds), HOUSES)


@claim(ENSEMBLES, n_seeds=20, rival=GREAT + instead("forest_error", lambda seed: 3.0), small=FEW)
def a_forest_is_no_worse_than_the_ensemble(seeds: Sequence[int]) -> Effect:
    """An untuned random forest is at most 0.1 worse than the ensemble"""
    return effect((three_kinds(s)["greedy"] - forest_error(s) + 0.1 for s in seeds), f"{HOUSES}, plus 0.1")


@claim(ENSEMBLES, n_seeds=20, rival=USELESS, small=FEW)
def learning_by_heart_loses_the_gain(seeds: Sequence[int]) -> Effect:
    """Selection on memorized rows loses to selection on out-of-fold predictions"""
    return effect((three_kinds(s)["by heart"] - three_kinds(s)["greedy"] for s in seeds), HOUSES)


@claim(ENSEMBLES, n_seeds=20, rival=USELESS, small=FEW)
def trees_alone_gain(seeds: Sequence[int]) -> Effect:
    """An ensemble of trees alone beats the best tree"""
    return effect((saves(ensemble_errors(("tree",), s)) for s in seeds), HOUSES)


@claim(ENSEMBLES, n_seeds=10, rival=GREAT, small=FEW)
def ridge_alone_gains_nothing(seeds: Sequence[int]) -> Effect:
    """An ensemble of ridge models alone gains less than one percent"""
    runs = [ensemble_errors(("ridge",), s) for s in seeds]
    return effect((run["best"] / 100 - saves(run) for run in runs), "1000 USD below one percent")


@claim(ENSEMBLES, n_seeds=8, rival=USELESS, small=FEW)
def beside_a_far_better_model_the_gain_is_gone(seeds: Sequence[int]) -> Effect:
    """With forests in the search the ensemble gains less than without them"""
    gaps = (saves(ensemble_errors(THREE, s)) - saves(ensemble_errors((*THREE, "forest"), s)) for s in seeds)
    return effect(gaps, HOUSES)


@claim(ENSEMBLES, n_seeds=8, rival=USELESS, small=FEW)
def learning_by_heart_does_harm(seeds: Sequence[int]) -> Effect:
    """With forests in the search, selection on memorized rows is worse than the best single model"""
    runs = [ensemble_errors((*THREE, "forest"), s) for s in seeds]
    return effect((run["by heart"] - run["best"] for run in runs), "of error lost (1000 USD)")


@claim(ENSEMBLES, n_seeds=20, rival=GREAT, small=FEW)
def on_the_patients_nothing_is_gained(seeds: Sequence[int]) -> Effect:
    """On the patients the ensemble of three kinds gains less than one percent"""
    runs = [ensemble_errors(THREE, s, patients=True) for s in seeds]
    return effect((run["best"] / 100 - saves(run) for run in runs), "of error, below one percent")


# 5.5


TREES = hpt.Space(
    max_depth=hpt.Int(1, 12),
    min_samples_leaf=hpt.Int(1, 20, log=True),
    max_features=hpt.Float(0.05, 1.0, log=True),
    criterion=["gini", "entropy"],
    splitter=["best", "random"],
)


def tumours() -> tuple[np.ndarray, np.ndarray]:
    data = datasets.breast_cancer()
    return np.concatenate([data.X_cv, data.X_test]), np.concatenate([data.y_cv, data.y_test])


@cache
def tree_errors(seed: int) -> np.ndarray:
    """Of 200 random trees, which rows outside of training are wrong: (200, 469)."""
    X, y = tumours()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    train, others = order[:100], order[100:]
    trees = (DecisionTreeClassifier(**TREES.sample(rng), random_state=seed) for _ in range(200))
    return np.array([tree.fit(X[train], y[train]).predict(X[others]) != y[others] for tree in trees])


def curse(seed: int, n_trials: int, n_rows: int) -> tuple[float, float]:
    """Real error of the winner, and how much smaller the shown one is."""
    wrong = tree_errors(seed)[:n_trials]
    shown = wrong[:, :n_rows].mean(axis=1)
    winner = int(shown.argmin())
    future = float(wrong[winner, 200:].mean())
    return future, future - float(shown[winner])


@claim(HONEST, n_seeds=20, rival=instead("curse", n_trials=5))
def more_trials_flatter_more(seeds: Sequence[int]) -> Effect:
    """The winner's score flatters it more after 200 trials than after 5"""
    return effect((curse(s, 200, 50)[1] - curse(s, 5, 50)[1] for s in seeds), "of error")


@claim(HONEST, n_seeds=80, rival=instead("curse", n_trials=20))
def the_number_improves_faster_than_the_winner(seeds: Sequence[int]) -> Effect:
    """From 20 to 200 trials the reported error falls faster than the true one"""
    return effect((curse(s, 200, 50)[1] - curse(s, 20, 50)[1] for s in seeds), "of error")


@claim(HONEST, n_seeds=60, rival=instead("curse", n_trials=1))
def the_winner_is_better_than_the_first(seeds: Sequence[int]) -> Effect:
    """The search is not useless: the winner of 20 trials is better on other rows than the first"""
    return effect((curse(s, 1, 50)[0] - curse(s, 20, 50)[0] for s in seeds), "of error on other rows")


@claim(HONEST, n_seeds=20, rival=instead("curse", n_rows=200))
def more_rows_flatter_less(seeds: Sequence[int]) -> Effect:
    """Choosing on more rows shrinks the winner's curse"""
    return effect((curse(s, 200, 25)[1] - curse(s, 200, 200)[1] for s in seeds), "of error")


@claim(HONEST, n_seeds=60, rival=instead("curse", n_rows=200))
def more_rows_choose_better(seeds: Sequence[int]) -> Effect:
    """Choosing on more rows finds a better winner"""
    return effect((curse(s, 200, 25)[0] - curse(s, 200, 200)[0] for s in seeds), "of error on other rows")


def flattery(seed: int, chosen_on: slice) -> float:
    """By how much the test error of the winner is below its error on later rows, where these rows chose it."""
    wrong = tree_errors(seed)
    winner = wrong[:, chosen_on].mean(axis=1).argmin()
    return float(wrong[winner, 200:].mean() - wrong[winner, TEST].mean())


VALIDATION, TEST = slice(50), slice(50, 100)


@claim(HONEST, n_seeds=20, rival=instead("TEST", slice(200, None)))
def a_test_set_that_has_chosen_flatters(seeds: Sequence[int]) -> Effect:
    """Choosing on the test set flatters: the winner's test error is smaller than its error on other rows"""
    return effect((flattery(s, TEST) for s in seeds), "of error")


@claim(HONEST, n_seeds=90, rival=instead("flattery", chosen_on=TEST))
def a_test_set_opened_once_is_fair(seeds: Sequence[int]) -> Effect:
    """A test set opened once, for the winner alone, does not flatter, to within 0.02"""
    return effect((flattery(s, VALIDATION) for s in seeds), "of error (within 0.02)", within=0.02)


def fold_error(params: Any, X: np.ndarray, y: np.ndarray, fit: np.ndarray, judge: np.ndarray) -> float:
    tree = DecisionTreeClassifier(**params, random_state=0).fit(X[fit], y[fit])
    return float(np.mean(tree.predict(X[judge]) != y[judge]))


def folds(y: np.ndarray, k: int, seed: int) -> list[Any]:
    return list(StratifiedKFold(k, shuffle=True, random_state=seed).split(np.zeros(len(y)), y))


def tree_search(X: np.ndarray, y: np.ndarray, seed: int) -> tuple[float, Any]:
    """The best of 20 random trees by 3 folds: its error there, and its params."""
    rng = np.random.default_rng(seed)
    trials = []
    for _ in range(20):
        params = TREES.sample(rng)
        trials.append((round(np.mean([fold_error(params, X, y, a, b) for a, b in folds(y, 3, seed)]), 9), params))
    return min(trials, key=lambda trial: trial[0])


def too_small(seed: int, nested: bool) -> float:
    """By how much the winner's flat or nested score is below its error on other rows."""
    X, y = tumours()
    order = np.random.default_rng(seed).permutation(len(y))
    own, later = order[:150], order[150:]
    score, params = tree_search(X[own], y[own], seed)
    if nested:
        outer = [(a, b, tree_search(X[own][a], y[own][a], seed)[1]) for a, b in folds(y[own], 4, seed)]
        score = float(np.mean([fold_error(found, X[own], y[own], a, b) for a, b, found in outer]))
    return fold_error(params, X, y, own, later) - score


@claim(HONEST, n_seeds=40, rival=instead("too_small", nested=True))
def the_folds_that_choose_flatter(seeds: Sequence[int]) -> Effect:
    """The cross-validation error of a search's winner is too small"""
    return effect((too_small(s, nested=False) for s in seeds), "of error")


@claim(HONEST, n_seeds=80, rival=instead("too_small", nested=False))
def nested_folds_do_not_flatter(seeds: Sequence[int]) -> Effect:
    """Nested cross-validation flatters by less than a third of what the winner's flat score does"""
    gaps = (too_small(s, nested=False) / 3 - too_small(s, nested=True) for s in seeds)
    return effect(gaps, "of error, below a third of the flat score's")


# 5.6

Objective = Callable[[Any, np.random.Generator], float]


def branin(params: Any) -> float:
    return problems.branin()({"x1": params["x1"], "x2": params["x2"]})


def noisy(sd: float) -> Objective:
    return lambda params, rng: round(branin(params) + sd * rng.standard_normal(), 6)


def search(strategy: Any, objective: Objective, space: hpt.Space, seed: int, workers: int = 1) -> hpt.Study:
    study, rng = hpt.Study(space, strategy, seed=seed), np.random.default_rng(1000 + seed)
    while len(study.trials) < N:
        for trial in [study.ask() for _ in range(workers)]:
            study.tell(trial, objective(trial.params, rng))
    return study


@cache
def noisy_study(sd: float, seed: int) -> hpt.Study:
    return search(hpt.BayesianOptimization(), noisy(sd), problems.branin().space, seed)


@claim(LOSES, n_seeds=20, rival=instead("noisy_study", sd=0))
def good_places_are_tried_and_not_known(seeds: Sequence[int]) -> Effect:
    """With noise of 60, a search tries a point that is better by more than 3 of regret than the one it delivers"""

    def gap(seed: int) -> float:
        study = noisy_study(60, seed)
        return branin(study.best.params) - min(branin(trial.params) for trial in study.trials)

    return effect((gap(s) - 3 for s in seeds), "of true regret lost, beyond 3")


def posterior_mean(study: hpt.Study) -> hpt.Trial:
    """The trial where a model of all trials expects the lowest loss."""
    points = study.space.settle(np.array([study.space.encode(trial.params) for trial in study.trials]))
    told = np.array([trial.value for trial in study.trials], float)
    model = learn(study.space, points, told, Learning(growth=1.0))
    return study.trials[int(model.predict(model.X_)[0].round(4).argmin())]


def three_again(study: hpt.Study, sd: float, seed: int) -> hpt.Trial:
    """Of the best three of the first 26, the one with the lowest two new losses."""
    rng, losses = np.random.default_rng(5000 + seed), [trial.value for trial in study.trials[: N - 6]]
    best = [study.trials[i] for i in np.argsort(losses, kind="stable")[:3]]
    again = [noisy(sd)(trial.params, rng) + noisy(sd)(trial.params, rng) for trial in best]
    return best[int(np.argmin(again))]


def saved(seed: int, chosen: Callable[[hpt.Study], hpt.Trial], other: Callable[[hpt.Study], hpt.Trial]) -> float:
    """True regret that one choice saves against another, under noise of 60."""
    study = noisy_study(60, seed)
    return branin(other(study).params) - branin(chosen(study).params)


def lowest(study: hpt.Study) -> hpt.Trial:
    return study.best


@claim(LOSES, n_seeds=90)
def the_neighbours_do_no_harm(seeds: Sequence[int]) -> Effect:
    """Under strong noise, the posterior mean delivers a trial no worse than the one with the lowest loss, to within 3 of regret"""
    return effect((saved(s, posterior_mean, lowest) + 3 for s in seeds), "of true regret saved, plus 3")


@claim(LOSES, n_seeds=90)
def the_recommended_trial_does_no_harm(seeds: Sequence[int]) -> Effect:
    """Under strong noise, the recommended trial is no worse than the one with the lowest loss, to within 3 of regret"""
    return effect((saved(s, hpt.recommend, lowest) + 3 for s in seeds), "of true regret saved, plus 3")


@claim(LOSES, n_seeds=90)
def the_neighbours_are_no_worse_than_three_again(seeds: Sequence[int]) -> Effect:
    """Under strong noise, the posterior mean reduces the regret no less than retraining the best three, to within 3 of regret"""
    gaps = (saved(s, posterior_mean, lambda study, s=s: three_again(study, 60, s)) + 3 for s in seeds)
    return effect(gaps, "of true regret saved, plus 3")


@claim(
    LOSES, n_seeds=60, fallen="It does no harm, and in the searches of the lesson no gain reaches three standard errors"
)
def the_neighbours_know_better(seeds: Sequence[int]) -> Effect:
    """Under strong noise, the posterior mean delivers better trials than the lowest loss does"""
    return effect((saved(s, posterior_mean, lowest) for s in seeds), "of true regret saved")


@claim(
    LOSES, n_seeds=60, fallen="It does no harm, and in the searches of the lesson no gain reaches three standard errors"
)
def the_recommended_trial_is_better(seeds: Sequence[int]) -> Effect:
    """Under strong noise, the recommended trial is better than the one with the lowest loss"""
    return effect((saved(s, hpt.recommend, lowest) for s in seeds), "of true regret saved")


@claim(LOSES, n_seeds=60, fallen="It reduces the regret no less, to within 3")
def the_neighbours_beat_three_again(seeds: Sequence[int]) -> Effect:
    """Under strong noise, the posterior mean reduces the regret more than retraining the best three"""
    gaps = (saved(s, posterior_mean, lambda study, s=s: three_again(study, 60, s)) for s in seeds)
    return effect(gaps, "of true regret saved")


@claim(LOSES, n_seeds=70, rival=instead("noisy_study", sd={20: 200}))
def less_noise_is_worth_more(seeds: Sequence[int]) -> Effect:
    """Cutting the noise to a third reduces the regret more than the posterior mean does at the end"""
    gaps = (branin(posterior_mean(noisy_study(60, s)).params) - branin(noisy_study(20, s).best.params) for s in seeds)
    return effect(gaps, "of true regret saved")


@cache
def random_study(sd: float, seed: int) -> hpt.Study:
    return search(hpt.RandomSearch(), noisy(sd), problems.branin().space, seed)


def lead(sd: float, seed: int) -> float:
    """By how much the model delivers a better trial than random search."""
    return branin(random_study(sd, seed).best.params) - branin(noisy_study(sd, seed).best.params)


@claim(
    LOSES,
    n_seeds=90,
    fallen="The noise hides the lead: hundreds of seeds show it. (Without noise, too, the lead is below 5)",
)
def noise_takes_the_lead(seeds: Sequence[int]) -> Effect:
    """With noise of 20, little of the model's lead is left: random search is within 5 of regret"""
    return effect((lead(20, s) for s in seeds), "of true regret (within 5)", within=5)


@claim(LOSES, n_seeds=360, rival=instead("noisy_study", random_study))
def noise_hides_the_lead(seeds: Sequence[int]) -> Effect:
    """With noise of 20, the model is still ahead of random search"""
    return effect((lead(20, s) for s in seeds), "of true regret saved")


@claim(LOSES, n_seeds=60, rival=instead("noisy_study", sd=0))
def noise_costs_more_than_the_lead(seeds: Sequence[int]) -> Effect:
    """Noise of 20 costs the model more than twice the lead it has over random search without noise"""

    def costs(seed: int) -> float:
        return branin(noisy_study(20, seed).best.params) - branin(noisy_study(0, seed).best.params)

    return effect((costs(s) - 2 * lead(0, s) for s in seeds), "of true regret, beyond two leads")


@claim(LOSES, rival=instead("noisy_study", random_study))
def under_noise_the_model_knows_the_better_region(seeds: Sequence[int]) -> Effect:
    """With noise of 20, the model's typical late trial has less than half the regret of random search's"""

    def typical(study: hpt.Study) -> float:
        late = [branin(trial.params) for trial in study.trials[N // 2 :]]
        return float(np.median(late)) - problems.branin().optimum

    gaps = (typical(random_study(20, s)) / 2 - typical(noisy_study(20, s)) for s in seeds)
    return effect(gaps, "of true regret, below one half")


class FixedBelief:
    """Expected improvement under a Gaussian process whose lengthscale never changes."""

    def __init__(self, lengthscale: float) -> None:
        self.lengthscale = lengthscale

    def suggest(self, history: hpt.History) -> hpt.Suggestion:
        space, rng = history.space, history.rng
        if len(history.finished) < 5:
            return hpt.Suggestion(space.sample(rng))
        U = np.array([space.encode(trial.params) for trial in history.finished])
        z = np.asarray(history.losses)
        z = (z - z.mean()) / z.std()
        gp = GaussianProcess("matern52", self.lengthscale, 1.0, 1e-4, optimize=False)
        gp.fit(U, z)
        candidates = rng.random((256, len(space))).round(6)
        mean, std = gp.predict(candidates)
        return hpt.Suggestion(space.decode(candidates[expected_improvement(mean, std, z.min()).round(6).argmax()]))


@claim(LOSES, n_seeds=60, rival=instead("FixedBelief", lambda lengthscale: hpt.RandomSearch()))
def a_far_too_short_lengthscale_loses(seeds: Sequence[int]) -> Effect:
    """With a lengthscale that is far too short and never corrected, the model is worse than random search"""
    return effect((regret(FixedBelief(0.005), s) - regret(hpt.RandomSearch(), s) for s in seeds), "of regret lost")


@cache
def lottery(seed: int, model: Any = None) -> hpt.Study:
    values = np.random.default_rng(seed).random((30, 30)).round(6)

    def objective(params: Any, rng: Any) -> float:
        i, j = int((params["x1"] + 5) / 15 * 30), int(params["x2"] / 15 * 30)
        return float(values[min(i, 29), min(j, 29)])

    return search(model or hpt.BayesianOptimization(), objective, problems.branin().space, seed)


@claim(LOSES, n_seeds=20, rival=instead("lottery", model=hpt.RandomSearch()))
def in_a_lottery_the_model_opens_fewer_fields(seeds: Sequence[int]) -> Effect:
    """On a board without structure, the model opens fewer squares than random search"""

    def opened(study: hpt.Study) -> int:
        return len({trial.value for trial in study.trials})

    return effect((opened(lottery(s, hpt.RandomSearch())) - opened(lottery(s)) for s in seeds), "squares fewer")


def regret(strategy: Any, seed: int, space: hpt.Space | None = None, workers: int = 1) -> float:
    study = search(strategy, noisy(0.0), space or problems.branin().space, seed, workers)
    return study.best_value - problems.branin().optimum


@claim(LOSES, n_seeds=20, rival=instead("hpt.BayesianOptimization", lambda **_: hpt.RandomSearch()))
def idle_dimensions_do_not_lose_the_race(seeds: Sequence[int]) -> Effect:
    """With 18 idle dimensions beside 2 that matter, the model is still ahead of random search"""
    idle = {f"dummy_{i}": hpt.Float(0, 1) for i in range(18)}
    space = hpt.Space({**problems.branin().space.dimensions, **idle})
    bayesian = hpt.BayesianOptimization()
    return effect((regret(hpt.RandomSearch(), s) - regret(bayesian, s, space) for s in seeds), "of regret saved")


@claim(LOSES, n_seeds=20, rival=instead("regret", workers=8))
def workers_cost_trials(seeds: Sequence[int]) -> Effect:
    """After the same number of trials, sixteen workers cost the model more than eight"""
    bayesian = hpt.BayesianOptimization()
    gaps = (regret(bayesian, s, workers=16) - regret(bayesian, s, workers=8) for s in seeds)
    return effect(gaps, "of regret lost")


@claim(LOSES, n_seeds=10, rival=instead("hpt.BayesianOptimization", lambda **_: hpt.RandomSearch()))
def forty_dimensions_are_not_too_many(seeds: Sequence[int]) -> Effect:
    """In 40 dimensions that all matter, from a random start, the model is ahead of random search"""
    cube = hpt.Space({f"x{j}": hpt.Float(0, 1) for j in range(40)})

    def best(strategy: Any, seed: int) -> float:
        optimum = np.random.default_rng([seed, 40]).random(40)

        def bowl(params: Any) -> float:
            return round(float(np.mean((np.array([params[name] for name in cube]) - optimum) ** 2)), 9)

        return hpt.tune(bowl, cube, strategy, 64, seed=seed, progress=False).best_value

    model = hpt.BayesianOptimization(sobol=False)  # the center would flatter it
    return effect((best(hpt.RandomSearch(), s) - best(model, s) for s in seeds), "of loss saved")


# 5.7


class Before:
    """The given params first, then another strategy, which sees them too."""

    def __init__(self, first: list[dict[str, Any]], then: Any) -> None:
        self.first, self.then = first, then

    def suggest(self, history: hpt.History) -> hpt.Suggestion | None:
        n = len(history.trials)
        return hpt.Suggestion(self.first[n]) if n < len(self.first) else self.then.suggest(history)


def warm_gain(seed: int, n_trials: int, mirrored: bool = False) -> float:
    """Regret that the three best of a similar problem save after n trials, or their mirror images."""
    six, model = problems.hartmann6(), hpt.BayesianOptimization()
    shift = 0.05 * np.random.default_rng(seed).choice([-1, 1], 6)

    def yesterday(params: Any) -> float:
        moved = np.clip(np.array([params[name] for name in six.space]) + shift, 0, 1)
        return six(dict(zip(six.space, moved.tolist(), strict=True)))

    old = hpt.tune(yesterday, six.space, model, 40, seed=1000 + seed, progress=False)
    first = [dict(trial.params) for trial in old.history.ranked[:3]]
    if mirrored:
        first = [{name: 1 - x for name, x in params.items()} for params in first]
    warm = hpt.tune(six, six.space, Before(first, model), n_trials, seed=seed, progress=False)
    return float(hartmann("bayesian", seed, n_trials)[-1]) - (warm.best_value - six.optimum)


@claim(WHICH, n_seeds=36, rival=instead("Before", lambda first, then: then))
def a_warm_start_saves_the_first_trials(seeds: Sequence[int]) -> Effect:
    """Yesterday's best trials save regret in the first twenty trials of a similar problem"""
    return effect((warm_gain(s, 20) for s in seeds), "regret saved")


@claim(WHICH, n_seeds=36, rival=instead("warm_gain", mirrored=False))
def a_bad_beginning_saves_nothing(seeds: Sequence[int]) -> Effect:
    """Three misleading trials at the start save less than a third of what yesterday's best save in the first twenty trials"""
    gaps = (warm_gain(s, 20) / 3 - warm_gain(s, 20, mirrored=True) for s in seeds)
    return effect(gaps, "of regret, short of a third of what the good one saves")


@claim(WHICH, n_seeds=40, rival=instead("hpt.BayesianOptimization", lambda **_: hpt.RandomSearch()))
def a_model_can_use_the_tree(seeds: Sequence[int]) -> Effect:
    """On a tree of choices, the Gaussian process is ahead of random search after 30 trials"""
    svm = problems.svm_digits()
    tree = hpt.Space(
        kind=["linear", "rbf"],
        C=svm.space["C"].when(kind="rbf"),
        gamma=svm.space["gamma"].when(kind="rbf"),
        C_linear=hpt.Float(1e-2, 1e3, log=True).when(kind="linear"),
    )

    def climb(strategy: Any, seed: int) -> float:
        def branch(params: Any) -> float:
            if params["kind"] == "rbf":
                return svm({"C": params["C"], "gamma": params["gamma"]}, seed=svm.training(seed))
            return round(0.03 + 0.01 * (np.log10(params["C_linear"]) + 1) ** 2, 6)

        return 100 * hpt.tune(branch, tree, strategy, 30, seed=seed, progress=False).best_value

    return effect(
        (climb(hpt.RandomSearch(), s) - climb(hpt.BayesianOptimization(), s) for s in seeds),
        POINTS,
        trainings=trainings(seeds, problems.svm_digits()),
    )


def left_behind(strategy: Any, seed: int) -> float:
    """Mean error of the best network below each of fifty bounds on its weights (0.9 where there is none)."""
    mlp = MLP
    own = partial(mlp, seed=mlp.training(seed))
    study = hpt.tune(own, mlp.space, strategy, 30, seed=seed, progress=False)
    a, b, error = np.array([(t.params["units_1"], t.params["units_2"], t.value) for t in study.trials]).T
    size = 784 * a + a * b + 10 * b
    return float(np.mean([error[size <= bound].min(initial=0.9) for bound in np.geomspace(13_000, 269_000, 50)]))


@claim(
    WHICH,
    n_seeds=60,
    fallen="In half of the searches its front is only a little worse; random search is within 0.01 as often, so the claim said nothing",
)
def the_front_comes_for_nothing_mostly(seeds: Sequence[int]) -> Effect:
    """In most searches for the error alone, the front is as good as that of quasi-random points"""
    gaps = (left_behind(hpt.BayesianOptimization(), s) - left_behind(hpt.QuasiRandomSearch(), s) for s in seeds)
    return proportion([gap < 0.01 for gap in gaps], "% of the searches, to within 0.01 (above 60)", above=0.6)


@claim(WHICH, n_seeds=80, rival=instead("hpt.QuasiRandomSearch", hpt.RandomSearch))
def even_points_leave_a_better_front(seeds: Sequence[int]) -> Effect:
    """Quasi-random points leave a better front behind than random points"""
    gaps = (left_behind(hpt.RandomSearch(), s) - left_behind(hpt.QuasiRandomSearch(), s) for s in seeds)
    return effect(gaps, "of error", trainings=trainings(seeds, MLP))


@claim(WHICH, n_seeds=20)
def looking_at_the_edge_pays(seeds: Sequence[int]) -> Effect:
    """Looking at the edge and widening the space beats more trials in a space that is too tight"""
    svm, step = problems.svm_digits(), 10**0.25

    def explore(seed: int, C: float, gamma: float, n: int) -> hpt.Study:
        space = hpt.Space(C=hpt.Float(1e-2, C, log=True, step=step), gamma=hpt.Float(1e-4, gamma, log=True, step=step))

        def objective(params: Any) -> float:
            return svm(params, seed=svm.training(seed))

        return hpt.tune(objective, space, hpt.QuasiRandomSearch(), n, seed=seed, progress=False)

    def gain(seed: int) -> float:
        first = explore(seed, 1.0, 1e-2, 32)
        best = [first.space.encode(trial.params) for trial in first.history.ranked[:5]]
        C, gamma = (np.array(best) > 0.7).sum(axis=0) >= 4
        second = explore(seed, 1e2 if C else 1.0, 1e0 if gamma else 1e-2, 32)
        return explore(seed, 1.0, 1e-2, 64).best_value - min(first.best_value, second.best_value)

    return effect((gain(s) for s in seeds), "of error", trainings=trainings(seeds, problems.svm_digits()))


# 5.8


def luck(seed: int) -> np.ndarray:
    """Factors for the durations of trials, so that no two end at once."""
    return np.random.default_rng([seed, 99]).uniform(0.8, 1.25, 5000)


def seconds_to_target(strategy: Any, seed: int, n_workers: int, n_trials: int) -> float:
    """Virtual seconds until the search holds one of the best combinations; all of its time, if it never does."""
    svm, factors = problems.svm_mnist(), luck(seed)
    seconds = problems.durations(svm)
    found = hpt.simulate(
        hpt.Study(svm.space, strategy, seed=seed),
        lambda params: svm(params, seed=None),
        lambda trial: seconds(trial) * factors[trial.number],
        n_workers,
        n_trials + n_workers,
    )
    return min(found.time_to(svm.optimum + 0.003), found.seconds)


@claim(
    CLUSTER,
    n_seeds=12,
    rival=instead("seconds_to_target", n_workers=1),
    small=instead("seconds_to_target", n_workers={512: 64}),
)
def many_workers_use_up_the_lead(seeds: Sequence[int]) -> Effect:
    """With 512 workers, TPE has lost most of the lead that it has over random search with one worker"""

    def lead(seed: int, n_workers: int) -> float:
        """In doublings of the speed."""
        alone = seconds_to_target(hpt.RandomSearch(), seed, n_workers, 600)
        return float(np.log2(alone / seconds_to_target(hpt.TPE(), seed, n_workers, 100)))

    return effect((lead(s, 1) / 2 - lead(s, 512) for s in seeds), "doublings of speed lost, beyond half of the lead")


def regret_on_workers(seed: int, n_workers: int) -> float:
    """Regret of 32 trials on the Hartmann function, each of about one virtual second."""
    six, factors = problems.hartmann6(), luck(seed)
    study = hpt.Study(six.space, hpt.BayesianOptimization(), seed=seed)
    hpt.simulate(study, six, lambda trial: float(factors[trial.number]), n_workers, 32)
    return study.best_value - six.optimum


@claim(CLUSTER, n_seeds=12, rival=instead("regret_on_workers", n_workers=1))
def eight_workers_cost_the_model_regret(seeds: Sequence[int]) -> Effect:
    """After the same number of trials, eight workers leave the model with more regret than one"""
    return effect((regret_on_workers(s, 8) - regret_on_workers(s, 1) for s in seeds), "of regret lost")


# 5.9


# 5.10


def first_order(losses: np.ndarray) -> np.ndarray:
    """The share of the variance of a table that each of its axes explains alone."""
    axes = range(losses.ndim)
    averages = [losses.mean(axis=tuple(k for k in axes if k != axis)) for axis in axes]
    return np.array([average.var() for average in averages]) / losses.var()


def order_is_right(scores: np.ndarray) -> bool:
    """Whether C is first and gamma second."""
    names = list(problems.svm_mnist().space)
    return [names[i] for i in np.argsort(-np.round(scores, 6), kind="stable")[:2]] == ["C", "gamma"]


@cache
def svm_trials(strategy: Any, seed: int) -> hpt.Study:
    svm = problems.svm_mnist()
    return hpt.tune(lambda params: svm(params, seed=None), svm.space, strategy, 40, seed=seed, progress=False)


EVEN, STEERED = hpt.QuasiRandomSearch(), hpt.BayesianOptimization()


@cache
def told_importance(strategy: Any, seed: int, n_trials: int) -> tuple[float, ...]:
    """Importance in the order of the space, from the first trials of a search."""
    part = hpt.Study(problems.svm_mnist().space, strategy)
    part.add_trials(svm_trials(strategy, seed).trials[:n_trials])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of trials that an optimizer has chosen
        found = hpt.importance(part).shares
    return tuple(found[name] for name in part.space)


@claim(LEARNED, fallen="Twenty trials miss the order now and then")
def twenty_trials_know_the_order(seeds: Sequence[int]) -> Effect:
    """Twenty quasi-random trials get the order of importance right in most searches"""
    right = [order_is_right(np.array(told_importance(EVEN, s, 20))) for s in seeds]
    return proportion(right, "% of the searches (above 70)", above=0.7)


@claim(
    LEARNED,
    fallen="That was the order for bent losses; for the losses as they are, the share is farther from the truth",
)
def an_optimizer_hides_the_order(seeds: Sequence[int]) -> Effect:
    """Forty trials of Bayesian optimization get the order wrong in most searches"""
    wrong = [not order_is_right(np.array(told_importance(STEERED, s, 40))) for s in seeds]
    return proportion(wrong, "% of the searches (above 50)", above=0.5)


@claim(LEARNED, rival=instead("STEERED", EVEN))
def an_optimizer_hides_the_share(seeds: Sequence[int]) -> Effect:
    """After forty trials of Bayesian optimization, the share of C is farther from the truth than after forty quasi-random ones"""
    table = problems.svm_mnist()
    at = list(table.space).index("C")
    truth = float(first_order(table.values())[at])

    def away(strategy: Any, seed: int) -> float:
        return abs(told_importance(strategy, seed, 40)[at] - truth)

    return effect((away(STEERED, s) - away(EVEN, s) for s in seeds), "of the variance farther")


@claim(LEARNED, rival=instead("told_importance", lambda *args: (1.0, 1.0, 0.0, 0.0)))
def importance_beats_the_top_ten(seeds: Sequence[int]) -> Effect:
    """From forty quasi-random trials, importance gets the order right more often than the top ten"""

    def top_ten(seed: int) -> np.ndarray:
        study = svm_trials(EVEN, seed)
        return np.std([study.space.encode(trial.params) for trial in study.history.ranked[:10]], axis=0)

    more = (order_is_right(np.array(told_importance(EVEN, s, 40))) - float(order_is_right(-top_ten(s))) for s in seeds)
    return effect(more, "of the searches more")


def six_trainings(problem: Any, seed: int, values: Any = (), start: Any = ()) -> float:
    """Regret of six new training runs, in percentage points."""
    table = problem.training(seed)
    study = hpt.Study(problem.space, hpt.BayesianOptimization(), seed=seed, start=start)
    study.add_trials(values)
    hpt.run(study, lambda params: problem(params, seed=table), 6, progress=False)
    return 100 * min(trial.value for trial in study.trials if trial.origin != "added")


@cache
def saved_by_the_old(unit: str, stale: bool, seed: int) -> tuple[float, float]:
    """What the values of 30 earlier trials save, and what the params of their three best do, measured again."""
    problem = TABLES[unit]
    budget = problem.budgets[-1] // (27 if stale else 1)
    old = hpt.tune(
        lambda params: problem(params, budget, problem.training(seed)),
        problem.space,
        hpt.QuasiRandomSearch(),
        30,
        seed=500 + seed,
        progress=False,
    )
    best = [trial.params for trial in old.history.ranked[:3]]
    anew = six_trainings(problem, seed)
    return anew - six_trainings(problem, seed, values=old), anew - six_trainings(problem, seed, start=best)


@claim(LEARNED, rival=instead("six_trainings", values=(), start=()))
def old_values_help_while_they_are_true(seeds: Sequence[int]) -> Effect:
    """While the objective is the same, adding all old trials reduces the regret after six new ones"""
    return effect(
        (np.mean([saved_by_the_old(unit, False, s)[0] for unit in TABLES]) for s in seeds),
        POINTS,
        trainings=trainings(seeds, *TABLES.values()),
    )


@claim(LEARNED, rival=instead("six_trainings", values=(), start=()))
def a_few_epochs_know_the_place(seeds: Sequence[int]) -> Effect:
    """With stale trials of networks, adding all old values still reduces the regret"""
    return effect(
        (saved_by_the_old("epochs", True, s)[0] for s in seeds),
        POINTS,
        trainings=trainings(seeds, MLP),
    )


@claim(LEARNED, n_seeds=40, rival=instead("six_trainings", values=(), start=()))
def a_few_digits_know_the_best_place(seeds: Sequence[int]) -> Effect:
    """With stale trials of support vector machines, measuring the three best first still reduces the regret"""
    return effect(
        (saved_by_the_old("digits", True, s)[1] for s in seeds),
        POINTS,
        trainings=trainings(seeds, SVM),
    )


@claim(LEARNED, rival=instead("six_trainings", values=(), start=()))
def a_few_trees_praise_the_wrong_place(seeds: Sequence[int]) -> Effect:
    """In boosting, measuring the three best of a stale study first costs regret"""
    return effect(
        (-saved_by_the_old("trees", True, s)[1] for s in seeds),
        "percentage points of regret lost",
        trainings=trainings(seeds, BOOSTING),
    )


# 5.11


@cache
def two_goals() -> tuple[hpt.Space, Callable[[Any], tuple[float, float]], list[float], float]:
    """Support vector machines by error (%) and seconds: space, objective, reference point, hypervolume of the front."""
    svm = problems.svm_mnist()
    seconds = problems.durations(svm)
    space = hpt.Space(hundreds=hpt.Int(1, 27, log=True, step=3), **svm.space.dimensions)

    def fit(p: Any) -> tuple[float, float]:
        own = {name: p[name] for name in svm.space}
        return 100 * svm(own, p["hundreds"], None), seconds(hpt.Trial(0, own, p["hundreds"]))

    grid = space.grid()
    losses = np.array([fit(grid[i]) for i in range(int(grid.size))])
    front = losses[non_dominated(losses)]
    corner = (front.max(axis=0) + 0.1 * np.ptp(front, axis=0)).tolist()
    return space, fit, corner, hpt.hypervolume(front, corner)


class ParEGO:
    """Bayesian optimization of the augmented Chebyshev value, with random weights for each trial: Knowles (2006)."""

    def suggest(self, history: hpt.History) -> hpt.Suggestion | None:
        losses = history.losses
        if len(losses):
            front = losses[non_dominated(losses)]
            low, high = front.min(axis=0), front.max(axis=0)
            share = np.random.default_rng([history.seed, len(losses)]).random()
            weighted = (losses - low) / np.maximum(high - low, 1e-9) * [share, 1 - share]
            losses = weighted.max(axis=1) + 0.05 * weighted.sum(axis=1)
        return hpt.BayesianOptimization().suggest(seen(history, losses))


@cache
def searched(name: str, seed: int) -> list[tuple[float, ...]]:
    """The losses of thirty trials with two goals."""
    strategy = ParEGO() if name == "ParEGO" else STRATEGIES[name]
    space, fit, _, _ = two_goals()
    both = ["minimize", "minimize"]
    study = hpt.tune(fit, space, strategy, 30, directions=both, seed=seed, progress=False)
    return [trial.values for trial in study.trials]


def front_found(name: str, seed: int) -> float:
    """Hypervolume of thirty trials, in percent of that of the whole front."""
    _, _, corner, full = two_goals()
    return 100 * hpt.hypervolume(searched(name, seed), corner) / full


HYPERVOLUME = "percentage points of hypervolume"


@claim(GOALS, n_seeds=20, rival=instead("front_found", name="random"))
def a_model_for_each_goal_beats_chance(seeds: Sequence[int]) -> Effect:
    """After thirty trials, the front of Bayesian optimization has a larger hypervolume than that of random search"""
    return effect((front_found("bayesian", s) - front_found("random", s) for s in seeds), HYPERVOLUME)


@claim(GOALS, n_seeds=20, rival=instead("front_found", name="genetic"))
def a_model_for_each_goal_beats_evolution(seeds: Sequence[int]) -> Effect:
    """After thirty trials, the front of Bayesian optimization has a larger hypervolume than that of the genetic algorithm"""
    return effect((front_found("bayesian", s) - front_found("genetic", s) for s in seeds), HYPERVOLUME)


@claim(GOALS, n_seeds=20, rival=instead("front_found", name="ParEGO"))
def a_model_for_each_goal_beats_random_weights(seeds: Sequence[int]) -> Effect:
    """After thirty trials, expected hypervolume improvement has a larger hypervolume than ParEGO"""
    return effect((front_found("bayesian", s) - front_found("ParEGO", s) for s in seeds), HYPERVOLUME)


@cache
def at_a_price(goals: int, seed: int, price: float = 10.0) -> float:
    """The lowest sum of error and price times seconds in thirty trials that look for it, or for the front."""
    space, fit, _, _ = two_goals()

    def total(values: Sequence[float]) -> float:
        return values[0] + price * values[1]

    if goals == 2:
        return min(map(total, searched("bayesian", seed)))
    strategy = hpt.BayesianOptimization()
    return hpt.tune(lambda p: total(fit(p)), space, strategy, 30, seed=seed, progress=False).best_value


@claim(GOALS, n_seeds=20, rival=instead("at_a_price", goals=2))
def who_knows_the_price_needs_no_front(seeds: Sequence[int]) -> Effect:
    """Where the price of a second is known, thirty trials with one goal find a lower total than the front of thirty trials"""
    return effect((at_a_price(2, s) - at_a_price(1, s) for s in seeds), "points of error and its price saved")


# 5.12


def toy_limits(params: dict[str, float]) -> tuple[float, tuple[float, ...]]:
    """Gramacy et al. (2016), section 5: a loss, and two constraints that are feasible up to 0."""
    x, y = params["x"], params["y"]
    wave = np.sin(2 * np.pi * (x**2 - 2 * y)) / 2
    return x + y, (1.5 - x - 2 * y - wave, x**2 + y**2 - 1.5)


def needle_limits(params: dict[str, float]) -> tuple[float, tuple[float, ...]]:
    """Gardner et al. (2014), simulation 2: less than two percent of the space is feasible."""
    x, y = params["x"], params["y"]
    return np.sin(x) + y, (np.sin(x) * np.sin(y) + 0.95,)


@cache
def feasible_losses(problem: Any, way: str, seed: int, n_trials: int) -> tuple[np.ndarray, float]:
    """Losses of the trials, infinite where a limit is broken; and that of the trial that the search itself calls best."""

    def objective(params: dict[str, float]) -> Any:
        value, broken = problem(params)
        excess = sum(max(0.0, c) for c in broken)
        if way in ("constraints", "random"):
            return {"value": value, "constraints": {f"c{i}": c for i, c in enumerate(broken)}}
        if way == "yes or no":
            return {"value": value, "constraints": {f"c{i}": 1.0 if c > 0 else -1.0 for i, c in enumerate(broken)}}
        if way == "failures":
            if excess > 0:
                raise ArithmeticError("a limit is broken")
            return value
        return value + float(way) * excess

    strategy = hpt.RandomSearch() if way == "random" else hpt.BayesianOptimization()
    side = 1 if problem is toy_limits else 6
    study = hpt.Study({"x": hpt.Float(0, side), "y": hpt.Float(0, side)}, strategy, seed=seed)
    with contextlib.suppress(ArithmeticError):  # raised at the end if every trial failed
        hpt.run(study, objective, n_trials, progress=False)
    losses = np.array([v if max(c) <= 0 else np.inf for v, c in (problem(t.params) for t in study.trials)])
    best = study.history.incumbent
    return losses, np.inf if best is None else float(losses[best.number])


def toy_loss(way: str, seed: int) -> float:
    """Loss of the best feasible of twenty trials of the toy problem, whose center, tried first, is feasible."""
    return float(feasible_losses(toy_limits, way, seed, 20)[0].min())


def found_something(way: str, seed: int) -> bool:
    """Whether something feasible was among 25 trials of the problem with a tiny feasible region."""
    return bool(np.isfinite(feasible_losses(needle_limits, way, seed, 25)[0]).any())


@claim(LIMITS, rival=instead("toy_loss", way={"constraints": "1"}))
def two_surrogates_beat_a_penalty(seeds: Sequence[int]) -> Effect:
    """With its constraints reported, the search ends nearer to the optimum on the border than with the best of three penalties"""
    penalties = [[toy_loss(way, s) for way in ("0.1", "1", "10")] for s in seeds]
    best = int(np.argmin(np.median(penalties, axis=0)))
    differences = [row[best] - toy_loss("constraints", s) for row, s in zip(penalties, seeds, strict=True)]
    return effect(differences, "of regret saved")


@claim(LIMITS, rival=instead("feasible_losses", way={"0.1": "10"}))
def a_small_penalty_is_worth_paying(seeds: Sequence[int]) -> Effect:
    """With a penalty of 0.1, the trial that the search itself calls best mostly breaks a limit"""
    broken = [np.isinf(feasible_losses(toy_limits, "0.1", s, 20)[1]) for s in seeds]
    return proportion(broken, "% of the searches (above 50)", above=0.5)


@claim(LIMITS, rival=instead("toy_loss", way={"failures": "constraints"}))
def a_crash_teaches_less_than_a_number(seeds: Sequence[int]) -> Effect:
    """Where limits show only as failed trials, the search ends farther from the optimum on the border than with their numbers"""
    return effect((toy_loss("failures", s) - toy_loss("constraints", s) for s in seeds), "of regret saved")


@claim(LIMITS, rival=instead("found_something", way={"constraints": "yes or no"}))
def numbers_lead_to_a_tiny_region(seeds: Sequence[int]) -> Effect:
    """With the numbers, a tiny feasible region is found within 25 trials more often than with a yes or no"""
    more = (100.0 * (found_something("constraints", s) - found_something("yes or no", s)) for s in seeds)
    return effect(more, "% of the searches more")


@claim(LIMITS, n_seeds=100, few=6, rival=instead("found_something", way={"yes or no": "constraints"}))
def yes_or_no_is_a_lottery(seeds: Sequence[int]) -> Effect:
    """With a yes or no instead of numbers, a tiny feasible region is found about as often as by random search"""
    more = (100.0 * (found_something("yes or no", s) - found_something("random", s)) for s in seeds)
    return effect(more, "% of the searches", within=20)
