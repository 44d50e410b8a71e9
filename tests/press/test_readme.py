"""The README: its example prints what it says and shows what it is there to show; it is short, and its parts are those of the book."""

import re

import pytest

import hpt_lab as hpt
from book.press.pages import front
from hpt_lab.tools.report.sentences import pressed


@pytest.fixture(scope="module")
def example(root):
    """The README's ten lines, and the output that stands beneath them."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    return re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", readme, re.S).groups()


def test_the_ten_lines_are_ten_and_fit_a_page(example):
    lines = [line for line in example[0].splitlines() if line]
    assert len(lines) == 10
    assert max(map(len, lines)) <= 120


def test_the_ten_lines_print_what_the_readme_says(example, capsys, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    exec(compile(example[0], "README.md", "exec"), {})
    assert capsys.readouterr().out == example[1]


def test_looking_at_the_trials_wins_with_as_many_seeds_as_the_readme_says(example, root, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    names = {}
    exec(compile(example[0].split("for strategy")[0], "README.md", "exec"), names)

    def best(strategy, seed):
        study = hpt.tune(names["explained"], names["space"], strategy, n_trials=30, direction="maximize", seed=seed)
        return study.best_value, pressed(study)

    untuned = names["explained"]({})
    assert f"{untuned:.1%}" in (root / "README.md").read_text(encoding="utf-8")
    ours, random = (
        [best(strategy, seed) for seed in range(20)] for strategy in (hpt.BayesianOptimization(), hpt.RandomSearch())
    )
    wins = sum(value > other for (value, _), (other, _) in zip(ours, random, strict=True))
    assert f"with {wins} of the first 20 seeds" in (root / "README.md").read_text(encoding="utf-8")
    assert min(value for value, _ in ours) > untuned + 0.04
    assert not any(ends for _, ends in ours), "the book's rule says: widen the space"


IN_KOREAN = re.compile(
    r" +#.*$| BOOK_LANGUAGE=ko| --language ko|(?:, )?language=\"ko\"", re.M
)  # comments, and the choice of a language


def test_the_korean_readme_has_the_same_code_and_commands_and_tables_as_long(root):
    english, korean = ((root / name).read_text(encoding="utf-8") for name in ("README.md", "README.ko.md"))
    blocks = [re.findall(r"^```.*?^```$", text, re.M | re.S) for text in (english, korean)]
    assert [IN_KOREAN.sub("", block) for block in blocks[0]] == [IN_KOREAN.sub("", block) for block in blocks[1]]
    comments = re.findall(r"(?<= )# ?(.*)$", "\n".join(blocks[1]), re.M)
    assert len(comments) > 20
    assert all(re.search("[가-힣]", comment) for comment in comments)
    assert english.count("\n|") == korean.count("\n|")
    for pattern in (r"`make [a-z-]+`", r"^\|.*`[a-z_/]+`.*\|$"):
        assert len(set(re.findall(pattern, english, re.M))) <= len(set(re.findall(pattern, korean, re.M)))
    own = front.PAGE.sub(r"\1.md", korean)
    there, here = (set(re.findall(r"\]\(([\w./]+)\)", text)) for text in (english, own))
    assert there - {"README.ko.md"} == here - {"README.md"}


def test_the_korean_readme_leads_to_the_korean_pages_where_the_book_stands(root, monkeypatch):
    monkeypatch.setattr(front, "known", lambda _: "https://book.example")
    text = front.readme(root, "ko")
    assert "](https://book.example/ko/book/how_good.html)" in text
    assert "](book/recipes.md)" not in text
    assert "](book/recipes.md)" in front.readme(root, "en")
    assert front.PAGE.sub(r"https://book.example/ko/\1.html", text) == text  # written once, it finds its links again


def headings(text):
    """The headings of a text, but for what looks like one in a listing."""
    return re.findall(r"^(#+) ", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)


@pytest.mark.parametrize(("language", "name"), front.READMES.items())
def test_the_table_has_every_chapter(root, language, name):
    text = (root / name).read_text(encoding="utf-8")
    assert text == front.readme(root, language), "python -m book.press.pages.front writes it"
    rows = re.findall(r"^\| (\d) ", text, re.M)
    assert rows == [str(int(folder.name[:2])) for folder in sorted((root / "chapters").glob("[0-9]*"))]


def test_promise_picture_install_and_example_come_before_all_commands_in_700_words(root):
    text, korean = ((root / name).read_text(encoding="utf-8") for name in front.READMES.values())
    prose = re.sub(r"^```.*?^```$|<[^>]+>", "", text, flags=re.M | re.S)
    assert len(re.findall(r"\S*\w\S*", prose)) <= 700
    places = [
        text.index(part)
        for part in ("<picture>", 'pip install ".[data]"', "import hpt_lab", "## Chapters", "make test")
    ]
    assert places == sorted(places)
    assert places[0] < 120
    assert headings(text) == headings(korean)


@pytest.mark.parametrize(("language", "name"), front.READMES.items())
def test_the_picture_is_there_for_light_and_dark_pages_and_says_what_it_shows(root, language, name):
    (picture,) = re.findall(r"<picture>.*?</picture>", (root / name).read_text(encoding="utf-8"), re.S)
    files = re.findall(r'(?:src|srcset)="([^"]+)"', picture)
    assert [(root / file).stem for file in files] == [f"{front.picture(language, 'x')[:-2].replace('front', 'round')}{kind}" for kind in (".dark", "")]  # fmt: skip
    assert all((root / file).is_file() for file in files)
    assert 'media="(prefers-color-scheme: dark)" srcset="' + files[0] in picture
    assert len(re.search(r'alt="([^"]+)"', picture)[1]) > 60
