"""Every claim runs, and fails with its rival; the fast ones hold on the first block; the page shows them all."""

import dataclasses
import math
import re
import sys
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from claim import (
    BLOCKS,
    CLAIMS,
    LATER,
    Claim,
    Effect,
    asked,
    changed,
    effect,
    forget,
    instead,
    pairwise,
    pool,
    proportion,
    trainings,
)
from replicate import HERE, PAGE, Run, load, page, stored
from scipy import stats
from withdrawn import WITHDRAWN

from hpt_lab import problems
from tests import layers

load()
ROOT = HERE.parent.parent
UNUSED = 900_000  # a block for tests alone: what it shows is no replication
STANDING = {name: claim for name, claim in CLAIMS.items() if not claim.fallen}
AGAIN = math.lcm(
    *{problem.n_seeds for problem in problems.suite().values()}
)  # as many seeds later, each table shows the same training
TWICE = (UNUSED, UNUSED + 1, UNUSED + AGAIN)


def n_pairs(claim):
    """A pair has no jackknife."""
    return 3 if "pairwise" in claim.experiment.__code__.co_names else 2


def swept(claims):
    """Return the names, for a test of each: `make test` takes those of the lessons that changed, `make nightly` all."""
    files = {name: Path(claim.place[0]).name for name, claim in claims.items()}
    return [
        pytest.param(
            name, id=name, marks=pytest.mark.sweep(f"chapters/{claim.lesson}.md", f"tests/claims/{files[name]}")
        )
        for name, claim in claims.items()
    ]


def test_a_changed_lesson_tries_its_claims_and_a_changed_file_its_own():
    for lesson in {claim.lesson for claim in CLAIMS.values()}:
        own = [name for name, claim in CLAIMS.items() if claim.lesson == lesson]
        assert layers.swept(swept(CLAIMS), {f"chapters/{lesson}.md"}) == own
        assert set(own) <= set(layers.swept(swept(CLAIMS), {f"tests/claims/claims_ch{int(lesson[:2])}.py"}))


@pytest.mark.parametrize("name", swept(CLAIMS))
def test_it_runs_at_its_smallest_size_and_counts_a_training_once(name):
    """The first and the last of the seeds see the same training of every table."""
    claim = CLAIMS[name]
    forget(claim.experiment.__globals__)  # a loss that is remembered is not looked up
    with asked() as shared:
        found = claim.with_seeds(TWICE, claim.small)
    assert math.isfinite(found.mean)
    assert found.error >= 0
    if not claim.fallen:
        assert found.shared or not shared(len(TWICE)), "two seeds saw the same training of a table: pass `trainings`"


def looked(seeds, n_drawn=0, own=None):
    """An experiment that looks at the training of each seed in one table, and at the mean of another."""
    table, whole = problems.svm_digits(), problems.mlp_mnist()
    more = [table(table.best_params, seed=which) for which in range(n_drawn)]
    losses = [
        table(table.best_params, seed=table.training(seed)) + whole(whole.best_params, seed=None) for seed in seeds
    ]
    return effect(losses, "of error", trainings=own) if len(more) == n_drawn else None


def test_a_claim_whose_seeds_share_a_training_is_noticed():
    table = problems.svm_digits()
    for n_drawn in (0, 10):  # also behind a look at all trainings
        with asked() as shared:
            assert not looked(TWICE, n_drawn).shared
        assert shared(3)
    with asked() as shared:
        looked(range(UNUSED, UNUSED + 3))
    assert not shared(3)
    with asked() as shared:
        table.values(3, None)
        table(table.best_params)  # without a seed, it is seed 0
    assert (shared(2), shared(3)) == (False, True)
    with asked() as shared:
        table.values()
        problems.branin()({"x1": 0.0, "x2": 0.0}, seed=problems.branin().training(7))
    assert not shared(3)


def test_seeds_with_the_same_number_are_those_that_may_share_a_training():
    svm, forest = problems.svm_digits(), problems.forest_boston()  # 10 and 20 trainings
    assert trainings([0, 10, 25], svm) == [0, 0, 5]
    assert trainings([0, 10, 25], forest, problems.branin()) == [0, 10, 5]
    assert trainings([0, 10, 25], svm, forest) == [0, 0, 5]
    assert looked(TWICE, own=trainings(TWICE, svm)).n == 2


@pytest.mark.parametrize("name", swept({name: claim for name, claim in STANDING.items() if claim.rival}))
def test_it_fails_with_its_rival(name):
    """Not for want of seeds: the mean itself is on the wrong side."""
    claim = CLAIMS[name]
    found = claim.on(UNUSED, max(claim.few, n_pairs(claim)), claim.small + claim.rival)
    assert found.mean <= found.above if found.within is None else abs(found.mean) >= found.within, (
        f"{found} {found.unit}"
    )


@pytest.mark.parametrize("name", swept({name: claim for name, claim in STANDING.items() if claim.fast}))
def test_it_holds_on_fresh_seeds(name):
    found = CLAIMS[name].on(CLAIMS[name].blocks[0])
    assert found.holds, f"{CLAIMS[name].sentence}: {found} {found.unit}"


def test_every_claim_belongs_to_a_lesson_and_has_a_sentence():
    for claim in CLAIMS.values():
        assert (ROOT / "chapters" / f"{claim.lesson}.md").exists(), claim.lesson
        assert 10 < len(claim.sentence) < 200
        assert claim.n_seeds >= 3
        assert claim.blocks in (BLOCKS, LATER)


def test_most_claims_name_a_rival():
    assert sum(bool(claim.rival) for claim in STANDING.values()) > 0.85 * len(STANDING)


def test_what_was_remembered_before_a_change_is_forgotten_in_it_and_after_it():
    """Also by the function that another one stands in for."""
    calls = []

    @cache
    def count(kind, seed):
        calls.append((kind, seed))
        return len(calls)

    count.__module__ = __name__
    scope = sys.modules[__name__].__dict__
    with patch.dict(scope, count=count):
        assert count("own", 1) == count("own", 1) == 1
        with changed(scope, instead("count", kind="rival")):
            other = scope["count"]
            assert other("own", 1) == other("own", 1) == 2
            assert count("own", 1) == 3
        assert count("rival", 1) == 4
    assert calls == [("own", 1), ("rival", 1), ("own", 1), ("rival", 1)]


def test_an_effect_is_a_mean_with_its_standard_error():
    found = effect([1.0, 2.0, 3.0, 4.0], "points")
    assert (found.mean, found.error) == (2.5, pytest.approx(math.sqrt(5 / 3) / 2))
    assert found.holds
    assert not effect([1.0, -1.0, 2.0, -2.0], "points").holds
    assert effect([0.1, -0.1, 0.1, -0.1], "points", within=0.5).holds
    assert not effect([1.1, 0.9, 1.1, 0.9], "points", within=0.5).holds


@pytest.mark.parametrize("above", [0.1, 0.3, 0.5, 0.6, 0.8, 0.9])
def test_a_share_holds_only_where_the_binomial_distribution_says_so(above):
    """At the level of two standard errors, for any number of seeds, and not only where there are thousands."""
    for n in range(3, 61):
        held = (proportion([True] * k + [False] * (n - k), "% of the seeds", above=above).holds for k in range(n + 1))
        k = next((k for k, holds in enumerate(held) if holds), n + 1)  # the fewest that hold
        assert stats.binom.sf(k - 1, n, above) < 1.25 * stats.norm.sf(2), (k, n)


def test_four_of_four_do_not_hold_and_nineteen_of_twenty_do():
    assert not proportion([True] * 4, "% of the seeds", above=0.5).holds  # p = 0.06
    assert proportion([True] * 7, "% of the seeds", above=0.5).holds  # p = 0.008
    assert proportion([True] * 19 + [False], "% of the seeds", above=0.6).holds
    assert not proportion([True, False] * 10, "% of the seeds", above=0.5).holds
    assert proportion([False] * 20, "% of the seeds", above=0.5).error == pytest.approx(100 * math.sqrt(0.25 / 20))


def test_an_error_is_over_the_trainings_where_many_seeds_see_few():
    by_seed = effect([1.0, 1.0, 3.0, 3.0], "points")
    by_training = effect([1.0, 1.0, 3.0, 3.0], "points", trainings=[0, 0, 1, 1])
    assert (by_training.mean, by_training.error, by_training.n) == (2.0, 1.0, 2)
    assert by_seed.error < by_training.error
    assert by_training.parts == ((0, 1.0), (1, 3.0))
    assert pool([by_training, by_training]).error == 1.0  # the second block sees the same trainings
    later = effect([2.0, 1.0, 1.0], "points", trainings=[0, 1, 2])
    assert pool([by_training, later]).parts == ((0, 1.5), (1, 2.0), (2, 1.0))
    assert pool([by_training, later]).mean == 1.5
    share = proportion([True, True, False, True], "% of seeds", above=0.5, trainings=[0, 0, 1, 1])
    assert (share.mean, share.error, share.n, share.above, share.shared) == (75.0, 25.0, 2, 50.0, True)
    assert pool([share, share]).above == 50.0
    assert pool([by_seed, by_seed]).error == pytest.approx(by_seed.error / math.sqrt(2))


def test_blocks_are_pooled_by_their_parts():
    whole = pool([Effect(1.0, 0.2, "points", 10), Effect(4.0, 0.1, "points", 20)])
    assert (whole.mean, whole.n) == (3.0, 29)
    assert whole.error == pytest.approx(math.hypot(0.2 / 3, 0.2 / 3))
    weak = Effect(0.5, 0.3, "points", 40)
    assert not weak.holds
    assert pool([weak] * 3).holds  # three blocks say more than each of them


def test_few_parts_need_more_than_two_errors():
    assert Effect(2.1, 1.0, "points", 1000).holds
    assert not Effect(2.1, 1.0, "points", 4).holds


def test_the_error_of_a_mean_over_pairs_is_that_of_repetitions():
    """Over 400 draws of eight winners among nine: the jackknife's error is near the real one, and the naive one is half."""
    rng = np.random.default_rng(0)
    means, errors, naive = [], [], []
    for _ in range(400):
        winners = rng.choice(9, 8, p=[0.4] + [0.075] * 8)
        other = 100.0 * (winners[:, None] != winners)
        found = pairwise(other, "% of the pairs")
        means.append(found.mean)
        errors.append(found.error**2)
        naive.append((other.sum(axis=1) / 7).var(ddof=1) / 8)
    real = np.std(means)
    assert 0.85 < np.sqrt(np.mean(errors)) / real < 1.25
    assert np.sqrt(np.mean(naive)) / real < 0.65


def test_the_page_shows_every_claim_that_there_is():
    text = PAGE.read_text(encoding="utf-8")
    for claim in CLAIMS.values():
        assert f"{claim.sentence} |" in text, f"run `make replicate`: {claim.sentence}"
    places = re.findall(r'^\| <a id="([\w-]+)"></a>', text, re.M)
    assert len(set(places)) == len(places) == len(CLAIMS) + len(WITHDRAWN)
    assert {name.replace("_", "-") for name in CLAIMS} < set(places)


def test_the_page_counts_what_stands_and_lists_what_fell(monkeypatch):
    stands, falls = (
        Claim(
            "01_the_problem/01_parameters_and_hyperparameters",
            f"It {verb}",
            3,
            False,
            (),
            (),
            2,
            BLOCKS,
            instead,
            len,
            ("", 0),
        )
        for verb, instead in (("stands", None), ("falls", "It stumbles"))
    )
    monkeypatch.setattr("replicate.WITHDRAWN", [])
    monkeypatch.setattr("replicate.CLAIMS", {"stands": stands, "falls": falls})
    hit, miss = Effect(1.0, 0.1, "points", 9), Effect(0.1, 0.1, "points", 9)
    fell = Run("2026-01-03", 8000, (miss,) * 3).after(Run("2026-01-01", 5000, (hit, miss, hit)))
    text = page({"stands": Run("2026-01-02", 7000, (hit, hit, miss)), "falls": fell})
    assert re.search(r"Of 1 claims that the book makes, 1 hold\. Another 1 fell", text)
    assert (
        "ipynb) It stands | 1 ± 0.1 | 1 ± 0.1 | 0.1 ± 0.1 | 0.7 ± 0.058 | above 0 | yes | points | 9 | 2026-01-02, 7,000 |"
        in text
    )
    fold = "\n\n::::{dropdown} The 1 claims in numbers\n:::{table}\n:class: of-claims\n\n| claim |"
    assert f"## Chapter 1\n\n<!-- claims 1 -->{fold}" in text
    assert text.index("<!-- claims fell -->") > text.index("## What fell")
    assert (
        "It falls | 0.1 ± 0.1 | 0.1 ± 0.1 | 0.1 ± 0.1 | 0.1 ± 0.058 | above 0 | **0.4 ± 0.041** (6) | points | "
        "2026-01-03, 8,000 | It stumbles |" in text
    )
    assert "1 of\nthe 1 sentences that we still run would hold. The latest blocks alone would bring back 0 more" in text
    far = Effect(-9.0, 0.1, "points", 9)
    lasts, lucky = (Run("2026-01-03", 8000, (hit,) * 3, (before,) * 3) for before in (hit, far))
    monkeypatch.setattr("replicate.CLAIMS", {"stands": stands, "lasts": falls, "lucky": falls})
    text = page({"lasts": lasts, "lucky": lucky})
    assert "1 of\nthe 2 sentences that we still run would hold. The latest blocks alone would bring back 1 more" in text


def test_what_fell_keeps_the_blocks_of_older_days_and_counts_none_twice():
    older, latest = ((Effect(mean, 0.1, "points", 9),) * 3 for mean in (0.1, 1.0))
    first = Run("2026-01-01", 5000, older)
    later = Run("2026-01-02", 7000, latest).after(first)
    assert later.before == older
    assert (later.whole.mean, later.ever.mean) == (1.0, 0.55)
    assert dataclasses.replace(later, before=()).after(later) == later


def test_no_fallen_sentence_has_the_same_blocks_twice():
    for name, run in stored().items():
        every = [*run.before, *run.blocks]
        runs = {tuple((block.mean, block.error) for block in every[i : i + 3]) for i in range(0, len(every), 3)}
        assert len(runs) == len(every) / 3, name
        assert not run.before or CLAIMS[name].fallen, name
