"""Images on disk and in memory: read, written, measured and drawn on."""
