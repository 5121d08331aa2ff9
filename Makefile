# What a developer, an operator trying it out and CI all use. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Two workers: the suite waits more than it computes, and the smallest machine has two cores.
WORKERS ?= 2
UV := uv==0.13.9
COMPILE := .venv-tools/bin/uv pip compile pyproject.toml --universal --generate-hashes --upgrade \
	--no-emit-index-url --no-emit-find-links --no-header --quiet

COMPILE_GROUP := $(subst pip compile pyproject.toml,pip compile,$(COMPILE)) --group

# A test run's own switch: not one of spowatch's settings, which stop at an SPO_ name they do not know.
unexport SPO_REQUIRE_ALL
# The tests start the program some hundreds of times. Where no bytecode may be kept, each start compiles
# all of our modules again, which is a third of it.
unexport PYTHONDONTWRITEBYTECODE
REQUIRE_ALL := $(if $(SPO_REQUIRE_ALL),--require-all)

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: $(READY) ## Install into .venv what the lock pins, by hash (once; instant after that)

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "spowatch needs Python 3.11 or newer, and '$(PYTHON)' is: $$($(PYTHON) --version 2>&1 || true)" >&2; \
		echo "Name another one, for example: make PYTHON=python3.12 $(firstword $(MAKECMDGOALS))" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make virtual environments; on Debian and Ubuntu install python3-venv" >&2; \
		exit 1; }
	@echo "Installing into .venv; once, and again only when the lock changes" >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

.PHONY: run
run: $(READY) ## Play a national caseload and watch the arrest alerts (FACTS=file: your own facts)
	@$(BIN)/spowatch demo $(if $(FACTS),--facts "$(FACTS)")

.PHONY: split
split: $(READY) ## PostgreSQL, three Kafka brokers and every role as a process: kill any of them
	@$(BIN)/python -m deploy.split

.PHONY: test
test: $(READY) ## Run every test (SPO_REQUIRE_ALL=1: a skipped test is a failed one)
	@$(BIN)/pytest -q -n $(WORKERS) --dist worksteal $(REQUIRE_ALL)

.PHONY: check
check: $(READY) ## Check format, lint, types, imports, structure, the generated pages and the texts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest -q tests/structure
	@$(BIN)/python -m spowatch.reference --check
	@$(BIN)/python -m web.catalogues --check
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-assets; fi

UI := web/ui
UI_READY := $(UI)/node_modules/.package-lock.json

$(UI_READY): $(UI)/package-lock.json
	@npm ci --prefix $(UI) --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

.PHONY: assets
assets: $(UI_READY) ## Build the style and scripts of the pages from the npm lock (needs node)
	@node $(UI)/build.mjs

.PHONY: check-assets
check-assets: $(UI_READY)
	@node $(UI)/build.mjs --check
	@node $(UI)/lint-api.mjs docs/reference/openapi.json

.PHONY: texts
texts: $(READY) ## Bring the texts of the pages into the catalogues; what is new waits for a translator
	@$(BIN)/python -m web.catalogues

.PHONY: docs
docs: $(READY) ## Write the reference pages from the code
	@$(BIN)/python -m spowatch.reference

.PHONY: coverage
coverage: $(READY) ## Run every test and show the branches none of them took
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

.PHONY: bench
bench: $(READY) ## Measure the figures, each beside its baseline from the same run
	@$(BIN)/python -m tests.bench

.PHONY: faults
faults: $(READY) ## Kill, freeze, cut off and starve everything, and count what was lost
	@$(BIN)/python -m tests.faults

.PHONY: lock
lock: .venv-tools/bin/uv ## Resolve the dependencies anew and pin them by hash
	@$(COMPILE) --output-file requirements.lock
	@$(COMPILE) --group dev --output-file requirements-dev.lock
	@$(COMPILE_GROUP) supply --output-file requirements-supply.lock

.venv-tools/bin/uv: Makefile
	@$(PYTHON) -m venv .venv-tools
	@.venv-tools/bin/python -m pip install --quiet --no-input --disable-pip-version-check $(UV)
	@touch $@

.PHONY: wheel
wheel: $(READY) ## Build the wheel into dist/
	@$(BIN)/hatchling build -t wheel

SUPPLY := .venv-supply/bin

.venv-supply/.ready: requirements-supply.lock
	@$(PYTHON) -m venv .venv-supply
	@$(SUPPLY)/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: supply
supply: bandit secrets sbom reproducible ## Look at the code and at what it is made of, from outside

.PHONY: bandit
bandit: .venv-supply/.ready ## Look for known weaknesses in our code
	@$(SUPPLY)/bandit --quiet --severity-level high --recursive domain projections consumers scheduler web spowatch

.PHONY: secrets
secrets: .venv-supply/.ready ## Look for keys and passwords in what is tracked
	@git ls-files -z | xargs -0 $(SUPPLY)/detect-secrets-hook --no-verify \
		--disable-plugin HexHighEntropyString --disable-plugin Base64HighEntropyString \
		--disable-plugin KeywordDetector --disable-plugin GitHubTokenDetector \
		--exclude-lines "(very-secret|user:word)@" --exclude-files '(^|/)(requirements.*\.lock|package-lock\.json)$$'

.PHONY: sbom
sbom: .venv-supply/.ready ## Write what runs into dist/sbom.cdx.json (CycloneDX), and check it against the lock
	@mkdir -p dist
	@$(SUPPLY)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible \
		--of JSON --output-file dist/sbom.cdx.json
	@$(PYTHON) -m deploy.supply.sbom dist/sbom.cdx.json requirements.lock

.PHONY: reproducible
reproducible: $(READY) ## Build the wheel twice, from two places, and compare the bytes
	@$(BIN)/pytest -q -n 0 tests/structure/test_supply.py -k wheel

.PHONY: clean
clean: ## Remove everything that can be made again
	@rm -rf .venv .venv-tools .venv-supply .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache \
		.coverage .coverage.* htmlcov dist mutants
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
