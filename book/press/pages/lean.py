"""A Sphinx extension: the theme's style sheets without the rules that no page of the site needs, three quarters of what they weigh.

A rule goes if its selectors name a class or an id that stands in no page and in no script; so does a variable that nothing reads.
Rules with `:is`, `:where` or `:has` stay: to read these takes a browser. A build begins with the whole sheets.
"""

import re
from collections.abc import Iterator
from pathlib import Path

SHEETS = ("basic.css", "mystnb.*.css", "sphinx-design.min.css", "styles/*.css")
NAME = r"-?[A-Za-z_][\w-]*"
COMMENT = re.compile(r"/\*.*?\*/", re.S)
HEAD = re.compile(r"[^{};]*")
GROUPS = ("@media", "@supports", "@layer", "@container")
VARIABLE = re.compile(r"(?<=[{;])\s*(--[\w-]+)\s*:(?:[^;{}\"']|\"[^\"]*\"|'[^']*')*(?:;|(?=\}))")


def sheets(html: Path) -> None:
    """Write the theme's style sheets again with what the built pages need."""
    static, pages = html / "_static", [path.read_text(encoding="utf-8") for path in html.rglob("*.html")]
    scripts = [path.read_text(encoding="utf-8") for path in static.rglob("*.js") if "locales" not in path.parts]
    named = {
        name
        for text in pages
        for names in re.findall(r'(?<![\w-])(?:class|id)="([^"]*)"', text)
        for name in names.split()
    }
    named |= {name for text in scripts for name in re.findall(NAME, text)}
    lean = {path: without_rules(COMMENT.sub("", path.read_text(encoding="utf-8")), named) for path in of_theme(static)}
    ours = [path.read_text(encoding="utf-8") for path in static.rglob("*.css") if path not in lean]
    read = {name for text in [*pages, *ours, *lean.values()] for name in re.findall(r"var\(\s*(--[\w-]+)", text)}
    read |= {name for text in scripts for name in re.findall(r"--[\w-]+", text)}
    for path, text in lean.items():
        path.write_text(without_variables(text, read), encoding="utf-8")


def of_theme(static: Path) -> list[Path]:
    """Return the theme's style sheets in a folder of static files."""
    return [path for pattern in SHEETS for path in static.glob(pattern)]


def rules(css: str) -> Iterator[tuple[str, str | None]]:
    """Return the rules of a sheet, each as what stands before its braces and in them; None, where it has none."""
    at = 0
    while (end := HEAD.match(css, at).end()) < len(css):
        if css[end] != "{":
            yield css[at : end + 1], None
            at = end + 1
            continue
        close, depth = end + 1, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[close], 0)
            close += 1
        yield css[at:end], css[end + 1 : close - 1]
        at = close


def without_rules(css: str, named: set[str]) -> str:
    """Return a sheet without the selectors that name a class or an id that is not among these."""
    kept = []
    for head, body in rules(css):
        if body is None:
            kept.append(head)
        elif head.lstrip().startswith("@"):
            inside = without_rules(body, named) if head.lstrip().startswith(GROUPS) else body
            kept.append(f"{head}{{{inside}}}" if inside.strip() else "")
        elif selectors := [one for one in re.split(r",(?![^(]*\))", head) if needed(one, named)]:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def needed(selector: str, named: set[str]) -> bool:
    """Return False if a selector can match no element that has its classes and its id from these."""
    plain = re.sub(r":not\([^()]*\)|\[[^\]]*\]|\\", "", selector)
    return bool(re.search(r":(is|where|has|not)\(", plain)) or set(re.findall(rf"[.#]({NAME})", plain)) <= named


def without_variables(css: str, read: set[str]) -> str:
    """Return a sheet without the variables that are not among these."""
    return VARIABLE.sub(lambda found: found[0] if found[1] in read else "", css)


def on_builder_inited(app):
    """Make room for the whole sheets: an extension that finds another text under the name of its own does not write it."""
    for path in of_theme(Path(app.outdir) / "_static"):
        path.unlink()


def on_build_finished(app, exception):
    if exception is None and app.builder.name == "html":
        sheets(Path(app.outdir))


def setup(app):
    app.connect("builder-inited", on_builder_inited, priority=100)
    app.connect("build-finished", on_build_finished, priority=950)  # when the slides and the formulas are there
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
