"""The pipeline `segment`: from images with label maps to scored segmentation networks."""
