"""The pictures of a lesson as slides: its figures, devices, formulas, and programs, in the order of the lesson.

The tag `slide` brings a cell onto a slide in any case. A figure that a device replaces is left out. A figure's own title is the
headline of its slide; without one, the heading of the section is.
"""

import hashlib
import html
import re
from collections import Counter

from book.press.course import Cell
from book.press.markdown import Box, Formula, Paragraph
from book.press.pages import drawings
from book.press.slides import headlines
from book.press.slides.deck import Slide
from book.press.slides.markup import SENTENCE, blocks, formula, line, short
from book.press.translation import catalogs

# Pixels of a figure. It is never smaller than on its page: it is below a title, or beside it, or on no slide.
HIGH, TALLEST = 560, 800
LINES = 18  # of a program
NARROW, NARROWER = 46, 34  # columns of a program, and of its output beside it


def read(lesson, plan=None, language="en"):
    """Return the slides of a lesson's pictures."""
    devices, found = read_devices(lesson, plan, language), []
    for place, (title, idea, around, number) in enumerate(walk(lesson.sections)):
        block = around[number]
        if is_device(block):
            made = next(devices)
        elif isinstance(block, Formula):
            made = read_formula(title, around, number)
        elif isinstance(block, Cell):
            made = read_cell(title, around, number, language)
        else:
            continue
        if made:
            made.place, made.idea = place, idea
            found.append(made)
    return found


def walk(sections):
    """Yield, for each block, the title and number of its section, the blocks around it, and its number among them; also in boxes."""

    def within(title, idea, around):
        for number, block in enumerate(around):
            yield title, idea, around, number
            if isinstance(block, Box) and not is_device(block):
                yield from within(title, idea, block.blocks)

    for idea, section in enumerate(sections):
        yield from within(line(section.title), idea, section.blocks)


def is_device(block):
    return isinstance(block, Box) and "device" in block.classes


def read_cell(title, around, number, language):
    """Return the slide of a cell: its figure, or its program with what that prints; None if it has none for a slide."""
    cell = around[number]
    marked = "slide" in cell.tags
    after = around[number + 1] if number + 1 < len(around) else None
    if cell.figures:
        replaced = is_device(after) and "replaces" in after.classes
        tall = cell.figures[0].size[1] > TALLEST
        return None if tall or (replaced and not marked) else _figure(title, around, number, language)
    if marked or (cell.printed.strip() and "hide-input" not in cell.tags and "raises-exception" not in cell.tags):
        return _program(title, around, number, marked)
    return None


def _figure(title, around, number, language):
    picture, tags = around[number].figures[0], around[number].tags
    (width, height), alt = picture.size, html.escape(picture.alt)
    key = hashlib.sha256(picture.png).hexdigest()
    source, own = f"../../_images/{key}.png", ""  # as myst-nb names it
    if drawn := drawings.of(key):
        own, view = headlines.of(drawn[0].read_text(encoding="utf-8"), language)
        source = f"../../_images/{drawn[0].name}{view}"
    body = f'<img src="{source}" alt="{alt}" width="{width}" height="{height}">'
    return Slide(
        "picture",
        html.escape(own, quote=False) or title,
        "".join(map(blocks, _what_follows(around, number))) or _what_precedes(around, number) or f"<p>{alt}</p>",
        body=body,
        high=height > HIGH,
        marked="slide" in tags,
        topic=title if own else "",
    )


def read_formula(title, around, number):
    """Return the slide of a formula, with the sentence after it; if that is only the rest of a sentence, or missing, with the one before it."""
    neighbors = (around[number - 1] if number else None, around[number + 1] if number + 1 < len(around) else None)
    before, after = (line(block.text) if isinstance(block, Paragraph) else "" for block in neighbors)
    last = SENTENCE.split(before)[-1]
    caption = short(after, 130) if re.match("[^a-z]", after) else last if last.endswith(".") else ""
    tex = re.sub(r"\s*[.,;]\s*$", "", around[number].tex)  # on a slide it does not end a sentence
    notes = [rest for text in (before, after) if (rest := text.replace(caption, "", 1).strip())]
    body = f"{formula(tex)}<p>{caption}</p>"
    return Slide("picture formula", title, "".join(f"<p>{text}</p>" for text in notes), body=body)


def _program(title, around, number, marked):
    """Return the slide of a program; of one that is too long, only what it prints. None if there is no room and nobody has asked."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    cell = around[number]
    code, printed = cell.source.strip(), cell.printed.strip("\n")
    n_lines, n_printed = (text.count("\n") + 1 if text.strip() else 0 for text in (code, printed))
    body = highlight(code, get_lexer_by_name("ipython3"), HtmlFormatter()).strip() if n_lines <= LINES else ""
    beside = body and n_printed and _columns(code) <= NARROW and _columns(printed) <= NARROWER
    rows = max(n_lines, n_printed) if beside else n_lines * bool(body) + n_printed + 1
    if n_printed and rows <= LINES:
        body += f'<pre style="--columns: {_columns(printed)}">{html.escape(printed)}</pre>'
    elif not marked:
        return None
    else:
        rows, beside = n_lines, False
    if not body:
        raise ValueError(f"a cell with the tag slide has, or prints, at most {LINES} lines, not {n_lines}: {code[:60]}")
    sizes = f"--columns: {_columns(code)}; --rows: {rows}"
    body = f'<div class="program{" beside" if beside else ""}" style="{sizes}">{body}</div>'
    notes = _what_precedes(around, number) + "".join(map(blocks, _what_follows(around, number)))
    return Slide("picture code", title, notes, body=body, marked=marked) if notes or marked else None


def _columns(text):
    return max(map(len, text.split("\n")))


def _what_precedes(around, number):
    before = around[number - 1] if number else None
    return f"<p>{line(before.text)}</p>" if isinstance(before, Paragraph) else ""


def _what_follows(around, number):
    """Return the texts below a cell, up to the next one: what to say about it."""
    said = []
    for block in around[number + 1 :]:
        texts = [block.text] if isinstance(block, Paragraph) else block.prose if isinstance(block, Cell) else ()
        if not texts:
            break
        said += texts
    return said


def read_devices(lesson, plan, language="en"):
    """Yield the slides of a lesson's devices, with their question; the notes answer it."""
    _, seen = catalogs.gettext(language), Counter()
    for device in lesson.devices:
        seen[device.name] += 1
        name = device.name if seen[device.name] == 1 else f"{device.name}-{seen[device.name]}"
        stage = '<div class="device-stage" data-prevent-swipe></div>'
        state = html.escape(device.state)
        body = f'<div data-device="{device.name}" data-settings="{state}" id="{name}">{stage}</div>'
        question = line(device.question)
        asked = short(question, 170)
        rest = question.removeprefix(asked).strip()
        notes = f"<p>{rest}</p>" if rest else ""
        notes += f"<p><strong>{_('Answer')}</strong></p>{blocks(device.answer)}" + (blocks(plan.open) if plan else "")
        yield Slide("device", line(device.title), notes, body=body, lines=(asked,))
