"""Launch buttons, and the branch of the repository whose notebooks they open.

Colab, Binder and a JupyterHub open what a repository holds. The notebooks in chapters/ are no good for that: they are MyST,
and hold the solutions. So the workflow `book` keeps a branch with a copy of each under the same path, which starts anywhere:
lessons with their outputs, exercises as students get them.
"""

import itertools
import shutil
from urllib.parse import urlsplit

import nbformat

from book.press import address, quizzes
from book.press.address import ROOT
from book.press.notebooks import exercises, pairing, standalone
from book.press.translation import catalogs, translate

BRANCH = "notebooks"
COLAB, BINDER = "https://colab.research.google.com", "https://mybinder.org"
SERVICES = {  # those that can open a repository there; a hub can open any
    "github.com": {"binderhub_url": BINDER, "colab_url": COLAB},
    "gitlab.com": {"binderhub_url": BINDER},
}
README = """# Notebooks to open

Made from {repository} after each change there, for the launch buttons of the book. Lessons have their outputs; exercises are
as students get them. The first code cell finds `hpt_lab` or installs it.
"""


def buttons(repository, hub):
    """Return the theme's settings for its launch buttons: none, as long as nobody can open the repository."""
    host = urlsplit(repository).hostname
    services = SERVICES.get(host, {}) | ({"jupyterhub_url": hub} if hub else {})
    if not repository or not services:
        return {}
    return {
        "repository_url": repository,
        "repository_branch": BRANCH,
        "repository_provider": "github" if host == "github.com" else "gitlab",  # one of those that the theme knows
        "launch_buttons": {"notebook_interface": "jupyterlab", **services},
    }


def write(folder):
    """Write what the branch holds: the notebooks, the files that they read, the wheel, and what Binder installs."""
    for language, source in itertools.product(catalogs.LANGUAGES, pairing.sources()):
        page = source.relative_to(ROOT).with_suffix("")
        english = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
        version = exercises.student_version if source.stem == "exercises" else standalone.standalone
        translated = translate.notebook(english, page.as_posix(), language)
        notebook = version(quizzes.in_order(translated, page.as_posix()), language)
        target = folder / catalogs.place(language) / page.with_suffix(".ipynb")
        pairing.save(target, pairing.write_notebook(notebook))
        for path in source.parent.glob("*"):
            if path.is_file() and path.suffix not in (".md", ".ipynb"):
                shutil.copy(path, target.parent)
    standalone.wheel(folder)
    shutil.copy(ROOT / "constraints.txt", folder)
    shutil.copytree(ROOT / ".binder", folder / ".binder", dirs_exist_ok=True)
    wanted = folder / ".binder" / "requirements.txt"
    text = wanted.read_text(encoding="utf-8")
    pairing.save(wanted, text.replace("--editable .[", f"./{standalone.WHEEL}["))
    pairing.save(folder / "README.md", README.format(repository=address.known("repository") or "the book's sources"))
    return 0
