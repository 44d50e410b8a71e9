"""The slides of each chapter, made from the built pages of its lessons, so that they say what the lessons say.

Nothing is written for a slide. A lesson's page has

- a question: the last one of its introduction, and the story before it;
- pictures: its figures, its formulas, and each cell of the tag `slide`, which also says which picture carries the lesson;
- devices, quiz questions to vote on, and takeaways.

A lesson always has its question and its takeaways. As long as the chapter has room, each lesson in turn, the longest one first, gets one
thing more: see `Lesson.more`. The notes come from the lesson, and from its plan on the page *Lesson by lesson*.
"""

import copy
import dataclasses
import html
import re
import shutil
from pathlib import Path

import jinja2
import sphinx_revealjs
from bs4 import BeautifulSoup

from book.press.translation import catalogs

MOST = 25  # slides of a chapter
# Pixels of a figure. It is never made smaller than on its page: it stands below a title, or beside it, or on no slide.
HIGH, TALLEST = 560, 670
LINES = 18  # of a cell
ELSEWHERE = {  # a question that says so needs its page
    "en": r"\b(one|cell|figure|table) above\b",
    "ko": r"위(의|에서) ?(것|셀|그림|표)?",
}
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[^\sa-z0-9±])")
HERE = Path(__file__).parent
REVEAL = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
REVEAL_FILES = ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")


def spoken(language):
    """The words of the slides' own, and those by which a page's device and quiz are known."""
    _ = catalogs.gettext(language)
    return {
        "answer": _("Answer"),
        "elsewhere": ELSEWHERE[language],
        "keys": _("Arrow keys: next and back. S: speaker’s notes. O: all slides. F: full screen."),
        "minutes": _("minutes"),
        "question": _("Question."),  # begins a device's question
        "right": f"{_('Right')}.",  # begins why an option is right
        "takeaways": _("Takeaways"),
        "vote": _("Vote"),
    }


ENGLISH = spoken("en")


@dataclasses.dataclass(eq=False)
class Slide:
    """One slide: title, body, lines and notes are HTML; its place is that on the lesson's page."""

    kind: str
    title: str
    notes: str
    place: tuple[int, int] = (0, 0)
    body: str = ""
    lines: tuple[str, ...] = ()  # a story's sentences, options, takeaways, a device's question
    right: int | None = None  # the place of the right option
    high: bool = False  # a figure beside its title, and not below


@dataclasses.dataclass(eq=False)
class Lesson:
    """What a lesson's page has for slides; `plan` is its section of the page *Lesson by lesson*."""

    number: str
    title: str
    address: str
    minutes: int
    question: Slide
    takeaways: Slide
    pictures: list[Slide]
    devices: list[Slide]
    votes: list[Slide]

    def more(self, together):
        """What the lesson has beyond question and takeaways, the most wanted first. `together`: the question has a picture."""
        playing = [*self.devices, *self.votes]
        first, second, others = self.pictures[:1], self.pictures[1:2], self.pictures[2:]
        vote = [] if playing[:1] == self.votes[:1] else self.votes[:1]
        wanted = [*([] if together else first), *playing[:1], *second, *vote, *others, *self.devices[1:]]
        return [*wanted, *(slide for slide in self.votes[:2] if slide not in wanted)]


# ---- A chapter's slides


def chosen(lessons, most=MOST):
    """The slides of a chapter behind its title, in order: one list a lesson."""
    room = most - 1 - 2 * len(lessons)
    together = room < 3 * len(lessons)  # no room everywhere for a picture, something to do, and one thing more
    taken = {lesson.number: [] for lesson in lessons}
    wanted = {lesson.number: lesson.more(together) for lesson in lessons}
    for turn in range(max(map(len, wanted.values()))):
        for lesson in sorted(lessons, key=lambda lesson: -lesson.minutes):
            if room and turn < len(wanted[lesson.number]):
                taken[lesson.number].append(wanted[lesson.number][turn])
                room -= 1
    return [_in_order(lesson, taken[lesson.number], together) for lesson in lessons]


def _in_order(lesson, slides, together):
    """A lesson's slides as its page has them. `together`: the first picture that is not high comes with the question."""
    question = lesson.question
    if together:
        fitting = [slide for slide in lesson.pictures if not slide.high]
        fitting = [slide for slide in fitting if slide in slides] + fitting[:1]
        for picture in sorted(fitting, key=lambda slide: slide.place)[:1]:
            slides = [slide for slide in {*slides, *fitting} if slide is not picture]
            question = dataclasses.replace(question, body=picture.body, notes=question.notes + picture.notes)
    return [question, *sorted(slides, key=lambda slide: slide.place), lesson.takeaways]


def write(site, course, language, mathjax):
    """Write slides/NN_name.html into the folder of the built book, one for each chapter, and reveal.js beside them.

    `mathjax` is the pages' configuration of MathJax; slides take it from where the pages have it.
    """
    folder = site / "slides"
    for name in REVEAL_FILES:
        (folder / "reveal" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REVEAL / name, folder / "reveal" / name)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE.parent / "notebooks" / "templates"), trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template("slides.html")
    plans, own = read_plans(site / "book" / "lesson_plans.html"), spoken(language)
    for index in sorted(site.glob("chapters/*/index.html")):
        chapter = index.parent.name
        lessons = [read(path, plans, own) for path in sorted(index.parent.glob("[0-9]*.html"))]
        page = _article(index)
        introduction = "".join(f"<p>{plain(p)}</p>" for p in page.select("h1 ~ p"))
        first = Slide("title", plain(page.h1), introduction)
        text = template.render(
            course=course,
            language=language,
            mathjax={**mathjax, "options": {"processHtmlClass": "math"}, "chtml": {"matchFontHeight": False}},
            words=own,
            first=first,
            decks=list(zip(lessons, chosen(lessons), strict=True)),
        )
        (folder / f"{chapter}.html").write_text(text + "\n", encoding="utf-8", newline="\n")


# ---- What a page has


def read(path, plans, own):
    """A lesson's page."""
    page = _article(path)
    chapter = path.parent.name
    plan = plans.get(f"{chapter}/{path.stem}", {})
    return Lesson(
        number=f"{int(chapter[:2])}.{int(path.stem[:2])}",
        title=plain(page.h1),
        address=f"../chapters/{chapter}/{path.name}",
        minutes=int(re.search(r"\d+", page.select_one(".objectives > ul ~ p").get_text())[0]),
        question=read_question(page, plan),
        takeaways=read_takeaways(page, plan, own),
        pictures=read_pictures(page),
        devices=read_devices(page, plan, own),
        votes=read_votes(page, own),
    )


def read_question(page, plan):
    """The last question of the introduction, and what is told before it."""
    story, told = [], []
    for paragraph in page.select("h1 ~ p"):
        bold = [strong for strong in paragraph.find_all("strong") if strong.get_text().endswith("?")]
        sentences = SENTENCE.split(re.sub("</?strong>", "", plain(paragraph)))
        asked = [place for place, sentence in enumerate(sentences) if sentence.endswith("?")]
        if bold or asked:
            marked = [place for place in asked if bold and plain(bold[-1]).endswith(sentences[place])]
            last = (marked or asked)[-1]
            question, story = sentences[last], told + sentences[:last]
            if bold:
                break
        told += sentences
    notes = f"<p>{' '.join(story)}</p>{plan.get('facts', '')}{plan.get('wrong', '')}"
    return Slide("question", question, notes, lines=tuple(story[-4:]))


def read_takeaways(page, plan, own=ENGLISH):
    items = [plain(item.p or item) for item in page.select("#takeaways li")]
    notes = f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>{plan.get('board', '')}{plan.get('ask', '')}"
    return Slide("takeaways", own["takeaways"], notes, lines=tuple(short(item, 140) for item in items))


def read_pictures(page):
    """The most wanted first: those of the tag `slide`, the first figure, the first formula, all others."""
    marked, figures, formulas = [], [], []
    for node in page.select("div.cell, div.math"):
        if node.find_parent(class_=["device", "cell"]):
            continue
        carries = "tag_slide" in node["class"]
        image = node.select_one(".cell_output img.figure:not(.only-dark)")
        if "math" in node["class"]:
            formulas.append(_formula(node))
        elif image and int(image["height"]) <= TALLEST:
            (marked if carries else figures).append(_figure(node, image))
        elif carries:
            marked.append(_code(node))
    return [*marked, *figures[:1], *formulas[:1], *figures[1:], *formulas[1:]]


def _figure(cell, image):
    size = {name: int(image[name]) for name in ("width", "height")}
    body = f'<img src="{image["src"].removeprefix("../")}" alt="{html.escape(image["alt"])}" width="{size["width"]}" height="{size["height"]}">'
    notes = f"<p>{html.escape(image['alt'])}</p>{_what_follows(cell)}"
    return Slide("picture", _heading(cell), notes, _place(cell), body, high=size["height"] > HIGH)


def _formula(node):
    """A formula, with the sentence that follows it; if that one only goes on, or there is none, with the one before it."""
    before, after = (f() for f in (node.find_previous_sibling, node.find_next_sibling))
    before, after = (plain(p) if p is not None and p.name == "p" else "" for p in (before, after))
    last = SENTENCE.split(before)[-1]
    caption = short(after, 130) if re.match("[^a-z]", after) else last if last.endswith(".") else ""
    notes = f"<p>{before}</p><p>{after}</p>"
    tex = re.sub(r"\s*[.,;]\s*\\\]$", r"\\]", node.get_text().strip())  # on a slide it ends no sentence
    body = f'<div class="math">{html.escape(tex)}</div><p>{caption}</p>'
    return Slide("picture formula", _heading(node), notes, _place(node), body)


def _code(cell):
    code = cell.select_one(".cell_input pre")
    printed = cell.select_one(".cell_output pre")
    lines = len(code.get_text().strip().split("\n"))
    if lines > LINES:
        raise ValueError(f"a cell of the tag slide has at most {LINES} lines, not {lines}: {code.get_text()[:60]}")
    body = f'<div class="highlight">{code}</div>'
    if printed and lines + len(printed.get_text().strip().split("\n")) < LINES:
        body += f"<pre>{html.escape(printed.get_text().strip())}</pre>"
    before = cell.find_previous_sibling()
    notes = f"<p>{plain(before)}</p>" if before is not None and before.name == "p" else ""
    return Slide("picture code", _heading(cell), notes + _what_follows(cell), _place(cell), body)


def _what_follows(cell):
    """The sentences below a cell, up to the next one: what to say of it."""
    said = []
    for node in cell.find_next_siblings():
        prose = (
            node.select(".output.text_markdown > p")
            if "cell" in node.get("class", [])
            else [node]
            if node.name == "p"
            else []
        )
        if not prose:
            break
        said += [f"<p>{plain(p)}</p>" for p in prose]
    return "".join(said)


def read_devices(page, plan, own=ENGLISH):
    devices = []
    for box in page.select("[data-device]"):
        asks = next(p for p in box.find_all("p", recursive=False) if p.get_text().startswith(own["question"]))
        question = plain(asks).removeprefix(f"<strong>{own['question']}</strong>").strip()
        answer = "".join(f"<p>{plain(p)}</p>" for p in box.select("details p.sd-card-text"))
        stage = '<div class="device-stage" data-prevent-swipe></div>'
        settings = html.escape(box.get("data-settings", ""))
        body = f'<div data-device="{box["data-device"]}" data-settings="{settings}" id="{box["id"]}">{stage}</div>'
        notes = f"<p>{question}</p><p><strong>{own['answer']}</strong></p>{answer}{plan.get('play', '')}"
        title = plain(box.select_one(".admonition-title"))
        devices.append(Slide("device", title, notes, _place(box), body, lines=(short(question, 170),)))
    return devices


def read_votes(page, own=ENGLISH):
    """The questions of the quiz, but for one that points to its page."""
    votes, quiz = [], page.select_one("#quiz")
    for asks in quiz.find_all("p", recursive=False):
        options, why, right = [], [], None
        for node in asks.find_next_siblings():
            if node.name != "details":
                break
            letter, _, option = plain(node.select_one(".sd-summary-text")).partition(" ")
            because = " ".join(plain(p) for p in node.select(".sd-summary-content p"))
            if because.startswith(f"<strong>{own['right']}</strong>"):
                right = len(options)
            options.append(option)
            why.append((letter, because))
        if right is not None and asks.strong and not re.search(own["elsewhere"], asks.get_text()):
            title = re.sub(r"^\d+\.\s*", "", plain(asks.strong))
            notes = "".join(f"<p>{letter} {because}</p>" for letter, because in why)
            reason = short(why[right][1].partition("</strong>")[2].strip(), 200)
            votes.append(Slide("vote", title, notes, _place(asks), reason, lines=tuple(options), right=right))
    return votes


def read_plans(path):
    """By chapter/lesson, the parts of its plan in HTML: facts, wrong, board, ask, play."""
    plans = {}
    if not path.exists():  # a book without its teacher's pages
        return plans
    for section in _article(path).select("section section"):
        facts, *rest = section.find_all(["p", "ul", "ol"], recursive=False)
        parts = {"facts": [facts], "wrong": [], "board": [], "ask": [], "play": []}
        names = iter(("board", "ask", "play"))
        name = "wrong"
        for node in rest:
            if str(node).startswith("<p><strong>"):
                name = next(names)
            parts[name].append(node)
        key = re.search(r"chapters/(\w+/\w+)\.html", facts.a["href"])[1]
        plans[key] = {
            name: "".join(f"<{node.name}>{plain(node)}</{node.name}>" for node in nodes)
            for name, nodes in parts.items()
        }
    return plans


# ---- HTML of a page as HTML of a slide


def _article(path):
    text = path.read_text(encoding="utf-8")
    return BeautifulSoup(text[text.index("<article") : text.rindex("</article>")], "html.parser").article


def plain(node):
    """The HTML inside a node, without links, attributes and line ends: mathematics keeps its class."""
    node = copy.copy(node)
    for extra in node.find_all("a", class_="headerlink"):
        extra.decompose()
    for tag in node.find_all(True):
        mathematics = "math" in tag.get("class", [])
        tag.attrs = {"class": "math"} if mathematics else {}
        if tag.name == "a" or (tag.name == "span" and not mathematics):
            tag.unwrap()
    return " ".join(node.decode_contents().split())


def short(text, most):
    """The first sentences of some HTML, as many as have so many characters; one at least."""
    first, *others = SENTENCE.split(text)
    for sentence in others:
        if len(re.sub("<[^>]+>", "", f"{first} {sentence}")) > most:
            break
        first += f" {sentence}"
    return first


def _heading(node):
    return plain(node.find_parent("section").find(["h1", "h2", "h3"]))


def _place(node):
    return node.sourceline, node.sourcepos
