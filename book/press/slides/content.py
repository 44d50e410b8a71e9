"""The parts of a lesson that become slides, apart from its pictures: its question, its quiz to vote on, and its takeaways.

The notes come from the lesson, and from its plan on the page *Lesson by lesson*. They say what the slide does not.
"""

import re

from book.press import quizzes
from book.press.slides import pictures
from book.press.slides.deck import Deck, Slide
from book.press.slides.markup import SENTENCE, blocks, line, short
from book.press.translation import catalogs

ELSEWHERE = re.compile(r"\b(one|cell|figure|table) above\b")  # a question with these words needs its page


def read(lesson, english, plan=None, facts="", language="en"):
    """Return the deck of a lesson. `english` is the same lesson in English, `facts` its line on the page *Lesson by lesson*."""
    return Deck(
        number=lesson.number,
        title=line(lesson.title),
        page=lesson.page,
        minutes=lesson.minutes,
        question=read_question(lesson.introduction, blocks(facts) + _list(plan.wrong if plan else ())),
        takeaways=read_takeaways(lesson.takeaways, plan, language),
        pictures=pictures.read(lesson, plan, language),
        votes=read_votes(lesson.quiz, english.quiz, language),
    )


def _list(items, tag="ul"):
    """Return a list as HTML; empty without items."""
    body = "".join(f"<li>{line(item)}</li>" for item in items)
    return f"<{tag}>{body}</{tag}>" if body else ""


def read_question(introduction, plan=""):
    """Return the slide of the last question in the introduction, a bold one if there is one. The story before it comes first."""
    story, told, question = [], [], ""
    for paragraph in map(line, introduction):
        bold = [strong for strong in re.findall("<strong>(.*?)</strong>", paragraph) if strong.endswith("?")]
        sentences = SENTENCE.split(re.sub("</?strong>", "", paragraph))
        asked = [place for place, sentence in enumerate(sentences) if sentence.endswith("?")]
        if asked:
            marked = [place for place in asked if bold and bold[-1].endswith(sentences[place])]
            last = (marked or asked)[-1]
            question, story = sentences[last], told + sentences[:last]
            if bold:
                break
        told += sentences
    before = " ".join(story[:-4])
    return Slide("question", question, (f"<p>{before}</p>" if before else "") + plan, lines=tuple(story[-4:]))


def read_takeaways(takeaways, plan, language="en"):
    """Return the slide of what was found; its notes have what does not fit onto it, and what the plan writes on the board and asks."""
    _, titles = catalogs.gettext(language), catalogs.catalog("book/lesson_plans_1", language)
    items = [line(item) for item in takeaways]
    shown = tuple(short(item, 140) for item in items)
    rests = [item.removeprefix(one).strip() for item, one in zip(items, shown, strict=True)]
    notes = "".join(f"<p>{rest}</p>" for rest in rests if rest)
    for told, tag, title in ((plan.board, "ul", "**Board**"), (plan.ask, "ol", "**Ask**")) if plan else ():
        new = [one for one in told if line(one) not in " ".join(shown)]
        notes += blocks(titles.get(title, title)) + _list(new, tag)
    return Slide("takeaways", _("Takeaways"), notes, lines=shown)


def read_votes(quiz, english, language="en"):
    """Return the questions of the quiz, except for those that refer to their page."""
    _, votes = catalogs.gettext(language), []
    for question, original in zip(quiz, english, strict=True):
        if ELSEWHERE.search(original.text):
            continue
        right = [option.right for option in question.options].index(True)
        why = line(question.options[right].why)
        reason = short(why, 200)
        notes = ""
        for letter, option in zip(quizzes.LETTERS, question.options, strict=False):
            verdict, said = (_("Right"), why.removeprefix(reason)) if option.right else (_("No"), line(option.why))
            notes += f"<p>{letter}. <strong>{verdict}.</strong> {said.strip()}</p>"
        lines = tuple(line(option.text) for option in question.options)
        votes.append(Slide("vote", line(question.text), notes, body=reason, lines=lines, right=right))
    return votes
