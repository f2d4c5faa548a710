# Every target sets up what it needs: a virtual environment in .venv, made by PYTHON (3.11 or newer).
#
#   make demo       a derivation (.tex, and .pdf when TeX is there), its NumPy module and its verification
#   make test       format, lint, types, imports, documentation, tests
#   make test-full  the same with the full sweeps
#   make mutants    300 slips in the sources, each of which some test must see; writes docs/trust.md
#   make format     rewrite the sources in the project's format
#   make lint       what `make test` checks without running anything
#   make docs       the documentation, in build/docs
#   make bench      the benchmarks, in half an hour (installs their peers); writes docs/performance.md
#   make clean      remove what the other targets wrote; .venv stays

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := build/demo
# Two workers: the smallest machine that runs the tests has two cores.
PYTEST_FLAGS ?= -n 2 --dist worksteal

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
.PHONY: help venv demo test test-full mutants format lint docs pytest bench clean

help:
	@sed -n 's/^#   //p' Makefile

# --- set-up -------------------------------------------------------------------------------------

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "symbackprop needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' \
	  || { echo "$(PYTHON) cannot make virtual environments; on Debian: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/core.stamp: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/pip install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/pip install --quiet -c constraints.txt -e '.[test,docs]'
	@touch $@ $(VENV)/core.stamp

$(VENV)/bench.stamp: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/pip install --quiet -c constraints.txt -e '.[test,docs,bench]'
	@touch $@ $(VENV)/dev.stamp $(VENV)/core.stamp

venv: $(VENV)/dev.stamp

# --- what a newcomer runs -----------------------------------------------------------------------

demo: $(VENV)/core.stamp
	@mkdir -p $(DEMO)
	$(BIN)/symbackprop derive 3-2 -o $(DEMO)/derivation.tex
	$(BIN)/symbackprop generate 3-2 -o $(DEMO)/gradients.py
	@echo "$(BIN)/symbackprop verify 3-2 > $(DEMO)/verification.txt"
	@$(BIN)/symbackprop verify 3-2 > $(DEMO)/verification.txt; \
	  status=$$?; cat $(DEMO)/verification.txt; exit $$status
	@if command -v latexmk >/dev/null && command -v pdflatex >/dev/null; then \
	  echo "latexmk -pdf $(DEMO)/derivation.tex"; \
	  latexmk -norc -pdf -interaction=nonstopmode -halt-on-error -outdir=$(DEMO) \
	      $(DEMO)/derivation.tex > $(DEMO)/latexmk.txt 2>&1 \
	    || { tail -n 40 $(DEMO)/latexmk.txt; exit 1; }; \
	  echo "Read $(DEMO)/derivation.pdf and $(DEMO)/gradients.py."; \
	else \
	  echo "No PDF: LaTeX (latexmk and pdflatex) is not installed. On Debian or Ubuntu:"; \
	  echo "  apt install --no-install-recommends latexmk lmodern texlive-latex-recommended texlive-pictures"; \
	  echo "Read $(DEMO)/derivation.tex and $(DEMO)/gradients.py."; \
	fi

# --- checks -------------------------------------------------------------------------------------

# pytest comes last: its closing line is the verdict.
test: lint docs pytest

test-full: export SYMBACKPROP_TESTS = full
test-full: test

pytest: $(VENV)/dev.stamp
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

mutants: $(VENV)/dev.stamp
	$(BIN)/python -m tests.mutants --write

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

docs: $(VENV)/dev.stamp
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs build/docs

# --- benchmarks ---------------------------------------------------------------------------------

bench: $(VENV)/bench.stamp
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.symbolic
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BIN)/python -m benchmarks.passes
	$(BIN)/python -m benchmarks.report

clean:
	rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
