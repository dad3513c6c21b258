"""The networks that label pixels, by name."""
