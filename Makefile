# Everything is installed into .venv and the user's cache folder; Python 3.11 or later and make are all it takes.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# pip checks hashes of all that it installs or of nothing, and a folder has none: so this folder is installed apart from
# what it depends on, and built with the hatchling that was checked.
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# uv installs all of it in a fifth of pip's time, from the index that pip is told of. Where it can't, because only pip
# knows how to log in there or has folders of wheels besides, pip does it. Both check the same hashes.
UV = UV_DEFAULT_INDEX="$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}" \
    $(BIN)/uv pip install --quiet --python $(BIN)/python
INPUTS := pyproject.toml constraints.txt schemas/prisma/package-lock.json registry/local/package-lock.json \
    migrations/scratch/embedded/package-lock.json

# Each test starts processes by the dozen, and without its cache Python compiles all of this folder in each of them.
unexport PYTHONDONTWRITEBYTECODE

# Files with tests that run only there, or that do more there.
SOAKS = $(sort $(shell grep -rlE 'mark\.soak|SCHEMA_SERVICE_SOAK' tests --include='test_*.py') \
    $(wildcard tests/integration/postgres/runner/test_*.py))

.PHONY: demo help unit test test-one soak bench containers images check blocking format docs recording constraints clean

demo: $(READY)  ## publish the sample's three versions and consume them, on real servers
	@$(BIN)/schema-service demo

help:  ## the targets of this file
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

unit: $(READY)  ## the tests that need no server, in half a minute
	$(BIN)/python -m pytest -n 2 tests/unit

# The files in the order of tests/conftest.py, and not by how many tests they hold: the longest have few. Two workers for
# each of two cores: half of the time a test of a release waits for its servers.
#
# What they write goes to memory: making and removing so many files on a disk is a fifth of the whole work.
#
# While the checks use one core, the other one compiles what every worker and devpi import, which each of them would do.
test: $(READY)  ## every check and every test
	@($(BIN)/python -m pytest --collect-only -qq; $(BIN)/python -I -c 'import devpi_server.main') >/dev/null 2>&1 & \
	    $(MAKE) check; checked=$$?; wait; exit $$checked
	$(BIN)/python tests/in_memory.py $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

test-one: $(READY)  ## some tests, as pytest's arguments name them: make test-one T="tests/unit/schemas -k bump"
	@$(if $(T),,echo 'Name the tests: make test-one T=tests/unit/schemas/test_versions.py' >&2; exit 2)
	$(BIN)/python -m pytest $(T)

soak: $(READY)  ## what takes too long for every test run: kills, starts and histories by the hundred
	SCHEMA_SERVICE_SOAK=1 $(BIN)/python -m pytest -s $(SOAKS)

bench: $(READY)  ## ratios against the tools that people use by hand
	$(BIN)/python -m pytest tests/benchmarks -m benchmark -s

images: $(READY)  ## build what docker/compose.yml runs, and publish the sample for it
	PATH="$(CURDIR)/$(BIN):$$PATH" docker/images.sh

containers: $(READY)  ## build, run, upgrade and kill all of docker/compose.yml
	$(BIN)/python -m pytest tests/containers -m containers -n 0

check: $(READY)  ## what needs no server: style, types, import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m generators.python_client.blocking --check

blocking: $(READY)  ## write the Python client's blocking side from its asyncio side, and its copy of the reader of URLs
	$(BIN)/python -m generators.python_client.blocking

docs: $(READY)  ## write the pages that are made from the code, and build the site into dist/site, without the network
	$(BIN)/python -m registry.problem_pages
	$(BIN)/python -m registry.reference.write
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

recording: $(READY)  ## run the demo, and draw what it prints for the README
	$(BIN)/python docs/recording/record.py

format: $(READY)  ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

constraints: $(READY)  ## take the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --all-extras --no-annotate \
	    --generate-hashes --no-header --no-emit-index-url pyproject.toml --output-file .venv/constraints.txt
	(head -n 1 constraints.txt && cat .venv/constraints.txt) > .venv/new.txt && mv .venv/new.txt constraints.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra local --extra opentelemetry --no-annotate \
	    --generate-hashes --no-header --no-emit-index-url --constraints constraints.txt pyproject.toml \
	    --output-file .venv/requirements.txt
	(head -n 1 docker/requirements.txt && cat .venv/requirements.txt) > .venv/new.txt \
	    && mv .venv/new.txt docker/requirements.txt

clean:  ## remove .venv
	rm -rf .venv

$(READY): $(INPUTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or later is needed: make PYTHON=python3.13 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up .venv (once)"
	@$(PYTHON) -m venv .venv
	@awk '/^uv==/ {found = 1} found {print; if (!/\\$$/) exit}' constraints.txt > .venv/uv.txt
	@$(PIP) --no-deps --require-hashes --requirement .venv/uv.txt
	@$(UV) --require-hashes --requirement constraints.txt 2>/dev/null \
	    || $(PIP) --require-hashes --requirement constraints.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/schema-service toolchain
	@touch $(READY)
