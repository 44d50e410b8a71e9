"""The race: your strategies against the lab's own, on the same problems with the same seeds. Chapter 6.

From a shell, see `hpt_lab.tools.command_line`:

    hpt-lab race my_strategy.py                     the board of a race against the lab's own strategies
    hpt-lab race my_strategy.py:Name *.py           the strategy of that name, and others; --save and --page keep the board
    hpt-lab race --check my_strategy.py             check in a few seconds whether it is a strategy
"""

import argparse
from collections.abc import Iterable, Sequence
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np

from hpt_lab.loop.comparison import seed_list
from hpt_lab.loop.progress import bar
from hpt_lab.tools.race.board import Result
from hpt_lab.tools.race.entry import entries
from hpt_lab.tools.race.evaluation import Evaluation, Setup, evaluate, quick_check
from hpt_lab.tools.race.searches import LAB, lab_losses, random_loss, suite
from hpt_lab.values.checks import finite, flag, integer, one_of, positive, require
from hpt_lab.values.display import shown
from hpt_lab.values.files import check_writable, write_whole

N_TRIALS, N_SEEDS = 30, 20
LIMIT, DAY = 10.0, 86400.0  # seconds allowed for a suggestion
FEWEST_TRIALS = 5  # with fewer, a strategy has seen too little to differ from random search
QUICK_PROBLEMS = ("branin", "forest_boston", "mlp_mnist", "boosting_boston")


def race(
    strategies: Any,
    n_trials: int = N_TRIALS,
    seeds: int | Iterable[int] = N_SEEDS,
    *,
    problems: Sequence[str] | None = None,
    n_jobs: int = 2,
    limit: float = LIMIT,
    progress: bool = True,
) -> Result:
    """Race strategies against the lab's own, and return a board of scores with errors, ranks and groups.

    Raises ValueError or TypeError if an argument is out of range or of the wrong type, no strategy is given, or two have
    the same name.

    Parameters
    ----------
    strategies : strategy or path, list of them, or dict
        An object with `suggest(history)`; or a Python file that holds one, such as "my_strategy.py", or
        "my_strategy.py:Name" if it holds several; a list of these; or a dict from names to them. Each runs in its own
        processes, and is disqualified, with one sentence, if it is not a strategy: see `Result.reasons`.
    n_trials : int
        Number of trials of each search, at least 5. For up to 50, and seeds below 20, the lab's own results are stored.
    seeds : int or iterable of int, the seeds of the searches, at least two; an int k means 0 to k - 1
    problems : sequence of str, optional, the names of the problems; by default all of `hpt_lab.tools.race.suite()`
    n_jobs : int, number of processes of an entry that run at once
    limit : float, seconds allowed for a suggestion, at most a day
    progress : bool, whether to show a progress bar, which needs tqdm

    Examples
    --------
    >>> import hpt_lab as hpt
    >>> result = hpt.race({"mine": hpt.RandomSearch()}, n_trials=10, seeds=3, problems=["branin"], progress=False)
    >>> result.scores["mine"] == result.scores["RandomSearch"]  # the same strategy with the same seeds
    True
    """
    n_trials, listed = integer("race: n_trials", n_trials, least=FEWEST_TRIALS), seed_list("race", seeds, 2)
    names = list(suite()) if problems is None else problems
    names = [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)
    chosen = [suite()[one_of("race: a problem in problems", name, list(suite()))] for name in names]
    once = len(set(names)) == len(names) > 0
    require(once, "race: problems", problems, "at least one name, each of them once", ValueError)
    n_jobs = positive("race: n_jobs", n_jobs)
    limit = finite("race: limit", limit, above=0, most=DAY)
    entering = entries(strategies, taken=LAB)
    random, optimum = np.empty(len(chosen)), np.array([problem.optimum for problem in chosen])
    setup = Setup(chosen, listed, n_trials, random, optimum)
    losses, seconds, evaluations = dict[str, np.ndarray](), dict[str, float](), dict[str, Evaluation]()
    n_steps = len(entering) * setup.n_steps + len(LAB) * len(chosen)
    with bar("race", n_steps, "search", wanted=flag("race: progress", progress)) as shown:
        for i, problem in enumerate(chosen):
            random[i] = random_loss(problem, n_trials)
            if random[i] <= problem.optimum + 1e-12:
                wrong = f"random search finds the optimum of {problem.name} every time"
                raise ValueError(f"race: n_trials={n_trials} must be smaller, or the problems different: {wrong}")
        for name in LAB:
            shown.set_description(name)
            losses[name], seconds[name] = lab_losses(name, chosen, listed, n_trials, shown.update)
        for place, entry in enumerate(entering, 1):
            shown.set_description(entry.name)
            evaluations[entry.name] = one = evaluate(entry, setup, n_jobs, limit, shown.update)
            shown.update(len(LAB) * len(chosen) + place * setup.n_steps - shown.n)
            if one.losses is not None:
                losses[entry.name], seconds[entry.name] = one.losses, one.seconds
    return Result(
        problems=tuple(names),
        seeds=tuple(listed),
        n_trials=n_trials,
        random=tuple(random.tolist()),
        optimum=tuple(optimum.tolist()),
        losses={name: tuple(map(tuple, table.tolist())) for name, table in losses.items()},
        seconds={name: round(value, 5) for name, value in seconds.items()},
        entered=tuple(evaluations),
        reasons={name: one.reason for name, one in evaluations.items() if one.reason},
        printed={name: one.printed for name, one in evaluations.items() if one.printed},
    )


def check(strategies: Any, *, limit: float = LIMIT) -> dict[str, str]:
    """Return one sentence on what is wrong with each strategy, by name, empty if a quick check finds nothing.

    It runs a few short searches and replays them in another process. Only a `race` can find that one knows the problems.

    >>> import hpt_lab as hpt
    >>> from hpt_lab.tools.race import check
    >>> check(hpt.RandomSearch())
    {'RandomSearch': ''}
    """
    limit, chosen = finite("check: limit", limit, above=0, most=DAY), [suite()[name] for name in QUICK_PROBLEMS]
    return {entry.name: quick_check(entry, chosen, limit) for entry in entries(strategies)}


def add_command(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    text = "race your strategies against the lab's own, on the same problems with the same seeds"
    parser = commands.add_parser("race", help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument("files", metavar="FILE", nargs="+", help="such as my_strategy.py, or my_strategy.py:Name")
    parser.add_argument(
        "--trials", dest="n_trials", type=int, default=N_TRIALS, help=f"number of trials of each search ({N_TRIALS})"
    )
    parser.add_argument("--seeds", type=int, default=N_SEEDS, help=f"number of seeds, counted from 0 ({N_SEEDS})")
    parser.add_argument("--problems", metavar="NAMES", help="only these problems, such as branin,svm_digits")
    parser.add_argument("--save", metavar="OUT", help="save the result in a file, as JSON")
    parser.add_argument("--page", metavar="OUT", help="write the board as an HTML page")
    parser.add_argument("--check", action="store_true", help="only check whether they are strategies, without a race")
    parser.add_argument("--jobs", dest="n_jobs", type=int, default=2, help="number of processes at once (2)")
    parser.add_argument("--limit", type=float, default=LIMIT, help=f"seconds allowed for a suggestion ({LIMIT:g})")

    def run(options: argparse.Namespace) -> int:
        """Run the command, and return 1 if all entries are disqualified or, with --check, if one is wrong."""
        options.files = [file for name in options.files for file in expand(name)]
        if not options.check:
            return _race(options)
        if options.save or options.page or options.problems:
            parser.error("--save, --page and --problems need a race, which --check does not run")
        reasons = check(options.files, limit=options.limit)
        for name, reason in reasons.items():
            print(f"{shown(name)}: {shown(reason, 400) or 'a strategy'}")
        return int(any(reasons.values()))

    parser.set_defaults(command=run)


def expand(name: str) -> list[str]:
    """Return the files that match a pattern such as *.py, which a Windows shell does not expand, or the name itself."""
    return [name] if Path(name).exists() else sorted(glob(name)) or [name]


def _race(options: argparse.Namespace) -> int:
    if options.page is not None:
        import jinja2  # noqa: F401  better to fail before the race than after it
    for out in filter(None, (options.save, options.page)):
        check_writable(Path(out))
    arguments = {name: getattr(options, name) for name in ("n_trials", "seeds", "n_jobs", "limit")}
    problems = None if options.problems is None else options.problems.split(",")
    result = race(options.files, problems=problems, **arguments)
    print(result)
    if options.save is not None:
        result.save(options.save)
    if options.page is not None:
        write_whole(Path(options.page), result.to_html())
    return int(len(result.reasons) == len(result.entered))
