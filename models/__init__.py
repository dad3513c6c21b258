"""Learned parts: refiners and detectors on torch, torchvision and numpy alone."""
