"""Datasets in the forms that other tools read: COCO, YOLO, Pascal VOC and the rotated boxes of ceiling-fisheye sets."""
