# `make run` and `make test` do all set-up themselves; the other targets too.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATIC := src/longmai/portal/static/vendor

.DEFAULT_GOAL := help
.PHONY: help run test check bench screenshots conformance wheel setup clean lock

help: ## Show this list.
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: .setup/run .setup/assets ## Set up, load the sample data, and serve on 127.0.0.1.
	@$(BIN)/longmai serve --sample

test: .setup/dev .setup/assets .setup/client ## Set up and run all tests.
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: .setup/dev ## Lint, types, import directions, formatting.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .setup/dev .setup/assets ## Time ledger, pages, rules and tracing beside their peers; prints ratios.
	$(BIN)/python -m bench.ledger
	$(BIN)/python -m bench.portal
	$(BIN)/python -m bench.rules
	$(BIN)/python -m bench.rules_checks
	$(BIN)/python -m bench.rules_scale
	$(BIN)/python -m bench.livelihood
	$(BIN)/python -m bench.linkage
	$(BIN)/python -m bench.openfisca
	$(BIN)/python -m bench.brand
	$(BIN)/python -m bench.assets

screenshots: .setup/dev .setup/assets ## Take pictures of every page, into docs/images/pages.
	PYTHONPATH=. $(BIN)/python scripts/screenshots.py

conformance: .setup/dev .setup/client ## Run the outside suites found under CONFORMANCE_DATA.
	$(BIN)/python tests/conformance/run.py

wheel: .setup/dev .setup/assets ## Build a wheel that needs no Node.js, into dist/.
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

setup: .setup/run .setup/assets ## Only set up.

lock: ## Write the locked requirements anew (needs uv).
	scripts/lock.sh

clean: ## Remove what set-up made; data stays.
	rm -rf $(VENV) .setup node_modules $(STATIC) .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) scripts/preflight.py python
	@$(PYTHON) -m venv $(VENV)

.setup/run: requirements/run.txt pyproject.toml | $(BIN)/python
	@sh scripts/setup.sh run

.setup/dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	@sh scripts/setup.sh dev

.setup/client: requirements/client.txt | $(BIN)/python
	@sh scripts/setup.sh client

.setup/assets: package-lock.json scripts/assets.py | $(BIN)/python
	@$(PYTHON) scripts/preflight.py node
	@sh scripts/setup.sh assets
