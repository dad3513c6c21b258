"""A CycleGAN that is confined to masks of soiling (section 3.2)."""
