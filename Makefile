# The few commands there are. Every target sets up what it needs first, once; after that nothing is fetched.
#   make run ARGS="--port 8000"     make test ARGS="-k tutorial"     make dataset ARGS=--check

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Python compiles a module when it is first imported; compiling all of them would be a quarter of .venv.
INSTALL := $(PIP) install --require-hashes --no-compile
# Where this is set, each of the thousand processes of the tests would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run check test test-all soak bench dataset site screenshots lint format setup setup-test lock clean

help:
	@echo 'make run      set up and serve the world at http://127.0.0.1:5000'
	@echo 'make check    check style and types, and run the quick tests: before each commit'
	@echo 'make test     set up and run the tests: some of every kind, in minutes'
	@echo 'make test-all run the exhaustive and long ones too: before a release'
	@echo 'make soak     all on PostgreSQL, then fuzz, abuse and kill for many minutes (EXAMPLES=400 SEED=20261122 ROUNDS=40)'
	@echo 'make lint     check style, format and types'
	@echo 'make format   put style and format right'
	@echo 'make bench    measure, side by side'
	@echo 'make dataset  build the shipped data again (ARGS=--check: compare only)'
	@echo 'make site     write the handbook as files into site/'
	@echo 'make setup    only set up: .venv/bin/terrafirma and .venv/bin/flask'
	@echo 'make screenshots  take every page of the atlas into .cache/screenshots (ARGS=--pictures: those of the README)'
	@echo 'make lock     choose the newest allowed versions and write requirements/*.txt'
	@echo 'make clean    remove everything that was set up or built; data is kept'

run: setup
	@exec $(BIN)/terrafirma serve $(ARGS)

check: lint
	$(BIN)/python -m pytest -n auto -q -m quick $(ARGS)

test: setup-test
	$(BIN)/python -m pytest -n auto --dist worksteal -q -m 'not slow and not soak' $(ARGS)
	@echo 'Left out: tests marked slow (make test-all) and soak (make soak).'

test-all: setup-test
	$(BIN)/python -m pytest -n auto --dist worksteal -q $(ARGS)

soak: setup-test
	$(BIN)/python -m pytest -n auto -q --every-database -k postgresql tests
	$(BIN)/python -m pytest -m soak -q -s tests/fuzz tests/operations/test_abuse.py tests/operations/test_kills.py tests/cluster tests/deploy/test_image.py $(ARGS)

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict terrafirma

format: setup-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.stamp-bench
	$(BIN)/python -m bench $(ARGS)

dataset: setup-test
	$(BIN)/python -m terrafirma.dataset.build $(ARGS)
	$(BIN)/python -m tests.restcountries.comparison $(ARGS)

site: setup
	$(BIN)/terrafirma handbook site $(ARGS)

screenshots: setup-test
	$(BIN)/python -m tests.web.screenshots $(ARGS)

setup: $(VENV)/.stamp-run

setup-test: $(VENV)/.stamp-test

# An environment whose Python is gone, or that was moved here from elsewhere, is made again.
ifneq ($(shell test -x $(BIN)/python && grep -qsF '$(CURDIR)/' $(BIN)/pip && echo whole),whole)
.PHONY: $(VENV)/.stamp-venv
endif
$(VENV)/.stamp-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Terrafirma needs Python 3.11 or newer; name one: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: its modules venv and ensurepip are missing." >&2; \
	  echo 'On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Setting up $(VENV) ...'
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# A stamp is newer than what it was made from.
# npm fetches the flags. Where the system has none, a wheel with Node is there for as long as that takes.
NODE := .cache/node
$(VENV)/.stamp-run: requirements/setup.txt requirements/run.txt requirements/node.txt pyproject.toml hatch_build.py flags/package-lock.json $(VENV)/.stamp-venv
	@echo 'Installing what Terrafirma needs to run ...'
	@$(INSTALL) -r requirements/setup.txt -r requirements/run.txt
	@command -v npm >/dev/null || { echo 'Fetching npm, for the flags ...'; \
	  $(INSTALL) --upgrade --target $(NODE) -r requirements/node.txt; }
	@PYTHONPATH='$(CURDIR)/$(NODE)' $(PIP) install --no-deps --no-build-isolation --editable .
	@rm -rf $(NODE)
	@touch $@

$(VENV)/.stamp-test: requirements/test.txt requirements/node.txt $(VENV)/.stamp-run
	@echo 'Installing what the tests need ...'
	@$(INSTALL) -r requirements/test.txt -r requirements/node.txt
	@touch $@

$(VENV)/.stamp-bench: requirements/bench.txt $(VENV)/.stamp-run
	@echo 'Installing what the measurements need ...'
	@$(INSTALL) -r requirements/bench.txt
	@npm install --silent --no-audit --no-fund --prefix .cache/json-server json-server@0.17.4 || \
	  echo 'Without npm there is no json-server to compare with.'
	@touch $@

# run.txt first: the others are held to its versions.
LOCKS := setup node run test bench
lock:
	@test -x .cache/lock/bin/uv || { $(PYTHON) -m venv .cache/lock && .cache/lock/bin/python -m pip install --quiet uv; }
	@cd requirements && for name in $(LOCKS); do ../.cache/lock/bin/uv pip compile --quiet --upgrade --universal \
	  --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command 'make lock' \
	  $$name.in --output-file $$name.txt || exit 1; done

clean:
	rm -rf $(VENV) .cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
