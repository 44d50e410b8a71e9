"""MyST Markdown as plain Markdown, which Colab and every other program renders.

Directives become <details> or quotations, roles become their text, citations "Author (year)", links to pages that are no
notebooks their words. What has no plain form is refused, so that no student sees raw MyST.
"""

import functools
import html
import re
from pathlib import Path

BIBLIOGRAPHY = Path(__file__).parents[2] / "references.bib"
FENCE = re.compile(r"^(?P<fence>:{3,}|`{3,})\{(?P<name>[\w:-]+)\}[ \t]*(?P<title>[^\n]*)$")
OPTION = re.compile(r"^:([\w-]+):[ \t]*(.*)$")
ROLE = re.compile(r"\{(?P<role>[\w:+-]+)\}`(?P<text>[^`]+)`")
PAGE = re.compile(r"\[([^\]]+)\]\((?!\w+:)[^)\s]+\.md(?:#[^)]*)?\)")


def plain_markdown(text):
    """Return MyST as plain Markdown: directives as <details> or quotations, roles as their text."""
    lines, out = text.split("\n"), []
    while lines:
        line = lines.pop(0)
        opening = FENCE.match(line)
        if not opening:
            out.append(line)
            continue
        body = []
        while lines and lines[0].rstrip() != opening["fence"]:
            body.append(lines.pop(0))
        if not lines:
            raise ValueError(f"directive without an end: {line}")
        lines.pop(0)
        while body and (OPTION.match(body[0]) or not body[0].strip()):
            body.pop(0)
        out.append(_plain_directive(opening["name"], opening["title"].strip(), "\n".join(body).strip()))
    return PAGE.sub(r"\1", ROLE.sub(lambda m: role_text(m["role"], m["text"]), "\n".join(out)))


def _plain_directive(name, title, body):
    if name == "math":
        return f"$$\n{body}\n$$"
    body = plain_markdown(body)
    if name == "dropdown":
        return f"<details>\n<summary>{html.escape(title, quote=False)}</summary>\n\n{body}\n\n</details>"
    if name in ("admonition", "note", "tip", "hint", "important", "warning", "caution"):
        heading = title or name.capitalize()
        return "\n".join(f"> {line}".rstrip() for line in f"**{heading}**\n\n{body}".split("\n"))
    raise ValueError(
        f"no plain Markdown for the directive {{{name}}}: write it without, or teach book/press/notebooks/plain_markdown.py"
    )


def role_text(role, text):
    """Return the plain Markdown of a role."""
    if role == "math":
        return f"${text}$"
    if role.startswith("cite"):
        cited = [_citation(key.strip()) for key in text.split(",")]
        if role.endswith(":t"):
            return " and ".join(f"{names} ({year})" for names, year in cited)
        return f"({'; '.join(f'{names}, {year}' for names, year in cited)})"
    if role in ("term", "doc", "ref", "download"):
        return re.sub(r"\s*<[^>]*>$", "", text).removeprefix("~")
    raise ValueError(
        f"no plain Markdown for the role {{{role}}}: write it without, or teach book/press/notebooks/plain_markdown.py"
    )


@functools.cache
def _bibliography():
    from pybtex.database import parse_file

    return parse_file(str(BIBLIOGRAPHY)).entries


def _citation(key):
    """Return the authors and the year of an entry."""
    entry = _bibliography()[key]
    names = [
        " ".join(map(str, person.rich_prelast_names + person.rich_last_names)) for person in entry.persons["author"]
    ]
    names = names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{names[0]} et al."
    return names, entry.fields["year"]
