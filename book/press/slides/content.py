"""The parts of a lesson that become slides:

- a question: the last one in its introduction, and the story before it;
- pictures: its figures, its formulas, and each cell with the tag `slide`, which also marks the picture that carries the lesson;
- devices, quiz questions to vote on, and takeaways.

The notes come from the lesson, and from its plan on the page *Lesson by lesson*.
"""

import hashlib
import html
import re
from collections import Counter

from book.press.course import Cell
from book.press.markdown import Box, Formula, Paragraph
from book.press.slides.deck import Lesson, Slide
from book.press.slides.markup import SENTENCE, blocks, formula, line, short
from book.press.translation import catalogs

# Pixels of a figure. It is never smaller than on its page: it is below a title, or beside it, or on no slide.
HIGH, TALLEST = 560, 670
LINES = 18  # of a cell
ELSEWHERE = re.compile(r"\b(one|cell|figure|table) above\b")  # a question with these words needs its page
LAST = 10**6  # the position of a quiz in its lesson


def read(lesson, english, plan=None, facts="", language="en"):
    """Return the slides of a lesson. `english` is the same lesson in English, `facts` its line on the page *Lesson by lesson*."""
    return Lesson(
        number=lesson.number,
        title=line(lesson.title),
        address=f"../{lesson.page}.html",
        minutes=lesson.minutes,
        question=read_question(lesson.introduction, blocks(facts) + _list(plan.wrong if plan else ())),
        takeaways=read_takeaways(lesson.takeaways, plan, language),
        pictures=read_pictures(lesson.sections),
        devices=read_devices(lesson, plan, language),
        votes=read_votes(lesson.quiz, english.quiz, language),
    )


def _list(items, tag="ul", title=""):
    """Return a list with its title, as HTML; empty without items."""
    body = "".join(f"<li>{line(item)}</li>" for item in items)
    return f"{blocks(f'**{title}**') if title else ''}<{tag}>{body}</{tag}>" if body else ""


def _paragraphs(texts):
    return "".join(f"<p>{line(text)}</p>" for text in texts)


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
    return Slide("question", question, f"<p>{' '.join(story)}</p>{plan}", lines=tuple(story[-4:]))


def read_takeaways(takeaways, plan, language="en"):
    _, titles = catalogs.gettext(language), catalogs.catalog("book/lesson_plans_1", language)
    notes = _list(takeaways)
    for items, tag, title in ((plan.board, "ul", "**Board**"), (plan.ask, "ol", "**Ask**")) if plan else ():
        notes += blocks(titles.get(title, title)) + _list(items, tag)
    return Slide("takeaways", _("Takeaways"), notes, lines=tuple(short(line(item), 140) for item in takeaways))


def read_pictures(sections):
    """Return the slides of pictures, the most wanted first: those with the tag `slide`, the first figure, the first formula, all others."""
    marked, figures, formulas = [], [], []
    for place, (title, around, number) in enumerate(_walk(sections)):
        block = around[number]
        if isinstance(block, Formula):
            formulas.append(_formula(title, around, number, place))
        elif isinstance(block, Cell):
            carries = "slide" in block.tags
            if block.figures and block.figures[0].size[1] <= TALLEST:
                (marked if carries else figures).append(_figure(title, around, number, place))
            elif carries:
                marked.append(_code(title, around, number, place))
    return [*marked, *figures[:1], *formulas[:1], *figures[1:], *formulas[1:]]


def _walk(sections):
    """Yield, for each block, the title, the blocks around it, and its number among them; also in boxes, except for devices."""

    def within(title, around):
        for number, block in enumerate(around):
            yield title, around, number
            if isinstance(block, Box) and "device" not in block.classes:
                yield from within(title, block.blocks)

    for section in sections:
        yield from within(line(section.title), section.blocks)


def _figure(title, around, number, place):
    picture = around[number].figures[0]
    (width, height), alt = picture.size, html.escape(picture.alt)
    source = f"../_images/{hashlib.sha256(picture.png).hexdigest()}.png"  # as myst-nb names it
    body = f'<img src="{source}" alt="{alt}" width="{width}" height="{height}">'
    notes = f"<p>{alt}</p>{_what_follows(around, number)}"
    return Slide("picture", title, notes, place, body, high=height > HIGH)


def _formula(title, around, number, place):
    """Return the slide of a formula, with the sentence after it; if that is only the rest of a sentence, or missing, with the one before it."""
    neighbors = (around[number - 1] if number else None, around[number + 1] if number + 1 < len(around) else None)
    before, after = (line(block.text) if isinstance(block, Paragraph) else "" for block in neighbors)
    last = SENTENCE.split(before)[-1]
    caption = short(after, 130) if re.match("[^a-z]", after) else last if last.endswith(".") else ""
    tex = re.sub(r"\s*[.,;]\s*$", "", around[number].tex)  # on a slide it does not end a sentence
    notes = f"<p>{before}</p><p>{after}</p>"
    return Slide("picture formula", title, notes, place, f"{formula(tex)}<p>{caption}</p>")


def _code(title, around, number, place):
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    cell = around[number]
    code, printed = cell.source.strip(), cell.printed.strip()
    n_lines = code.count("\n") + 1
    if n_lines > LINES:
        raise ValueError(f"a cell with the tag slide has at most {LINES} lines, not {n_lines}: {code[:60]}")
    body = highlight(code, get_lexer_by_name("ipython3"), HtmlFormatter()).strip()
    if printed and n_lines + printed.count("\n") + 1 < LINES:
        body += f"<pre>{html.escape(printed)}</pre>"
    before = around[number - 1] if number else None
    notes = _paragraphs([before.text] if isinstance(before, Paragraph) else [])
    return Slide("picture code", title, notes + _what_follows(around, number), place, body)


def _what_follows(around, number):
    """Return the sentences below a cell, up to the next one: what to say about it."""
    said = []
    for block in around[number + 1 :]:
        texts = [block.text] if isinstance(block, Paragraph) else block.prose if isinstance(block, Cell) else ()
        if not texts:
            break
        said += texts
    return "".join(map(blocks, said))


def read_devices(lesson, plan, language="en"):
    _, seen, devices = catalogs.gettext(language), Counter(), []
    places = [place for place, (_title, around, i) in enumerate(_walk(lesson.sections)) if _is_device(around[i])]
    for place, device in zip(places, lesson.devices, strict=True):
        seen[device.name] += 1
        name = device.name if seen[device.name] == 1 else f"{device.name}-{seen[device.name]}"
        stage = '<div class="device-stage" data-prevent-swipe></div>'
        state = html.escape(device.state)
        body = f'<div data-device="{device.name}" data-settings="{state}" id="{name}">{stage}</div>'
        question = line(device.question)
        notes = f"<p>{question}</p><p><strong>{_('Answer')}</strong></p>{blocks(device.answer)}"
        notes += blocks(plan.open) if plan else ""
        devices.append(Slide("device", line(device.title), notes, place, body, lines=(short(question, 170),)))
    return devices


def _is_device(block):
    return isinstance(block, Box) and "device" in block.classes


def read_votes(quiz, english, language="en"):
    """Return the questions of the quiz, except for those that refer to their page."""
    _, votes = catalogs.gettext(language), []
    for question, original in zip(quiz, english, strict=True):
        if ELSEWHERE.search(original.text):
            continue
        right = [option.right for option in question.options].index(True)
        notes = "".join(
            f"<p>{option.letter}. <strong>{_('Right') if option.right else _('No')}.</strong> {line(option.why)}</p>"
            for option in question.options
        )
        reason = short(line(question.options[right].why), 200)
        lines = tuple(line(option.text) for option in question.options)
        votes.append(
            Slide("vote", line(question.text), notes, LAST + question.number, reason, lines=lines, right=right)
        )
    return votes
