"""What MyST becomes for programs that do not know it."""

import pytest

from book.press.notebooks.plain_markdown import plain_markdown


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("A {term}`trial` and {term}`trials <trial>`.", "A trial and trials."),
        ("{math}`x^2`", "$x^2$"),
        ("the [recipes](../../book/recipes.md#a) and [a lesson](01_a.ipynb)", "the recipes and [a lesson](01_a.ipynb)"),
        ("[new](https://host.example/CHANGELOG.md)", "[new](https://host.example/CHANGELOG.md)"),
        ("see {cite:t}`bergstra2012random`", "see Bergstra and Bengio (2012)"),
        ("{cite:p}`li2018hyperband`", "(Li et al., 2018)"),
        ("{cite:p}`li2018hyperband, bergstra2012random`", "(Li et al., 2018; Bergstra and Bengio, 2012)"),
        ("{cite:t}`matousek1998discrepancy`", "Matoušek (1998)"),
        ("{cite:t}`li2018hyperband,bergstra2012random` say", "Li et al. (2018) and Bergstra and Bengio (2012) say"),
        (":::{dropdown} Hint\nLook.\n:::", "<details>\n<summary>Hint</summary>\n\nLook.\n\n</details>"),
        (":::{dropdown} Is a < b?\nYes.\n:::", "<details>\n<summary>Is a &lt; b?</summary>\n\nYes.\n\n</details>"),
        (":::{note}\n:class: x\n\nA\n\nB\n:::", "> **Note**\n>\n> A\n>\n> B"),
        ("```{math}\n:label: eq\na = b\n```", "$$\na = b\n$$"),
        (
            "::::{tip} T\n:::{dropdown} D\nx\n:::\n::::",
            "> **T**\n>\n> <details>\n> <summary>D</summary>\n>\n> x\n>\n> </details>",
        ),
        ("```python\nx = {1}\n```", "```python\nx = {1}\n```"),
    ],
)
def test_myst_becomes_plain_markdown(myst, plain):
    assert plain_markdown(myst) == plain


def test_unknown_myst_is_refused():
    with pytest.raises(ValueError, match="no plain Markdown for the directive"):
        plain_markdown(":::{mermaid}\nx\n:::")
    with pytest.raises(ValueError, match="no plain Markdown for the role"):
        plain_markdown("{eval}`x`")
    with pytest.raises(ValueError, match="directive without an end"):
        plain_markdown(":::{note}\nx")
