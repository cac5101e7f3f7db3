# Everything runs in .venv, which is made once and again when a dependency changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PLUGINS := $(sort $(wildcard plugins/*))
INSTALLED := $(VENV)/.installed
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo talk test test-long lint bench clean

$(INSTALLED): constraints.txt core/pyproject.toml $(PLUGINS:%=%/pyproject.toml)
	$(PYTHON) -m venv $(VENV)
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation \
		--editable "core[export,plot,testing]" $(PLUGINS:%=--editable %) jinja2 jiwer jsonschema mypy playwright plotly pytest-timeout pytest-xdist ruff
	touch $@

demo: $(INSTALLED)  ## a spoken dialogue with a simulated user
	$(BIN)/antiphon run profiles/demo.toml

talk: $(INSTALLED)  ## a spoken dialogue with you: microphone and speaker
	$(BIN)/antiphon run profiles/talk.toml

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: $(INSTALLED) lint  ## all tests but the long ones
	$(BIN)/pytest -m "not long" -n 2

test-long: $(INSTALLED)  ## the long tests
	$(BIN)/pytest -m long

bench: $(INSTALLED)  ## speed and memory, as ratios
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) sessions
