# make demo · make test · make test-all · make drill · make check: each sets up .venv by itself (envs/install.sh).
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# the tests of `make test`, by the markers of pyproject.toml; files that take longest begin first
QUICK := (unit and not slow) or smoke
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder --durations 10

.PHONY: demo test test-rest test-all durations drill check check-types check-form check-layers check-workflow format bench docs gallery rooms sizes lock install clean-venv

demo: $(INSTALLED)  ## the main job on the embedded default, offline, and its table
	@[ -w . ] || { echo "error: $(CURDIR) cannot be written; copy it, or: snakemake --directory FOLDER" >&2; exit 1; }
	$(BIN)/python workflow/warm_snakemake.py --cores all --quiet host reason
	@cat results/tables/table1.md
	@echo "tables      results/tables/table1.{csv,md,tex}"
	@echo "figure      results/figures/table1-over-budget.{pdf,svg,png}"
	@echo "scores      results/scores/table1.parquet   (one row per score, every setting a column)"
	@echo "selections  results/selections/             features  results/features/   runs  results/runs/"
	@echo "look inside $(BIN)/fact inspect results/features/digits/vit_letters/pool.h5"
	@echo "what it shows, and what not: docs/demo.md"

test: $(INSTALLED)  ## the quick tests, minutes on two cores: units, contracts of plug-ins, one run of all three phases
	$(PYTEST) -n 2 -m "$(QUICK)"

test-rest: $(INSTALLED)  ## what `make test` leaves out: workflow, faults, Slurm, browser, the paper in miniature, slow units
	$(PYTEST) -n 3 -m "not ($(QUICK))"

test-all: test test-rest  ## every test

test-%: $(INSTALLED)  ## those of one marker: test-unit, -workflow, -fault, -slurm, -browser, -paper, -smoke, -slow
	$(PYTEST) -n 2 -m $*

durations: $(INSTALLED)  ## run every test and write how long each file takes: tests/durations.json
	$(PYTEST) -n 2 --write-durations

drill: $(INSTALLED)  ## kill runs at 200 random points and compare every byte of the results
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tests/fault/drill.py --kills 200

check: $(INSTALLED)  ## in a minute: form, types, layers, spelling; ruff, snakefmt, mypy, codespell, Snakemake's linter
	@$(MAKE) --no-print-directory -j2 --output-sync=target check-types check-form check-layers check-workflow

check-types:
	$(BIN)/mypy

check-form:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules
	$(BIN)/codespell

check-layers:
	$(BIN)/python -m pytest tests/unit/test_layers.py tests/unit/docs

check-workflow:
	$(BIN)/snakemake --lint

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/snakefmt Snakefile workflow/Snakefile workflow/rules

bench: $(INSTALLED)  ## the figures of docs/lab/benchmarks.md, as ratios within one run
	for script in tests/benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

sizes: $(INSTALLED)  ## compute what `fact backbones` lists of config/backbones.yaml
	$(BIN)/python docs/write_backbone_rows.py

docs: $(INSTALLED)  ## the documentation as a site, docs/_build/html; a dead link is an error
	$(BIN)/sphinx-build -q -E -a -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

gallery: $(INSTALLED)  ## three worked examples, their pages in docs/_build/html/gallery
	rm -rf docs/_build/gallery
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python docs/make_gallery.py docs/_build/gallery docs/_build/html/gallery

rooms: $(INSTALLED)  ## draw the rooms of the library into docs/architecture.md, from their imports
	$(BIN)/python docs/draw_rooms.py

lock:  ## choose the newest versions that fit where LOCK=--upgrade is given, else keep those of envs/lock.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --constraints envs/torch.txt --universal --python-version 3.11 \
	  --generate-hashes --no-emit-package torch --no-emit-package torchvision --no-emit-package triton \
	  --custom-compile-command "make lock" --quiet -o envs/lock.txt $(LOCK)

install: $(INSTALLED)  ## set up .venv with the tested versions; TORCH=cpu or TORCH=cuda chooses the build of torch

$(INSTALLED): pyproject.toml envs/lock.txt envs/torch.txt
	@envs/install.sh "$(PYTHON)" "$(TORCH)"
	@touch $@

clean-venv:
	rm -rf .venv
