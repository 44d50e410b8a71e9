"""The last step of the build: what the theme's HTML lacks to be light, complete, and usable by everybody.

Each function mends one thing in a parsed page. `site` mends all pages of a folder, once, and writes what belongs to the whole:
404.html and sitemap.xml. A page that is already mended carries a mark and is left alone.
"""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pydata_sphinx_theme
from bs4 import BeautifulSoup
from PIL import Image

from book.press import address as addresses
from book.press.pages import dark, devices, public
from book.press.translation import catalogs, extension

MARK = "book-finished"
PICTURE = "_static/front.png"  # for those who send the link on


ICON = r'(?<![\w-])"?{name}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"'
ICONS = "angle-left angle-right arrow-up bars chevron-down circle-half-stroke download file file-pdf list magnifying-glass moon rocket sun xmark"


def icons(css: Path) -> None:
    """A style sheet of the icons that the theme uses, out of the theme's script of all (which weighs 1.5 MB)."""
    script = Path(pydata_sphinx_theme.__file__).with_name("theme") / "pydata_sphinx_theme/static/scripts/fontawesome.js"
    text = script.read_text(encoding="utf-8")
    lines = []
    for name in ICONS.split():
        width, height, path = max(re.findall(ICON.format(name=re.escape(name)), text), key=lambda found: len(found[2]))
        picture = f"%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'%3E%3Cpath d='{path}'/%3E%3C/svg%3E"
        lines.append(f'.fa-{name} {{ --icon: url("data:image/svg+xml,{picture}"); }}')
    css.parent.mkdir(parents=True, exist_ok=True)
    css.write_text("\n".join(lines) + "\n", encoding="utf-8")


def site(html: Path, config) -> None:
    name, address, language = config.project, config.html_baseurl, config.language
    repository, _ = addresses.known("repository"), catalogs.gettext(language)
    for path in pages(html):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        if soup.find("meta", attrs={"name": MARK}) or not soup.find("main"):
            continue
        page = path.relative_to(html).as_posix()
        head(soup, page, name, address, _)
        load_less(soup, page)
        names_of_controls(soup, _)
        one_h1(soup)
        references(soup)
        figures(soup, path, _)
        tables(soup)
        devices.mark(soup, page, language)
        public.link(soup, page, repository, _)
        extension.mend(soup, page, config)
        soup.head.append(soup.new_tag("meta", attrs={"name": MARK, "content": "yes"}))
        path.write_text(str(soup), encoding="utf-8")
    for path in html.glob("_static/**/*.map"):
        path.unlink()
    for path in [*html.glob("_static/**/*.js"), *html.glob("_static/**/*.css")]:
        without_ballast(path)
    for path in html.glob("_static/scripts/fontawesome.js*"):
        path.unlink()
    if (html / "_static/device.js").exists():
        (html / "_static/devices-from-disk.js").write_text(devices.joined(html / "_static"), encoding="utf-8")
    describe_root(html)
    write_404(html, address, language, config.editions)
    write_sitemap(html, address)


def pages(html: Path) -> list[Path]:
    """The pages of this edition: another one stands in a folder of its language."""
    found = (path.relative_to(html) for path in html.rglob("*.html"))
    return sorted(html / path for path in found if path.parts[0] not in catalogs.LANGUAGES)


def head(soup, page: str, name: str, address: str, _) -> None:
    """One title, a description, and what a messenger shows when it is sent the link."""
    title = soup.title.get_text().split(" \u2014 ")[0].strip()
    if page == "book/index.html":
        title = soup.title.string = name
    viewports = soup.find_all("meta", attrs={"name": "viewport"})
    for extra in viewports[1:]:
        extra.decompose()
    description = first_sentences(soup)
    here = urljoin(address, page)
    picture = urljoin(address, PICTURE)
    said = {
        "og:title": title,
        "og:type": "website" if title == name else "article",
        "og:site_name": name,
        "og:url": here,
    }
    said |= {
        "og:description": description,
        "og:image": picture,
        "og:image:alt": _("A search after five trainings: belief, doubt, next try"),
    }
    soup.head.append(soup.new_tag("meta", attrs={"name": "description", "content": description}))
    for key, value in said.items():
        soup.head.append(soup.new_tag("meta", attrs={"property": key, "content": value}))
    soup.head.append(soup.new_tag("meta", attrs={"name": "twitter:card", "content": "summary_large_image"}))


def first_sentences(soup, at_most: int = 180) -> str:
    """The page's first paragraphs, up to the end of a word."""
    article = soup.find("article") or soup.main
    text = ""
    for paragraph in article.select("section > p"):
        text = f"{text} {' '.join(paragraph.get_text().split())}".strip()
        if len(text) > 90:
            break
    text = text or soup.title.get_text().strip()
    return text if len(text) <= at_most else text[:at_most].rsplit(" ", 1)[0] + " …"


def load_less(soup, page: str) -> None:
    """No script of icons (book.css and icons.css draw them); the search index only where one searches."""
    unwanted = ["scripts/fontawesome.js"]
    if page != "search.html":
        unwanted += ["searchtools.js", "language_data.js", "searchindex.js"]
    for script in soup.find_all("script", src=True):
        if any(part in script["src"] for part in unwanted):
            script.decompose()
    for icon in soup.select("i[class*=fa-], span.fa-solid"):
        icon["aria-hidden"] = "true"
    for place in soup.select("#ethical-ad-placement"):
        place.decompose()


def names_of_controls(soup, _=str) -> None:
    """Every control says what it does, in the words that are seen."""
    for summary in soup.select("nav details > summary"):
        link = summary.find_parent("li").find("a")
        summary["aria-label"] = _("Lessons of {0}").format(link.get_text().strip())
    for summary in soup.select("details.hide > summary"):
        summary.attrs.pop("aria-label", None)  # "Show the code" is its text
    for button in soup.select("button[title]:not([aria-label])"):
        text = button.get_text().strip()
        button["aria-label"] = f"{text}: {button['title']}" if text else button["title"]
    for link in soup.select("a.btn-download-source-button, button.btn-download-pdf-button"):
        link["aria-label"] = f"{link.get_text().strip()}: {link['title']}"
    for logo in soup.select(".btn__icon-container img"):
        logo["alt"] = ""  # its words stand beside it
    for link in soup.select("a.headerlink"):
        link["aria-label"] = f"{link['title']} #"


def one_h1(soup) -> None:
    """The theme prints the title twice, the second time for paper."""
    for heading in soup.select("#jb-print-docs-body h1, #jb-print-docs-body h2"):
        heading["class"] = "h1" if heading.name == "h1" else "h2"
        heading.name = "p"
    for heading in soup.select("main h1")[1:]:
        heading.name = "h2"


def references(soup) -> None:
    """An item of a list is a listitem: ARIA 1.2 took doc-biblioentry back."""
    for entry in soup.select(".citation-list > [role=doc-biblioentry]"):
        entry["role"] = "listitem"


def figures(soup, path: Path, _) -> None:
    """A figure keeps its place while it loads, leads to its full size, and has a twin for the dark."""
    for image in soup.select("main img[src*='_images/']"):
        file = (path.parent / urlsplit(image["src"]).path).resolve()
        if file.suffix != ".png" or not file.exists():
            continue
        lean_picture(file)
        width, height = Image.open(file).size
        image.attrs |= {"width": str(width), "height": str(height), "loading": "lazy"}
        cell = image.find_parent(class_="cell") or image
        words = f"{image.get('alt', '')} {cell.get_text()}"
        other = file.with_name(f"{file.stem}-dark.png")
        pictures = [image]
        if other.exists() or dark.twin(file, other, words):
            night = soup.new_tag("img", attrs=dict(image.attrs))
            night["src"] = image["src"].replace(f"{file.stem}.png", other.name)
            image["class"], night["class"] = "figure only-light", "figure only-dark"
            image.insert_after(night)
            pictures.append(night)
        else:
            image["class"] = "figure paper"
        for picture in pictures:
            if picture.find_parent("a") is None:
                link = soup.new_tag(
                    "a", attrs={"href": picture["src"], "class": "full-size", "title": _("Open in full size")}
                )
                link["class"] = ["full-size", *picture["class"].split()[1:]]
                picture.wrap(link)


def lean_picture(file: Path) -> None:
    """Store an opaque picture without its alpha, and with a palette where 256 colours are all: every pixel stays as it is."""
    image = Image.open(file)
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        colours = image.convert("RGB").getcolors(256)
        lean = image.convert("RGB")
        if colours:
            lean = lean.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
        exact = lean.convert("RGB").tobytes() == image.convert("RGB").tobytes()
        (lean if exact else image.convert("RGB")).save(file, optimize=True)


def tables(soup) -> None:
    """A wide table scrolls in its own box."""
    for table in soup.select("main article table"):
        parent = table.parent
        if "pst-scrollable-table-container" not in parent.get("class", []):
            table.wrap(soup.new_tag("div", attrs={"class": "pst-scrollable-table-container"}))


def without_ballast(path: Path) -> None:
    """Take the link to a source map out of a file, and the two thousand icons that no page uses."""
    text = path.read_text(encoding="utf-8")
    lean = re.sub(r'\.fa-[\w-]+(,\.fa-[\w-]+)*\{--fa:"[^"]*"\}', "", text) if path.suffix == ".css" else text
    lean = re.sub(r"\n?(//|/\*)# sourceMappingURL=\S+?(\s*\*/)?\s*$", "\n", lean)
    if lean != text:
        path.write_text(lean, encoding="utf-8")


def describe_root(html: Path) -> None:
    """The root only leads to the front page, and is what one sends: it says the same of itself."""
    front = BeautifulSoup((html / "book" / "index.html").read_text(encoding="utf-8"), "html.parser")
    root = BeautifulSoup((html / "index.html").read_text(encoding="utf-8"), "html.parser")
    if root.find("meta", property="og:title") is None:
        for tag in front.head.select(
            "meta[property^='og:'], meta[name=description], meta[name='twitter:card'], link[rel=canonical]"
        ):
            root.head.append(tag)
        (html / "index.html").write_text(str(root), encoding="utf-8")


LOST = """<section lang="{language}"><h1>{title}</h1>
<p>{text}</p></section>"""


def write_404(html: Path, address: str, language: str, editions: list[str]) -> None:
    """A page for lost readers. A server shows it at any address, so its own links begin at the root of the site.

    The page at the site's root is all that most servers know: it speaks each language, and first that of the address.
    """
    root = urlsplit(address).path or "/"
    sheets = ("styles/theme.css", "styles/pydata-sphinx-theme.css", "styles/sphinx-book-theme.css", "book.css")
    styles = "\n".join(f'<link rel="stylesheet" href="{root}_static/{sheet}">' for sheet in sheets)
    sections = []
    for spoken in editions if language == "en" else [language]:
        _, own = catalogs.gettext(spoken), root + (catalogs.place(spoken) if language == "en" else "")
        front, search = f'<a href="{own}book/index.html">', f'<a href="{own}search.html">'
        text = _(
            "There is no page at this address. {0}The front page{1} has all the chapters, and {2}the search{1} looks through their words."
        )
        sections.append(
            LOST.format(language=spoken, title=_("This place was not tried"), text=text.format(front, "</a>", search))
        )
    _ = catalogs.gettext(language)
    title = _("No such page — Hyperparameter Tuning from Scratch")
    text = f"""<!DOCTYPE html>
<html lang="{language}" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="robots" content="noindex">
<script>
  const dark = matchMedia("(prefers-color-scheme: dark)");
  (dark.onchange = () => document.documentElement.dataset.theme = dark.matches ? "dark" : "light")();
  addEventListener("DOMContentLoaded", () => {{
    const asked = document.querySelector(`section[lang="${{location.pathname.slice({len(root)}).split("/")[0]}}"]`);
    if (asked) {{ asked.parentElement.prepend(asked); document.documentElement.lang = asked.lang; }}
  }});
</script>
{styles}
<link rel="icon" href="{root}_static/logo.svg">
</head>
<body><main class="lost">{"".join(sections)}</main></body>
</html>
"""
    (html / "404.html").write_text(text, encoding="utf-8", newline="\n")


def write_sitemap(html: Path, address: str) -> None:
    named = [path.relative_to(html).as_posix() for path in pages(html) if path.parent.name != "slides"]
    named = [page for page in named if page not in ("404.html", "genindex.html", "index.html", "search.html")]
    entries = "\n".join(f"<url><loc>{urljoin(address, page)}</loc></url>" for page in named)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}\n</urlset>\n'
    (html / "sitemap.xml").write_text(text, encoding="utf-8")
