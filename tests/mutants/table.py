"""Ways to break the project, and who must notice: the layer whose tests fail, and the few tests of it that do.

A mutant replaces one text of one file, which stands there once. `kill.py` tries them.
"""

from typing import NamedTuple

HTML = "book/_build/html"
PAGES = "tests/press/test_pages.py"


class Mutant(NamedTuple):
    name: str
    layer: str  # quick, test, or nightly
    file: str  # one below book/_build stands for a fault of what writes it: the book must be built
    old: str
    new: str
    tests: str  # files and options of pytest, or a notebook, or a command that begins with `{python}` or `.ci/`

    @property
    def built(self):
        return "book/_build" in self.file


MUTANTS = [
    # ---- quick: the lab without processes, the mathematics of the devices, a changed notebook
    Mutant("a sign in an acquisition", "quick", "hpt_lab/surrogates/acquisition.py", "value = gain * special.ndtr(z) + std", "value = gain * special.ndtr(z) - std", "tests/surrogates/test_acquisition.py"),
    Mutant("an optimist who looks up", "quick", "hpt_lab/surrogates/acquisition.py", 'return mean - finite("lower', 'return mean + finite("lower', "tests/surrogates/test_acquisition.py"),
    Mutant("LogEI that cancels far out", "quick", "hpt_lab/surrogates/acquisition.py", "np.where(z > -1.0, direct", "np.where(z > -30.0, direct", "tests/surrogates/test_acquisition.py"),
    Mutant("an off-by-one in halving", "quick", "hpt_lab/strategies/halving.py", "trial = below.next(len(below.complete) // self.eta)", "trial = below.next(len(below.complete) // self.eta + 1)", "tests/strategies/test_halving.py"),
    Mutant("a bracket that is rounded down", "quick", "hpt_lab/strategies/halving.py", "n = -(-len(budgets) * self.eta ** (k - 1) // k)", "n = len(budgets) * self.eta ** (k - 1) // k", "tests/strategies/test_halving.py"),
    Mutant("a rung that promotes one too many", "quick", "hpt_lab/strategies/rungs.py", "bisect_left(self.complete, self._waiting[0][0]) < n_best", "bisect_left(self.complete, self._waiting[0][0]) <= n_best", "tests/strategies/test_halving.py"),
    Mutant("good trials that are rounded down", "quick", "hpt_lab/strategies/tpe.py", "min(math.ceil(0.1 * n), 25)", "min(math.floor(0.1 * n), 25)", "tests/strategies/test_tpe.py"),
    Mutant("TPE with its ratio upside down", "quick", "hpt_lab/strategies/tpe.py", "np.argsort(-np.round(ratio, 6)", "np.argsort(np.round(ratio, 6)", "tests/strategies/test_tpe.py"),
    Mutant("a combination that is tried twice", "quick", "hpt_lab/strategies/candidates.py", "if (params := space.decode(point)) not in tried:", "if (params := space.decode(point)) is not None:", "tests/strategies/test_untried.py"),
    Mutant("a grid that goes on after its end", "quick", "hpt_lab/strategies/grid.py", "if number < grid.size else None", "if number <= grid.size else None", "tests/strategies/test_grid.py"),
    Mutant("a grid in another order", "quick", "hpt_lab/strategies/grid.py", "Suggestion(grid[number],", "Suggestion(grid[grid.size - 1 - number],", "tests/strategies/test_grid.py"),
    Mutant("a refused argument that passes", "quick", "hpt_lab/values/checks.py", "(least is not None and real < least)", "(least is not None and real < least - 1)", "tests/values/test_checks.py tests/wrong_calls tests/surrogates/test_acquisition.py"),
    Mutant("a flag that takes any value", "quick", "hpt_lab/values/checks.py", "if isinstance(value, bool) or isinstance(value := plain(value), bool):", "if isinstance(value, bool) or isinstance(value := plain(value), object):", "tests/wrong_calls tests/values"),
    Mutant("a forecast with the luck of small models", "quick", "hpt_lab/analysis/scaling.py", "if size >= np.unique(N)[-2]]", "if size >= np.unique(N)[0]]", "tests/analysis/test_scaling.py -k no_wider"),
    Mutant("a gain that is called a loss", "quick", "hpt_lab/values/display.py", "words[value > 0]", "words[value < 0]", "tests/values/test_display.py"),
    Mutant("a rule that sees what breaks a limit", "quick", "hpt_lab/loop/stopping.py", "in history.feasible if trial.curve", "in history.finished if trial.curve", "tests/study/test_rankings.py"),
    Mutant("EHVI sampled where it is dominated", "quick", "hpt_lab/surrogates/acquisition.py", "free &= ~dominated", "free &= dominated", "tests/surrogates/test_hypervolume.py"),
    Mutant("a bound that is not compared", "quick", "hpt_lab/strategies/halving.py", "if self.min_budget > self.max_budget:", "if self.min_budget > 2 * self.max_budget:", "tests/strategies/test_halving.py tests/wrong_calls"),
    Mutant("a kernel of lab.js", "quick", "book/press/static/lab.js", "return (1 + r + r * r / 3) * Math.exp(-r); },", "return (1 + r + r * r / 2) * Math.exp(-r); },", "tests/press/test_devices_computed.py -k of_the_lab"),
    Mutant("a weight of a model that should be dropped", "quick", "book/press/static/lab.js", "at(sorted.at(-1), 0.95)", "at(sorted.at(-1), 1.95)", "tests/press/test_devices_computed.py -k ranking"),
    Mutant("an off-by-one in the halving of a device", "quick", "book/press/static/rungs.js", "Math.floor(rungs[rung].done.length / ETA)", "Math.ceil(rungs[rung].done.length / ETA)", "tests/press/test_devices_computed.py -k halving"),
    Mutant("a column that gives the target away unseen", "test", "book/press/live/browser/your_table.py", "cv=folds).mean() > 0.98", "cv=folds).mean() > 1.98", "tests/press/test_your_table.py -k alone"),
    Mutant("a cut table whose program reads on", "test", "book/press/live/browser/your_table.py", '"na_values": signs, "nrows": n}', '"na_values": signs, "nrows": None}', "tests/press/test_your_table.py -k first_rows"),
    Mutant("a floor that imports the one above", "quick", "hpt_lab/values/checks.py", "import operator\n", "import operator\nimport hpt_lab.study.trial\n", "tests/test_floors.py"),
    Mutant("a changed output", "quick", "chapters/02_grid_search/03_the_explosion.ipynb", "d =  1:     3 trials,   0.1", "d =  1:     3 trials,   0.2", "chapters/02_grid_search/03_the_explosion.ipynb"),
    # ---- test: processes and kills, the press, both editions, a page of each kind
    Mutant("a bound that five trials crowd unseen", "test", "hpt_lab/tools/report/sentences.py", "SURE, LIKELY = 2.4, 2.0", "SURE, LIKELY = 2.4, 2.4", "tests/report/test_report.py"),
    Mutant("a quiz whose second option is right", "test", "book/press/quizzes.py", "return sorted(range(len(texts)), key=drawn)", "return sorted(range(len(texts)))", "tests/press/test_quizzes.py"),
    Mutant("a page that may get worse", "test", "tools/prose/counts.py", "if n > (allowed := ", "if n > 9 + (allowed := ", "tests/press/test_prose.py"),
    Mutant("a lost trial", "test", "hpt_lab/tools/workers/workers.py", "            pool.again.extend(lost)\n", "            pool.again.extend(lost[1:])\n", "tests/loop/test_workers.py -k 'die_now_and_then or third_of_all'"),
    Mutant("a retry too many", "test", "hpt_lab/tools/workers/workers.py", "lost[0].breaks > self._max_retries", "lost[0].breaks > self._max_retries + 1", "tests/loop/test_workers.py -k 'guilty_one_fails'"),
    Mutant("an interrupt that leaves a ghost", "test", "hpt_lab/loop/session.py", "            study.abandon(in_training[::-1])\n", "            pass\n", "tests/loop/test_interrupts.py -k 'real_signals or takes_back'"),
    Mutant("a violation that is infinite", "test", "hpt_lab/values/checks.py", "return float(min(sum(numbers), sys.float_info.max))", "return float(sum(numbers))", "tests/serve -k end_of_floats"),
    Mutant("a look that reads all of a file", "test", "hpt_lab/tools/serve/feed.py", "if version != self._version:", "if True:", "tests/serve -k without_news"),
    Mutant("a page that answers to another port", "test", "hpt_lab/tools/serve/server.py", 'site not in (None, "same-origin", "none")', 'site == "cross-site"', "tests/serve -k no_other_page"),
    Mutant("an owner whose process has ended counts as alive", "test", "hpt_lab/tools/storage/owners.py", "            sidecar.unlock(byte)\n            return True\n", "            sidecar.unlock(byte)\n            return False\n", "tests/study/test_kills.py -k 'seen_to_live'"),
    Mutant("an error of a worker that is swallowed", "test", "hpt_lab/tools/workers/workers.py", "outcome = Outcome(error=lost)", "outcome = Outcome(error=RuntimeError('lost'))", "tests/loop/test_workers.py -k 'cannot_unpack or params_that_cannot'"),
    Mutant("a check that passes a wrong answer", "test", "chapters/02_grid_search/exercises.md", "assert svm_grid_size(1, 1, 1) == 3,", "assert svm_grid_size(1, 1, 1) >= 0,", "tests/press/test_wrong_answers.py -k svm-grid-size"),
    Mutant("a translation that is missing", "test", "book/locale/ko/LC_MESSAGES/book/served.po", 'msgstr "이 책과 함께 제공되는 것"', 'msgstr ""', "tests/press/test_translations.py"),
    Mutant("an action that is pinned by a name", "test", ".github/workflows/release.yml", "gh-action-pypi-publish@dc37677b2e1c63e2034f94d8a5b11f265b73ba33 #", "gh-action-pypi-publish@release/v1 #", "tests/press/test_publish.py -k pinned"),
    Mutant("a line that leaves its frame unmarked", "test", "book/press/static/device.js", "if (beyond(b) !== beyond(d))", "if (!plots)", "tests/press/test_devices.py -k extremes"),
    Mutant("a device that does not remember", "test", "book/press/static/device.js", "seen.set(`${kind} ${at} ${key}`", "seen.set(kind", "tests/press/test_devices_played.py -k 'keyboard and grids_of_wells'"),
    Mutant("a device that cannot be played", "test", "book/press/static/device.js", 'bar.addEventListener("input"', 'bar.addEventListener("inputs"', "tests/press/test_devices_played.py -k explosion_is_turned"),
    Mutant("a broken link", "test", f"{HTML}/chapters/02_grid_search/index.html", 'href="01_grid_search.html"', 'href="01_grid_serch.html"', f"{PAGES} -k local_link"),
    Mutant("a figure without alt text", "test", f"{HTML}/chapters/04_how_it_works/02_the_surrogate.html", '<img alt="Five dots over a road', '<img title="Five dots over a road', f"{PAGES} -k alt_text"),
    Mutant("two titles", "test", f"{HTML}/book/glossary.html", "</title>", "</title><title>Glossary</title>", f"{PAGES} -k one_title"),
    Mutant("an id that stands twice", "test", f"{HTML}/book/recipes.html", "</article>", '<p id="recipes-for-monday-morning"></p></article>', f"{PAGES} -k id_stands_once"),
    Mutant("a page that loads from elsewhere", "test", f"{HTML}/book/teacher.html", "</head>", '<script src="https://example.org/a.js"></script></head>', f"{PAGES} -k another_host"),
    Mutant("a sentence that shows its markup", "test", f"{HTML}/book/served.html", "</article>", "<p>see **here**</p></article>", f"{PAGES} -k markup"),
    Mutant("an overflow of a template", "test", f"{HTML}/_static/book.css", "dl.glossary dd { margin: .1rem 0 1.1rem; max-width: 39rem; }", "dl.glossary dd { min-width: 60rem; }", f"{PAGES} -k 'light_quiet and glossary'"),
    Mutant("a contrast of a template", "test", f"{HTML}/_static/palette.css", "--book-muted: #575f69;", "--book-muted: #b5b9bf;", f"{PAGES} -k 'light_quiet and (glossary or 03_the_explosion)'"),
    Mutant("a device whose script is not found", "test", f"{HTML}/chapters/02_grid_search/03_the_explosion.html", 'src="../../_static/start.js"', 'src="../../_static/started.js"', f"{PAGES} -k 'local_link or (light_quiet and 03_the_explosion)'"),
    Mutant("an English sentence on a Korean page", "test", f"{HTML}/ko/book/recipes.html", "</article>", "<p>Nobody has put these words into Korean</p></article>", "tests/press/test_pages_korean.py -k english_sentence"),
    Mutant("a slide whose words are cut off", "test", f"{HTML}/slides/02_grid_search/03_the_explosion.html", "</h2>", '</h2><p style="position: absolute; left: 2000px">far away</p>', "tests/press/test_pages_slides.py -k 'steps_through and 03_the_explosion'"),
    # ---- nightly: every page, every claim, other surroundings
    Mutant("an overflow of one page", "nightly", f"{HTML}/chapters/06_your_turn/01_write_a_strategy.html", "</article>", '<p style="width: 2000px">wide</p></article>', f"{PAGES} -k 'light_quiet and 01_write_a_strategy'"),
    Mutant("an overflow of one Korean page", "nightly", f"{HTML}/ko/chapters/06_your_turn/01_write_a_strategy.html", "</article>", '<p style="width: 2000px">넓다</p></article>', "tests/press/test_pages_korean.py -k 'fits_a_phone and 01_write_a_strategy'"),
    Mutant("a deck that is cut off", "nightly", f"{HTML}/slides/06_your_turn/01_write_a_strategy.html", "</h2>", '</h2><p style="position: absolute; left: 2000px">far away</p>', "tests/press/test_pages_slides.py -k 'steps_through and 01_write_a_strategy'"),
    Mutant("a claim that fell", "nightly", "tests/claims/claims_ch1.py", "[moons(s, 100.0)[0] > COIN for s in seeds]", "[moons(s, 1.0)[0] > COIN for s in seeds]", "tests/claims/test_claims.py -k 'holds_on_fresh_seeds and far_too_large'"),
    Mutant("a package that moved", "nightly", "pyproject.toml", 'packages = ["hpt_lab"] #', 'packages = ["hpt_lab/values"] #', ".ci/package"),
    Mutant("a test that looks once", "nightly", "tests/press/browsing.py", "if time.monotonic() > end:", "if end:", "{python} .ci/stress.py 1 {python} -m pytest -q tests/press/test_pages_served.py -k killed_and_resumed"),
]  # fmt: skip
