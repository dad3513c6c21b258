"""What a sweep found: the figures of each of its points, and one table of them all."""
