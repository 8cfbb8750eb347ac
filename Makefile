# `make baselines` and `make test` set up what they need; nothing else has to be run before them.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: baselines test exchange browser pictures distance lint types bench corpus documents manifest constraints clean

baselines: .venv/ready
	$(BIN)/python baselines/run.py

test: .venv/ready
	$(BIN)/python -m pytest

# The long tests of what comes back from labelling: 10,000 spoiled exports, 200 kills while labels are written.
exchange: .venv/ready
	WIRECOPY_MUTATIONS=10000 WIRECOPY_KILLS=200 $(BIN)/python -m pytest tests/labelstudio tests/reliability

# Labels drawn with a mouse: starts a real Label Studio (installed below build/ on first use) and Debian's chromium.
browser: .venv/ready
	WIRECOPY_BROWSER=1 $(BIN)/python -m pytest tests/browser

# The pictures of CONTRIBUTING.md, from the pages themselves.
pictures: .venv/ready
	PYTHONPATH=tests $(BIN)/python tests/browser/pictures.py

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

# Speed against outside tools; prints seconds and ratios, asserts nothing.
bench: .venv/ready
	$(BIN)/python tests/bench/run.py

# How far authored text is from real text: annotations/distance.json, which the DATASHEET shows.
distance: .venv/ready
	$(BIN)/python baselines/distance.py

# The authored part of the corpus and its labels, from corpus/authored/sources.
corpus: .venv/ready
	$(BIN)/python corpus/authored/sources/build write

# Checksums and lengths in corpus/manifest.jsonl.
manifest: .venv/ready
	$(BIN)/python -m wirecopy.manifest

# What is generated from the data: the statistics, a picture, and the figures in README.md and DATASHEET.md.
documents: .venv/ready
	$(BIN)/python tests/documents/generate.py

# The versions that a fresh set-up gets; run after a change of the dependencies in pyproject.toml.
constraints: .venv/ready
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --upgrade pyproject.toml --output-file constraints.txt

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Modules are compiled once, here: some machines forbid Python to do so later, and then each start would compile them again.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable '.[dev,label]'
	touch $@
