"""Annotation files of the common formats, read with every mistake in one line."""
