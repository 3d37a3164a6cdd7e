# What a person or CI calls. `make help` lists the targets.
# The environment is .venv, made by tools/environment.py from requirements/*.lock (pins with hashes, no addresses).

PYTHON ?= python3
BIN := .venv/bin
EXAMPLE := examples/preparing-12h
# Each of these has hubs, databases and folders of its own, and mostly waits: they run beside one another, the long
# ones first.
LONG := tests/e2e/test_watch_soak.py tests/e2e/test_hub_schema.py tests/e2e/test_act.py
HUBS := $(LONG) $(filter-out $(LONG),$(wildcard tests/e2e/test_hub_*.py tests/e2e/test_watch*.py tests/e2e/test_postgres.py))
LOCKS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help try environment test e2e fit lint format generate check-generated docs bench images lock compile clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

try: .venv/try.stamp compile ## make the environment and diagnose the Space this began with
	$(BIN)/unstick diagnose $(EXAMPLE)/1-description/description.txt
	$(BIN)/unstick diagnose $(EXAMPLE)/2-docker-no-app-port $(EXAMPLE)/2-docker-no-app-port/description.txt

environment: .venv/dev.stamp ## everything that development needs

test: .venv/dev.stamp compile ## the quick suite, under two minutes
	$(BIN)/python -m pytest -q --ignore=tests/e2e --ignore=tests/localhub --ignore=tests/observe/live -n 4 --dist loadfile tests

e2e: .venv/dev.stamp compile ## the rest: real sockets, real apps, real command line
	$(BIN)/python -m pytest -q tests/localhub tests/observe/live -n 4 --dist loadfile
	$(BIN)/python -m pytest -q $(HUBS) -m 'not heavy' -n 3 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -q tests/e2e -m 'not heavy' $(HUBS:%=--ignore=%)

lint: .venv/dev.stamp compile ## ruff, mypy --strict, layers, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/generate.py --check

format: .venv/dev.stamp ## let ruff put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: .venv/dev.stamp ## write every generated file (tables, documentation pages)
	$(BIN)/python tools/generate.py

fit: .venv/dev.stamp compile ## fit the model to corpus/cases anew (minutes); review what it writes
	$(BIN)/python -m unstick.fit corpus/cases

docs: .venv/dev.stamp ## the documentation as a site in site/; broken links are errors
	$(BIN)/python tools/generate.py --check
	$(BIN)/zensical build --clean --strict

bench: .venv/dev.stamp compile ## the published figures, see benchmarks/README.md
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/robustness.py
	$(BIN)/python benchmarks/signatures.py

images: ## stand-ins for the official base images, from Debian's packages (root, a container engine)
	$(PYTHON) tools/standins.py

lock: ## make requirements/*.lock again from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group try $(LOCKS) -o requirements/try.lock
	uv pip compile pyproject.toml --extra fit --extra resolve --extra run --extra hub --extra postgres --extra live --extra watch --group dev -c requirements/try.lock $(LOCKS) -o requirements/dev.lock

# Start-up is measured in milliseconds, so the bytecode must be there even where PYTHONDONTWRITEBYTECODE is set.
compile:
	@$(BIN)/python -m compileall -q src

clean: ## remove the environment and everything that was made
	rm -rf .venv site .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

.venv/%.stamp: requirements/%.lock pyproject.toml tools/environment.py
	$(PYTHON) tools/environment.py $*
