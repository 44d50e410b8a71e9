"""The built pages joined to one document for paper: a title page, the contents, each chapter with its answers, the companions.

What a page shows only on a screen is gone. All is open; the answers of a quiz and the solutions of the exercises stand behind
their chapter, so that nobody reads them by accident. A link between two pages is a link of the document. `printing` makes a PDF
of it. The pages are those that Sphinx has built, since citations, references, numbers and the glossary's order are its work.
"""

import itertools
import json
import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup, Comment

from book.press.address import LOCALHOST
from book.press.translation import catalogs

FRONT = "book/index.html"
COMPANIONS = ("recipes", "glossary", "references", "replication")  # the others are for teachers, or for the screen
# Of its width on the screen, for a PNG and for an SVG: the widest figures take nine tenths of the text's width.
PAPER, DRAWN = 0.68, 0.86
# Keywords, strings, comments and new names keep their color. The other words of a program lose it: each weighs 100 bytes in a PDF.
PLAIN = re.compile(r'<span(?: class="(?!(?:k|kn|kc|ow|s1|s2|sd|c1|nf|nc)")(?:\w{0,2}|pre)")?>([^<]*)</span>')
ASKED = re.compile(r"\s*(\d+)\.")  # the number with which a question of a quiz begins
SCREEN = "script, noscript, a.headerlink, .only-dark, .sd-summary-state-marker, .report, .place, picture > source, p:has(> .download)"


def document(html: Path, citation: dict) -> str:
    """Return all pages of a built book as one HTML document, whose addresses begin at the folder of the book."""
    front = parsed(html / FRONT)
    _ = catalogs.gettext(front.html["lang"])
    address = front.find("link", rel="canonical")["href"].removesuffix(FRONT)
    address = "" if address.startswith(LOCALHOST) else address  # nobody else can open it
    order = pages(front)
    body = [title_page(front, citation, address, _)]
    for _folder, chapter in itertools.groupby(order, key=posixpath.dirname):
        articles = []
        for page in chapter:
            articles.append(article(parsed(html / page), page, order, address, _))
        behind = answers(articles, _)
        body += articles + behind
    body.insert(1, contents(body[1:], _))
    check_links(body)
    head = f"""<meta charset="utf-8"><title>{front.title.get_text()}</title>
<link rel="stylesheet" href="_static/pygments.css"><link rel="stylesheet" href="_static/katex/katex.css">
<link rel="stylesheet" href="_static/fonts.css"><link rel="stylesheet" href="_static/palette.css">
<link rel="stylesheet" href="_static/print.css"><style>{running_heads(body)}</style>"""
    text = "\n".join(map(str, body))
    return f'<!DOCTYPE html>\n<html lang="{front.html["lang"]}" data-theme="light"><head>{head}</head><body>\n{text}\n</body></html>\n'


def parsed(path: Path):
    return BeautifulSoup(PLAIN.sub(r"\1", path.read_text(encoding="utf-8")), "html.parser")


def pages(front) -> list[str]:
    """Return the pages to print, in the order of the table of contents."""
    links = (posixpath.normpath(f"book/{link['href']}") for link in front.select("nav.bd-links a.internal"))
    wanted = {f"book/{name}.html" for name in COMPANIONS}
    return [page for page in links if page.startswith("chapters/") or page in wanted]


def key(page: str, fragment: str = "") -> str:
    """Return the id in the document of a place on a page."""
    return f"{page.removesuffix('.html')}/{fragment}".rstrip("/")


def article(soup, page: str, order: list[str], address: str, _):
    """Return a page's text as paper shows it: all open, nothing to press, and every address one of the document or of the book."""
    text = soup.select_one("article.bd-article").extract()
    text["class"], text["id"] = "page", key(page)
    for nothing in [*text.select(SCREEN), *text.find_all(string=lambda string: isinstance(string, Comment))]:
        nothing.extract()
    to_play_with(text, page, address, _)
    open_all(text)
    for image in text.select("img"):
        image["src"] = posixpath.normpath(posixpath.join(posixpath.dirname(page), image["src"]))
        image.attrs.pop("loading", None)
        if "width" in image.attrs:
            part = DRAWN if image["src"].endswith(".svg") else PAPER
            image["style"] = f"width: {part * int(image['width']):.0f}px"
    for element in text.select("[id]"):
        element["id"] = key(page, element["id"])
    links(text, page, order, address)
    headings(text, page)
    return text


def to_play_with(text, page: str, address: str, _) -> None:
    """Say where to play, in place of what reacts, or of a program that draws buttons. Question, answer and figure stay."""
    for stage in text.select(".device-stage, .cell_output .text_html:has(button)"):
        box = stage.find_parent(attrs={"data-device": True})
        where = f"{page}#{box['id']}" if box else page
        for code in [] if box else stage.find_parent(class_="cell").select(".cell_input"):
            code.extract()
        stage.name, stage["class"] = "p", "play"
        stage.string = _("To play with it, open this page of the book:") + " "
        link = BeautifulSoup(f'<a href="{address}{where}">{address}{where}</a>', "html.parser").a
        if not address:
            link.name, link.attrs = "code", {}
        stage.append(link)


def open_all(text) -> None:
    """Open all that is closed: hidden code follows its text; what a word opens (a hint, an answer, an option) stands below it."""
    for toggle in text.select("details"):
        summary = toggle.summary.extract()
        if "hide" in toggle["class"]:
            toggle.find_parent(class_="cell")["class"].append("folded")
            toggle.unwrap()
        else:
            summary.name, summary.attrs = "p", {"class": "toggle-title"}
            kind = "objectives" if "objectives" in toggle.get("class", "") else "toggle"
            toggle.name, toggle.attrs = "div", {"class": kind}
            toggle.insert(0, summary)


def links(text, page: str, order: list[str], address: str) -> None:
    """Lead each link into the document, to another host, or into the published book; where there is none, keep its words."""
    for link in text.select("a[href]"):
        if urlsplit(link["href"]).scheme:
            continue
        there, fragment = urlsplit(urljoin(page, link["href"]))[2::2]
        if there in order:
            link["href"] = "#" + key(there, unquote(fragment))
        elif there == FRONT:
            link["href"] = "#" + key(FRONT)
        elif address and "full-size" not in link.get("class", []):
            link["href"] = urljoin(address + page, link["href"])
        else:
            link.unwrap()


def headings(text, page: str) -> None:
    """Put a chapter on the first level and its lessons on the second, with their numbers."""
    lesson = re.fullmatch(r"chapters/0*(\d+)_\w+/0*(\d+)_\w+\.html", page)
    deeper = page.startswith("chapters/") and not page.endswith("/index.html")
    for heading in text.find_all(["h1", "h2", "h3", "h4"]):
        heading.name = f"h{int(heading.name[1]) + deeper}"
    if lesson:
        number = BeautifulSoup(f'<span class="section-number">{lesson[1]}.{lesson[2]} </span>', "html.parser").span
        text.find("h2").insert(0, number)


def answers(articles: list, _) -> list:
    """Take the answers of the quizzes and the solutions of the exercises out of a chapter: the part behind it, if there are any."""
    part = element("article", "page", key(posixpath.dirname(articles[0]["id"]), "answers"))
    part.append(element("h2", text=_("Answers")))
    for text in articles:
        for quiz in text.select("section[id$='/quiz']"):
            behind = answered(quiz, text.find(["h1", "h2"]), _("Answers"))
            number = ""
            for child in quiz.find_all(["p", "div"], recursive=False):
                if "toggle" in child.get("class", ""):
                    option, why = child.select_one(".toggle-title"), child.select_one(".sd-summary-content")
                    letter = element("strong", text=f"{number}\u2009{option.get_text().strip()[0]}\u2002")
                    why.find("p").insert(0, letter)
                    behind.append(why.extract())
                    option["class"] = "option"
                    child.unwrap()
                elif asked := ASKED.match(child.get_text()):
                    number = asked[1]
            keep_together(quiz)
            part.append(behind)
        for section in text.select("section"):
            cells = section.find_all(class_="tag_hide-cell", recursive=False)
            if cells:
                behind = answered(section, section.find(re.compile("h[1-6]")), _("Solution"), before=cells[0])
                behind.extend(cell.extract() for cell in cells)
                part.append(behind)
    return [part] if part.section else []


def keep_together(quiz) -> None:
    """Put each question, with its options, into a box that no page breaks."""
    box = None
    for child in list(quiz.children):
        if child.name == "p" and ASKED.match(child.get_text()):
            box = element("div", "question")
            child.insert_before(box)
        elif child.name and "see" in child.get("class", []):
            box = None
        if box is not None:
            box.append(child.extract())


def answered(question, title, word: str, before=None):
    """Return a section for the answers to a question, with its title; say at the question on which page it stands."""
    behind = element("section", "answered", question["id"] + "/answered")
    heading, back = element("h3"), element("a", href=f"#{question['id']}")
    back.string = title.get_text().strip()
    heading.append(back)
    behind.append(heading)
    line = element("p", "see")
    line.append(to_page(behind["id"], f"{word} → "))
    before.insert_before(line) if before else question.append(line)
    return behind


def title_page(front, citation: dict, address: str, _):
    """Return the front page as a title page: name, first paragraph, picture, and whose the book is."""
    page = element("article", "title", key(FRONT))
    text = front.select_one("article.bd-article")
    page.append(element("h1", text=front.title.get_text()))
    page.append(element("p", "by", text=", ".join(author["name"] for author in citation["authors"])))
    picture = text.select_one(".front img")
    if picture:
        page.append(element("img", src=posixpath.normpath(f"book/{picture['src']}"), alt=picture["alt"]))
    first = text.select_one("section > p").extract()
    for link in first.select("a"):
        link.unwrap()
    page.append(first)
    licence = _("Text and figures: CC BY 4.0. Code: BSD-3-Clause.")
    said = [f"{_('Version')} {citation['version']}. {licence}", address]
    page.extend(element("p", "licence", text=line) for line in said if line)
    return page


def contents(parts: list, _):
    """Return the list of chapters and lessons, each with a place for the number of its page."""
    page = element("nav", "contents", "contents")
    page.append(element("h1", text=_("Contents")))
    entries = element("ol")
    for part in parts:
        title = part.find(["h1", "h2"])
        entry = element("li", "lesson" if title.name == "h2" else "chapter")
        entry.append(to_page(part["id"], title.get_text().strip()))
        entries.append(entry)
    page.append(entries)
    return page


def running_heads(parts: list) -> str:
    """Return a style for the pages of each part: the chapter's title on top, and on the right the lesson's."""
    rules, chapter = [], ""
    for number, part in enumerate(parts[1:]):
        title = part.find(["h1", "h2"])
        text = json.dumps(title.get_text().strip(), ensure_ascii=False)
        if title.name == "h1":
            chapter = text
        lesson = text if title.name == "h2" else '""'
        part["style"] = f"page: part{number}"
        rules.append(
            f"@page part{number} {{ @top-left {{ content: {chapter} }} @top-right {{ content: {lesson} }} }}\n"
        )
    return "".join(rules)


def element(name: str, css: str = "", id: str = "", text: str = "", **attributes: str):
    attributes |= {name: value for name, value in (("class", css), ("id", id)) if value}
    made = BeautifulSoup("", "html.parser").new_tag(name, attrs=attributes)
    if text:
        made.string = text
    return made


def to_page(place: str, text: str):
    """Return a link to a place, with room for the number of its page."""
    link = element("a", href=f"#{place}")
    link.append(element("span", text=text))
    link.append(element("span", "leaf", **{"data-of": place}))
    return link


def check_links(parts: list) -> None:
    """Refuse an id that stands twice, and a link of the document that leads to none."""
    ids = [part["id"] for part in parts] + [place["id"] for part in parts for place in part.select("[id]")]
    if len(ids) > len(set(ids)):
        raise ValueError(f"these ids stand twice: {sorted(place for place in set(ids) if ids.count(place) > 1)}")
    asked = {link["href"][1:] for part in parts for link in part.select("a[href^='#']")}
    if asked - set(ids):
        raise ValueError(f"links lead to places that are on no printed page: {sorted(asked - set(ids))}")
