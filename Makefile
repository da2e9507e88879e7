# Every target works on a fresh clone: the first one run sets up .venv by itself.
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)
STAMP := .venv/.ready
WHEELS ?=
DEMO_ROLES := analyst responder trade-control privacy-officer auditor administrator
export PYTHONDONTWRITEBYTECODE :=  # whatever stands there: compiling each start anew takes longer than most tests
OFFLINE := $(if $(WHEELS),--offline --no-index --find-links $(WHEELS),)

.PHONY: setup demo test lint fix oracles e2e messages docs bench soak lock wheels clean

setup: $(STAMP)

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Waybill needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -n "$(UV)" || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet $(if $(WHEELS),--no-index --find-links $(WHEELS),) uv
	@uv=$${UV:-$(or $(UV),$(BIN)/uv)}; \
	 VIRTUAL_ENV=.venv $$uv pip install --quiet $(OFFLINE) --require-hashes -r requirements-dev.lock && \
	 VIRTUAL_ENV=.venv $$uv pip install --quiet $(OFFLINE) --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## Months of seven organisations with nine leaks: which are found, one stopped, a report, the console
	@rm -rf demo && $(BIN)/waybill simulate demo --score --play
	@$(BIN)/waybill report --data demo/data --html demo/report.html
	@$(BIN)/waybill ledger sequence --data demo/data
	@$(BIN)/waybill users invite demo.officer $(addprefix --role ,$(DEMO_ROLES)) --data demo/data
	@if [ -t 0 ] && [ -t 1 ] && [ -z "$$CI" ]; then \
	   echo "The console is at http://localhost:8080; open the link above to sign in. Ctrl-C ends it."; \
	   $(BIN)/waybill serve --data demo/data 2>demo/serve.log; \
	 else echo "Then: waybill serve --data demo/data"; fi

test: setup  ## The tests; nothing needed before them
	@$(BIN)/python -m pytest -q -n 2 -m "not oracle and not soak and not e2e"

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

e2e: setup  ## Every page in a real browser: both languages, both themes, accessibility (pictures in screenshots/)
	@WAYBILL_SCREENSHOTS=$${WAYBILL_SCREENSHOTS:-screenshots} $(BIN)/python -m pytest -q -m e2e tests/e2e

messages: setup  ## Gather the texts of pages into their catalogue, and compile it
	@$(BIN)/python -m docs.build_messages

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
	@rm -rf .venv demo screenshots dist wheels .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
