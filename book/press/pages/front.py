"""The front page: its picture, drawn again at each build from the lab itself, and what the page takes from elsewhere."""

import re
from pathlib import Path

from book.press import course
from book.press.notebooks.figures import kernel, store
from book.press.pages import claims, pictures
from book.press.translation import catalogs

NEEDED, HOLDING, FALLEN, CLAIMS = "<!-- prerequisites -->", "<!-- holding -->", "<!-- fallen -->", "<!-- claims -->"
PICTURE = re.compile(r"^<!-- picture (\d) -->$", re.M)


def filled(text: str, root: Path, language: str = "en") -> str:
    """Return the front page with what lesson 1 asks for, a picture of each chapter, and the claims, counted and as dots."""
    text = text.replace(NEEDED, course.read(root).lessons[0].prerequisites.rstrip("."))
    text = with_pictures(text).replace(picture("en", "svg"), picture(language, "svg"))
    listed = claims.read(root)
    n_holding = sum(claim.holds for claim in listed)
    text = text.replace(HOLDING, str(n_holding)).replace(FALLEN, str(len(listed) - n_holding))
    return text.replace(CLAIMS, claims.dots(listed, language))


def with_pictures(text: str) -> str:
    """Return a page with the pictures of chapters in place of their marks."""
    return PICTURE.sub(lambda match: f"<div>{pictures.picture(int(match[1]))}</div>\n", text)


def picture(language: str, kind: str = "png") -> str:
    """Return the name of the front page's picture: as SVG for the page, as PNG for those who are sent the link."""
    return f"front.{kind}" if language == "en" else f"front.{language}.{kind}"


def draw(folder: Path, language: str) -> None:
    """Draw the picture where the lab is newer: a search after five training runs, and where it looks next."""
    import hpt_lab

    files = folder / "static" / picture(language), folder / "pictures" / picture(language, "svg")
    newest = max(path.stat().st_mtime for path in (Path(__file__), *Path(hpt_lab.__file__).parent.rglob("*.py")))
    if not all(file.exists() and file.stat().st_mtime > newest for file in files):
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
        _draw(*files, language)


def _draw(png: Path, svg: Path, language: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib import font_manager

    from hpt_lab import plots

    _, settings = catalogs.gettext(language), dict(plots.STYLE)
    for font in {*store.fonts(), *store.fonts(language)}:
        font_manager.fontManager.addfont(font)
    if language != "en":
        settings["font.family"] = [store.TYPEFACES[language][0], "DejaVu Sans"]
    x, mean, std, ei, tried, losses = pictures.five_runs()
    here = x[ei.argmax()]

    with plt.rc_context(settings):
        fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 4.8), sharex=True, height_ratios=[3, 1])
        plots.surrogate(x, mean, std, trials=(tried, losses), ax=top)
        plots.acquisition(x, ei, ax=bottom)
        for ax in (top, bottom):
            ax.axvline(here, color=plots.VERMILION, lw=1.6, ls="--")
        top.annotate(
            _("train here next"),
            (here, 2.35),
            (-8, 0),
            textcoords="offset points",
            color=plots.VERMILION,
            ha="right",
            fontsize=12,
        )
        title = _("Five training runs, and a belief about all the rest")
        top.set(ylim=(-0.4, 2.6), ylabel=_("share of misread digits"), title=title)
        top.set_yticks([0, 1, 2], ["1%", "10%", "100%"])
        bottom.set(xlabel=_("gamma, a hyperparameter"), yticks=[])
        bottom.set_ylabel(_("expected\nimprovement"), fontsize=10)
        bottom.set_xticks([-4, -3, -2, -1, 0, 1], ["0.0001", "0.001", "0.01", "0.1", "1", "10"])
        fig.savefig(png, metadata={"Software": None})
        svg.write_text(store.lean([kernel.drawn(fig)["wide"]])[0], encoding="utf-8")
        plt.close(fig)
