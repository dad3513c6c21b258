"""The pipeline `people`: from photos of a place to an evaluated detector (the thesis)."""
