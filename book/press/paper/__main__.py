"""Print the whole book, with its answers, as one PDF: python -m book.press.paper book/_build/html book/_build/html/book.pdf"""

import argparse
from pathlib import Path

import yaml

from book.press.address import ROOT
from book.press.paper import printing
from book.press.paper.document import document


def main(arguments: list[str] | None = None) -> None:
    from playwright.sync_api import sync_playwright
    from pypdf import PdfReader

    parser = argparse.ArgumentParser(prog="python -m book.press.paper", description=__doc__.partition(":")[0])
    parser.add_argument("html", type=Path, metavar="HTML", help="the folder of the built book")
    parser.add_argument("pdf", type=Path, metavar="OUT.pdf")
    options = parser.parse_args(arguments)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        browser = printing.launched(playwright)
        text = document(options.html, citation)
        options.pdf.write_bytes(printing.printed(browser, text, options.html, citation))
        browser.close()
    printing.offer(options.html, options.pdf)
    pages, size = len(PdfReader(options.pdf).pages), options.pdf.stat().st_size / 1e6
    print(f"The book is in {options.pdf}: {pages} pages, {size:.0f} MB")


if __name__ == "__main__":
    main()
