# make demo | test | test-oldest | lint | clean. Everything is installed into .venv (test-oldest:
# .venv-oldest); a second run is quick.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
OUT ?= demo-out
DEMO ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test test-oldest lint clean install
.DELETE_ON_ERROR:

demo: $(INSTALLED)
	@$(BIN)/python .ci/fashion.py
	$(BIN)/subsel demo --out $(OUT) $(DEMO)
	@echo "The report: $(abspath $(OUT))/report.html"

test: export OMP_NUM_THREADS := 1
test: $(INSTALLED)
	$(BIN)/python -m pytest -n logical --maxprocesses 2 --dist loadfile

test-oldest:
	@bash .ci/oldest

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@bash .ci/types.sh

install: $(INSTALLED)

$(INSTALLED): $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[ray,optuna,report,curves,lightning,hf,skorch,tensorboard,dev]'
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "subsel_automl is pinned for Python 3.11 or later here; give one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv module: apt-get install python3-venv, or make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) .venv-oldest $(OUT) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
