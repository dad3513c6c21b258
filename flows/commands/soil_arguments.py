"""The arguments of `python -m flows soil`."""

import argparse
from pathlib import Path
from typing import Any


def add_soil_command(commands: Any) -> None:
    """To the subparsers of the command line."""
    parser = commands.add_parser("soil", help="draw mud, drops, dust .. before images, with exact masks")
    parser.set_defaults(command=_soil)
    parser.add_argument(
        "images",
        type=Path,
        metavar="IMAGES",
        help="an image, or a folder; labels that lie there (label maps, or a COCO file with boxes) are kept up",
    )
    parser.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="a new or empty folder")
    _add_what_is_drawn(parser)
    parser.add_argument("--site", type=Path, metavar="SITE.yaml", help="the site file that knows the lens")
    parser.add_argument("--camera", metavar="NAME", help="the camera of the site that took the images")
    parser.add_argument(
        "--classes", metavar="TABLE", help="what label maps in plain folders mean: cityscapes .. or a file"
    )
    parser.add_argument(
        "--encoding",
        choices=("auto", "ids", "train_ids", "colors"),
        default="auto",
        help="what their values are (default: by what they hold)",
    )


def _add_what_is_drawn(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kind",
        default="mud",
        metavar="KINDS",
        help="of mud, dust, film, scratches, drops, frost: mud,drops or, with shares, mud:2,drops:1 (default: %(default)s)",
    )
    parser.add_argument(
        "--amount",
        type=float,
        default=0.3,
        metavar="SHARE",
        help="of the pixels that are to be soiled, within .05 (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another one draws other soiling")
    parser.add_argument("--variants", type=int, default=1, metavar="N", help="soiled versions of each image")
    parser.add_argument(
        "--splits",
        metavar="SPLITS",
        help="of train, val, test: images of these are soiled, the others stay clean (default: all are soiled)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="one setting of docs/configuration.md, e.g. soiling.pane.aperture_mm=1",
    )


def _soil(options: argparse.Namespace) -> int:
    from flows.commands.soil import LensChoice, SoilChoice, soil
    from tasks.soiling.clean_images import LabelMeaning

    splits = [] if options.splits is None else [f"splits=[{options.splits}]"]
    drawn = (options.kind, options.amount, options.seed, options.variants)
    choice = SoilChoice(*drawn, settings=[*splits, *options.set])
    lens = LensChoice(options.site, options.camera)
    return soil(options.images, options.to, choice, lens, LabelMeaning(options.classes, options.encoding))
