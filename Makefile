# Everything a person needs: `make run`, `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.runtime
DEV    := $(VENV)/.dev

.PHONY: help run test test-slow check format bench messages lock screenshots clean
.DEFAULT_GOAL := help

help: ## these lines
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 14

run: $(STAMP) ## the demo home, in the foreground; Ctrl-C ends it
	@$(BIN)/nightwarden demo

test: $(DEV) ## the whole test suite
	@$(BIN)/python -m pytest -n 4 --dist worksteal $(TESTS)

test-slow: $(DEV) ## the longer campaigns
	@$(BIN)/python -m pytest -m slow --timeout=3600 --override-ini=addopts=-ra

check: $(DEV) ## lint, format, types, who imports whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(DEV) ## put the code into its one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(DEV) ## measure; prints a table (docs/benchmarks.md explains it)
	@$(BIN)/python -m benchmarks

screenshots: $(DEV) ## render the pages into docs/screenshots
	@$(BIN)/python -m tests.browser.screenshots

messages: $(DEV) ## bring the catalogues of the languages in step with the code
	@$(BIN)/python -m nightwarden.languages.updating

lock: $(DEV) ## write both lock files anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml \
		--output-file requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --no-annotate --extra dev --constraint requirements.txt \
		pyproject.toml --output-file requirements-dev.txt

clean: ## remove what was built
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Nightwarden needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 run" >&2; exit 2; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(STAMP): $(VENV)/.made requirements.txt pyproject.toml
	@echo "Installing what Nightwarden runs on (once; about a minute) ..."
	@$(BIN)/python -m pip --disable-pip-version-check install --require-hashes --no-deps -r requirements.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-build-isolation --no-deps -e .
	@touch $@

$(DEV): $(STAMP) requirements-dev.txt
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip --disable-pip-version-check install --require-hashes --no-deps -r requirements-dev.txt
	@touch $@
