"""Datasets in the forms that other tools read: COCO, YOLO, Pascal VOC and the rotated boxes of ceiling-fisheye sets."""

from tasks.exporting.export import FORMATS, Format, export_dataset

__all__ = ["FORMATS", "Format", "export_dataset"]
