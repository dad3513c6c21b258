"""Commands of `python -m flows`: parse, call, print, and turn the user's mistakes into one line and exit code 2."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from blender_assets.both_sides.text_reading import printable
from flows.commands.cost import add_cost_command
from flows.commands.network_arguments import add_network_commands
from flows.commands.serving import add_serving_commands
from flows.commands.site_arguments import add_site_command
from flows.commands.soil_arguments import add_soil_command
from flows.commands.store_arguments import add_artifact_commands, add_store, store_place
from flows.configuration.run import RunSettings
from flows.engine.profile import apply_embedded_profile
from flows.people.run_files import load_render_plan
from flows.pipelines.loading import load_run
from flows.pipelines.pipeline import Pipeline
from flows.pipelines.registry import each_pipeline
from flows.server.embedded_server import prefect_api
from flows.sweeps.config import SweepConfig, describe, is_sweep, list_points, load_sweep
from tasks.artifacts.store import Store

USER_ERROR, INTERRUPTED = 2, 130


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except ValueError as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except OSError as error:
        print(f"error: {printable(_in_a_line(error))}", file=sys.stderr)
        return USER_ERROR


def _in_a_line(error: OSError) -> str:
    if error.filename is None:
        return str(error)
    return f"{error.filename}: {error.strerror}; check that the place exists and may be read and written, or name another"


def _run(options: argparse.Namespace) -> int:
    pipeline, config = load_run(options.config, options.set)
    pipeline.require_run(config)
    if options.dry_run:
        content = config.settled().model_dump(mode="json", by_alias=True)
        print(yaml.safe_dump(content, sort_keys=False))
        return _plan_run(pipeline, config)
    pipeline.check([config])
    store = config.store_place.open_to_build()
    with prefect_api(store.root):
        # Prefect reads its settings when it is imported, so the server's address must stand before.
        from flows.runs.local_run import run_here

        return run_here(pipeline, config, store)


def _sweep(options: argparse.Namespace) -> int:
    config = load_sweep(options.config, options.set)
    if options.dry_run:
        return _plan_sweep(config)
    points = list_points(config)
    config.pipeline().check([point.config for point in points])
    store = points[0].config.store_place.open_to_build()
    with prefect_api(store.root):
        from flows.sweeps.local_sweep import sweep_here

        return sweep_here(config, store)


def _explain(options: argparse.Namespace) -> int:
    if is_sweep(options.config):
        return _plan_sweep(load_sweep(options.config, options.set))
    pipeline, config = load_run(options.config, options.set)
    pipeline.require_run(config)
    return _plan_run(pipeline, config)


def _pipelines(options: argparse.Namespace) -> int:
    for pipeline in each_pipeline():
        print(f"{pipeline.name:<16} {pipeline.about}\n{'':<16} e.g. {pipeline.example}")
    return 0


def _plan_run(pipeline: Pipeline[Any], config: RunSettings) -> int:
    pipeline.check([config])

    def walk() -> str | None:
        from flows.runs.pipeline_run import plan_run

        return plan_run(pipeline, config)

    return _print_plan(config, walk)


def _plan_sweep(sweep: SweepConfig) -> int:
    points = list_points(sweep)
    sweep.pipeline().check([point.config for point in points])

    def walk() -> str | None:
        from flows.sweeps.flow import plan_sweep

        return plan_sweep(sweep)

    print(f"{len(points)} points: {'; '.join(describe(point.values) for point in points)}")
    return _print_plan(points[0].config, walk)


def _print_plan(config: RunSettings, walk: Callable[[], str | None]) -> int:
    """Print what `walk` would build; it gives the label of the step at which it ends early."""
    with tempfile.TemporaryDirectory() as empty:
        # A plan makes no store where there is none.
        place = config.store_place
        store = place.open() if place.exists() else Store(Path(empty))
        apply_embedded_profile(Path(empty))
        from tasks.building.run_context import Run, going_on

        run = Run(store=store, name=config.name, is_plan=True)
        with going_on(run):
            last = walk()
    words = {"reused": "hit", "missing": "build", "waiting": "wait"}
    for outcome in run.outcomes:
        print(
            f"{words[outcome.state]:<6} {outcome.label:<44} {outcome.key[:12]:<12} {'; '.join(outcome.reasons)}"
        )
    hits, missing, waiting = (run.count(state) for state in ("reused", "missing", "waiting"))
    rest = f"; all that follows the {last} is known when it stands" if last else ""
    print(f"{hits} hit, {missing} to build, {waiting} waiting for these{rest}")
    return 0


def _preview(options: argparse.Namespace) -> int:
    from flows.commands import preview
    from flows.commands.preview_comparison import RealPeople

    if options.images is not None and options.compare is None:
        raise ValueError("--images is the folder of the images of --compare; name its annotations, too")
    choice = preview.PreviewChoice(
        seed=options.seed,
        count=options.count,
        background=options.background,
        scene=options.scene,
        out=options.to,
        real=None if options.compare is None else RealPeople(options.compare, options.images),
    )
    return preview.preview(load_render_plan(options.config, options.set), choice)


def _export(options: argparse.Namespace) -> int:
    from flows.commands.export import ExportChoice, export

    choice = ExportChoice(options.format, options.target, options.min_visibility, options.min_score)
    return export(store_place(options), options.source, options.to, choice)


def _compare(options: argparse.Namespace) -> int:
    from flows.commands.compare import compare

    return compare(store_place(options), options.first, options.second, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flows", description="Photos of a place in, an evaluated detector out."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run a configuration")
    run.add_argument(
        "--dry-run", action="store_true", help="print the resolved configuration and what would be built"
    )
    run.set_defaults(command=_run)
    explain = commands.add_parser("explain", help="say for every artifact: hit, or which field differs")
    explain.set_defaults(command=_explain)
    sweep = commands.add_parser("sweep", help="run many configurations, and make what they share once")
    sweep.add_argument("--dry-run", action="store_true", help="print the points and what would be built")
    sweep.set_defaults(command=_sweep)
    pipelines = commands.add_parser("pipelines", help="list what a run file may name as its pipeline")
    pipelines.set_defaults(command=_pipelines)
    for command in (run, sweep, explain):
        command.add_argument("config", type=Path, metavar="CONFIG.yaml")
        command.add_argument(
            "--set", action="append", default=[], metavar="FIELD=VALUE", help="override one field"
        )
    add_site_command(commands)
    _add_preview_command(commands.add_parser("preview", help="render a few scenes for a look"))
    _add_compare_command(commands.add_parser("compare", help="lay two finished runs side by side"))
    add_cost_command(commands.add_parser("cost", help="how long a run takes on several hosts"))
    _add_export_command(commands.add_parser("export", help="write a dataset as COCO, YOLO, Pascal VOC .."))
    add_network_commands(commands)
    add_soil_command(commands)
    add_serving_commands(commands)
    add_artifact_commands(commands.add_parser("artifacts", help="look into the store"))
    return parser


def _add_preview_command(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_preview)
    parser.add_argument("config", type=Path, metavar="SITE_OR_CONFIG.yaml")
    parser.add_argument("--seed", type=int, metavar="N", help="another seed than the configuration's")
    parser.add_argument("--count", type=int, default=12, metavar="N", help="scenes (default: %(default)s)")
    parser.add_argument(
        "--background", metavar="NAME", help="only this background: its file name without ending"
    )
    parser.add_argument("--scene", type=int, metavar="K", help="only scene K of the background, in full")
    parser.add_argument(
        "--compare",
        type=Path,
        metavar="REAL_ANNOTATIONS",
        help="print figures of rendered people beside those of real ones, and write people.jpg: do they look alike?",
    )
    parser.add_argument(
        "--images", type=Path, metavar="FOLDER", help="of --compare, where its images lie elsewhere"
    )
    parser.add_argument(
        "--to", type=Path, default=Path("preview"), metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="override one field, e.g. render.seed=1",
    )


def _add_compare_command(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_compare)
    add_store(parser)
    which = "a run's name (the newest finished one), its id, or the key of its evaluation"
    parser.add_argument("first", metavar="RUN", help=which)
    parser.add_argument("second", metavar="RUN", help="another, likewise")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")


def _add_export_command(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_export)
    add_store(parser)
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="RUN:S or RUN:S+ of a run, 'RUN:detect with ARM', 'RUN:LABEL' of label maps, or the key of an artifact with "
        "images or detections",
    )
    forms = ("coco", "yolo", "voc", "rotated", "cityscapes", "woodscape", "folders")
    parser.add_argument("--format", required=True, choices=forms, help="the last three are of label maps")
    parser.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="a new or empty folder")
    parser.add_argument("--target", choices=("person", "head"), help="only these boxes (default: both)")
    parser.add_argument(
        "--min-visibility", type=float, default=0.0, metavar="SHARE", help="leave out boxes seen less"
    )
    parser.add_argument(
        "--min-score", type=float, default=0.0, metavar="SCORE", help="leave out detections less sure"
    )
