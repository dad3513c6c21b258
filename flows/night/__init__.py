"""The pipeline `night`: from labelled day images and unlabelled ones of day and night to segmenters for the night (seed 001)."""
