"""What is asked of segmenters with a cycle: how they segment, how well they give images back, and what noise does."""
