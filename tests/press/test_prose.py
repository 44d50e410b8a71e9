"""The prose check sees what a reader sees, in its place, and nothing else. `make check` runs it over everything."""

import json
import re

import nbformat
import pytest

from tools.prose import __main__ as prose, counts, sentences

LESSON = """---
title: trainings
---

# Somebody trains

See {term}`our trainings <trial>` with `trainings = 3`, $trainings$ and [a link](trainings.ipynb).

```{code-cell} ipython3
---
mystnb:
  image:
    alt: All else stays.
---
trainings = 30  # thrown by dice
print(f"Thirty trainings of {trainings}", "trainings")
```

:::{admonition} Anew
Whoever reads this
:::
"""


def test_markdown_keeps_its_prose_its_alternative_texts_and_the_sentences_of_its_cells():
    left = sentences.markdown(LESSON)
    assert [len(line) for line in left.split("\n")] == [len(line) for line in LESSON.split("\n")]
    assert " ".join(re.findall(r"[A-Za-z]{2,}", left)) == (
        "Somebody trains See our trainings with and link All else stays "
        "thrown by dice Thirty trainings of Anew Whoever reads this"
    )


def test_of_a_program_the_comments_and_sentences_stay():
    code = 'def trainings():\n    """Return the losses."""\n    return "anew", 3  # by lot\n'
    assert sentences.python(code).split() == ['"""Return', "the", 'losses."""', "#", "by", "lot"]


def test_of_a_script_the_marked_messages_stay():
    code = 'const dice = _("Throw again"), key = "anew"; say(_`Night ${dice} of ${all}`);\n'
    left = sentences.script(code)
    assert left.split() == ['"Throw', 'again"', "Night", "of"]
    assert left.index("Night") == code.index("Night")


def test_everything_a_person_reads_is_read():
    names = {path.relative_to(prose.ROOT).as_posix() for path in prose.files()}
    assert {"README.md", "book/index.md", "hpt_lab/study/study.py", "book/press/static/devices/choose.js"} <= names
    assert len([name for name in names if name.startswith("chapters/") and name.count("/") == 2]) >= 36
    assert "README.ko.md" not in names


def test_a_word_of_the_table_is_named_with_its_place_and_what_to_write(tmp_path, monkeypatch):
    monkeypatch.setattr(prose, "ROOT", tmp_path)
    (tmp_path / "lesson.md").write_text(LESSON, encoding="utf-8")
    (tmp_path / "clean.md").write_text("We train `trainings` again.\n", encoding="utf-8")
    found = prose.complaints([tmp_path / "lesson.md", tmp_path / "clean.md"])
    places = [line.split(":")[:2] for line in found]
    assert places == [["lesson.md", str(n)] for n in (5, 7, 13, 15, 16, 19, 20)]
    assert found[1] == "lesson.md:7:16: trainings => training runs"


PAGE = """# A title with 1, 2, 3, 4

The gain is 3.75 ± 0.85 with 20 seeds, as in lesson 5.7. {SENTENCE}

| 1 | 2 | 3 | 4 |

```{code-cell} ipython3
print(-1, "worse by +2", 3, 4)
```

{AFTER}

It is no cell that stands before this.
"""


@pytest.mark.parametrize(
    ("sentence", "after", "found"),
    [
        ("It costs 3-4 runs.", "The run ends.", {}),
        ("Of 20 seeds, 3 lose, and 4 win.", "The run ends.", {"numbers": 1}),
        ("It changes by -0.2 on the scale.", "The run ends.", {"minus": 1}),
        ("It is worse by +0.2, or `-1`, or $-1$.", "The run ends.", {"sign": 1}),
        ("The reductions are **\u22121.2**.", "**This** is lost.", {"sign": 1, "referent": 1}),
        ("It is lower than 3 or \u22121.", "Its end.", {}),
        ("It doesn't end, and does not begin, and isn't.", "That ends.", {"contraction": 1, "referent": 1}),
        ("We can't, and you cannot. We won't, and you will not.", "They end.", {"contraction": 2, "referent": 1}),
    ],
)
def test_what_a_reader_stumbles_over_is_counted_once_and_in_prose_alone(tmp_path, sentence, after, found):
    (tmp_path / "page.md").write_text(PAGE.replace("{SENTENCE}", sentence).replace("{AFTER}", after), encoding="utf-8")
    assert counts.counts(tmp_path / "page.md") == found


def test_what_cells_have_computed_is_counted(tmp_path):
    (tmp_path / "page.md").write_text("# A title\n", encoding="utf-8")
    cell = nbformat.v4.new_code_cell("")
    said = {"text/markdown": "It changes by -0.5 in 1 of 2 runs.\n\n| -1 | -2 |"}
    cell.outputs = [
        nbformat.v4.new_output("display_data", data=said),
        nbformat.v4.new_output("stream", text="-1 -2\nworse by +0.25\n"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "page.ipynb")
    assert counts.counts(tmp_path / "page.md") == {"minus": 1, "numbers": 1, "sign": 1}


def test_a_page_may_get_better_and_not_worse(tmp_path, monkeypatch):
    page, limits = tmp_path / "book" / "page.md", tmp_path / "counts.json"
    page.parent.mkdir()
    monkeypatch.setattr(counts, "ROOT", tmp_path)
    monkeypatch.setattr(counts, "LIMITS", limits)
    limits.write_text('{"book/page.md": {"minus": 1, "sign": 2}}', encoding="utf-8")
    page.write_text("At -1 and -2.\n\nIt is worse by +1.\n", encoding="utf-8")
    assert [line.strip()[:18] for line in counts.complaints([page])] == [
        "book/page.md: 2 of",
        "book/page.md:1: -1",
        "book/page.md:1: -2",
    ]
    counts.lower()
    assert json.loads(limits.read_text(encoding="utf-8")) == {"book/page.md": {"minus": 1, "sign": 1}}
    page.write_text("At \u22121.\n", encoding="utf-8")
    assert counts.complaints([page]) == []


def test_the_limits_are_of_pages_that_exist_and_are_kept():
    named = {counts.name(path): path for path in counts.pages()}
    assert set(counts.limits()) <= set(named)
    assert len(named) > 60
    assert counts.complaints([*named.values()]) == []
