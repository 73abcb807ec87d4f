# Everything starts from a bare machine with Python 3.11+ (venv, pip) and make.
PYTHON ?= python3
# the fastest Python of the machine, unless the user names one
CHOSEN = $(if $(filter file,$(origin PYTHON)),$(shell $(PYTHON) scripts/fastest_python.py),$(PYTHON))
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes
SOURCES := src tests scripts

LIBRARIES := tests/base tests/evidence tests/linkage tests/vocabulary
REGISTER := tests/config tests/core tests/casework tests/publishing tests/web tests/safety

.DEFAULT_GOAL := help
.PHONY: help setup demo plan test thorough proofs attack mutants extras lint bench audit renew inventory docs vendor clean

help: ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

# -- environment: each stamp is newer than what it was made from ----------------------------------------------------------
$(VENV)/.uv:
	@$(CHOSEN) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(CHOSEN) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: requirements/run.txt requirements/build.txt pyproject.toml $(VENV)/.uv
	@echo "setting up $(VENV)"
	@$(UV) -r requirements/run.txt
	@$(UV) -r requirements/build.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(UV) -r requirements/dev.txt
	@touch $@

$(VENV)/.messages: $(VENV)/.run scripts/compile_messages.py $(wildcard src/kerege/web/locale/*/LC_MESSAGES/*.po)
	@$(BIN)/python scripts/compile_messages.py
	@touch $@

setup: $(VENV)/.run $(VENV)/.messages ## prepare .venv

demo: setup ## set everything up and serve the demo programme at localhost
	@$(BIN)/kerege demo --port $(PORT)

# before the setup, which takes minutes
plan:
	@$(PYTHON) scripts/run_tests.py --plan

test: plan setup $(VENV)/.dev ## set everything up and run every test
	@$(BIN)/python scripts/run_tests.py

thorough: setup $(VENV)/.dev ## run what make test samples: both databases, each page in each language, new examples
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "db and not journey"
	@scripts/with_postgres $(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not journey" $(REGISTER) benchmarks/proofs/test_casework_erasure.py
	@KEREGE_THOROUGH=1 $(BIN)/python -m pytest -q -n 2 tests/journeys/test_every_page.py tests/safety/test_canary_pages.py tests/safety/test_non_disclosure.py tests/safety/test_typing_kept.py
	@KEREGE_THOROUGH=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile -m hypothesis $(LIBRARIES)

proofs: setup $(VENV)/.dev ## run the slow statistical proofs
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile benchmarks/proofs

# attacks that are tests of make test too, or proofs of it: roles, foreign records, forms, clock, drill
ATTACKS := benchmarks/proofs/test_safety_access_matrix.py tests/safety/test_two_walls.py tests/safety/test_shared_case.py \
	tests/safety/test_form_once.py tests/safety/test_hostile_names.py tests/safety/test_killed.py tests/core/audit/test_clock.py \
	tests/core/test_restore_drills.py
attack: setup $(VENV)/.dev ## attack a register: power cuts, kill -9, full disk, CALLS fuzzed calls (hours), all ROUNDS times
	@$(BIN)/python -m pytest -q -s -n 0 -o timeout=0 -p no:cacheprovider benchmarks/attacks
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile $(ATTACKS)
	@scripts/with_postgres $(BIN)/python -m pytest -q -n 0 tests/casework/persons/services/test_services_concurrency.py || \
	{ code=$$?; test $$code = 77 && echo "NOT RUN: concurrent merges and undo need a PostgreSQL"; }

SAMPLE ?= 200
mutants: setup $(VENV)/.dev ## change the code of PART in SAMPLE small ways; list the changes that no test notices
	@$(BIN)/python scripts/mutants.py $(PART) --sample $(SAMPLE) $(MUTANTS)

extras: setup $(VENV)/.dev ## install each extra alone and run the tests of its part (needs a network)
	@$(BIN)/python scripts/check_extras $(BIN)

lint: setup $(VENV)/.dev ## style, types, layers, common mistakes, translations, words
	@scripts/run_lint $(BIN)

bench: setup $(VENV)/.dev ## measure all, or the scripts of benchmarks/ that PART names; prints one table, asserts no time
	@$(BIN)/python scripts/run_benchmarks.py $(PART)

audit: setup $(VENV)/.dev ## known faults in what we depend on (needs a network), and a second search for common mistakes
	@$(BIN)/bandit --quiet --recursive src --severity-level medium
	@for file in run dev; do $(BIN)/pip-audit --format json --require-hashes --disable-pip -r requirements/$$file.txt; test $$? -le 1 || exit 2; done > $(VENV)/faults.json
	@$(BIN)/python scripts/fault_times.py < $(VENV)/faults.json

renew: setup ## lock the newest versions of all packages within their bounds (needs a network)
	@$(BIN)/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --generate-hashes --python-version 3.11 --extra server pyproject.toml -o requirements/run.txt
	@$(BIN)/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --generate-hashes --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	@$(BIN)/python scripts/fault_times.py --renewed

inventory: audit ## write the bill of materials (CycloneDX) and the licences of a release to dist/
	@$(BIN)/python scripts/release_inventory.py

docs: setup $(VENV)/.dev ## build the documentation, strictly
	@$(BIN)/mkdocs build --strict --quiet

vendor: setup ## fetch the front-end assets again (needs a network)
	@scripts/vendor

clean: ## remove what was built; state in ./var stays
	@rm -rf $(VENV) site dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
