"""Many configurations in one run: the grid, the steps they share, and the table."""
