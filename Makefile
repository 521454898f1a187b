# Each target sets up .venv by itself: with uv where it is on the path, else with pip.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
export MPLBACKEND := agg
export OPENBLAS_NUM_THREADS := 1

.PHONY: report test lab lint calibrate endure bench picture setup clean
.DEFAULT_GOAL := report

report: $(READY)        ## the main job on the made-up demo practice
	$(BIN)/partner-analysis run practice.toml

test: $(READY)          ## every test, the notebooks included
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax notebooks -p no:cacheprovider -W default
	$(BIN)/python -m pytest --nbval tests/notebooks/executed -p no:cacheprovider -W default

lab: $(READY)           ## JupyterLab, opened on the notebooks
	$(BIN)/jupyter lab --notebook-dir=. notebooks/00-explore.ipynb

lint: $(READY)          ## put every file in its agreed form
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

calibrate: $(READY)     ## the tables of docs/method.md: about three hours on two cores, goes on where it stopped
	$(BIN)/python tests/calibration/calibrate.py 1000

endure: $(READY)        ## killed at a hundred random moments; on a cluster; two years of pages attacked: half an hour
	$(BIN)/python -m pytest -m slow -s tests/reports

bench: .venv-bench/.ready  ## accuracy and speed beside peers, into benchmarks/README.md: many hours
	cd benchmarks && ../.venv-bench/bin/python -m pytest -q -o addopts= -o filterwarnings= .
	.venv-bench/bin/python benchmarks/compare.py --write benchmarks/README.md
	.venv-bench/bin/python benchmarks/speed.py --write benchmarks/README.md
	.venv-bench/bin/python benchmarks/reading.py --write benchmarks/README.md
	.venv-bench/bin/python benchmarks/reports.py --write benchmarks/README.md
	.venv-bench/bin/python benchmarks/exploring.py --write benchmarks/README.md
	.venv-bench/bin/python benchmarks/cleaning.py --write benchmarks/README.md
	.venv-bench/bin/python benchmarks/matching.py

setup: $(READY)

$(READY): pyproject.toml
	@command -v uv >/dev/null 2>&1 \
	  && { uv venv --quiet --allow-existing --python $(PYTHON) .venv && uv pip install --quiet --python $(BIN)/python -e '.[lab,dev]'; } \
	  || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[lab,dev]'; }
	@touch $(READY)

.venv-bench/.ready: pyproject.toml benchmarks/requirements.txt
	@command -v uv >/dev/null 2>&1 \
	  && { uv venv --quiet --allow-existing --python $(PYTHON) .venv-bench && uv pip install --quiet --python .venv-bench/bin/python -e . -r benchmarks/requirements.txt; } \
	  || { $(PYTHON) -m venv .venv-bench && .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -e . -r benchmarks/requirements.txt; }
	@touch .venv-bench/.ready

clean:                  ## remove what runs have made; raw data stay
	rm -rf data/processed/[!.]* reports/[!.]*

picture: report         ## the README's picture, with Debian's Chromium
	chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
	  --disable-background-networking --hide-scrollbars --user-data-dir=$$(mktemp -d) \
	  --window-size=1180,1525 --screenshot=$(CURDIR)/docs/report-page.png \
	  file://$(CURDIR)/reports/demo/latest/kestrel-boatworks.html
