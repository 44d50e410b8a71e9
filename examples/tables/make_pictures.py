"""Make the small pictures of the chapters, book/press/pages/pictures/N.svg, that of the front page, book/press/static/front.png, and the README's.

    python examples/tables/make_pictures.py          ten seconds of one core

They are drawn out of the lab: run it after a change of a problem, a surrogate, a strategy of the race, or of this file. A test draws
them again and compares. A chapter's picture takes its colors from the page that shows it, and has no words: the card or the page
around it says what it is about. The picture of the front page is there in each language, as PNG for those who are sent the link and as
SVG (book/press/pages/pictures/front.svg) like the figures of the chapters. The README's (book/press/pages/pictures/round.svg) shows a round of
the front page's game, in each language, for light and for dark pages; its words are in the catalog of the book's programs.
"""

import html
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
STORE = ROOT / "book/press/pages/pictures"
FRONT = ROOT / "book/press/static"
WIDTH, HEIGHT, EDGE = 320, 160, 14  # pixels, and the room around what is drawn
ROUND, NIGHTS = (880, 300), 7  # pixels of the README's picture, and the trials of a round
PALETTE = ROOT / "book/press/static/palette.css"
INK, LINK = "var(--pst-color-text-base, currentColor)", "var(--pst-color-text-muted, gray)"
BLUE, GREEN, VERMILION = "var(--is-belief, #0072b2)", "var(--is-gain, #007a59)", "var(--is-now, #c24e00)"
GOLD, PURPLE, GRAY, SKY = "var(--is-best, #a86f00)", "var(--is-stopped, #a8487c)", "var(--is-rest, #6b7280)", "#56b4e9"


class Plot:
    """An SVG of WIDTH by HEIGHT, or of `size`, whose axes run from `x[0]` to `x[1]` and, upwards, from `y[0]` to `y[1]`."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float], size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        self.x, self.y, self.size, self.parts = x, y, size, list[str]()

    def at(self, x: Any, y: Any) -> list[tuple[float, float]]:
        """Return the pixels of points."""
        width, height = self.size
        left = EDGE + (np.asarray(x, float) - self.x[0]) / (self.x[1] - self.x[0]) * (width - 2 * EDGE)
        top = height - EDGE - (np.asarray(y, float) - self.y[0]) / (self.y[1] - self.y[0]) * (height - 2 * EDGE)
        return list(zip(np.round(left, 1).tolist(), np.round(top, 1).tolist(), strict=True))

    def path(self, x: Any, y: Any, style: str) -> None:
        """Draw a line through points; where its style names a fill, a filled shape."""
        fill = "" if "fill:" in style else "fill:none;"
        points = "L".join(f"{a:g},{b:g}" for a, b in self.at(x, y))
        self.parts.append(f'<path d="M{points}" style="{fill}stroke-linejoin:round;{style}"/>')

    def line(self, x: Any, y: Any, color: str, width: float = 2.5, dash: str = "") -> None:
        self.path(x, y, f"stroke:{color};stroke-width:{width:g}" + (f";stroke-dasharray:{dash}" if dash else ""))

    def band(self, x: Any, low: Any, high: Any, color: str, opacity: float) -> None:
        self.path([*x, *x[::-1]], [*low, *high[::-1]], f"fill:{color};fill-opacity:{opacity:g}")

    def dots(self, x: Any, y: Any, color: str, radius: float = 4, hollow: bool = False) -> None:
        style = f"fill:none;stroke:{color};stroke-width:2.5" if hollow else f"fill:{color}"
        self.parts += [f'<circle cx="{a:g}" cy="{b:g}" r="{radius:g}" style="{style}"/>' for a, b in self.at(x, y)]

    def text(self, x: float, y: float, words: str, color: str, shift: tuple[int, int], anchor: str = "middle") -> None:
        """Write words beside a point."""
        ((left, top),) = self.at([x], [y])
        font = "font:600 15px system-ui,-apple-system,'Segoe UI',sans-serif"
        self.parts.append(
            f'<text x="{left + shift[0]:g}" y="{top + shift[1]:g}" text-anchor="{anchor}" style="{font};fill:{color}">{html.escape(words)}</text>'
        )

    def svg(self) -> str:
        body, (width, height) = "".join(self.parts), self.size
        return f'<svg class="chapter-picture" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">{body}</svg>'


def five_runs():
    """Return a search after five training runs: x, the belief's mean and std there, the expected improvement, and the runs' places and losses.

    x is the exponent of gamma, and a loss the exponent of the share of digits that are misread, in per cent.
    """
    from hpt_lab import problems
    from hpt_lab.surrogates import GaussianProcess, expected_improvement

    errors = 100 * problems.svm_digits().values(seed=0)[12]  # along gamma, at C = 10
    exponents = np.linspace(-4, 1, len(errors))
    tried = np.array([1, 5, 9, 15, 19])
    x, y = np.linspace(-4, 1, 251), np.log10(errors)
    gp = GaussianProcess("matern52", lengthscale=1.0, signal_variance=0.36, noise_variance=1e-4, optimize=False)
    centre = y[tried].mean()
    gp.fit(exponents[tried, None], y[tried] - centre)
    mean, std = gp.predict(x[:, None])
    return x, mean + centre, std, expected_improvement(mean + centre, std, y[tried].min()), exponents[tried], y[tried]


def two_errors() -> str:
    """Return chapter 1's picture: a tree's two errors against its depth, and where the one that counts is lowest."""
    from sklearn.tree import DecisionTreeRegressor

    from hpt_lab import datasets

    depths, errors = np.arange(1, 11), np.zeros((2, 10))
    for seed in range(20):
        data = datasets.diabetes(seed=seed)
        for depth in depths:
            tree = DecisionTreeRegressor(max_depth=int(depth), random_state=0).fit(data.X_train, data.y_train)
            for row, X, y in ((0, data.X_train, data.y_train), (1, data.X_valid, data.y_valid)):
                errors[row, depth - 1] += np.sqrt(np.mean((tree.predict(X) - y) ** 2)) / 20
    plot = Plot((1, 10), (errors.min(), errors.max()))
    plot.line(depths, errors[0], GRAY, dash="6 4")
    plot.line(depths, errors[1], INK)
    plot.dots(depths, errors[1], INK)
    best = int(errors[1].argmin())
    plot.dots([depths[best]], [errors[1, best]], GOLD, 9, hollow=True)
    return plot.svg()


def grid_on_a_map() -> str:
    """Return chapter 2's picture: the map of a support vector machine's errors, a grid on it, and as many random points."""
    from contourpy import contour_generator

    from hpt_lab import problems

    errors = np.log10(problems.svm_digits().values(seed=0))
    rows, columns = errors.shape
    plot = Plot((0, rows - 1), (0, columns - 1))
    levels = contour_generator(z=errors.T)  # x is the first hyperparameter
    for level in np.linspace(errors.min(), errors.max(), 7)[1:-1]:
        for line in levels.lines(level):
            plot.line(*np.asarray(line).T, color=LINK, width=1.2)
    sides = np.meshgrid(np.linspace(0.06, 0.94, 4) * (rows - 1), np.linspace(0.06, 0.94, 4) * (columns - 1))
    plot.dots(*(side.ravel() for side in sides), color=SKY, radius=5)
    plot.dots(*np.random.default_rng(4).random((2, 16)) * [[rows - 1], [columns - 1]], color=GRAY, radius=4)
    best = np.unravel_index(errors.argmin(), errors.shape)
    plot.dots(best[:1], best[1:], GOLD, 9, hollow=True)
    return plot.svg()


def thirty_trials() -> str:
    """Return chapter 3's picture: thirty trials of a search that learns, and the best so far."""
    import hpt_lab as hpt
    from hpt_lab import problems

    problem = problems.mlp_mnist()
    study = hpt.tune(problem, problem.space, hpt.BayesianOptimization(), 30, seed=0, progress=False)
    losses = np.log10([trial.value for trial in study.trials])
    numbers, best, top = np.arange(1, 31), np.minimum.accumulate(losses), np.quantile(losses, 0.93)
    plot = Plot((1, 30), (losses.min(), top))
    plot.line(np.repeat(numbers, 2)[1:], np.repeat(best, 2)[:-1], GOLD)
    plot.dots(numbers, np.minimum(losses, top), INK)  # a hopeless trial is at the edge
    return plot.svg()


def belief_and_gain() -> str:
    """Return chapter 4's picture: five training runs, the belief about all the rest, and the expected improvement."""
    *curves, tried, losses = five_runs()
    x, mean, std, ei = (curve[::4] for curve in curves)
    plot = Plot((x[0], x[-1]), (-1.2, 2.2))
    plot.band(x, mean - 2 * std, mean + 2 * std, BLUE, 0.2)
    plot.line(x, mean, BLUE)
    plot.band(x, np.full_like(x, -1.2), -1.2 + 0.8 * ei / ei.max(), GREEN, 0.5)
    plot.line([x[ei.argmax()]] * 2, [-1.2, 2.2], VERMILION, 2)
    plot.dots(tried, losses, INK, 5)
    return plot.svg()


def halving_rungs() -> str:
    """Return chapter 5's picture: 27 configurations, of which each rung stops two thirds."""
    from hpt_lab import problems

    budgets = (1, 3, 9, 27)
    losses = np.log10([problems.mlp_mnist().values(seed=0, budget=budget).ravel() for budget in budgets])
    chosen = np.random.default_rng(7).permutation(losses.shape[1])[:27]
    plot = Plot((0, 3), (losses[:, chosen].min(), np.quantile(losses[0, chosen], 0.7)))
    left = chosen
    for rung in range(4):
        survivors = left[np.argsort(losses[rung, left], kind="stable")][: max(1, len(left) // 3)]
        for i in survivors if rung < 3 else ():
            plot.line([rung, rung + 1], np.minimum(losses[rung : rung + 2, i], plot.y[1]), PURPLE, 2)
        stopped = np.setdiff1d(left, survivors)
        plot.dots(np.full(len(stopped), rung), np.minimum(losses[rung, stopped], plot.y[1]), GRAY, 3)
        plot.dots(
            np.full(len(survivors), rung), losses[rung, survivors], PURPLE if rung < 3 else GOLD, 4 if rung < 3 else 6
        )
        left = survivors
    return plot.svg()


def race_board() -> str:
    """Return chapter 6's picture: the scores of the lab's strategies in the race, each with two standard errors."""
    from hpt_lab.tools.race import score, searches

    chosen, n = list(searches.suite().values()), 30
    random, optimum = np.array([[searches.random_loss(p, n), p.optimum] for p in chosen]).T
    board = {}
    for name in searches.LAB:
        losses, _ = searches.lab_losses(name, chosen, searches.SEEDS_STORED, n, lambda: None)
        by_seed = score.scores(losses, random, optimum).mean(axis=0)
        board[name] = by_seed.mean(), 2 * float(score.error(by_seed))
    listed = sorted(board, key=lambda name: board[name][0])[-9:]
    low, high = (f(board[name][0] + sign * board[name][1] for name in listed) for f, sign in ((min, -1), (max, 1)))
    plot = Plot((low, high), (0, len(listed) - 1))
    plot.line([0, 0], [0, len(listed) - 1], LINK, 1, dash="3 3")
    for row, name in enumerate(listed):
        mean, error = board[name]
        plot.line([mean - error, mean + error], [row, row], color_of(name), 2)
        plot.dots([mean], [row], color_of(name), 5)
    return plot.svg()


def curves_ahead() -> str:
    """Return chapter 7's picture: two curves after six epochs, their forecasts, and the best loss of a whole run."""
    from hpt_lab import problems
    from hpt_lab.surrogates.curves import forecast

    curves = problems.mlp_mnist().table.losses[0].reshape(27, -1).T
    n, epochs = 6, np.arange(1, 28)
    order = curves[:, -1].argsort(kind="stable")
    best = curves[order[0], -1]
    plot = Plot((1, 27), (0.0, 0.42))
    for run, color in ((order[110], BLUE), (order[140], PURPLE)):
        ahead = forecast(curves[run, :n], 27, final=(0.1, 0.1), fall=(0.3, 0.3), noise=0.01)
        later, mean, spread = epochs[n - 1 :], ahead.mean[n - 1 :], 1.6 * ahead.std[n - 1 :]
        plot.band(later, np.clip(mean - spread, *plot.y), np.clip(mean + spread, *plot.y), color, 0.2)
        plot.line(later, np.clip(mean, *plot.y), color)
        plot.dots(epochs[:n], np.minimum(curves[run, :n], plot.y[1]), INK, 4)
    plot.line([1, 27], [best, best], GOLD, 2, dash="6 4")
    return plot.svg()


def color_of(strategy: str) -> str:
    """Return the color of a strategy of the race, which is the same on all pages."""
    from hpt_lab.plots.style import strategy_named

    families = {
        BLUE: ("bayesian", "GP", "forest"),
        GOLD: ("TPE", "BOHB"),
        SKY: ("grid",),
        GREEN: ("quasi-random", "genetic"),
    }
    families |= {PURPLE: ("hyperband", "halving", "ASHA"), INK: ("manual",)}
    known = "bayesian" if strategy.endswith(" BO") else strategy_named(strategy)
    return next((color for color, names in families.items() if known in names), GRAY)


def one_round() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, list[int], list[int]]:
    """Return a round of the game: x, the errors there, the belief's mean and std at the end, the model's seven trials, and seven random ones.

    x is the exponent of gamma, and an error the exponent of the share of digits that are misread, in per cent. Trials are places in x.
    """
    from hpt_lab import problems
    from hpt_lab.surrogates import GaussianProcess, expected_improvement

    y = np.log10(100 * problems.svm_digits().values(seed=0)[12])  # along gamma, at C = 10
    x, tried = np.linspace(-4, 1, len(y)), [len(y) // 2]
    gp = GaussianProcess("matern52", lengthscale=1.0, signal_variance=0.36, noise_variance=1e-4, optimize=False)
    for night in range(NIGHTS):
        gp.fit(x[tried, None], y[tried] - y[tried].mean())
        mean, std = gp.predict(x[:, None])
        gain = expected_improvement(mean, std, (y[tried] - y[tried].mean()).min())
        gain[tried] = -1.0
        if night < NIGHTS - 1:
            tried.append(int(gain.argmax()))
    random = np.random.default_rng(0).permutation(len(x))[:NIGHTS]
    return x, y, mean + y[tried].mean(), std, tried, random.tolist()


def picture_of_a_round(language: str, dark: bool) -> str:
    """Return the README's picture: a round that is over, with the words of the language and the colors of light or dark pages."""
    from book.press.translation import catalogs

    _ = catalogs.gettext(language)
    x, y, mean, std, tried, random = one_round()
    plot = Plot((x[0], x[-1]), (-0.4, 2.5), ROUND)
    plot.band(x, mean - 2 * std, mean + 2 * std, BLUE, 0.2)
    plot.line(x, mean, BLUE)
    plot.line(x, y, INK, 1.5, dash="5 4")
    plot.dots(x[random], y[random], GRAY, 8, hollow=True)
    plot.dots(x[tried], y[tried], INK, 6)
    best = tried[int(y[tried].argmin())]
    plot.dots([x[best]], [y[best]], GOLD, 12, hollow=True)
    for night, place in enumerate(tried, 1):
        plot.text(x[place], y[place], str(night), INK, (0, -13 if place != best else -19))
    said = {
        _("seven training runs, chosen one by one"): INK,
        _("seven chosen at random"): GRAY,
        _("what the search believes about all the rest"): BLUE,
        _("the truth, shown when the round is over"): LINK,
        _("the best of the seven, which is the optimum"): GOLD,
    }
    for row, (words, color) in enumerate(said.items()):
        plot.text(-2.2, 2.5, words, color, (0, 14 + 22 * row), "start")
    plot.text(x[0], -0.4, _("share of misread digits"), LINK, (0, 0), "start")
    plot.text(x[-1], -0.4, _("gamma, a hyperparameter"), LINK, (0, 0), "end")
    return with_colors(plot.svg(), dark)


def with_colors(svg: str, dark: bool) -> str:
    """Return a picture with the palette's colors in place of a page's variables, on the paper of the page."""
    light, night = PALETTE.read_text(encoding="utf-8").split('html[data-theme="dark"]')
    colors = dict(re.findall(r"(--[\w-]+): (#\w+)", light)) | (
        dict(re.findall(r"(--[\w-]+): (#\w+)", night)) if dark else {}
    )
    colors |= {"--pst-color-text-base": colors["--book-ink"], "--pst-color-text-muted": colors["--book-muted"]}
    svg = re.sub(r"var\((--[\w-]+), [^)]+\)", lambda found: colors[found[1]], svg)
    width, height = ROUND
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    paper = f'<rect width="{width}" height="{height}" rx="8" style="fill:{colors["--book-paper"]}"/>'
    return head + paper + svg.partition(">")[2]


ROUNDS = {
    f"round{place}{kind}": (language, bool(kind))
    for language, place in (("en", ""), ("ko", ".ko"))
    for kind in ("", ".dark")
}
FRONTS = {"en": "front", "ko": "front.ko"}
PICTURES: dict[int, Callable[[], str]] = dict(
    enumerate((two_errors, grid_on_a_map, thirty_trials, belief_and_gain, halving_rungs, race_board, curves_ahead), 1)
)


def front(png: Path, svg: Path, language: str = "en") -> None:
    """Draw the picture of the front page: a search after five training runs, and where it looks next."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib import font_manager

    from book.press.notebooks.figures import kernel, store
    from book.press.translation import catalogs
    from hpt_lab import plots

    _, settings = catalogs.gettext(language), dict(plots.STYLE)
    for font in {*store.fonts(), *store.fonts(language)}:
        font_manager.fontManager.addfont(font)
    if language != "en":
        settings["font.family"] = [store.TYPEFACES[language][0], "DejaVu Sans"]
    x, mean, std, ei, tried, losses = five_runs()
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
        svg.write_text(store.lean([kernel.drawn(fig)["wide"]])[0], encoding="utf-8", newline="\n")
        plt.close(fig)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    STORE.mkdir(exist_ok=True)
    for chapter, draw in PICTURES.items():
        (STORE / f"{chapter}.svg").write_text(draw() + "\n", encoding="utf-8", newline="\n")
    for name, (language, dark) in ROUNDS.items():
        (STORE / f"{name}.svg").write_text(picture_of_a_round(language, dark) + "\n", encoding="utf-8", newline="\n")
    for language, name in FRONTS.items():
        front(FRONT / f"{name}.png", STORE / f"{name}.svg", language)


if __name__ == "__main__":
    main()
