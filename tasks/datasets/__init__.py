"""Annotated images: in memory, as they are imported, split and checked for leaks."""
