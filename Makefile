# The two commands a newcomer needs are `make demo` and `make test`; each sets up what it lacks by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev browser demo test lint types contracts unit docs soak fuzz lock clean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: $(VENV)/.core ## prepare .venv to run evigraph
setup-dev: $(VENV)/.dev browser ## prepare .venv to test evigraph

$(VENV)/bin/python:
	@bash scripts/make-venv "$(PYTHON)" $(VENV)

$(VENV)/.core: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements-dev.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@ $(VENV)/.core

browser: ## install Debian's chromium for the page tests, where this user may
	@bash scripts/install-browser

demo: setup ## build a graph from real records and serve it
	$(BIN)/evigraph demo --home demo-graph

test: setup-dev lint types contracts unit ## everything that CI runs

lint: $(VENV)/.dev ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

contracts: $(VENV)/.dev ## who may import whom
	$(BIN)/lint-imports

unit: $(VENV)/.dev ## unit, property, conformance, journey and documentation tests
	$(BIN)/python -m pytest -m "not soak" -n 2 --dist loadfile

soak: $(VENV)/.dev ## kill, load and fuzz tests at the numbers the claims state
	$(BIN)/python -m pytest -m soak --timeout 3600

fuzz: $(VENV)/.dev ## every crosswalk on damaged payloads, a minute each
	EVIGRAPH_FUZZ_SECONDS=60 $(BIN)/python -m pytest tests/fuzz -s --timeout 900

docs: $(VENV)/.dev ## write the data dictionary and the command reference anew
	$(BIN)/python scripts/write_reference.py

lock: $(VENV)/.dev ## pin all dependencies anew: versions and hashes, no addresses
	bash scripts/lock

clean: ## remove everything that the other targets made
	rm -rf $(VENV) dist demo-graph .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
