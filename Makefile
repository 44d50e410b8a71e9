# Hyperparameter Tuning from Scratch. `make help` lists the commands.
#
# A fresh machine needs Python >= 3.11 (with venv) and make; everything else goes into .venv,
# in the versions of constraints.txt. Another interpreter: `make test PYTHON=python3.13`.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
EXTRAS := book,test,peers
UV_COMPILE := uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
              --no-emit-index-url --no-emit-find-links --no-annotate --no-header

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

setup: $(READY)  ## set up .venv with the pinned versions (every command does so by itself)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]' --constraint constraints.txt
	@touch $@

constraints:  ## resolve constraints.txt anew, the newest versions that pyproject.toml and all its Pythons allow
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	$(BIN)/$(UV_COMPILE) --upgrade --all-extras pyproject.toml --output-file .constraints.tmp
	@{ echo '# Every version, for Python 3.11 to 3.13 and every extra. Made by `make constraints`.'; cat .constraints.tmp; } > constraints.txt
	@rm .constraints.tmp

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: setup constraints help
