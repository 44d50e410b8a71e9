"""What the package says of itself on an index, made from README.md and from the addresses in pyproject.toml.

A link of the README to a file of the repository is of no use on another host. With an address it becomes a whole link; without
one, the words that it stands on. The same address gives the links beside the text; without one there are none.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURE = re.compile(r"<picture>.*?</picture>\n+", re.S)
SOURCE = re.compile(r'(?<=src=")(?!https?://)|(?<=srcset=")(?!https?://)')
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://|#)([^)]+)\)")


def urls(repository: str, book: str) -> dict[str, str]:
    """The links beside the text: of the repository, and of the book, each as far as its address is known."""
    found = {}
    if book:
        found["Documentation"] = book
    if repository:
        found["Source"] = repository
        found["Issues"] = f"{repository}/issues"
        found["Changelog"] = f"{repository}/blob/main/CHANGELOG.md"
    return found


def readme(text: str, repository: str) -> str:
    """The README with whole links only, and with its picture where that has an address."""
    text = PICTURE.sub(lambda found: SOURCE.sub(f"{repository}/raw/main/", found[0]) if repository else "", text)
    return LINK.sub(rf"[\1]({repository}/blob/main/\2)" if repository else r"\1", text)


class AddressHook(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        root = Path(self.root)
        addresses = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hpt"]
        repository, book = (addresses[name].rstrip("/") for name in ("repository", "book"))
        text = readme((root / "README.md").read_text(encoding="utf-8"), repository)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = urls(repository, book)
