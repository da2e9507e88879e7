# Every target works on a fresh clone: the first one run sets up .venv by itself.
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)
STAMP := .venv/.ready
WHEELS ?=
OFFLINE := $(if $(WHEELS),--offline --no-index --find-links $(WHEELS),)

.PHONY: setup demo test lint fix oracles docs bench soak lock wheels clean

setup: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Waybill needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -n "$(UV)" || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet $(if $(WHEELS),--no-index --find-links $(WHEELS),) uv
	@uv=$${UV:-$(or $(UV),$(BIN)/uv)}; \
	 VIRTUAL_ENV=.venv $$uv pip install --quiet $(OFFLINE) --require-hashes -r requirements-dev.lock && \
	 VIRTUAL_ENV=.venv $$uv pip install --quiet $(OFFLINE) --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## Months of seven organisations with nine leaks: which are found, and a report (demo/report.html)
	@rm -rf demo && $(BIN)/waybill simulate demo --score
	@$(BIN)/waybill report --data demo/data --html demo/report.html

test: setup  ## The tests; nothing needed before them
	@$(BIN)/python -m pytest -q -n 2 -m "not oracle and not soak"

lint: setup  ## Format, lint, types, docstrings, architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/interrogate -q src
	@$(BIN)/lint-imports --no-cache

fix: setup  ## Mend what can be mended by itself
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

oracles: setup  ## Tests against data that none of us wrote (WAYBILL_CORPORA names the folder)
	@if [ -z "$$WAYBILL_CORPORA" ]; then echo "oracles: skipped, WAYBILL_CORPORA is not set"; \
	 else $(BIN)/python -m pytest -q -n 2 -m "oracle and not soak"; fi

docs: setup  ## Write docs/reference and docs/images from the code
	@$(BIN)/python -m docs.build_reference
	@$(BIN)/python -m docs.build_images

bench: setup  ## Every figure of docs/benchmarks.md
	@$(BIN)/python -m bench all

soak: setup  ## Minutes of random kills and long properties
	@$(BIN)/python -m pytest -q -m soak

lock: setup  ## Renew the hash-locked requirements (no registry addresses in them)
	@uv=$${UV:-$(or $(UV),$(BIN)/uv)}; \
	 $$uv pip compile -q --universal --generate-hashes --no-header pyproject.toml -o requirements.lock && \
	 $$uv pip compile -q --universal --generate-hashes --no-header pyproject.toml --group dev -o requirements-dev.lock

wheels: setup  ## A folder of wheels: copy it beside a clone without a network, then `make WHEELS=wheels demo`
	@$(BIN)/python -m ensurepip >/dev/null 2>&1; \
	 $(BIN)/python -m pip download --quiet --no-deps --require-hashes -d wheels -r requirements-dev.lock && \
	 $(BIN)/python -m pip download --quiet --no-deps -d wheels uv

clean:
	@rm -rf .venv demo dist wheels .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
