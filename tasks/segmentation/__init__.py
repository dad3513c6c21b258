"""Segmenters applied and scored: the label maps that they give, and what these are worth."""
