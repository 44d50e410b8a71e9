# The five lines of the figure, as a program: change gamma, or the width of the bells, and run it again.
import numpy as np

from hpt_lab import plots

tried = "16-40-72-90-116-132-176-188"  # where the first holes are
gamma = 0.25  # the share of good trials


def depth(x):
    east = 13 * np.exp(-(((x - 7.6) / 0.75) ** 2))
    west = 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))
    return 26 + 2.5 * np.sin(1.1 * x) - east - west


def split(trials, gamma):
    ranked = sorted(trials, key=lambda trial: trial[1])
    n = max(1, round(gamma * len(ranked)))
    return [x for x, _ in ranked[:n]], [x for x, _ in ranked[n:]]


def density(places, width=0.8):
    """A bell around each place, and a flat one over the road."""

    def at(x):
        z = (np.asarray(x)[:, None] - np.array(places)) / width
        bells = np.exp(-(z**2) / 2) / (width * np.sqrt(2 * np.pi))
        return (bells.sum(axis=1) + 1 / 10) / (len(places) + 1)

    return at


rng = np.random.default_rng(0)
road = np.linspace(0, 10, 201)  # every 50 m
trials = [(x, depth(x)) for x in road[[int(hole) for hole in tried.split("-")]]]
for step in range(8):
    good, others = split(trials, gamma)
    l, g = density(good), density(others)
    candidates = np.clip(rng.choice(good, 24) + rng.normal(0, 0.8, 24), 0, 10)
    x = candidates[(l(candidates) / g(candidates)).argmax()]
    trials.append((x, depth(x)))
    print(f"step {step + 1}: km {x:5.2f}, {depth(x):5.1f} m")

plots.use_style()
_ = plots.acquisition(road, l(road) / g(road), name="l / g").set_xlabel("km along the road")
