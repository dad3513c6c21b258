"""Thin Prefect tasks around the steps, in the order of the journey: each pipeline's table of contents."""
