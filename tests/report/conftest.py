"""Studies that reports are made of, and two pages: one of harmful names, one in both languages; each is drawn once."""

import matplotlib as mpl

mpl.use("agg")

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure

import hpt_lab as hpt
from hpt_lab import Float, Int, Space, Study
from hpt_lab.study.log import Log
from hpt_lab.tools.report import report
from hpt_lab.tools.report.facts import Facts
from hpt_lab.tools.report.languages import say
from hpt_lab.tools.report.sections import compose
from hpt_lab.tools.report.writing import html

EVIL = "<script>alert(1)</script>"
HARMFUL = Space(
    {EVIL: Float(1e-3, 1e3, log=True), "$x$ $\\frac": ["$y$", "</style>", "a" * 9000], "na\nme": Int(1, 9)},
    k=Int(1, 5),
)
SPACE = Space(
    {"alpha": Float(1e-3, 1e3, log=True), "kind": ["rbf", "{poly}"]},
    depth=Int(1, 9, step=2),
    width=Int(2, 8, log=True, step=2).when(kind=["rbf", "{poly}"], depth=(1, 5)),
)
ERROR = "ValueError: diverged {zeta}"


class Fixed:
    """A strategy that suggests what it was made with."""

    def __init__(self, *suggestion):
        self.suggestion = suggestion

    def suggest(self, history):
        return hpt.Suggestion(*self.suggestion)

    def __repr__(self):
        return "Fixed()"


def _study_of(values, space=None, budgets=None, seconds=1.0, direction="minimize", curve=None):
    """A study whose trials have these values, for None failed, for "?" running; all with one learning curve."""
    study = Study(space or Space(alpha=Float(0, 1)), Fixed(), direction=direction)
    for i, value in enumerate(values):
        params = study.space.decode([(i + 0.5) / len(values)] * len(study.space))
        study.strategy = Fixed(params, budgets and budgets[i])
        trial = study.ask()
        if value != "?":
            study.tell(trial, value, error=ERROR if value is None else None)
    trials = []
    for i, trial in enumerate(study.trials):
        trial = replace(trial, started=1.7e9 + 2 * i, seconds=None if trial.state == "running" else seconds)
        if curve and trial.value is not None:
            trial = replace(trial, curve=(*curve, trial.value), attributes={"gain": 0.5})
        trials.append(trial)
    study._backend.log = Log(enumerate(trials))
    return study


@pytest.fixture(scope="session")
def study_of():
    return _study_of


@pytest.fixture(scope="session")
def front_of():
    """Make a study of pairs of values, for None failed, some of which may be infeasible."""

    def front(pairs, infeasible=(), directions=("minimize", "maximize"), space=None):
        study = Study(space or Space(alpha=Float(0, 1)), Fixed(), directions=directions)
        for i, pair in enumerate(pairs):
            study.strategy = Fixed(study.space.decode([(i + 0.5) / len(pairs)] * len(study.space)))
            error = ERROR if pair is None else None
            study.tell(study.ask(), pair, error=error, constraints={"limit": 0.25 if i in infeasible else -1.0})
        return study

    return front


@pytest.fixture(scope="session")
def facts_of():
    """The facts of a study, or of one made for them, but for the importance, which takes long."""

    def facts(values, *args, **kwargs):
        study = values if isinstance(values, Study) else _study_of(values, *args, **kwargs)
        return Facts(study, ValueError("left out"))

    return facts


class Page(HTMLParser):
    """The parts of a page: tags and ids, cells, headings, and the texts that a reader sees or hears; tags must close."""

    def __init__(self, text):
        super().__init__()
        self.whole, self.open, self.tags, self.ids = text, [], [], []
        self.texts, self.code, self.drawn, self.headings, self.cells, self.script = [], [], [], [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]
        seen = ("aria-label", "alt", "title", "data-copy", "data-copied", "data-search", "data-csv")
        self.texts += [value for name, value in attributes if name in seen]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside == "script":
            self.script += data
        elif inside != "style":
            kind = self.code if inside == "pre" else self.drawn if "svg" in self.open else self.texts
            kind.append(data)
        if inside in ("h1", "h2"):
            self.headings.append(data)
        if inside in ("td", "th"):
            self.cells[-1] += data


@pytest.fixture(scope="session")
def harmful():
    """A study whose names, choices, attributes and errors are markup."""

    def objective(params):
        if params["na\nme"] == 3:
            raise ValueError(f"<img src=x onerror=alert(2)>\n{'x' * 9000}")
        if params["na\nme"] == 4:
            raise MemoryError("out of memory")
        return {"value": params[EVIL] + params["k"], "accuracy": 0.5, "note": "</td><script>"}

    return hpt.tune(objective, HARMFUL, hpt.RandomSearch(), 40, seed=0, progress=False)


@pytest.fixture(scope="session")
def page(harmful):
    return Page(report(harmful, title=f"{EVIL}\n{'t' * 900}"))


@pytest.fixture(scope="session")
def study():
    """With failures, budgets, conditions, categories, learning curves and a trial that runs."""
    values = [1.0, None, 3.0, 5.0, 4.0, 7.0, 8.0, 6.0, 9.0, 5.5, "?"]
    return _study_of(values, SPACE, [1, 1, *[9] * 9], curve=[2.0])


@pytest.fixture(scope="session")
def said():
    """The English messages that reports have said so far, while `both` was made to begin with."""
    return set()


@pytest.fixture(scope="session")
def recorded(said):
    def say(message, **values):
        said.add(message)
        return message.format(**values)

    return say


@pytest.fixture(scope="session")
def both(study, recorded):
    """The page of that study in English and in Korean. In English, each figure is drawn, but not written."""

    def drawn(drawing, *more):
        drawing.draw(Figure().add_subplot())
        return f'<svg role="img" aria-label="{drawing.alt}"></svg>'

    facts = Facts(study)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hpt_lab.tools.report.writing.svg", drawn)
        english = html(compose(facts, None, recorded), "en")
    return Page(english), Page(html(compose(facts, None, say("ko")), "ko"))
