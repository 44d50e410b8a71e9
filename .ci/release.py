"""Check that a tag may be released: python .ci/release.py v0.1.0

The tag, the package and the citation name one version, and the changelog says on which day.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def wrong(tag: str, root: Path = ROOT) -> str:
    """Return what stands against it, in one sentence; an empty text if nothing does."""
    package, changelog, citation = (
        (root / name).read_text(encoding="utf-8") for name in ("hpt_lab/__init__.py", "CHANGELOG.md", "CITATION.cff")
    )
    version = re.search(r'^__version__ = "(.+)"$', package, re.M)[1]
    if tag != f"v{version}":
        return f"the tag {tag} must be v{version}, as hpt_lab/__init__.py says"
    if f"\nversion: {version}\n" not in citation:
        return f"CITATION.cff must name the version {version}"
    head = re.search(r"^## (.*)$", changelog, re.M)[1]
    if not re.fullmatch(rf"{re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", head):
        return f"the first heading of CHANGELOG.md must be {version} with its day, not {head}"
    return ""


if __name__ == "__main__":
    sys.exit(wrong(sys.argv[1]) or None)  # an empty text would be a failure
