# Everything one does with a checkout. `make` alone lists it.
# Nothing is installed outside .venv, but for system packages that tests use, and these only by root.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK   := --quiet --generate-hashes --strip-extras --annotation-style line --allow-unsafe \
          --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
CODE   := $(wildcard src tests bench conformance)

.DEFAULT_GOAL := help
.PHONY: help install run test fuzz check format bench conformance lock dist clean develop system

help:  ## list what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18
	@echo '  ARGS="…" is passed on: make run ARGS="--port 4000", make test ARGS="-k classic"'

install: $(VENV)/.installed  ## make .venv with the pinned dependencies and hubbub in it

run: install  ## open the room (ARGS: flags of hubbub serve)
	@exec $(BIN)/hubbub serve $(ARGS)

# Tests marked `alone` go first, without neighbours; pytest's status 5 says there were none.
test: develop system  ## run every test (ARGS: flags of pytest)
	@$(BIN)/pytest -m alone $(ARGS) || [ $$? = 5 ]
	@$(BIN)/pytest -n 2 --dist worksteal -m 'not alone' $(ARGS)

fuzz: develop  ## fuzz the codecs, the gate and the past for long (ARGS="gate --lines 10000000")
	@PYTHONPATH=tests $(BIN)/python -m fuzz $(ARGS)

check: develop  ## formatting, lint, types, import contracts
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo

format: develop  ## format the code, and mend what can be mended
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: develop  ## measure us and our peers in one table (ARGS: flags of python -m bench)
	@$(BIN)/python -m bench $(ARGS)

# The suite is not fetched: IRCTEST is a checkout of progval/irctest with a venv that has its
# requirements and pytest-xdist (SUITE_PYTHON; the checkout's own .venv unless you say otherwise).
SUITE_PYTHON ?= $(IRCTEST)/.venv/bin/python
conformance: develop  ## run the public IRC suite: make conformance IRCTEST=checkout (ARGS: pytest's)
	@test -d "$(IRCTEST)" || { echo 'say where irctest is: make conformance IRCTEST=../irctest'; exit 1; }
	@cd "$(IRCTEST)" && PYTHONPATH="$(CURDIR)/tests/conformance" \
	  IRCTEST_HUBBUB="$(CURDIR)/$(BIN)/hubbub" $(SUITE_PYTHON) -m pytest -p no:cacheprovider -q \
	  --controller hubbub_controller -n 2 --tb=short -o junit_logging=no \
	  --junitxml="$(CURDIR)/conformance.xml" \
	  -m 'not implementation-specific and not deprecated' $(ARGS) irctest/server_tests; \
	  status=$$?; "$(CURDIR)/$(BIN)/python" "$(CURDIR)/tests/conformance/irctest_score.py" \
	  "$(CURDIR)/conformance.xml" --files; exit $$status

lock:  ## pin the dependencies anew (ARGS=--upgrade takes the newest)
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	$(PYTHON) -m venv "$$tmp"; "$$tmp/bin/pip" install --quiet --disable-pip-version-check pip-tools; \
	export CUSTOM_COMPILE_COMMAND='make lock'; \
	"$$tmp/bin/pip-compile" $(LOCK) $(ARGS) --extra lan -o requirements/run.txt pyproject.toml; \
	"$$tmp/bin/pip-compile" $(LOCK) $(ARGS) -o requirements/build.txt requirements/build.in; \
	"$$tmp/bin/pip-compile" $(LOCK) $(ARGS) -o requirements/dev.txt requirements/dev.in; \
	git diff --stat -- requirements

dist: install  ## build the wheel and the sdist into dist/
	$(BIN)/python -m hatchling build

clean:  ## remove what was made, .venv too
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage

# --- what stands behind them ---------------------------------------------------------------

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || requirements/system.sh 'hubbub is written in Python' 'python3=command -v $(PYTHON)'
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "hubbub needs Python 3.11 or newer and $$($(PYTHON) --version) is older: make install PYTHON=python3.12"; exit 1; }
	@requirements/system.sh 'python3 cannot make a virtual environment without it' 'python3-venv=$(PYTHON) -c "import ensurepip, venv"'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); }
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements/build.txt requirements/run.txt pyproject.toml
	@echo 'Installing what hubbub runs on (requirements/run.txt)'
	@$(PIP) install --quiet --require-hashes -r requirements/build.txt -r requirements/run.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.developed: $(VENV)/.installed requirements/dev.txt
	@echo 'Installing what checks and tests use (requirements/dev.txt)'
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

develop: $(VENV)/.developed

# strace and a C compiler record real disk writes (tests/faults), tmux types into real terminals.
# Whoever is not root does without the IRC clients; CI is root and has to have them.
system:
	@requirements/system.sh 'Some tests use them: recording disk writes, typing into terminals.' \
	  'strace=command -v strace' 'gcc=command -v gcc' 'tmux=command -v tmux' \
	  'libc6-dev=echo "\#include <stdlib.h>" | gcc -E -x c -'
	@requirements/system.sh 'tests/programs talks with real IRC clients, or skips them.' \
	  'weechat-headless=command -v weechat-headless' 'irssi=command -v irssi' \
	  'weechat-plugins=ls /usr/lib*/weechat/plugins/fifo.so /usr/lib/*/weechat/plugins/fifo.so | grep .' \
	  || [ "$$(id -u)" != 0 ]
