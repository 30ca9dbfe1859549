# The two commands of this project are `make rehearse` and `make test`; both set up what they need in .venv.
PYTHON ?= python3
STACK ?= dev
SCENARIO ?= straight
ENGINE ?= duckdb
ARGS ?=
VENV := .venv/bin
# Where it is set, each of many processes would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help

.PHONY: help rehearse test test-trino unit check format preview bench lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

rehearse: ## run what the stack declares, with real rows, and audit the lake: make rehearse SCENARIO=crash ARGS="--rows 50000"
	$(PYTHON) -m rehearsal --stack $(STACK) --scenario $(SCENARIO) --engine $(ENGINE) $(ARGS)

# Much of a rehearsal is waiting: four processes use two cores better than two. They take the modules in our order.
test: check ## every check and every test; with another Python: make test PYTHON=python3.13
	$(VENV)/python -m pytest -p tests.by_module --processes 4

test-trino: ## the tests of Trino in Athena's place; they need Java 17 and Maven, and `make test` leaves them out
	$(PYTHON) -m toolchain trino
	$(VENV)/python -m pytest --trino -o faulthandler_timeout=900 tests/rehearsal/athena/trino

unit: ## the mocked tests of the program alone: they need no more than `pulumi up`
	$(PYTHON) -m toolchain unit
	$(VENV)/python -m pytest --program

check: ## linter, formatter (dry) and type checker
	$(PYTHON) -m toolchain
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/pyrefly check

format: ## rewrite the sources as the formatter wants them
	$(PYTHON) -m toolchain
	$(VENV)/ruff check --fix-only .
	$(VENV)/ruff format .

preview: ## the resource tree that the stack declares, without credentials
	$(PYTHON) -m declaration show --stack $(STACK)

bench: ## measure each stage of the rehearsal alone
	$(PYTHON) -m toolchain
	$(VENV)/python -m benches

lock: ## write the versions of all packages, direct and transitive, to constraints.txt
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	sed -s '/^-c /d' requirements.txt rehearsal/requirements.txt operations/requirements.txt tests/requirements.txt rehearsal/athena/trino/requirements.txt benches/requirements.txt > build/lock/all.txt
	build/lock/bin/pip install --quiet -r build/lock/all.txt
	{ echo '# Every package at the version that the tests ran with. Written by `make lock`.'; \
	  build/lock/bin/pip freeze; } > constraints.txt
