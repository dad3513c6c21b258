"""Random changes of training images: how their light is, and how they lie with their label maps and boxes."""
