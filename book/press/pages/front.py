"""The front page: its picture, drawn again at each build from the lab itself, and what the page takes from elsewhere."""

import re
from pathlib import Path

from book.press import course
from book.press.pages import claims, pictures

NEEDED, HOLDING, FALLEN, CLAIMS = "<!-- prerequisites -->", "<!-- holding -->", "<!-- fallen -->", "<!-- claims -->"
PICTURE = re.compile(r"^<!-- picture (\d) -->$", re.M)


def filled(text: str, root: Path, language: str = "en") -> str:
    """Return the front page with what lesson 1 asks for, a picture of each chapter, and the claims, counted and as dots."""
    text = text.replace(NEEDED, course.read(root).lessons[0].prerequisites.rstrip("."))
    text = with_pictures(text)
    listed = claims.read(root)
    n_holding = sum(claim.holds for claim in listed)
    text = text.replace(HOLDING, str(n_holding)).replace(FALLEN, str(len(listed) - n_holding))
    return text.replace(CLAIMS, claims.dots(listed, language))


def with_pictures(text: str) -> str:
    """Return a page with the pictures of chapters in place of their marks."""
    return PICTURE.sub(lambda match: f"<div>{pictures.picture(int(match[1]))}</div>\n", text)


def draw(folder: Path) -> None:
    """Draw front.png and its twin for dark pages, where the lab is newer: a search after five training runs, and where it looks next."""
    import hpt_lab

    sources = [Path(__file__), *Path(hpt_lab.__file__).parent.rglob("*.py")]
    drawn = folder / "front-dark.png"  # the last one to be written
    if drawn.exists() and drawn.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from book.press.pages import dark
    from hpt_lab import plots

    folder.mkdir(parents=True, exist_ok=True)
    x, mean, std, ei, tried, losses = pictures.five_runs()
    here = x[ei.argmax()]

    with plt.rc_context(plots.STYLE):
        fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 4.8), sharex=True, height_ratios=[3, 1])
        plots.surrogate(x, mean, std, trials=(tried, losses), ax=top)
        plots.acquisition(x, ei, ax=bottom)
        for ax in (top, bottom):
            ax.axvline(here, color=plots.VERMILION, lw=1.6, ls="--")
        top.annotate(
            "train here next",
            (here, 2.35),
            (-8, 0),
            textcoords="offset points",
            color=plots.VERMILION,
            ha="right",
            fontsize=12,
        )
        top.set(
            ylim=(-0.4, 2.6),
            ylabel="share of misread digits",
            title="Five training runs, and a belief about all the rest",
        )
        top.set_yticks([0, 1, 2], ["1 %", "10 %", "100 %"])
        bottom.set(xlabel="gamma, a hyperparameter", yticks=[])
        bottom.set_ylabel("expected\nimprovement", fontsize=10)
        bottom.set_xticks([-4, -3, -2, -1, 0, 1], ["0.0001", "0.001", "0.01", "0.1", "1", "10"])
        fig.savefig(folder / "front.png", metadata={"Software": None})
        plt.close(fig)
    dark.twin(folder / "front.png", folder / "front-dark.png")
