# The lines behind each target stand in README.md too, for a machine without make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench clean

demo: .venv/ready
	$(BIN)/python daemon.py demo

test: .venv/ready-for-tests
	sh tests/bring-servers.sh
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python daemon.py check
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: .venv/ready-for-tests
	sh tests/bring-servers.sh
	$(BIN)/python -m benchmarks

.venv/ready: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt
	touch .venv/ready

.venv/ready-for-tests: requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.txt
	touch .venv/ready .venv/ready-for-tests

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
