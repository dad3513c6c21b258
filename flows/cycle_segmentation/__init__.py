"""The pipeline `cycle_segmentation`: a segmenter that also has to give its image back (seed 002)."""
