"""The files that belong to a whole site: the icons, the lighter files of the theme, the page for lost readers, the sitemap."""

import re
import shutil
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pydata_sphinx_theme

from book.press.pages import devices
from book.press.translation import catalogs, javascript

ICON = r'(?<![\w-])"?{name}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"'
SIGN = re.compile(r"[\ue000-\uf8ff]|\\[ef][0-9a-f]{3}\b")  # of the font of icons, which no page has
SOURCE_MAP = re.compile(r"\n?(//|/\*)# sourceMappingURL=\S+?(\s*\*/)?\s*$")
ICONS = "angle-left angle-right bars chevron-down circle-half-stroke download file file-pdf list magnifying-glass moon rocket sun xmark"


def icons(css: Path) -> None:
    """Write a style sheet of the icons that the theme uses, out of the theme's script of all (which weighs 1.5 MB)."""
    script = Path(pydata_sphinx_theme.__file__).with_name("theme") / "pydata_sphinx_theme/static/scripts/fontawesome.js"
    text = script.read_text(encoding="utf-8")
    lines = []
    for name in ICONS.split():
        width, height, path = max(re.findall(ICON.format(name=re.escape(name)), text), key=lambda found: len(found[2]))
        picture = f"%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'%3E%3Cpath d='{path}'/%3E%3C/svg%3E"
        lines.append(f'.fa-{name} {{ --icon: url("data:image/svg+xml,{picture}"); }}')
    css.parent.mkdir(parents=True, exist_ok=True)
    css.write_text("\n".join(lines) + "\n", encoding="utf-8")


def lost(address: str, language: str, editions: list[str]) -> dict:
    """Return what the template of 404.html needs: a section for each language that the page speaks."""
    root = urlsplit(address).path or "/"
    sections = []
    for spoken in editions if language == "en" else [language]:
        _, own = catalogs.gettext(spoken), root + (catalogs.place(spoken) if language == "en" else "")
        front, search = f'<a href="{own}book/index.html">', f'<a href="{own}search.html">'
        text = _("There is no page at this address. {0}The front page{1} lists all chapters, and {2}the search page{1} searches their text.")  # fmt: skip
        title = _("Page not found")
        sections.append({"language": spoken, "title": title, "text": text.format(front, "</a>", search)})
    return {"root": root, "sections": sections}


def finish(html: Path, config, pages: list[str]) -> None:
    """Complete the folder of a built site: our scripts in its language, the theme's files without what no page uses, a sitemap."""
    static = html / "_static"
    (static / "tables.js").write_text(devices.tables(config.language), encoding="utf-8")
    javascript.write(static, config.language)
    devices.bundle(static)
    shutil.rmtree(static / "vendor" / "fontawesome", ignore_errors=True)
    for path in {*static.rglob("*.map"), *static.glob("scripts/fontawesome.js*"), *static.glob("*webpack-macros.html")}:
        path.unlink()
    for path in [*static.rglob("*.js"), *static.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        lean = SOURCE_MAP.sub("\n", SIGN.sub("", text) if path.suffix == ".css" else text)
        if lean != text:
            path.write_text(lean, encoding="utf-8")
    write_sitemap(html, config.html_baseurl, pages)


def write_sitemap(html: Path, address: str, pages: list[str]) -> None:
    """List the pages for search engines."""
    entries = "\n".join(f"<url><loc>{urljoin(address, page)}.html</loc></url>" for page in pages)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}\n</urlset>\n'
    (html / "sitemap.xml").write_text(text, encoding="utf-8")
