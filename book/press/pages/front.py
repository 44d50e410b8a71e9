"""The front page's picture, drawn again at each build from the lab itself, and what the page takes from elsewhere."""

from pathlib import Path

from book.press import course

NEEDED, REPLICATION = "<!-- prerequisites -->", "<!-- replication -->"


def filled(text: str, root: Path) -> str:
    """Return the front page with what lesson 1 asks for, and with the page on replication if `make replicate` wrote it."""
    text = text.replace(NEEDED, course.read(root).lessons[0].prerequisites.rstrip("."))
    return text.replace(REPLICATION + "\n", "replication\n" if (root / "book" / "replication.md").exists() else "")


def pictures(folder: Path) -> None:
    """Draw front.png and its twin for dark pages, where the lab is newer: a search after five training runs, and where it looks next."""
    import hpt_lab

    sources = [Path(__file__), *Path(hpt_lab.__file__).parent.rglob("*.py")]
    drawn = folder / "front-dark.png"  # the last one to be written
    if drawn.exists() and drawn.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    from book.press.pages import dark
    from hpt_lab import plots, problems
    from hpt_lab.surrogates import GaussianProcess, expected_improvement

    folder.mkdir(parents=True, exist_ok=True)
    errors = 100 * problems.svm_digits().values(seed=0)[12]  # per cent wrong along gamma, at C = 10
    exponents = np.linspace(-4, 1, len(errors))
    tried = np.array([1, 5, 9, 15, 19])
    x, y = np.linspace(-4, 1, 251), np.log10(errors)

    gp = GaussianProcess("matern52", lengthscale=1.0, signal_variance=0.36, noise_variance=1e-4, optimize=False)
    centre = y[tried].mean()
    gp.fit(exponents[tried, None], y[tried] - centre)
    mean, std = gp.predict(x[:, None])
    ei = expected_improvement(mean + centre, std, y[tried].min())
    here = x[ei.argmax()]

    with plt.rc_context(plots.STYLE):
        fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 4.8), sharex=True, height_ratios=[3, 1])
        plots.surrogate(x, mean + centre, std, trials=(exponents[tried], y[tried]), ax=top)
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
