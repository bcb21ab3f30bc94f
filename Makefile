# motcua-dancu. `make` alone lists what can be made.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# Where it is set, every start of ours compiles all modules anew: a fifth of its time, hundreds of times in a test run.
unexport PYTHONDONTWRITEBYTECODE

# The interpreter that makes .venv; any Python from 3.11 on will do.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PYTEST := $(BIN)/python -m pytest -p no:cacheprovider
# Rehearsals that mostly wait, for standbys, restarts and pauses of a balancer; and kills that test-faults does too.
REHEARSALS := tests/faults/test_data_key_processes.py tests/faults/test_draining.py tests/faults/test_failover.py \
	tests/faults/test_killed_registrations.py tests/faults/test_token_processes.py tests/proxy/test_restarts.py
# What CI has run already when it comes to `make test`.
ALREADY ?=
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-strip-extras

PORT ?= $(or $(MOTCUA_PORT),8000)
WORKERS ?= $(or $(MOTCUA_WORKERS),1)

PROFILE ?= ndxp-soap
NPD_PORT ?= 9001

# Installs packages (second argument, by default the first) through apt if one of the programs is missing.
define installed
PATH="$$PATH:/usr/sbin"; for program in $(1); do command -v $$program > /dev/null || { \
	[ "$$(id -u)" = 0 ] || { echo "$$program is missing; as root: apt-get install $(or $(2),$(1))" >&2; exit 1; }; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		$(or $(2),$(1)) > /dev/null; }; done
endef

.PHONY: help run run-ndxp test test-rehearsals test-browser browser pictures test-faults test-proxy proxies cluster-drill cluster-programs \
	check check-deploy sbom licences audit coverage bench soak format openapi holidays client lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

run: .venv/runtime ## Serve the sandbox on PORT (8000) with WORKERS (1); MOTCUA_* settings apply
	@MOTCUA_ENV="$${MOTCUA_ENV:-sandbox}" MOTCUA_PORT=$(PORT) MOTCUA_WORKERS=$(WORKERS) \
		MOTCUA_PUBLIC_URL="$${MOTCUA_PUBLIC_URL:-http://127.0.0.1:$(PORT)}" exec $(BIN)/motcua serve

run-ndxp: .venv/runtime ## Serve over the simulator of the register (PROFILE=ndxp-soap, NPD_PORT=9001)
	@MOTCUA_ENV=sandbox MOTCUA_PORT=$(PORT) MOTCUA_WORKERS=$(WORKERS) \
		MOTCUA_PUBLIC_URL="$${MOTCUA_PUBLIC_URL:-http://127.0.0.1:$(PORT)}" \
		exec $(BIN)/motcua npd-simulator --profile $(PROFILE) --port $(NPD_PORT) -- $(BIN)/motcua serve

test: .venv/development ## Run all tests, on SQLite and on a PostgreSQL from a wheel
	@$(PYTEST) -n auto --dist worksteal --ignore=tests/proxy $(REHEARSALS:%=--ignore=%) $(ALREADY:%=--ignore=%)

test-rehearsals: .venv/development proxies ## Run the tests that mostly wait: keys, failover, ends, kills and restarts (5 minutes; before a release)
	@$(PYTEST) -n auto --dist worksteal $(REHEARSALS)

test-proxy: .venv/development proxies ## Run the tests of the shipped nginx and PgBouncer configurations, with real ones
	@$(PYTEST) -n auto tests/proxy $(REHEARSALS:%=--ignore=%)

proxies: ## Install nginx and PgBouncer through apt, if they are missing and we are root
	@$(call installed,nginx pgbouncer)

cluster-drill: .venv/development cluster-programs ## Rehearse failover of the whole topology of docs/scale.md (15 minutes; FAULTS="1 7" for some; not part of CI)
	@$(BIN)/python -m tests.faults.cluster.drill $(FAULTS)

cluster-programs: ## Install what the drill runs through apt, if it is missing and we are root
	@$(call installed,nginx pgbouncer haproxy patroni etcd psql,nginx pgbouncer haproxy patroni etcd-server postgresql)

test-browser: .venv/development browser ## Walk through the console with Chromium
	@$(PYTEST) -n 2 --dist loadfile tests/browser

pictures: .venv/development browser ## Take the pictures of docs/pictures anew
	@$(PYTEST) -p no:randomly tests/browser --pictures docs/pictures
	@$(BIN)/python -m tests.unit.house.sequence_pictures

# Playwright's own browsers come from a server of theirs; the system's comes from where the system comes from.
browser: .venv/development ## Make sure that there is a Chromium (as root on Debian it is installed; else name one in CHROMIUM)
	@$(BIN)/python -m tests.browser.chromium 2>/dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-core >/dev/null; } || true
	@$(BIN)/python -m tests.browser.chromium

test-faults: .venv/development ## Break everything under load (3 minutes; FAULTS_SEED, FAULTS_MINUTES for more) and print what was lost
	@$(PYTEST) -n 2 --dist loadfile -p no:randomly tests/faults/storms/storm_*.py

check: .venv/development ## Check format, lint, types, imports, dependencies, security, migrations and documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app alembic
	$(PYTEST) --quiet -n auto tests/unit/house tests/migrations

check-deploy: .venv/development ## Check the deployment files with their own tools (promtool, systemd-analyze and haproxy through apt)
	@deploy/check

sbom: .venv/development ## Write sbom.json (CycloneDX) of the runtime lock
	@PYTHONWARNINGS=ignore $(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible --output-file sbom.json

licences: .venv/development ## Write docs/licences.md anew from the runtime lock
	@$(BIN)/python -m tests.unit.house.licences > docs/licences.md

audit: .venv/development ## Ask an advisory service about known vulnerabilities of the runtime lock
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

coverage: .venv/development ## Measure coverage: 95 % overall, every branch of the rules, adapters and problems
	@$(BIN)/coverage erase
	@$(PYTEST) -n auto --ignore=tests/proxy --cov --cov-report=
	@$(BIN)/coverage report --skip-covered --fail-under=95
	@$(BIN)/coverage report --show-missing --include='app/domain/*,app/adapters/*,app/problems/*' --fail-under=100

bench: .venv/development ## Take the speed bars (about 4 minutes) and write benchmarks/results.md
	@$(BIN)/python -m benchmarks.bench

soak: .venv/development ## Keep a city's load up with a fault every minute (SOAK_MINUTES, 30) and tell what was lost
	@$(BIN)/python -m benchmarks.soak --minutes $(or $(SOAK_MINUTES),30) $(if $(SOAK_SEED),--seed $(SOAK_SEED))

format: .venv/development ## Format the code and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

openapi: .venv/development ## Write docs/openapi.json and the table of docs/access.md anew from the code
	@$(BIN)/python -m tests.unit.house.openapi_document docs/openapi.json
	@$(BIN)/python -m tests.unit.house.access_document docs/access.md

holidays: .venv/development ## Write app/domain/holidays_vn.csv anew from the `holidays` library and our corrections
	@$(BIN)/python -m tests.unit.house.days_off_document app/domain/holidays_vn.csv

client: .venv/development ## Generate a typed Python client from docs/openapi.json into build/client
	@mkdir -p build/client
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/openapi-python-client generate --path docs/openapi.json \
		--output-path build/client/motcua_client --meta none --overwrite --fail-on-warning

lock: .venv/development ## Renew both locks after a change of dependencies (UPGRADE=1: to the newest versions)
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group dev pyproject.toml -o requirements-dev.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group build pyproject.toml --constraint requirements-dev.lock -o requirements.lock

clean: ## Remove the environment, caches and the sandbox's database
	@rm -rf .venv build dist *.egg-info var .coverage .coverage.* coverage.xml
	@rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .schemathesis
	@find app alembic benchmarks tests -name __pycache__ -prune -exec rm -rf {} +

# The stamps say when the environment was last brought to the locks: a second start installs nothing.
.venv/made:
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@echo 'Making .venv ...'
	@'$(PYTHON)' -m venv .venv
	@touch $@

.venv/runtime: .venv/made requirements.lock pyproject.toml
	@echo 'Installing requirements.lock ...'
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/development: .venv/runtime requirements-dev.lock
	@echo 'Installing requirements-dev.lock ...'
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
