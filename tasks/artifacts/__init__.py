"""Content-addressed artifacts: what a step made, from what, by which code, found again instead of made again."""
