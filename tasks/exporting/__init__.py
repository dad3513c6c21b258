"""Datasets in the forms that other tools read: COCO, YOLO, Pascal VOC and the rotated boxes of ceiling-fisheye sets."""

from tasks.exporting.card import Origin
from tasks.exporting.export import FORMATS, ExportConfig, Format, export_dataset

__all__ = ["FORMATS", "ExportConfig", "Format", "Origin", "export_dataset"]
