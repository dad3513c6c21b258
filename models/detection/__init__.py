"""Detectors: their networks, targets, losses, training and evaluation."""
