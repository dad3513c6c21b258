"""Arguments of the commands that take a trained network: detect, score, segment, and the exports."""

import argparse
from pathlib import Path
from typing import Any

from flows.commands.store_arguments import add_store, store_place

_DETECTOR_FILES = "a detector.pt or .onnx, or people_synthetic (the start weights of rendered people)"
_IMAGES = "an image or a folder of images; what phones store turned (EXIF) is turned as viewers do, and "


def add_network_commands(commands: Any) -> None:
    """Add them to the subparsers `commands`."""
    _add_detect(commands.add_parser("detect", help="find objects in photos with a trained detector"))
    _add_score(commands.add_parser("score", help="score a detector on annotated photos, without training"))
    _add_segment(commands.add_parser("segment", help="give every pixel of photos a class"))
    _add_export(commands, "detector", "from pixels to boxes", _export_detector)
    _add_export(commands, "segmenter", "from pixels to labels", _export_segmenter)


def _detect(options: argparse.Namespace) -> int:
    from flows.commands.detect import detect

    return detect(
        store_place(options), options.model, options.images, to=options.to, threshold=options.threshold
    )


def _score(options: argparse.Namespace) -> int:
    from flows.commands.score import ScoreChoice, ScoreInputs, score

    inputs = ScoreInputs(options.model, options.baseline, options.annotations, options.images)
    choice = ScoreChoice(options.target, options.iou, options.min_visibility, options.threshold)
    return score(store_place(options), inputs, choice, to=options.to, as_json=options.json)


def _segment(options: argparse.Namespace) -> int:
    from flows.commands.segment import segment

    return segment(store_place(options), options.model, options.images, to=options.to, values=options.values)


def _export_detector(options: argparse.Namespace) -> int:
    from flows.commands.export_detector import export_detector

    return export_detector(store_place(options), options.model, options.to)


def _export_segmenter(options: argparse.Namespace) -> int:
    from flows.commands.export_segmenter import export_segmenter

    return export_segmenter(store_place(options), options.model, options.to)


def _add_detect(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_detect)
    add_store(parser)
    _add_model(parser, "detector", _DETECTOR_FILES)
    pixels = "boxes are in pixels of the image as they show it"
    parser.add_argument("images", type=Path, metavar="IMAGES", help=_IMAGES + pixels)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="also draw the boxes, into this folder")
    parser.add_argument(
        "--threshold", type=float, metavar="T", help="least score (default: what validation chose)"
    )


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_score)
    add_store(parser)
    _add_model(parser, "detector", _DETECTOR_FILES)
    what = "file or folder that an annotation tool wrote: COCO, Pascal VOC, YOLO, CreateML"
    parser.add_argument("annotations", type=Path, metavar="ANNOTATIONS", help=what)
    where = "folder of the images; leave it out where they lie with the annotations"
    parser.add_argument("images", type=Path, nargs="?", metavar="IMAGES", help=where)
    parser.add_argument(
        "--baseline", metavar="MODEL", help="another detector, to be compared with on the same images"
    )
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help="also write a page, index.html, and score.json there"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--target",
        choices=("person", "head"),
        help="the box to score (default: the detector's, or the only kind)",
    )
    parser.add_argument(
        "--iou", type=float, default=0.5, metavar="IOU", help="overlap of a hit (default: %(default)s)"
    )
    parser.add_argument(
        "--threshold", type=float, metavar="T", help="least score (default: what validation chose)"
    )
    parser.add_argument(
        "--min-visibility",
        type=float,
        default=0.3,
        metavar="SHARE",
        help="boxes seen less are neither required nor counted wrong (default: %(default)s)",
    )


def _add_segment(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_segment)
    add_store(parser)
    _add_model(parser, "segmenter", "a segmenter.pt or .onnx")
    pixels = "label maps have the pixels of the image as they show it"
    parser.add_argument("images", type=Path, metavar="IMAGES", help=_IMAGES + pixels)
    parser.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="for labels/, overlays/, legend.png and shares.csv",
    )
    parser.add_argument(
        "--values",
        choices=("train_ids", "ids"),
        default="train_ids",
        help="what label maps hold: classes counted from 0, or the class table's ids (default: %(default)s)",
    )


def _add_export(commands: Any, kind: str, span: str, command: Any) -> None:
    parser = commands.add_parser(f"export-{kind}", help=f"write a trained {kind} as ONNX, {span}")
    parser.set_defaults(command=command)
    add_store(parser)
    _add_model(parser, kind, f"a {kind}.pt")
    parser.add_argument("--to", required=True, type=Path, metavar="FILE.onnx")


def _add_model(parser: argparse.ArgumentParser, kind: str, files: str) -> None:
    words = f"RUN (its first {kind}), RUN:ARM or RUN:ARM:SEED, the key of a {kind} in the store, or {files}"
    parser.add_argument("model", metavar="MODEL", help=words)
