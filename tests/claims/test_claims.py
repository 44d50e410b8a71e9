"""The fast claims hold on the first block of fresh seeds, and the page shows every claim."""

import math

import pytest
from claim import BLOCKS, CLAIMS, LATER, Claim, Effect, effect, proportion
from replicate import HERE, PAGE, load, page

load()
ROOT = HERE.parent.parent


@pytest.mark.parametrize("name", [name for name, claim in CLAIMS.items() if claim.fast and not claim.fallen])
def test_it_holds_on_fresh_seeds(name):
    found = CLAIMS[name].on(CLAIMS[name].blocks[0])
    assert found.holds, f"{CLAIMS[name].sentence}: {found} {found.unit}"


def test_every_claim_belongs_to_a_lesson_and_has_a_sentence():
    for claim in CLAIMS.values():
        assert (ROOT / "chapters" / f"{claim.lesson}.md").exists(), claim.lesson
        assert 10 < len(claim.sentence) < 200
        assert claim.n_seeds >= 3
        assert claim.blocks in (BLOCKS, LATER)


def test_an_effect_is_a_mean_with_its_standard_error():
    found = effect([1.0, 2.0, 3.0, 4.0], "points")
    assert (found.mean, found.error) == (2.5, pytest.approx(math.sqrt(5 / 3) / 2))
    assert found.holds
    assert not effect([1.0, -1.0, 2.0, -2.0], "points").holds
    assert effect([0.1, -0.1, 0.1, -0.1], "points", within=0.5).holds
    assert not effect([1.1, 0.9, 1.1, 0.9], "points", within=0.5).holds
    assert proportion([True] * 19 + [False], "% of seeds", above=0.6).holds
    assert not proportion([True, False] * 10, "% of seeds", above=0.5).holds


@pytest.mark.skipif(not CLAIMS, reason="no claim is written yet")
def test_the_page_shows_every_claim_that_there_is():
    text = PAGE.read_text(encoding="utf-8")
    for claim in CLAIMS.values():
        assert f"{claim.sentence} |" in text, f"run `make replicate`: {claim.sentence}"


def test_the_page_counts_what_stands_and_lists_what_fell(monkeypatch):
    stands, falls = (
        Claim("01_the_problem/01_parameters_and_hyperparameters", f"It {verb}", 3, False, BLOCKS, instead, len, ("", 0))
        for verb, instead in (("stands", None), ("falls", "It stumbles"))
    )
    monkeypatch.setattr("replicate.CLAIMS", {"stands": stands, "falls": falls})
    holds, misses = Effect(1.0, 0.1, "points", True), Effect(0.1, 0.1, "points", False)
    text = page({"stands": [holds, holds, misses], "falls": [misses] * 3})
    assert "**Of 2 claims, 0 hold on all of their blocks. 1 fell: " in text
    assert "[1.1](../chapters/01_the_problem/01_parameters_and_hyperparameters.ipynb) It stands |" in text
    assert "It falls | 0.1 ± 0.1 ✗ | 0.1 ± 0.1 ✗ | 0.1 ± 0.1 ✗ | points | It stumbles |" in text
