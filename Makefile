# orderopt: one command for each thing one does with it. `make` alone lists them.
#
# Two environments, made when needed: .venv holds orderopt as a user installs it, .venv-dev the exact versions
# of requirements-dev.lock and an editable orderopt. PYTHON is the interpreter they are made from.

PYTHON ?= python3
TIME_LIMIT ?= 60
WORKERS ?= 2

USER_ENV := .venv
DEV_ENV  := .venv-dev
DEV      := $(DEV_ENV)/bin
PIP      := pip -qq --disable-pip-version-check
SOURCES  := $(shell find src -name '*.py' -o -name '*.csv')
CODE     := src tests $(wildcard benchmarks examples docs/conf.py)

export UV_PYTHON_DOWNLOADS := never
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-all test-serial test-parallel notebooks lint format docs bench-kernels bench-scale bench-scheduling bench-allocation bench-store coverage peers lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 18

demo: $(USER_ENV)/.installed  ## plan both examples (TIME_LIMIT=60 seconds each at most)
	@for example in small realistic; do \
	  echo "== examples/$$example"; \
	  $(USER_ENV)/bin/orderopt plan examples/$$example --out out/$$example --time-limit $(TIME_LIMIT) || exit $$?; \
	done

test: test-serial test-parallel  ## the whole fast suite

test-all: $(DEV_ENV)/.installed  ## the fast and the slow suite
	@$(call pytest,-m serial)
	@$(call pytest,-m "not serial" -n $(WORKERS))

test-serial: $(DEV_ENV)/.installed  # what measures time or drives a browser
	@$(call pytest,-m "serial and not slow and not notebook")

test-parallel: $(DEV_ENV)/.installed
	@$(call pytest,-m "not serial and not slow and not notebook" -n $(WORKERS))

# pytest's code 5, "no test in this group", is fine here: the other group has them.
pytest = $(DEV)/pytest $(1) $(PYTEST_FLAGS) || [ $$? -eq 5 ]

notebooks: $(DEV_ENV)/.installed  ## run every notebook of the examples
	@$(DEV)/pytest -m notebook tests/test_docs.py

coverage: $(DEV_ENV)/.installed  ## which lines the fast suite reaches
	@$(DEV)/coverage run -m pytest -m "not slow and not notebook" && $(DEV)/coverage report

lint: $(DEV_ENV)/.installed  ## style, types, floors, dependencies, dead code, spelling
	$(DEV)/ruff check --quiet $(CODE)
	$(DEV)/ruff format --quiet --check $(CODE)
	$(DEV)/mypy --no-error-summary
	$(DEV)/lint-imports --no-logo
	$(DEV)/deptry src
	$(DEV)/vulture
	$(DEV)/codespell src tests docs $(wildcard examples benchmarks) *.md Makefile

format: $(DEV_ENV)/.installed  ## let ruff lay out and mend the code
	$(DEV)/ruff check --fix --quiet $(CODE)
	$(DEV)/ruff format --quiet $(CODE)

docs: $(DEV_ENV)/.installed  ## the web pages, in docs/_build/html
	@$(DEV)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html."

bench-kernels: $(DEV_ENV)/.installed  ## how fast the compiled kernels are
	@$(DEV)/pytest benchmarks/kernels -p no:cacheprovider --benchmark-only

bench-scale: $(DEV_ENV)/.installed  ## seconds and memory from 1,000 to 100,000 order lines (BENCH="--sizes 1000,5000")
	@$(DEV)/python -m benchmarks.scale $(BENCH)

bench-scheduling: $(DEV_ENV)/.benchmark  ## strategies and peers side by side (BENCH="--set jsp --data FOLDER")
	@$(DEV)/python -m benchmarks.scheduling $(BENCH)

bench-allocation: $(DEV_ENV)/.benchmark  ## the same for allocation (BENCH="--set drawn,gap --data FOLDER --sizes 10000x20")
	@$(DEV)/python -m benchmarks.allocation $(BENCH)

bench-store: $(DEV_ENV)/.installed  ## import and reading of a million events beside plain SQLAlchemy (BENCH="--orders 20000")
	@$(DEV)/python -m benchmarks.store $(BENCH)

peers: $(DEV_ENV)/.benchmark  ## install the packages that benchmarks compare with

lock: $(DEV)/uv  ## choose the versions of requirements-dev.lock anew
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(DEV)/uv pip compile pyproject.toml --extra all --group dev \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	  --upgrade --quiet --output-file requirements-dev.lock
	@if grep -nE '[a-z]+://|^-' requirements-dev.lock; then echo "The lock names a place; it must not."; exit 1; fi

clean:  ## remove what the targets above have made
	rm -rf $(USER_ENV) $(DEV_ENV) out build dist docs/_build .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis .benchmarks .coverage
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(USER_ENV)/.installed: pyproject.toml $(SOURCES)
	@$(call make_environment,$(USER_ENV))
	@$(USER_ENV)/bin/$(PIP) install ".[excel]"
	@touch $@

$(DEV_ENV)/.installed: pyproject.toml $(DEV_ENV)/.locked
	@$(DEV)/$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_ENV)/.locked: requirements-dev.lock
	@$(call make_environment,$(DEV_ENV))
	@$(DEV)/$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

$(DEV_ENV)/.benchmark: $(DEV_ENV)/.installed
	@$(DEV)/$(PIP) install --no-build-isolation --editable ".[benchmark]"
	@touch $@

$(DEV)/uv:
	@$(call make_environment,$(DEV_ENV))
	@$(DEV)/$(PIP) install uv

define make_environment
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "orderopt needs Python 3.11 or newer: make PYTHON=python3.11")' && \
echo "Installing into $(1) (about a minute the first time)." && \
{ [ -x $(1)/bin/pip ] || $(PYTHON) -m venv $(1) || { echo "No venv module? On Debian: apt install python3-venv"; exit 1; }; }
endef
