# Two commands do everything: `make demo` runs the main job, `make test` proves it.
# Each part of the set-up leaves a stamp, so that it is done once and again only when it changed.

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
SYSTEM := $(STAMPS)/system
PACKAGES := $(STAMPS)/packages
KIOSK := $(STAMPS)/kiosk
EXTRAS := $(STAMPS)/extras
WEIGHTS := $(STAMPS)/weights
COMPILED := $(STAMPS)/compiled
ENGINES := $(STAMPS)/engines
SYSTEM_FOR_TESTS := $(STAMPS)/system-for-tests
PACKAGES_FOR_TESTS := $(STAMPS)/packages-for-tests
WEIGHTS_FOR_TESTS := $(STAMPS)/weights-for-tests

# What may be said on the command line: `make setup PYTHON=python3.12 FROM=/media/stick/weights`,
# `make setup DOOR=modbus,mqtt` (and EXTRA=insightface, which says the same of what is no door),
# `make test TESTS="tests/unit -k door"`, `make run ARGS="--source rtsp://…"`, `make lock UPGRADE=1`,
# `make mutants MODULES=door/machine`.
PYTHON ?=
FROM ?=
DOOR ?=
EXTRA ?=
# The system tests take longest, so they begin first: the short ones then fill the gaps at the end.
TESTS ?= tests/system tests/integration tests/unit
ARGS ?=
UPGRADE ?=
MODULES ?=

export PYTHON
# Every worker imports every test; compiled anew each time, that takes 60 s of processor time more.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONSAFEPATH := 1
export ORT_DISABLE_TELEMETRY := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

PIP_INSTALL := $(BIN)/python -m pip install
# The locks are complete, so nothing is resolved: pip 23 would take the newest release of an extra of a
# pinned package, and then refuse it for want of a hash.
INSTALL_LOCKED := $(PIP_INSTALL) --no-deps --only-binary=:all: --require-hashes --requirement
COMPILE_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# TESTS may choose none of the long tests, or of the others; pytest says so with this exit code.
# Tests wait much of their time, for processes, timers and peers, so two cores can take six at once.
PYTEST := QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest \
	--numprocesses 6 --max-worker-restart 0 --dist loadfile --no-loadscope-reorder
NONE_CHOSEN := 5
# pytest compiles the tests as it collects them. Done once beforehand, its workers do not all do it.
COMPILE_TESTS := QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --collect-only --quiet --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo run setup test test-all mutants lint format lock clean distclean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## Set everything up, then watch who is let in and who is not
	@$(BIN)/kiosk demo $(ARGS)

run: setup ## The kiosk on camera 0, with the simulated door
	@$(BIN)/kiosk run $(ARGS)

setup: $(EXTRAS) $(COMPILED) $(ENGINES) ## System packages, environment, weights; DOOR=modbus,mqtt for a real door

test: $(PACKAGES_FOR_TESTS) $(WEIGHTS_FOR_TESTS) $(SYSTEM_FOR_TESTS) ## Every check, and every test that is quick enough
	@$(COMPILE_TESTS) $(TESTS) >/dev/null 2>&1 & $(MAKE) lint; passed=$$?; wait; exit $$passed
	$(PYTEST) -m "not long" $(TESTS) || [ $$? -eq $(NONE_CHOSEN) ]

test-all: test ## The same, then the long tests: mutants, sequences of faults, kills, soaks
	$(PYTEST) -m long --timeout 3600 -o faulthandler_timeout=12000 $(TESTS) || [ $$? -eq $(NONE_CHOSEN) ]

mutants: $(PACKAGES_FOR_TESTS) ## Changes of the domain that no test finds; MODULES="access/lockout door/status"
	$(BIN)/python tools/mutants $(MODULES)

lint: $(PACKAGES_FOR_TESTS) ## Style, types and the fences between the packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(PACKAGES_FOR_TESTS) ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(PACKAGES_FOR_TESTS) ## Work the locks out anew from pyproject.toml; UPGRADE=1 takes new releases
	$(COMPILE_LOCK) pyproject.toml requirements.in --output-file requirements.lock
	$(COMPILE_LOCK) --extra cloud --extra doors --extra document --extra gpio-pi --extra hsm --extra insightface --extra large --extra s3 \
		--constraint requirements.lock pyproject.toml requirements.in --output-file requirements-extras.lock
	$(COMPILE_LOCK) --extra dev --constraint requirements-extras.lock pyproject.toml requirements.in \
		--output-file requirements-dev.lock

clean: ## Remove what was made, except the environment and the weights
	rm -rf $(COMPILED) out build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find kiosk models hardware config tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the environment too; the next `make` sets up from nothing
	rm -rf $(VENV) *.egg-info

# -- the set-up, part by part -------------------------------------------------------------------

$(SYSTEM): tools/system-packages
	@tools/system-packages kiosk
	@mkdir -p $(@D) && touch $@

$(SYSTEM_FOR_TESTS): tools/system-packages
	@tools/system-packages kiosk tests
	@mkdir -p $(@D) && touch $@

$(PACKAGES): requirements.lock | $(SYSTEM)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || \
		{ python=$$(tools/find-python) && "$$python" -m venv $(VENV); }
	$(INSTALL_LOCKED) requirements.lock
	@touch $@

$(PACKAGES_FOR_TESTS): requirements-dev.lock | $(KIOSK)
	$(INSTALL_LOCKED) requirements-dev.lock
	@touch $@

# Nothing is fetched here: what builds the project is in the lock.
$(KIOSK): pyproject.toml | $(PACKAGES)
	$(PIP_INSTALL) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# What was chosen once stays chosen: it stands in the first line of the stamp.
ifneq ($(DOOR)$(EXTRA),)
.PHONY: $(EXTRAS)
endif
$(EXTRAS): requirements-extras.lock | $(KIOSK)
	@$(BIN)/python tools/extra_packages.py "$(DOOR),$(EXTRA)" $@ >$@.new || { rm -f $@.new; exit 2; }
	@! grep -q '==' $@.new || { set -x; $(INSTALL_LOCKED) $@.new; }
	@mv $@.new $@

$(WEIGHTS): models/manifest.toml | $(KIOSK)
	$(BIN)/kiosk models install standard $(if $(FROM),--from "$(FROM)")
	$(BIN)/kiosk models install demo-portraits $(if $(FROM),--from "$(FROM)")
	@touch $@

# A service's user may not write here, and would compile the program anew at each start (0.2 s).
$(COMPILED): $(shell find kiosk models hardware config -name '*.py') | $(KIOSK)
	$(BIN)/python -m compileall -q kiosk models hardware config
	@touch $@

# It holds for these packages and this code. Engines that disagree are no error: the reference runs.
$(ENGINES): $(WEIGHTS) requirements.lock $(shell find models -name '*.py')
	-$(BIN)/kiosk models verify --engines
	@touch $@

$(WEIGHTS_FOR_TESTS): models/manifest.toml | $(WEIGHTS)
	$(BIN)/kiosk models install light $(if $(FROM),--from "$(FROM)")
	@touch $@
