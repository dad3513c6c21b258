"""Dirt and water on the pane before a lens, with an exact opacity for every pixel: numpy and OpenCV only."""
