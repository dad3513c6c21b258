"""The report of a run: what was made, how it looks, and whether the synthetic images helped."""
