# `make demo` and `make test` set up everything that they need in .venv, on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
# Real code that is on every machine: Python's own standard library.
DEMO_SEEDS ?= $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
DEMO_ROWS ?= 6
DEMO_OUT ?= demo
# Programs, good and faulty, one JSONL file a language: see benchmarks/verdict_accuracy.py.
VERDICT_DATA ?= ../shared/data/verify
# mbpp.jsonl and HumanEval.jsonl.gz.
SAMPLING_DATA ?= ../shared/data
# As in `make soak SOAK="--minutes 5 --seed 2 -- --workers 2"`.
SOAK ?=

.PHONY: help setup tools check format test test-model test-ray package demo bench-verify bench-verdicts bench-graph bench-merging bench-sampling bench-page bench-flow bench-campaign bench-resume bench-ledger soak clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /: /'

setup: .venv/.ready ## the virtual environment, with the package and the developers' tools

.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local]' --group dev
	touch $@

check: setup ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

format: setup ## format and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup ## the offline tests
	$(BIN)/pytest --numprocesses auto -rs

test-model: setup ## the tests with the embedded model's real weights
	$(BIN)/infinite-instruct model pull qwen2.5-coder-0.5b
	$(BIN)/pytest -m local_model

test-ray: setup ## the tests on a Ray cluster of two nodes
	$(BIN)/pytest -m ray

package: setup ## build; the wheel made from the sdist must hold the same files as the tree's
	rm -rf dist
	$(BIN)/python -m build --outdir dist . > /dev/null
	$(BIN)/python -m build --wheel --outdir dist/tree . > /dev/null
	$(BIN)/python .ci/compare_wheels.py dist/*.whl dist/tree/*.whl

demo: setup ## the main job on real code with the local model
	$(BIN)/infinite-instruct model pull qwen2.5-coder-1.5b
	if test -e $(DEMO_OUT)/ledger.sqlite; then \
	  $(BIN)/infinite-instruct resume $(DEMO_OUT) -n $(DEMO_ROWS); \
	else \
	  $(BIN)/infinite-instruct run --seeds $(DEMO_SEEDS) --languages python --out $(DEMO_OUT) -n $(DEMO_ROWS); \
	fi

tools: setup ## the analyzers that pip and npm can give
	$(BIN)/infinite-instruct doctor --install

bench-verify: setup ## how often verdicts are right, per language and fault; alone = in company
	$(BIN)/python benchmarks/verdict_accuracy.py $(VERDICT_DATA)
	$(BIN)/python benchmarks/verdict_accuracy.py $(VERDICT_DATA) --alone 300

bench-verdicts: setup ## how fast verdicts are, in samples per CPU-second
	$(BIN)/python benchmarks/verdict_speed.py $(VERDICT_DATA)
	$(BIN)/python benchmarks/verdict_speed.py $(VERDICT_DATA) --mixed

bench-graph: setup ## what a large knowledge graph costs: memory, load, add, draw, unmerge, save
	$(BIN)/python benchmarks/graph_scale.py
	$(BIN)/python benchmarks/graph_scale.py --sizes 200000 --vectors

bench-sampling: setup ## drawn keyword sets against blind ones: coherence, coverage, entropy
	$(BIN)/python benchmarks/sampling.py $(SAMPLING_DATA)

bench-page: setup ## the graph's page with 5,000 keywords in a real browser
	PYTHONPATH=src:tests/tools $(BIN)/python benchmarks/graph_page.py

bench-campaign: setup ## a campaign's own CPU, idling and memory, beside the bare SDK
	$(BIN)/python benchmarks/campaign.py

soak: setup ## half an hour of campaigns that are killed and resumed, errors on; counts that add up
	PYTHONPATH=src:tests:tests/llm:tests/cli:tests/reliability $(BIN)/python benchmarks/soak.py $(SOAK)

bench-resume: setup ## seconds to the first request of a resume, up to 1,000,000 ledger entries
	$(BIN)/python benchmarks/resume.py

bench-ledger: setup ## what the ledger costs a call, on SQLite and on PostgreSQL
	$(BIN)/python benchmarks/ledger.py

bench-flow: setup ## calls to an endpoint, with faults and without, beside the bare SDK
	$(BIN)/python benchmarks/flow.py

bench-merging: setup ## how well keywords merge, and what it costs at 100,000 of them
	$(BIN)/python benchmarks/merge_quality.py
	$(BIN)/python benchmarks/merge_quality.py --index 100000

clean: ## what can be made again
	rm -rf .venv build dist .mypy_cache .ruff_cache .import_linter_cache
