"""The prose check sees what a reader sees, in its place, and nothing else. `make check` runs it over everything."""

import re

from tools.prose import __main__ as prose, sentences

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
