"""The whole book as one PDF, with its answers.

A browser prints the document that `document` makes of the built pages: bookmarks, tags for those who listen, page numbers. It prints
twice: the first print shows on which page everything stands, and the second says so in the contents.
"""

import logging
import mimetypes
import shutil
import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from book.press.paper.document import FRONT, parsed
from book.press.translation import catalogs

HOST = "http://book.invalid/"  # no such host: what the browser asks it for comes from the folder
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
NO_BROWSER = "No Chromium to print with. On Debian: apt install chromium. Elsewhere: install Chrome or Edge."
NO_LETTERS = "No font here has these letters, and boxes stand in their place: {}."
OFFER = "<!-- pdf -->"  # where the front page leads to the PDF, once there is one
FILL = "pages => document.querySelectorAll('.leaf').forEach(e => { e.textContent = pages[e.dataset.of] })"
# Letters that look the same as a letter that no font has.
BOXES = """() => {
    const paper = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    paper.font = `16px ${getComputedStyle(document.body).fontFamily}`;
    const drawn = letter => {
        paper.clearRect(0, 0, 32, 32);
        paper.fillText(letter, 4, 22);
        return paper.getImageData(0, 0, 32, 32).data.join();
    };
    const box = drawn("\\u{10fffe}");
    return [...new Set(document.body.textContent)].filter(letter => letter > "~" && letter.trim() && drawn(letter) === box);
}"""


def printed(browser, text: str, html: Path, citation: dict) -> bytes:
    """Return the document as PDF: bookmarks, tags for those who listen, page numbers."""
    absent = []

    def serve(route):
        path = unquote(urlsplit(route.request.url).path).lstrip("/")
        if not route.request.url.startswith(HOST):
            route.abort()
        elif not path:
            route.fulfill(body=text, content_type="text/html; charset=utf-8")
        elif (html / path).is_file():
            route.fulfill(path=html / path, content_type=mimetypes.guess_type(path)[0] or "application/octet-stream")
        else:
            absent.append(path)
            route.abort()

    page = browser.new_page()
    page.set_default_timeout(300_000)
    page.route("**/*", serve)
    page.goto(HOST, wait_until="load")
    page.evaluate("async () => { await document.fonts.ready }")
    if absent:
        raise FileNotFoundError(f"{html} lacks what its pages show: {', '.join(absent)}")
    if boxes := page.evaluate(BOXES):
        print(NO_LETTERS.format("".join(boxes[:20])), file=sys.stderr)
    numbers: dict[str, int] = {}
    for _ in range(4):
        pdf = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
        found = leaves(pdf)
        if found == numbers:
            break
        numbers = found
        page.evaluate(FILL, numbers)
    else:
        raise RuntimeError("the page numbers move the text, each time it is printed")
    page.close()
    return described(pdf, citation)


def launched(playwright):
    """Return the Chromium of this machine, started; where it is not on the path, the Chrome or Edge that is installed."""
    from playwright.sync_api import Error

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    ways = [{"executable_path": path}] if path else [{"channel": "chrome"}, {"channel": "msedge"}]
    for way in ways:
        try:
            return playwright.chromium.launch(args=["--no-sandbox", "--disable-gpu"], **way)
        except Error:
            if path:
                raise
    raise SystemExit(NO_BROWSER)


def leaves(pdf: bytes) -> dict[str, int]:
    """Return the page, counted from 1, of each place that a link of the PDF leads to."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(pdf))
    return {
        unquote(name).lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def described(pdf: bytes, citation: dict) -> bytes:
    """Return the PDF with authors, subject and keywords, bookmarks on the left when it opens, and no word on when and where it was made."""
    from pypdf import PdfWriter

    logging.getLogger("pypdf._writer").setLevel(logging.ERROR)  # it wonders at its own count of objects
    writer = PdfWriter(clone_from=BytesIO(pdf))
    title = writer.metadata.title
    writer.metadata = {
        "/Title": title,
        "/Author": ", ".join(author["name"] for author in citation["authors"]),
        "/Subject": citation["abstract"],
        "/Keywords": ", ".join(citation["keywords"]),
    }
    writer.page_mode = "/UseOutlines"
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def offer(html: Path, pdf: Path) -> None:
    """Let the front page lead to the PDF, if it lies in the folder of the book."""
    front = html / FRONT
    text = front.read_text(encoding="utf-8")
    if OFFER in text and pdf.is_relative_to(html):
        _ = catalogs.gettext(parsed(front).html["lang"])
        offered = _("The whole book as one PDF, with its answers")
        link = f'<p><a href="../{pdf.relative_to(html).as_posix()}">{offered}</a></p>'
        front.write_text(text.replace(OFFER, link), encoding="utf-8", newline="\n")
