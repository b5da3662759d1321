# Two commands on a fresh machine: `make demo` and `make test`. Each does its own set-up into .venv; the second run is quick.
# Needs Python 3.11 or newer; uses uv where it is installed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
KERNEL := $(wildcard xygis/overlay/kernel/*.[ch]) # an install compiles it where there is a C compiler

.PHONY: demo test lint types bench fuzz atlas clean

demo: $(VENV)/.ready-run
	$(BIN)/xygis demo

test: $(VENV)/.ready-dev browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict xygis
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy --strict xygis

# Speed as ratios to peers in the same run: a cold check of the bundled atlas, then the synthetic city. S takes a few minutes;
# `make bench SIZE=M` is the size the targets are set for, SIZE=S,M,L shows the growth. BENCH: more words for tests.bench.run.
SIZE ?= S
bench: $(VENV)/.ready-dev
	$(BIN)/python -m tests.bench.cold_check
	$(BIN)/python -m tests.bench.run --size $(SIZE) $(BENCH)

# Damaged files of every format: each must give the right parcels or one clear error. Wrong ones are kept in build/fuzz.
COUNT ?= 10000
SEED ?= 1
fuzz: $(VENV)/.ready-dev
	$(BIN)/python tests/intake/fuzz.py --count $(COUNT) --seed $(SEED)

# Rebuilds the reference atlas in layers/ from the shapes kept with its maker.
atlas: $(VENV)/.ready-dev
	$(BIN)/python -m tests.reference_atlas.make_atlas

# Pages are opened in Chromium, and PDF is read with poppler. Installed where that can be done; said loudly where not, and a failure
# under CI.
.PHONY: browser
browser:
	@there() { command -v chromium >/dev/null 2>&1 && command -v pdftotext >/dev/null 2>&1; }; \
	if there; then exit 0; fi; \
	if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
		(apt-get update -q && apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk poppler-utils) >/dev/null 2>&1 || true; fi; \
	if there; then exit 0; fi; \
	echo '*** Chromium or poppler is not installed: tests of pages and PDF cannot run. On Debian: apt-get install chromium fonts-noto-cjk poppler-utils ***' >&2; \
	[ -z "$$CI" ]

$(BIN)/python:
	@if command -v uv >/dev/null 2>&1; then uv venv -q --python '>=3.11' $(VENV); else $(PYTHON) -m venv $(VENV); fi

$(VENV)/.ready-run: pyproject.toml $(KERNEL) | $(BIN)/python
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python -e .; else $(BIN)/python -m pip install -q -e .; fi
	@$(BIN)/python -m compileall -q xygis
	@touch $@

$(VENV)/.ready-dev: pyproject.toml $(KERNEL) | $(BIN)/python
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python -e '.[dev]'; else $(BIN)/python -m pip install -q -e '.[dev]'; fi
	@$(BIN)/python -m compileall -q xygis
	@touch $@ $(VENV)/.ready-run

clean:
	rm -rf $(VENV) build dist *.egg-info
