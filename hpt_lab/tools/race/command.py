"""The race from a shell: `python -m hpt_lab race my_strategy.py`. See `hpt_lab.__main__`.

hpt-lab race my_strategy.py                     the board of a race against the lab's own strategies
hpt-lab race my_strategy.py:Name *.py           the strategy of that name, and others; --save and --page keep the board
hpt-lab race --check my_strategy.py             check in a few seconds whether it is a strategy
hpt-lab race --list                             the problems, and the lab's own strategies
"""

import argparse
from glob import glob
from pathlib import Path
from typing import Any

from hpt_lab.tools.race.race import LIMIT, N_SEEDS, N_TRIALS, check, race
from hpt_lab.tools.race.searches import LAB, N_STORED, SEEDS_STORED, suite
from hpt_lab.values.display import shown
from hpt_lab.values.files import check_writable, write_whole


def add(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    text = "race your strategies against the lab's own, on the same problems with the same seeds"
    parser = commands.add_parser("race", help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument("files", metavar="FILE", nargs="*", help="such as my_strategy.py, or my_strategy.py:Name")
    parser.add_argument("--trials", type=int, default=N_TRIALS, help=f"number of trials of each search ({N_TRIALS})")
    parser.add_argument("--seeds", type=int, default=N_SEEDS, help=f"number of seeds, counted from 0 ({N_SEEDS})")
    parser.add_argument("--problems", metavar="NAMES", help="only these problems, such as branin,svm_digits")
    parser.add_argument("--save", metavar="OUT", help="save the result in a file, as JSON")
    parser.add_argument("--page", metavar="OUT", help="write the board as an HTML page")
    parser.add_argument("--check", action="store_true", help="only check whether they are strategies, without a race")
    parser.add_argument("--list", action="store_true", help="list the problems and the lab's own strategies")
    stored = f"their results are stored for {N_STORED} trials and {len(SEEDS_STORED)} seeds"
    parser.add_argument("--fresh", action="store_true", help=f"run the lab's own strategies again; {stored}")
    parser.add_argument("--jobs", type=int, default=2, help="number of processes at once (2)")
    parser.add_argument("--limit", type=float, default=LIMIT, help=f"seconds allowed for a suggestion ({LIMIT:g})")

    def run(options: argparse.Namespace) -> int:
        """Run the command, and return 1 if all entries are disqualified or, with --check, if one is wrong."""
        options.files = [file for name in options.files for file in expand(name)]
        if not options.files and not options.list:
            parser.error("name a file that holds a strategy, such as my_strategy.py, or give --list")
        if not (options.list or options.check):
            return _race(options)
        if options.save or options.page or options.problems or options.fresh:
            parser.error("--save, --page, --problems and --fresh need a race, which --check and --list do not run")
        if options.list:
            for name, problem in suite().items():
                print(f"{name}: {len(problem.space)} hyperparameters, the best loss is {problem.optimum:.6g}")
            print(f"the lab's own: {', '.join(LAB)}")
            return 0
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
    problems, fresh = None if options.problems is None else options.problems.split(","), options.fresh
    n_trials, seeds, n_jobs, limit = options.trials, options.seeds, options.jobs, options.limit
    result = race(options.files, n_trials, seeds, problems=problems, fresh=fresh, n_jobs=n_jobs, limit=limit)
    print(result)
    if options.save is not None:
        result.save(options.save)
    if options.page is not None:
        write_whole(Path(options.page), result.to_html())
    return int(len(result.reasons) == len(result.entered))
