"""Which files below a folder belong to a dataset, by the layouts of the common tools."""
