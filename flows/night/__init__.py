"""The pipeline `night`: from labelled days and unlabelled nights to segmenters for the night (seed 001)."""
