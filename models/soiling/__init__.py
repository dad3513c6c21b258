"""Learned lens soiling: masks, dirt confined to them, and resolution (seed 000, DirtyGAN)."""
