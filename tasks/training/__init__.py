"""Trainings as steps, one file each, and what they start from."""
