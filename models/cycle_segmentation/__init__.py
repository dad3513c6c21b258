"""Segmentation in a CycleGAN with image reconstruction, and noise in its latent segmentation space (seed 002)."""
