"""The notebooks of a course, course/student/NN_name.ipynb and course/solution/NN_name.ipynb, and the wheel beside them.

The Korean ones are in course/ko/. They are written again when anything that they are made of has changed, or when one of them has.
"""

from book.press.address import ROOT
from book.press.notebooks import freshness

COURSE = ROOT / "course"
STAMP = ROOT / "book" / "_build" / "course.sha256"
VERSIONS = ("student", "solution")
# The notebooks, the lab and what its wheel says of it, and the press.
SOURCES = (
    "chapters/*/exercises.ipynb", "book/locale/*/LC_MESSAGES/**/*.po", "book/references.bib", "book/press/**/*.py",
    "hpt_lab/**/*", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE",
)  # fmt: skip


def update():
    """Write what has changed; say what was written."""
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == _digest():
        print("course/ is up to date")
        return 0
    for path in write(COURSE):
        print(path.relative_to(ROOT))
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(_digest(), encoding="utf-8")
    return 0


def _digest():
    """Return a digest of what the course is made of, and of what was made."""
    files = [path for pattern in SOURCES for path in ROOT.glob(pattern)]
    files += [path for version in VERSIONS for path in COURSE.glob(f"**/{version}/*")]
    return freshness.digest(ROOT, files)


def write(course):
    """Write the notebooks of all chapters, languages and versions; return their paths."""
    import nbformat

    from book.press.notebooks import exercises, pairing, standalone
    from book.press.translation import catalogs, translate

    written = []
    for language in catalogs.LANGUAGES:
        folder = course / catalogs.place(language)
        for path in sorted(ROOT.glob("chapters/*/exercises.ipynb")):
            english = nbformat.read(path, as_version=4)
            notebook = translate.notebook(english, f"chapters/{path.parent.name}/exercises", language)
            for version, made in zip(VERSIONS, (exercises.student_version, exercises.solution_version), strict=True):
                written.append(folder / version / f"{path.parent.name}.ipynb")
                pairing.save(written[-1], pairing.write_notebook(made(notebook, language)))
    standalone.wheel(*{path.parent for path in written})
    return written
