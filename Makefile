# Everything a person does with this repository starts here: `make help`.
# Debian 12 with Python 3.11 is enough; what is missing is installed when we are root, and named when we are not.
SHELL := /bin/bash
.NOTPARALLEL:
.DEFAULT_GOAL := help

# Without compiled modules every start of Django takes three times as long; an empty value switches the variable off.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONUTF8 := 1

PYTHON ?= python3
PORT ?= 8000
SIZE ?= small
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
UV_WANTED := uv>=0.5,<1
# PDF files want Pango and a Chinese font; the demo runs without them and says so where a PDF is asked for.
PAPER_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk
SYSTEM_PACKAGES := postgresql chromium chromium-l10n gettext $(PAPER_PACKAGES)
# What mypy reads: values in, values out.
PURE = $(wildcard $(addprefix gongjian/ground/kernel/,clock.py errors.py identifiers.py manifest.py pinyin.py ref.py)) \
	$(shell find gongjian -path '*/ground/sheets/*.py' -o -name rules.py -o -path '*/rules/*.py' -o -name states.py)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml

.PHONY: help demo test test-sqlite test-postgres lint lock wheel messages system-packages paper-packages clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: paper-packages $(VENV)/.stamp-run ## prepare a small demo city and serve it (PORT=8000, SIZE=small|full|city)
	PORT=$(PORT) $(BIN)/gongjian demo --size $(SIZE)

test: system-packages $(VENV)/.stamp-dev ## lint, then all tests on SQLite, then all on PostgreSQL
	@$(MAKE) --no-print-directory --keep-going lint test-sqlite test-postgres

test-sqlite: $(VENV)/.stamp-dev ## all tests on SQLite
	GONGJIAN_TEST_DB=sqlite $(BIN)/python -m pytest -q -n $(WORKERS)

test-postgres: $(VENV)/.stamp-dev ## all tests on PostgreSQL (a private cluster is started and removed)
	GONGJIAN_TEST_DB=postgres $(BIN)/python -m pytest -q -n $(WORKERS)

lint: $(VENV)/.stamp-dev ## ruff, the floors (import-linter), types of the pure parts (mypy)
	@failed=0; \
	for check in "ruff check" "ruff format --check" "lint-imports" "mypy $(PURE)"; do \
		echo "· $${check:0:60}"; $(BIN)/$$check || failed=1; \
	done; exit $$failed

lock: $(VENV)/.stamp-uv ## refresh both lock files (UPGRADE=1 takes newer versions)
	$(COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	@! grep -nE '://|^-' requirements.lock requirements-dev.lock || \
		{ echo "a lock file holds an address: see docs/adr/0003-lock-file.md" >&2; exit 1; }

wheel: $(VENV)/.stamp-dev ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

messages: $(VENV)/.stamp-dev ## collect the Chinese source strings into the English catalogue and compile it
	cd gongjian && ../$(BIN)/python ../manage.py makemessages --locale en --no-location --no-obsolete
	cd gongjian && ../$(BIN)/python ../manage.py compilemessages --locale en

clean: ## remove what was built here (not the data under .gongjian)
	rm -rf $(VENV) dist build test-pictures .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis

# The demo runs without them: nothing fails here, and where a PDF is asked for the page says what is missing.
paper-packages:
	@missing=$$(for package in $(PAPER_PACKAGES); do \
		dpkg-query --show --showformat='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" -eq 0 ]; then \
		echo "Installing" $$missing "(for PDF files)"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing \
			</dev/null >/dev/null && exit 0; \
	fi; \
	echo "PDF files will not be available; as root: apt-get install" $$missing >&2

system-packages:
	@missing=$$(for package in $(SYSTEM_PACKAGES); do \
		dpkg-query --show --showformat='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" -ne 0 ]; then \
		echo "The tests need these Debian packages; as root: apt-get install" $$missing >&2; exit 1; \
	fi; \
	echo "Installing" $$missing; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing </dev/null >/dev/null

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Gongjian needs Python 3.11 or newer (PYTHON=… names another one)." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ [ "$$(id -u)" -eq 0 ] && apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv </dev/null >/dev/null; } || \
		{ echo "Python's venv is missing; as root: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.stamp-uv: | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet '$(UV_WANTED)'
	@touch $@

# The demo and the tests share one environment: the tests' set holds the demo's (requirements.lock constrains it).
$(VENV)/.stamp-run: requirements.lock pyproject.toml $(VENV)/.stamp-uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps \
		--build-constraints requirements-dev.lock --editable .
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.lock $(VENV)/.stamp-run
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@
