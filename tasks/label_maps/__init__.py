"""Images with a class for every pixel: which files belong together, what their values mean, splits, and their import."""
